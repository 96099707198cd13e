"""Pausing, stepping and going on: a climb and a dream held, looked through and continued."""

import threading
from typing import Any

import numpy as np

from cnnviz_widgets import DeepDream, ImageGenerator
from cnnviz_widgets.widgets.image_generator.codegen import WENT_ON
from tests.widgets.image_generator.common import PATIENCE, SIDE, Make, at_frame, settled, steps


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
    other = make()
    assert (generator.paused, other.status) == (True, "Made to raise “dog”.")


def test_cancel_stops_before_the_next_picture(generator: ImageGenerator) -> None:
    at_frame(generator, 2, generator.cancel)
    assert steps(generator) == [8, 16]
    assert generator.view.transport.play.tooltip == "Go on"


def test_an_earlier_picture_can_be_looked_at(generator: ImageGenerator) -> None:
    generator.frame = 0
    assert generator.explanation is generator.frames[0]
    assert "8 of 24 steps" in generator.view.transport._title.value
    assert generator.view.transport.slider.value == 0


def test_a_picture_that_is_looked_at_stays_while_others_come(generator: ImageGenerator) -> None:
    def back() -> None:
        generator.frame = 0

    at_frame(generator, 2, back)
    assert steps(generator) == [8, 16, 24]
    assert (generator.frame, len(generator.explanation.curve)) == (0, 8)


def test_going_on_from_an_earlier_picture_leaves_out_the_later_ones(generator: ImageGenerator) -> None:
    whole = generator.explanation.values
    generator.frame = 0
    assert generator.view.transport.go_on.layout.display is None
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
    assert generator.presenter.reel.begins == (3,)


def test_a_dream_is_gone_on_with_from_an_earlier_picture(make: Make) -> None:
    generator = make(method=DeepDream(octaves=1, steps=6, jitter=2), target=None)
    whole = generator.explanation.values
    generator.frame = 0
    assert generator.view.transport.go_on.layout.display is None
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
    assert generator.presenter.playing
    generator.play()
    assert not generator.presenter.playing


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
