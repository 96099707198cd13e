"""The image generator from end to end, without a browser: it grows, is paused, stepped through and gone on with."""

import io
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import PIL.Image
import pytest
import traitlets
from ipywidgets.widgets import widget as registry
from keras import layers

from cnnviz_widgets import (
    ActivationMatching,
    ActivationMaximization,
    ClassScore,
    DeepDream,
    Explorer,
    FeatureMapBrowser,
    GeneratedImage,
    Image,
    ImageGenerator,
    LayerEnergy,
    Mixture,
    Probe,
    Several,
    Unit,
)
from cnnviz_widgets.errors import LayerError, SettingError, TargetError
from cnnviz_widgets.methods._generated import PRESETS
from cnnviz_widgets.widgets.image_generator import words
from cnnviz_widgets.widgets.image_generator.again import WENT_ON
from cnnviz_widgets.widgets.image_generator.curve import LINE, Curve
from cnnviz_widgets.widgets.image_generator.reel import Reel
from cnnviz_widgets.widgets.image_generator.shelf import Excited, Score, at, shelf_picture
from tests.models import functional, picture

PATIENCE = 120
SIDE = 40
STEPS = 24
Make = Callable[..., ImageGenerator]
FAST = ActivationMaximization(preset="fast", steps=STEPS)


@pytest.fixture(scope="module")
def probe() -> Probe:
    return Probe(functional((SIDE, SIDE, 3)), labels=["cat", "dog", "cup"])


@pytest.fixture
def make(probe: Probe) -> Iterator[Make]:
    """Give a maker of generators that are closed after the test."""
    made: list[ImageGenerator] = []

    def generator(model: Any = None, images: Any = "three", **settings: Any) -> ImageGenerator:
        given = {"target": 1, "method": FAST, "renderer": "image", "size": "L", **settings}
        pictures = [picture(SIDE, SIDE, seed=seed) for seed in range(3)] if images == "three" else images
        made.append(ImageGenerator(probe if model is None else model, pictures, **given))
        return settled(made[-1])

    yield generator
    for one in made:
        one.close()


@pytest.fixture
def generator(make: Make) -> ImageGenerator:
    return make()


def settled(generator: ImageGenerator) -> ImageGenerator:
    assert generator.wait(PATIENCE)
    return generator


def steps(generator: ImageGenerator) -> list[int]:
    return [len(made.curve) for made in generator.frames]


def at_frame(generator: ImageGenerator, count: int, act: Callable[[], object]) -> ImageGenerator:
    """Begin anew, do something as soon as there are `count` frames of the new climb, and wait."""
    before = generator.frames[-1:]

    def look(_: Any) -> None:
        if len(generator.frames) == count and generator.frames[-1:] != before and not done:
            done.append(True)
            act()

    done: list[bool] = []
    generator.session.observe(look, "explanation")
    generator.ask()
    settled(generator)
    generator.session.unobserve(look, "explanation")
    assert done
    return generator


def side(generator: ImageGenerator) -> str:
    return re.sub(r"<[^>]+>", "", generator._desk.real.value)


def film(generator: ImageGenerator) -> list[str]:
    return [made.description for made in generator._desk.transport._frames if not made.disabled]


# it grows


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_it_shows_the_last_picture_its_film_and_what_it_was_made_for(make: Make, renderer: str) -> None:
    generator = make(renderer=renderer)
    assert generator.status == "Made to raise “dog”."
    assert (generator.progress, generator.error, generator.frame) == (1.0, "", 2)
    assert steps(generator) == [8, 16, 24]
    assert generator.explanation is generator.frames[-1]
    assert film(generator) == ["8", "16", "24"]


def test_each_picture_is_shown_as_soon_as_it_is_there(generator: ImageGenerator) -> None:
    seen: list[tuple[int, str]] = []
    generator.observe(lambda change: seen.append((len(change["new"].curve), generator.status)), "explanation")
    generator.ask()
    settled(generator)
    assert [step for step, _ in seen] == [8, 16, 24]


def test_while_it_grows_the_sentence_says_so(generator: ImageGenerator) -> None:
    heard: list[str] = []
    at_frame(generator, 2, lambda: heard.append(words.growing(generator.frames[-1])))
    assert heard == ["<b>Growing.</b> Made to raise <b>“dog”</b>."]


def test_the_same_target_gives_the_same_picture_again(generator: ImageGenerator) -> None:
    before = generator.explanation
    generator.ask()
    settled(generator)
    assert generator.explanation is not before
    np.testing.assert_array_equal(generator.explanation.values, before.values)


def test_the_lines_of_code_make_the_picture_again(make: Make, probe: Probe) -> None:
    generator = make()
    for frame in (2, 0):
        generator.frame = frame
        lines = [
            line
            for line in generator.code().split("\n")
            if not line.startswith(("#", "probe =", "made.show"))
        ]
        names: dict[str, Any] = {"probe": probe}
        exec("\n".join(lines), names)
        np.testing.assert_array_equal(names["made"].values, generator.explanation.values)


def test_the_lines_of_code_name_only_what_was_set(generator: ImageGenerator) -> None:
    settings = "".join(generator.code().split("ActivationMaximization(")[1].partition("\n)")[0].split())
    assert settings == 'preset="fast",steps=24,target=cnnviz.ClassScore(1),'


def test_long_lines_of_code_are_broken_at_their_commas(make: Make) -> None:
    lines = make(target=[0, 1, Unit("conv_2", 3)]).code().split("\n")
    at = lines.index("made = cnnviz.ActivationMaximization(")
    assert lines[at + 1 : at + 3] == ['    preset="fast",', "    steps=24,"]
    assert lines[at + 4] == ")(probe)"


# pausing, stepping, going on


def test_a_climb_that_was_paused_ends_in_the_picture_of_one_that_was_not(generator: ImageGenerator) -> None:
    whole = generator.explanation.values
    at_frame(generator, 1, generator.pause)
    assert generator.paused
    assert generator.status == "Paused after 8 of 24 steps. Play goes on from here."
    generator.play()
    settled(generator)
    assert steps(generator) == [8, 16, 24]
    np.testing.assert_array_equal(generator.explanation.values, whole)


def test_a_dream_goes_on_after_a_pause_too(make: Make) -> None:
    generator = make(method=DeepDream(octaves=1, steps=6, jitter=2), target=None)
    whole = generator.explanation.values
    at_frame(generator, 1, generator.pause)
    assert steps(generator) == [2]
    generator.play()
    settled(generator)
    assert steps(generator) == [2, 4, 6]
    np.testing.assert_array_equal(generator.explanation.values, whole)


def test_a_pause_leaves_the_worker_free(make: Make) -> None:
    generator = make()
    at_frame(generator, 1, generator.pause)
    other = make(target=0)
    assert (generator.paused, other.status) == (True, "Made to raise “cat”.")


def test_cancel_stops_before_the_next_picture(generator: ImageGenerator) -> None:
    at_frame(generator, 2, generator.cancel)
    assert steps(generator) == [8, 16]
    assert generator._desk.transport.play.tooltip == "Go on"


def test_an_earlier_picture_can_be_looked_at(generator: ImageGenerator) -> None:
    generator.frame = 0
    assert generator.explanation is generator.frames[0]
    assert "8 of 24 steps" in generator._desk.transport._title.value
    assert generator._desk.transport.slider.value == 0


def test_a_picture_that_is_looked_at_stays_while_others_come(generator: ImageGenerator) -> None:
    def back() -> None:
        generator.frame = 0

    at_frame(generator, 2, back)
    assert steps(generator) == [8, 16, 24]
    assert (generator.frame, len(generator.explanation.curve)) == (0, 8)


def test_going_on_from_an_earlier_picture_leaves_out_the_later_ones(generator: ImageGenerator) -> None:
    whole = generator.explanation.values
    generator.frame = 0
    assert generator._desk.transport.go_on.layout.display is None
    generator.go_on()
    settled(generator)
    assert steps(generator) == [8, 16, 24]
    np.testing.assert_array_equal(generator.explanation.values, whole)
    assert WENT_ON not in generator.code()


def test_settings_changed_in_a_pause_hold_from_there_on(generator: ImageGenerator) -> None:
    whole = generator.explanation.values
    at_frame(generator, 1, generator.pause)
    first = generator.explanation
    generator.change_setting("rate", 0.01)
    assert generator.paused
    generator.play()
    settled(generator)
    assert generator.frames[0] is first
    assert generator.explanation.recipe.rate == 0.01
    assert np.abs(generator.explanation.values - whole).max() > 0
    assert WENT_ON in generator.code()


def test_a_setting_that_a_climb_begins_with_starts_anew_in_a_pause_too(generator: ImageGenerator) -> None:
    at_frame(generator, 1, generator.pause)
    generator.change_setting("seed", 3)
    settled(generator)
    assert (generator.paused, steps(generator)) == (False, [8, 16, 24])
    assert generator.explanation.recipe.seed == 3


def test_at_the_last_step_there_is_nothing_to_go_on_from(generator: ImageGenerator) -> None:
    generator.go_on()
    assert generator.error.startswith("There is nothing to go on from")
    assert generator.explanation is generator.frames[-1]


def test_the_film_knows_where_a_size_begins(make: Make) -> None:
    generator = make(method=DeepDream(octaves=2, octave_scale=1.25, steps=3, jitter=2), target=None)
    assert generator._screen.reel.begins == (3,)


def test_a_dream_is_gone_on_with_from_an_earlier_picture(make: Make) -> None:
    generator = make(method=DeepDream(octaves=1, steps=6, jitter=2), target=None)
    whole = generator.explanation.values
    generator.frame = 0
    assert generator._desk.transport.go_on.layout.display is None
    generator.go_on()
    settled(generator)
    assert steps(generator) == [2, 4, 6]
    np.testing.assert_array_equal(generator.explanation.values, whole)


def test_a_dream_whose_steps_are_those_of_one_octave_goes_on_from_any(make: Make) -> None:
    generator = make(method=DeepDream(octaves=2, octave_scale=1.25, steps=2, jitter=2), target=None)
    whole = generator.explanation.values
    assert steps(generator) == [2, 4]
    generator.frame = 0
    generator.go_on()
    settled(generator)
    assert steps(generator) == [2, 4]
    np.testing.assert_array_equal(generator.explanation.values, whole)


def test_the_rate_of_a_dream_holds_from_a_pause_on(make: Make) -> None:
    generator = make(method=DeepDream(octaves=1, steps=6, jitter=2), target=None)
    at_frame(generator, 1, generator.pause)
    first = generator.explanation
    generator.change_setting("rate", 0.1)
    assert generator.paused
    generator.play()
    settled(generator)
    assert generator.frames[0] is first
    assert (steps(generator), generator.explanation.recipe.rate) == ([2, 4, 6], 0.1)


def test_other_sizes_of_a_dream_start_anew_in_a_pause_too(make: Make) -> None:
    generator = make(method=DeepDream(octaves=1, steps=4, jitter=2), target=None)
    at_frame(generator, 1, generator.pause)
    generator.change_setting("enlarge", 2.0)
    settled(generator)
    assert (generator.paused, steps(generator)) == (False, [2, 4])
    assert generator.explanation.values.shape[1:3] == (2 * SIDE, 2 * SIDE)


def test_the_film_is_played_to_its_end(generator: ImageGenerator) -> None:
    ended, seen = threading.Event(), []

    def look(change: Any) -> None:
        seen.append(change["new"])
        if change["new"] == 2:
            ended.set()

    generator.observe(look, "frame")
    generator.play()
    assert ended.wait(PATIENCE)
    assert seen == [0, 1, 2]


def test_play_again_stops_the_film(generator: ImageGenerator) -> None:
    generator.play()
    assert generator._screen.playing
    generator.play()
    assert not generator._screen.playing


def test_a_new_climb_is_told_at_once(generator: ImageGenerator) -> None:
    heard: list[str] = []

    def change() -> None:
        generator.change_setting("preset", "vivid")
        heard.append(generator.status)
        generator.change_setting("steps", 16)

    at_frame(generator, 1, change)
    assert heard == ["Activation maximisation for “dog” begins anew. The picture is the one before."]


def test_a_setting_moved_in_a_pause_is_told_at_once_to_hold_from_there_on(generator: ImageGenerator) -> None:
    at_frame(generator, 1, generator.pause)
    generator.change_setting("rate", 0.01)
    assert generator.status == "Paused after 8 steps. Play goes on from here with the new settings."


# what is made


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
    generator._view.on_click("hero", 0.75, 0.25)
    settled(generator)
    assert generator._screen.beside.chosen == 1
    assert "Made:" in side(generator)


def test_a_click_on_the_grid_marks_that_picture_at_once(make: Make) -> None:
    generator = make(target=[0, 1, 2])
    plot = generator._screen._drawing._plot
    generator._view.on_click("hero", 0.75, 0.25)
    assert plot(generator.explanation).chosen == 1
    assert "cv-doubt" in generator._desk.picker.verdict.widget._dom_classes
    settled(generator)
    assert "cv-doubt" not in generator._desk.picker.verdict.widget._dom_classes


def test_a_click_is_answered_while_the_climb_goes_on(make: Make) -> None:
    generator = make(target=[0, 1, 2])
    at_frame(generator, 1, lambda: generator._view.on_click("hero", 0.25, 0.75))
    top = generator.probe.top(generator.explanation.images[2])
    assert (generator._screen.beside.chosen, generator._screen.beside.top) == (2, top)


def test_the_bars_of_a_clicked_picture_do_not_wait_for_the_photographs(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = make(target=[0, 1, 2])
    told: list[str] = []
    bars = generator._desk.picker.verdict
    monkeypatch.setattr(bars, "show", lambda top: told.append(generator._screen.beside.words))
    generator._view.on_click("hero", 0.75, 0.25)
    settled(generator)
    assert told[0] == ""
    assert told[1].startswith("Made:")


def test_what_was_clicked_in_a_grid_does_not_hold_in_another(make: Make) -> None:
    generator = make(target=[0, 1, 2])
    generator._view.on_click("hero", 0.75, 0.25)
    generator.ask()
    settled(generator)
    assert generator._screen.beside.chosen == 1
    generator.target = Several((ClassScore(1), Unit("conv_2", 1)))
    settled(generator)
    assert generator._screen.beside.chosen == 0


def test_a_grid_of_classes_and_channels_draws_each_line_in_its_own_range(make: Make) -> None:
    generator = make(target=[0, Unit("conv_2", 1)])
    curve = generator._screen._drawing._plot(generator.explanation)
    assert [one.name for one in curve.measures] == ["log-odds", "activation"]
    assert curve.mixed


def test_the_best_photograph_is_counted_as_the_curve_is(make: Make, probe: Probe) -> None:
    generator = make(method=DeepDream(octaves=1, steps=4, jitter=2))
    curve = generator._screen._drawing._plot(generator.explanation)
    assert curve.measure.name == "logit"
    assert curve.real == pytest.approx(float(probe.scores(generator.images, ClassScore(1)).max()), rel=1e-5)
    assert "%" in side(generator)


def test_a_channel_is_first_offered_in_a_layer_that_sees_parts_of_things(generator: ImageGenerator) -> None:
    layers = [info.name for info in generator.probe.spatial_layers]
    assert generator._desk.picker.layer.value == layers[len(layers) * 2 // 3]


def test_the_picker_adds_to_a_grid_where_that_is_wanted(generator: ImageGenerator) -> None:
    picker = generator._desk.picker
    picker.several.value = True
    picker.verdict.search.value = "cup"
    settled(generator)
    assert generator.target == Several((ClassScore(1), ClassScore(2)))
    picker.several.value = False
    picker.verdict.search.value = "cat"
    settled(generator)
    assert generator.target == ClassScore(0)


def test_a_channel_and_a_layer_are_picked(generator: ImageGenerator) -> None:
    picker = generator._desk.picker
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
    picker = generator._desk.picker
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
    generator._desk.picker.layer.value = "conv_2"
    settled(generator)
    assert (generator.layer, generator.explanation.recipe.layer) == ("conv_2", "conv_2")


def test_matching_offers_a_layer_and_no_target(make: Make) -> None:
    generator = make(method=ActivationMatching(preset="fast", steps=8))
    desk = generator._desk

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
    assert generator._desk.form.controls["octaves"].value == 4
    generator._desk.form.controls["octaves"].value = 1
    settled(generator)
    assert steps(generator) == [1]
    assert generator.explanation.recipe.octaves == 1


def test_a_preset_fills_the_other_settings_in(generator: ImageGenerator) -> None:
    generator.change_setting("rate", 0.9)
    assert generator._desk.form.controls["rate"].value == 0.9
    generator.change_setting("preset", "vivid")
    generator.cancel()
    controls = generator._desk.form.controls
    assert (controls["rate"].value, controls["steps"].value) == (
        PRESETS["vivid"]["rate"],
        PRESETS["vivid"]["steps"],
    )


def test_the_form_is_that_of_the_method(make: Make) -> None:
    generator = make(method=DeepDream(octaves=1, steps=4, jitter=2), target=None)
    assert set(generator._desk.form.controls) == set(DeepDream.specs()) - {"target"}


# beside photographs


def doubted(generator: ImageGenerator) -> bool:
    return "cv-doubt" in generator._desk.picker.verdict.widget._dom_classes


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
    found = generator._screen.beside.found
    last = generator.explanation
    generator.target = Unit("conv_2", 1)
    settled(generator)
    assert (found(generator.explanation).target, found(last)) == (Unit("conv_2", 1), None)


def test_figures_come_back_where_a_new_climb_is_given_up_before_its_first_picture(
    generator: ImageGenerator,
) -> None:
    before = side(generator)
    with generator._lock:
        generator.target = 0
        generator.cancel()
    settled(generator)
    assert (doubted(generator), side(generator)) == (False, before)


def test_the_photographs_are_ordered_by_how_much_they_excite_the_target(make: Make, probe: Probe) -> None:
    generator = make(target=Unit("conv_2", 3))
    found = generator._screen.beside.found(generator.explanation)
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
    assert generator._screen.beside.top == top
    assert generator._desk.picker.verdict._bars[0].description == top[0][1]


# what goes wrong


def test_a_unit_that_answers_the_same_to_everything_is_told(make: Make) -> None:
    image = keras.Input((SIDE, SIDE, 3))
    dead = layers.Conv2D(
        2, 3, activation="relu", name="dead", bias_initializer=keras.initializers.Constant(-1e4)
    )
    keras.utils.set_random_seed(1)
    model = keras.Model(image, layers.GlobalAveragePooling2D()(dead(image)))
    generator = make(model, target=Unit("dead", 0))
    assert generator.status.startswith("The score did not move: it is 0 at every step")
    assert "The unit may be dead" in generator._desk.read.value


def test_a_climb_that_stopped_says_at_which_step(generator: ImageGenerator) -> None:
    note = "Stopped at step 3: the score is no longer a finite number. Lower the rate."
    made = GeneratedImage(image=picture(), recipe=FAST, notes=(note,))
    assert words.shown(made) == "<b>Stopped at step 3: the score is no longer a finite number.</b>"


def test_a_method_that_needs_a_photograph_says_so_and_the_picture_stays(make: Make) -> None:
    generator = make(images=None)
    before = generator.explanation
    generator.method = "Activation matching"
    assert generator.error.startswith("Activation matching needs a picture: open one above")
    assert generator.explanation is before


def test_a_dream_without_a_photograph_says_so(make: Make) -> None:
    generator = make(images=None)
    generator.dream()
    assert generator.error == "There is no picture to dream on: open one above."


def test_an_octave_that_is_too_small_is_told_and_the_picture_stays(generator: ImageGenerator) -> None:
    generator.method = "DeepDream"
    before = settled(generator).explanation
    generator.change_setting("octaves", 4)
    settled(generator)
    assert "the smallest of 4 octaves would be" in generator.error
    assert generator.explanation is before


@pytest.mark.parametrize("text", ["nowhere:3", "c", "elephant"])
def test_a_search_for_nothing_leaves_a_climb_alone(generator: ImageGenerator, text: str) -> None:
    heard: list[tuple[str, bool]] = []

    def search() -> None:
        generator._desk.picker.verdict.search.value = text
        heard.append((generator.error, "cv-stale" in generator._dom_classes))

    at_frame(generator, 1, search)
    assert steps(generator) == [8, 16, 24]
    assert heard[0][0].count(text.partition(":")[0])
    assert not heard[0][1]
    assert (generator.error, generator.status) == ("", "Made to raise “dog”.")


def test_what_was_searched_in_vain_goes_with_the_next_target(generator: ImageGenerator) -> None:
    search = generator._desk.picker.verdict.search
    search.value = "elephant"
    assert search.value == "elephant"
    generator.target = 0
    assert search.value == ""


def test_a_search_for_nothing_leaves_a_picture_bright(generator: ImageGenerator) -> None:
    generator._desk.picker.verdict.search.value = "elephant"
    assert "elephant" in generator.error
    assert "elephant" in generator.status
    assert "cv-stale" not in generator._dom_classes
    generator.frame = 0
    assert (generator.error, generator.status) == ("", "Made to raise “dog”.")


def test_a_broken_upload_leaves_a_climb_alone(generator: ImageGenerator) -> None:
    heard: list[str] = []

    def upload() -> None:
        generator._desk._uploaded([], ["mine.jpg: this is no picture."])
        heard.append(generator.error)

    at_frame(generator, 1, upload)
    assert heard == ["mine.jpg: this is no picture."]
    assert steps(generator) == [8, 16, 24]


def test_a_setting_that_is_refused_stays_as_it_was(generator: ImageGenerator) -> None:
    generator.change_setting("rate", -1)
    assert generator.error.startswith("ActivationMaximization.rate must be")
    assert generator._desk.form.controls["rate"].value == FAST.fitted(picture(SIDE, SIDE)).rate
    assert generator.session.state == "idle"


def test_what_cannot_be_made_is_refused(probe: Probe) -> None:
    with pytest.raises(TargetError, match="9"):
        ImageGenerator(probe, target=9, renderer="image")
    with pytest.raises(SettingError, match="method must be one that makes pictures"):
        ImageGenerator(probe, method="Grad-CAM", renderer="image")
    with pytest.raises(LayerError, match="nowhere"):
        ImageGenerator(probe, layer="nowhere", renderer="image")


def test_a_frame_below_zero_is_refused_and_one_beyond_the_last_is_the_last(generator: ImageGenerator) -> None:
    with pytest.raises(SettingError, match="frame must be a whole number, at least 0; got -1"):
        generator.frame = -1
    generator.frame = 0
    generator.frame = 7
    assert generator.frame == 2


# what leaves the notebook


def test_the_film_is_saved_with_all_its_frames(generator: ImageGenerator, tmp_path: Path) -> None:
    generator.save_film(tmp_path / "film.gif")
    with PIL.Image.open(tmp_path / "film.gif") as saved:
        assert saved.n_frames == 3


def test_without_a_browser_the_film_is_written_beside_the_notebook(
    generator: ImageGenerator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    generator._desk.transport.kind.value = "webp"
    generator._desk.transport.save.click()
    settled(generator)
    assert [path.name for path in tmp_path.iterdir()] == ["dog-activation-maximisation.webp"]


def test_the_picture_is_saved_with_its_caption(generator: ImageGenerator) -> None:
    with PIL.Image.open(io.BytesIO(generator.snapshot())) as saved:
        assert "ActivationMaximization" in saved.text["Recipe"]


def test_the_picture_keeps_its_name_while_a_file_is_saved(
    generator: ImageGenerator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    generator._desk._save()
    assert "Saved as" in generator._desk.footer.text
    assert "Made to raise <b>“dog”</b>. 24 of 24 steps" in generator._desk._about.value


def test_linked_generators_follow_each_other(make: Make) -> None:
    one, other = make(), make()
    traitlets.link((one, "frame"), (other, "frame"))
    one.frame = 1
    assert other.explanation is other.frames[1]


def test_a_generator_that_is_ahead_does_not_stop_one_that_is_linked(make: Make) -> None:
    one, other = make(), make(method=ActivationMaximization(preset="fast", steps=8))
    traitlets.link((one, "frame"), (other, "frame"))
    one.ask()
    settled(one)
    assert (one.error, one.frame, other.frame) == ("", 2, 0)


def test_closing_frees_all_widgets_and_the_film(make: Make) -> None:
    before = set(registry._instances)
    generator = make()
    generator.play()
    generator.close()
    assert set(registry._instances) - before == set()
    assert (len(generator._screen.reel), generator._screen.playing) == (0, False)


def test_one_of_the_same_name_takes_the_place_of_the_one_before(make: Make) -> None:
    first = make(name="here")
    second = make(name="here")
    assert (first._closed, second._closed) == (True, False)


def test_another_method_frees_the_controls_of_the_one_before(make: Make) -> None:
    generator = make()
    generator.method = "Activation matching"
    settled(generator)
    counts = set()
    for method in ("Activation maximisation", "Activation matching") * 2:
        generator.method = method
        generator.cancel()
        counts.add((method, len(registry._instances)))
    assert len(counts) == 2


# opened from other widgets


def test_a_feature_map_browser_opens_it_on_the_chosen_channel(probe: Probe) -> None:
    browser = FeatureMapBrowser(probe, picture(SIDE, SIDE), layer="conv_2", channel=2, renderer="image")
    assert browser.wait(PATIENCE)
    generator = browser.dream_channel()
    assert generator.target == Unit("conv_2", 2)
    assert browser.children[-1].children[-1] is generator
    browser.close()
    assert generator._closed


def test_an_explorer_opens_it_on_what_it_explains(probe: Probe) -> None:
    before = set(registry._instances)
    explorer = Explorer(probe, [picture(SIDE, SIDE), picture(SIDE, SIDE, seed=4)], target=2, renderer="image")
    assert explorer.wait(PATIENCE)
    generator = explorer.dream()
    assert (generator.target, generator.images[0].name) == (ClassScore(2), "random 0")
    explorer._desk.dreams.close()
    assert explorer._desk.dreams.widget.children == ()
    explorer.close()
    assert set(registry._instances) - before == set()


# the film, the curve and the shelf by themselves


def frame(step: int, side: int = 4, state: Any = None) -> GeneratedImage:
    return GeneratedImage(
        image=picture(), recipe=FAST, curve=np.zeros((step, 1), np.float32), state=state,
        values=np.zeros((1, side, side, 3), np.float32),
    )  # fmt: skip


def test_a_long_film_is_thinned_out_and_keeps_its_ends() -> None:
    reel = Reel(most_frames=10)
    for step in range(1, 101):
        reel.add(frame(step))
    kept = [one.step for one in reel.frames]
    assert len(kept) <= 10
    assert (kept[0], kept[-1]) == (1, 100)
    assert kept == sorted(kept)


def test_a_film_keeps_to_its_bytes() -> None:
    state = np.zeros(1000, np.float32)
    each = 4 * 4 * 3 * 4 + 4000
    reel = Reel(most_bytes=5 * each)
    for step in range(1, 30):
        reel.add(frame(step, state=state.copy()))
    assert reel.bytes <= 5 * each
    assert reel.frames[-1].step == 29


def test_a_picture_that_is_given_twice_is_kept_once() -> None:
    reel, one = Reel(), frame(1)
    reel.add(one)
    reel.add(one)
    assert len(reel) == 1


def test_a_rising_score_is_drawn_from_lower_left_to_upper_right() -> None:
    curve = Curve(np.linspace(0, 1, 50, dtype=np.float32)[:, None], shown=0)
    drawn = curve.drawn(200).astype(int)
    rows, columns = np.nonzero(np.abs(drawn - LINE).sum(axis=2) < 30)
    assert np.corrcoef(rows, columns)[0, 1] < -0.99


def test_the_curve_tells_the_step_under_the_mouse() -> None:
    curve = Curve(np.zeros((11, 1)), 11, total=21)
    assert [curve.step_at(x) for x in (0.06, 0.5, 0.94, 0.0)] == [0, 10, None, None]


def test_the_mouse_reads_the_curve_the_pictures_and_the_grid(make: Make) -> None:
    generator = make(target=[0, 1, 2])
    read = generator._screen._drawing._under
    assert read("photo", 0.94, 0.5).startswith("step 24: ")
    assert read("map", 0.1, 0.1) == generator._screen.beside.found(generator.explanation).real[0].words
    assert read("hero", 0.9, 0.1).startswith("“dog”: log-odds ")
    assert read("hero", 0.9, 0.9) is None


@pytest.mark.parametrize(
    "scores", [np.zeros((0, 1)), np.full((5, 1), np.nan), np.ones((5, 2)), np.array([[1.0], [np.nan], [2.0]])]
)
def test_a_curve_of_anything_can_be_drawn(scores: np.ndarray) -> None:
    assert Curve(scores, len(scores)).drawn(90).shape == (90, 90, 3)


def test_a_shelf_holds_four_photographs_in_their_order() -> None:
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255)]
    pictures = [Image(np.full((8, 8, 3), colour, np.uint8), (0, 255), str(colour)) for colour in colours]
    found = [Excited(image, Score(5.0 - k)) for k, image in enumerate(pictures)]
    drawn = shelf_picture(found, 100)
    centres = [tuple(drawn[y, x]) for y in (20, 70) for x in (25, 75)]
    assert centres == colours[:4]
    assert at(found, 0.8, 0.2) is found[1]
    assert shelf_picture([], 100) is None


def test_a_share_is_read_in_per_cent() -> None:
    assert [str(Score(value, True)) for value in (0.5, 0.9999, 0.0004, 0.996)] == [
        "50 %",
        "100 %",
        "0 %",
        "99.6 %",
    ]
    assert str(Score(12.345)) == "12.3"
