"""What the image generator is asked for: targets, layers, methods and their forms."""

import pytest

from cnnviz_widgets import (
    ActivationMatching,
    ClassScore,
    DeepDream,
    ImageGenerator,
    LayerEnergy,
    Mixture,
    Probe,
    Unit,
)
from cnnviz_widgets.methods._generated import PRESETS
from tests.widgets.image_generator.common import Make, settled, side, steps


def test_the_best_photograph_is_counted_as_the_curve_is(make: Make, probe: Probe) -> None:
    generator = make(method=DeepDream(octaves=1, steps=4, jitter=2))
    curve = generator.presenter._drawing._plot(generator.explanation)
    assert curve.measure.name == "logit"
    assert curve.real == pytest.approx(float(probe.scores(generator.images, ClassScore(1)).max()), rel=1e-5)
    assert "%" in side(generator)


def test_a_channel_is_first_offered_in_a_layer_that_sees_parts_of_things(generator: ImageGenerator) -> None:
    layers = [info.name for info in generator.probe.spatial_layers]
    assert generator.view.picker.layer.value == layers[len(layers) * 2 // 3]


def test_a_channel_and_a_layer_are_picked(generator: ImageGenerator) -> None:
    picker = generator.view.picker
    picker.kind.value = "Channel"
    picker.layer.value = "conv_2"
    picker.channel.value = 3
    settled(generator)
    assert generator.target == Unit("conv_2", 3)
    assert generator.status == "Made to raise channel 3 of conv_2."
    picker.kind.value = "Layer"
    settled(generator)
    assert generator.target == LayerEnergy("conv_2")


def test_the_controls_follow_a_target_that_is_set_by_code(generator: ImageGenerator) -> None:
    generator.target = Unit("conv_2", 4)
    settled(generator)
    picker = generator.view.picker
    assert (picker.kind.value, picker.layer.value, picker.channel.value) == ("Channel", "conv_2", 4)
    assert picker.channel.max == 4


def test_without_a_target_the_class_of_the_photograph_is_raised(make: Make, probe: Probe) -> None:
    generator = make(target=None)
    top = probe.top(generator.images[0])[0][0]
    assert generator.explanation.recipe.target.index == top
    assert generator.target is None


def test_matching_takes_its_layer_from_the_list_of_layers(make: Make) -> None:
    generator = make(method=ActivationMatching(preset="fast", steps=16), layer="conv_1")
    assert generator.status == "Made to look to conv_1 as the picture does."
    generator.view.picker.layer.value = "conv_2"
    settled(generator)
    assert (generator.layer, generator.explanation.recipe.layer) == ("conv_2", "conv_2")


def test_matching_offers_a_layer_and_no_target(make: Make) -> None:
    generator = make(method=ActivationMatching(preset="fast", steps=8))
    desk = generator.view

    def offered() -> list[object]:
        parts = desk.picker.verdict.search, desk.dream
        return [*(part.layout.display != "none" for part in parts), desk.picker.verdict._bars[0].disabled]

    assert "Match" in desk.picker._title.value
    assert offered() == [False, False, True]
    generator.method = "Activation maximisation"
    settled(generator)
    assert "Raise" in desk.picker._title.value
    assert offered() == [True, True, False]


def test_matching_follows_the_photograph(make: Make) -> None:
    generator = make(method=ActivationMatching(preset="fast", steps=16))
    generator.image = 2
    settled(generator)
    assert generator.explanation.image.name == "random 2"


def test_another_photograph_leaves_a_picture_alone_that_began_with_noise(generator: ImageGenerator) -> None:
    before = generator.explanation
    generator.image = 1
    settled(generator)
    assert generator.explanation is before
    assert generator.status.startswith("random 1 is not used: the climb begins with noise.")
    generator.frame = 0
    assert generator.status == "Made to raise “dog”."


def test_the_same_target_is_dreamt_into_the_photograph(make: Make) -> None:
    generator = make()
    generator._settings["DeepDream"] = DeepDream(octaves=1, steps=4, jitter=2, begin="noise")
    generator.image = 1
    generator.dream()
    settled(generator)
    assert (generator.method, generator.target, generator.explanation.image.name) == (
        "DeepDream", ClassScore(1), "random 1",
    )  # fmt: skip
    assert generator.status == "Dreamt to raise “dog”."


def test_a_dream_of_a_grid_raises_all_its_targets_in_one_picture(make: Make) -> None:
    generator = make(method=DeepDream(octaves=1, steps=4, jitter=2), target=[0, 1])
    assert generator.explanation.recipe.target == Mixture((ClassScore(0), ClassScore(1)))


def test_the_form_shows_how_many_octaves_there_will_be_and_one_can_ask_for_one(make: Make) -> None:
    generator = make(method=DeepDream(octave_scale=1.05, steps=1, jitter=2), target=None)
    assert generator.view.form.controls["octaves"].value == 4
    generator.view.form.controls["octaves"].value = 1
    settled(generator)
    assert steps(generator) == [1]
    assert generator.explanation.recipe.octaves == 1


def test_a_preset_fills_the_other_settings_in(generator: ImageGenerator) -> None:
    generator.change_setting("rate", 0.9)
    assert generator.view.form.controls["rate"].value == 0.9
    generator.change_setting("preset", "vivid")
    generator.cancel()
    controls = generator.view.form.controls
    assert (controls["rate"].value, controls["steps"].value) == (
        PRESETS["vivid"]["rate"],
        PRESETS["vivid"]["steps"],
    )


def test_the_form_is_that_of_the_method(make: Make) -> None:
    generator = make(method=DeepDream(octaves=1, steps=4, jitter=2), target=None)
    assert set(generator.view.form.controls) == set(DeepDream.specs()) - {"target"}
