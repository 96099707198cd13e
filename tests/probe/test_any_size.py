"""Models that take pictures of any size: their first call pins none, and a list may hold several."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from tests import models


class Sharper(keras.Model):
    """A picture to a picture, of any size, written as a class."""

    def __init__(self) -> None:
        super().__init__(name="sharper")
        self.maps = layers.Conv2D(4, 3, padding="same", activation="relu", name="maps")
        self.made = layers.Conv2D(3, 3, padding="same", name="made")

    def call(self, x: Any) -> Any:
        return self.made(self.maps(x))


class Closed(Sharper):
    """The same, with a loop in Python that symbolic tensors do not show."""

    def call(self, x: Any) -> Any:
        return keras.ops.map(lambda one: self.made(self.maps(one[None]))[0], x)


class Fixed(Sharper):
    """One that needs the size it was built with."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(12)

    def call(self, x: Any) -> Any:
        return keras.ops.reshape(self.dense(keras.ops.reshape(self.maps(x), (-1, 8 * 8 * 4))), (-1, 2, 2, 3))


def called(model: keras.Model) -> keras.Model:
    model(np.zeros((1, 8, 8, 3), np.float32))
    return model


@pytest.mark.parametrize("kind", [Sharper, Closed])
def test_the_first_call_pins_no_size(kind: Any) -> None:
    model = called(kind())
    probe = cnnviz.Probe(model)
    assert probe.input_shape == (None, None, 3)
    picture = models.picture(12, 10)
    np.testing.assert_allclose(probe.predict(picture), model(picture.pixels[None]), atol=1e-5)


@pytest.mark.filterwarnings("ignore:`build")
def test_a_size_that_the_model_needs_stays() -> None:
    probe = cnnviz.Probe(called(Fixed()))
    assert probe.input_shape == (8, 8, 3)
    assert probe.predict(models.picture(12, 10)).shape == (1, 2, 2, 3)


def test_a_list_may_hold_pictures_of_several_sizes() -> None:
    probe = cnnviz.Probe(models.functional((None, None, 3)))
    pictures = [models.picture(12, 10), models.picture(9, 14)]
    alone = [probe.predict(picture)[0] for picture in pictures]
    np.testing.assert_allclose(probe.predict(pictures), alone, atol=1e-6)
    np.testing.assert_allclose(
        probe.scores(pictures, 1), [probe.scores(picture, 1)[0] for picture in pictures], atol=1e-6
    )


def test_answers_of_several_sizes_are_refused_in_words() -> None:
    probe = cnnviz.Probe(called(Sharper()))
    with pytest.raises(
        cnnviz.ImageError, match="several sizes, and so have the answers: ask for them one by one"
    ):
        probe.predict([models.picture(12, 10), models.picture(9, 14)])
