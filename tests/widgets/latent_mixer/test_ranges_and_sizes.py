"""Ranges of values and sizes of pictures: brought together, or said."""

import re

import keras
import numpy as np
import pytest
from keras import layers

from cnnviz_widgets import Image, Probe
from cnnviz_widgets.errors import ImageError
from cnnviz_widgets.widgets.latent_mixer.mixture import Mixture, as_picture, ends_of
from tests.models import SIDE, functional, picture
from tests.widgets.latent_mixer.common import Make, averaging, grey, level, settled

# the range of values


def test_what_lies_beyond_the_range_is_drawn_at_its_end_and_said(make: Make) -> None:
    mixer = make(averaging(loud=2.0))
    assert level(mixer) == pytest.approx(1.0)
    mixer.mix = 1.0
    assert mixer.probe.predict(mixer.images[1]).max() == pytest.approx(1.6)
    assert "100 % of the numbers lie beyond 0 to 1" in settled(mixer).view.notes.value


def test_the_output_of_a_preprocessed_picture_is_brought_back_to_its_range(make: Make) -> None:
    images = [Image(np.full((SIDE, SIDE, 1), value, np.float32), (0, 255)) for value in (51, 204)]
    mixer = make(averaging(), images, preprocess=lambda x: x / 127.5 - 1)
    assert level(mixer) == pytest.approx(127.5, abs=0.01)
    assert mixer.mixed.picture.range == (0, 255)


def test_an_output_in_another_range_is_pointed_out_and_can_be_named(make: Make) -> None:
    image = keras.Input((SIDE, SIDE, 1), name="image")
    scaled = layers.Rescaling(1 / 255, name="scaled")(image)
    model = keras.Model(image, averaging()(scaled), name="scaling")
    images = [Image(np.full((SIDE, SIDE, 1), value, np.float32), (0, 255)) for value in (51, 204)]
    assert "name it, such as output_range=(0, 1)" in make(model, images).view.notes.value
    named = make(model, images, output_range=(0, 1))
    assert level(named) == pytest.approx(127.5, abs=0.01)
    assert named.view.notes.value == ""


def test_channels_may_have_ranges_of_their_own() -> None:
    image = picture(channels=3, high=255.0)
    probe = Probe(functional(), preprocess=lambda x: x - np.array([100, 110, 120], np.float32))
    ends = ends_of(probe, image, None)
    back, beyond = as_picture(image.pixels - np.array([100, 110, 120], np.float32), image, ends)
    assert np.allclose(back.pixels, image.pixels, atol=1e-3)
    assert beyond == 0


# pictures of several sizes


def test_pictures_of_several_sizes_are_brought_to_that_of_a(make: Make) -> None:
    images = [picture(12, 12, 1, seed=1), picture(20, 16, 1, seed=2)]
    mixer = make(averaging(side=None), images)
    assert (mixer.mixed.picture.size, mixer.error) == ((12, 12), "")


def test_a_size_that_is_not_given_back_is_said(make: Make) -> None:
    mixer = make(averaging(side=None), [picture(9, 9, 1)])
    assert re.search(r"makes 8 x 8 pixels of a picture of 9 x 9", mixer.error)


def test_nothing_is_drawn_before_the_first_answer_and_snapshot_says_so(make: Make) -> None:
    mixer = make(averaging(side=None), [picture(9, 9, 1)])
    with pytest.raises(ImageError, match=r"there is no picture yet: call wait\(\) first"):
        mixer.snapshot()
    assert mixer.code() == ""


def test_a_mixture_is_a_value() -> None:
    parts = ((grey(0.2, "a"), 0.5), (grey(0.4, "b"), 0.5))
    assert Mixture("encoded", parts) == Mixture("encoded", parts)
