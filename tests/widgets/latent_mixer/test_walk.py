"""The walk from A to B: its film, its frames, and playing it."""

import threading

import numpy as np
import pytest

from cnnviz_widgets import LatentMixer
from tests.widgets.latent_mixer.common import Make, averaging, level, settled


def test_the_film_has_nine_steps_from_a_to_b(mixer: LatentMixer) -> None:
    assert mixer.view.walk._style.value.count("background-image") == 9
    weights = [[weight for _, weight in step.parts] for step in mixer.steps()]
    assert (weights[0], weights[2], weights[-1]) == ([1, 0], [0.75, 0.25], [0, 1])


def test_a_click_on_a_frame_goes_there(mixer: LatentMixer) -> None:
    mixer.view.walk._frames[2].click()
    assert mixer.mix == 0.25
    assert "cv-on" in mixer.view.walk._frames[2]._dom_classes


def test_between_frames_the_nearest_one_is_marked(mixer: LatentMixer) -> None:
    mixer.mix = 0.26
    assert "cv-near" in mixer.view.walk._frames[2]._dom_classes


def test_the_film_follows_a_change_of_the_code(mixer: LatentMixer) -> None:
    before = mixer.view.walk._style.value
    mixer.edit(1, scale=0)
    assert settled(mixer).view.walk._style.value != before


def test_a_model_that_is_trained_further_gets_a_new_film(make: Make) -> None:
    mixer = make(averaging())
    before = mixer.view.walk._style.value
    mixer.probe.model.get_layer("encoded").set_weights([np.array([[[[0.5, 0.5]]]], np.float32)])
    mixer.ask()
    assert level(mixer) == pytest.approx(0.5 * (0.25 + 0.125))
    assert mixer.view.walk._style.value != before


def test_play_walks_to_b_and_stops(mixer: LatentMixer) -> None:
    mixer.mix = 0.95
    seen: list[float] = []
    arrived = threading.Event()
    mixer.observe(lambda change: seen.append(change["new"]), "mix")
    mixer.observe(lambda change: arrived.set() if change["new"] == 1 else None, "mix")
    mixer.play()
    assert arrived.wait(60)
    with mixer.lock:  # the last step holds it until it has stopped
        assert seen == [0.96875, 1.0]
        assert (mixer.playing, mixer.view.play.icon) == (False, "play")


def test_play_at_b_begins_at_a_and_a_second_press_stops_it(mixer: LatentMixer) -> None:
    mixer.mix = 1.0
    with mixer.lock:
        mixer.play()
        assert (mixer.mix, mixer.view.play.icon) == (0.0, "stop")
        mixer.play()
    assert not mixer.playing
