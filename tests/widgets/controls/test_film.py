"""The film: what stands in its frames."""

import threading
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets.jobs import worker
from cnnviz_widgets.widgets.controls.layer_picker import LayerFilm, LayerPicker
from cnnviz_widgets.widgets.core.elements import free
from tests.models import picture


class Strip(LayerPicker):
    """A strip that keeps the pictures that are put into its frames."""

    pictures: list[np.ndarray]

    def develop(self, pictures: Any, sizes: Any) -> None:
        self.pictures = list(pictures)


@pytest.fixture(scope="module")
def probe() -> cnnviz.Probe:
    """Give a network that has kernels of three by three cells and of one, and layers that have none."""
    keras.utils.set_random_seed(6)
    image = keras.Input((12, 12, 3))
    x = layers.Conv2D(9, 3, activation="relu", name="wide")(image)
    x = layers.ReLU(name="positive")(layers.Conv2D(9, 1, name="narrow")(x))
    return cnnviz.Probe(keras.Model(image, layers.GlobalAveragePooling2D()(x)))


@pytest.fixture
def strip(probe: cnnviz.Probe) -> Iterator[Strip]:
    made = Strip("cv-film-test", probe.stages(), lambda name: None)
    yield made
    free(made.widget)


def developed(probe: cnnviz.Probe, strip: Strip, method: cnnviz.Method) -> list[np.ndarray]:
    film = LayerFilm(probe, threading.Lock(), strip)
    film.develop(method(probe, picture()), cnnviz.Style())
    assert worker.wait(film, 60)
    return strip.pictures


def test_each_frame_shows_several_kernels_so_that_none_is_blank(probe: cnnviz.Probe, strip: Strip) -> None:
    frames = developed(probe, strip, cnnviz.Filters())
    assert len(frames) == len(strip.frames) >= 3
    assert min(len(np.unique(frame.reshape(-1, 3), axis=0)) for frame in frames) >= 4


def test_each_frame_of_the_maps_shows_one_map(probe: cnnviz.Probe, strip: Strip) -> None:
    assert len(developed(probe, strip, cnnviz.FeatureMaps())) == len(strip.frames)


def test_maps_whose_size_varies_are_labelled_with_that_of_the_picture() -> None:
    image = keras.Input((None, None, 3))
    seen = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu", name="seen")(image)
    probe = cnnviz.Probe(keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(seen))))
    made = LayerPicker("cv-film-test", probe.stages(), lambda name: None)
    assert made.list.options[1] == ("seen   4 channels", "seen")
    film = LayerFilm(probe, threading.Lock(), made)
    film.develop(cnnviz.GradCAM(target=0)(probe, picture(12, 20)), cnnviz.Style())
    assert worker.wait(film, 60)
    assert [frame.description for frame in made._frames] == ["6×10"]
    free(made.widget)
