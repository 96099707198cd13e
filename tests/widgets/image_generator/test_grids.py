"""Grids of made pictures: several targets at once, and a click on one of them."""

import pytest

from cnnviz_widgets import ClassScore, ImageGenerator, Several, Unit
from tests.widgets.image_generator.common import SIDE, Make, at_frame, settled, side


def test_a_list_of_targets_makes_a_grid(make: Make) -> None:
    generator = make(target=[0, 1, ClassScore(2)])
    assert generator.explanation.values.shape == (3, SIDE, SIDE, 3)
    assert generator.target == Several((ClassScore(0), ClassScore(1), ClassScore(2)))


def test_several_pictures_of_one_target_make_a_grid(generator: ImageGenerator) -> None:
    generator.change_setting("count", 4)
    settled(generator)
    assert len(generator.explanation.values) == 4


def test_a_click_on_the_grid_asks_what_the_network_says_of_that_picture(make: Make) -> None:
    generator = make(target=[0, 1, 2])
    generator.canvas.on_click("hero", 0.75, 0.25)
    settled(generator)
    assert generator.presenter.beside.chosen == 1
    assert "Made:" in side(generator)


def test_a_click_on_the_grid_marks_that_picture_at_once(make: Make) -> None:
    generator = make(target=[0, 1, 2])
    plot = generator.presenter._drawing._plot
    generator.canvas.on_click("hero", 0.75, 0.25)
    assert plot(generator.explanation).chosen == 1
    assert "cv-doubt" in generator.view.picker.verdict.widget._dom_classes
    settled(generator)
    assert "cv-doubt" not in generator.view.picker.verdict.widget._dom_classes


def test_a_click_is_answered_while_the_climb_goes_on(make: Make) -> None:
    generator = make(target=[0, 1, 2])
    at_frame(generator, 1, lambda: generator.canvas.on_click("hero", 0.25, 0.75))
    top = generator.probe.top(generator.explanation.images[2])
    assert (generator.presenter.beside.chosen, generator.presenter.beside.top) == (2, top)


def test_the_bars_of_a_clicked_picture_do_not_wait_for_the_photographs(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = make(target=[0, 1, 2])
    told: list[str] = []
    bars = generator.view.picker.verdict
    monkeypatch.setattr(bars, "show", lambda top: told.append(generator.presenter.beside.words))
    generator.canvas.on_click("hero", 0.75, 0.25)
    settled(generator)
    assert told[0] == ""
    assert told[1].startswith("Made:")


def test_what_was_clicked_in_a_grid_does_not_hold_in_another(make: Make) -> None:
    generator = make(target=[0, 1, 2])
    generator.canvas.on_click("hero", 0.75, 0.25)
    generator.ask()
    settled(generator)
    assert generator.presenter.beside.chosen == 1
    generator.target = Several((ClassScore(1), Unit("conv_2", 1)))
    settled(generator)
    assert generator.presenter.beside.chosen == 0


def test_a_grid_of_classes_and_channels_draws_each_line_in_its_own_range(make: Make) -> None:
    generator = make(target=[0, Unit("conv_2", 1)])
    curve = generator.presenter._drawing._plot(generator.explanation)
    assert [one.name for one in curve.measures] == ["log-odds", "activation"]
    assert curve.mixed


def test_the_picker_adds_to_a_grid_where_that_is_wanted(generator: ImageGenerator) -> None:
    picker = generator.view.picker
    picker.several.value = True
    picker.verdict.search.value = "cup"
    settled(generator)
    assert generator.target == Several((ClassScore(1), ClassScore(2)))
    picker.several.value = False
    picker.verdict.search.value = "cat"
    settled(generator)
    assert generator.target == ClassScore(0)
