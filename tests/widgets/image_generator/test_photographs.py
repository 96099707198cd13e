"""The picture made beside photographs: their order, the figures, and what the network says."""

import re

import numpy as np

from cnnviz_widgets import ImageGenerator, Probe, Unit
from tests.models import picture
from tests.widgets.image_generator.common import SIDE, Make, settled, side


def doubted(generator: ImageGenerator) -> bool:
    return "cv-doubt" in generator.view.picker.verdict.widget._dom_classes


def test_figures_of_the_target_before_are_gone_as_soon_as_there_is_another(make: Make) -> None:
    generator = make(target=Unit("conv_2", 3))
    generator.target = Unit("conv_2", 1)
    assert doubted(generator)
    assert side(generator) == ""
    assert "cv-stale" in generator._dom_classes
    settled(generator)
    assert not doubted(generator)
    assert side(generator).startswith("Made:")


def test_photographs_are_not_shown_under_a_target_that_they_were_not_compared_by(make: Make) -> None:
    generator = make(target=Unit("conv_2", 3))
    found = generator.presenter.beside.found
    last = generator.explanation
    generator.target = Unit("conv_2", 1)
    settled(generator)
    assert (found(generator.explanation).target, found(last)) == (Unit("conv_2", 1), None)


def test_figures_come_back_where_a_new_climb_is_given_up_before_its_first_picture(
    generator: ImageGenerator,
) -> None:
    before = side(generator)
    with generator.lock:
        generator.target = 0
        generator.cancel()
    settled(generator)
    assert (doubted(generator), side(generator)) == (False, before)


def test_the_photographs_are_ordered_by_how_much_they_excite_the_target(make: Make, probe: Probe) -> None:
    generator = make(target=Unit("conv_2", 3))
    found = generator.presenter.beside.found(generator.explanation)
    scores = probe.scores(generator.images, Unit("conv_2", 3))
    assert [one.image.name for one in found.real] == [f"random {k}" for k in np.argsort(-scores)]
    np.testing.assert_allclose(found.real[0].score.value, scores.max(), rtol=1e-5)


def test_it_says_how_many_times_as_much_the_picture_made_excites_a_unit(make: Make, probe: Probe) -> None:
    generator = make(target=Unit("conv_2", 3))
    made = float(probe.scores([generator.explanation.images[0]], Unit("conv_2", 3))[0])
    best = float(probe.scores(generator.images, Unit("conv_2", 3)).max())
    assert best > 0
    assert f"That is {float(f'{made / best:.2g}'):g} times as much." in side(generator)


def test_a_class_is_compared_in_per_cent(generator: ImageGenerator) -> None:
    assert re.fullmatch(
        r"Made: [\d.]+ %\. The highest of your 3 pictures, random \d: [\d.]+ %\.", side(generator)
    )


def test_without_photographs_it_says_what_to_do(make: Make) -> None:
    generator = make(images=None)
    assert side(generator) == "Open pictures above to see which of them excite it most."
    assert generator.status == "Made to raise “dog”."


def test_photographs_that_are_added_are_compared_with_too(make: Make) -> None:
    generator = make(images=None)
    generator.add_images([picture(SIDE, SIDE, seed=9)])
    generator.ask()
    settled(generator)
    assert "Your picture, random 9" in side(generator)


def test_what_the_network_says_of_the_picture_stands_in_bars(generator: ImageGenerator, probe: Probe) -> None:
    top = probe.top(generator.explanation.images[0])
    assert generator.presenter.beside.top == top
    assert generator.view.picker.verdict._bars[0].description == top[0][1]
