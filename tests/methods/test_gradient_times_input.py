"""Gradient times input: for a network without biases it sums to the score."""

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from tests import easy_models, models


def _without_biases() -> keras.Model:
    keras.utils.set_random_seed(5)
    image = keras.Input((8, 8, 3), name="image")
    x = layers.Conv2D(6, 3, use_bias=False, activation="relu")(image)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(5, 2, use_bias=False, activation="relu")(x)
    return keras.Model(image, layers.Dense(3, use_bias=False)(layers.GlobalAveragePooling2D()(x)))


@pytest.mark.parametrize("index", [0, 1, 2])
def test_without_biases_the_map_sums_to_the_score(index: int) -> None:
    found = cnnviz.GradientTimesInput(target=index)(_without_biases(), models.picture())
    assert found.values.sum() == pytest.approx(found.scores["score"], rel=1e-4)
    assert found.signed


def test_for_a_linear_model_it_is_the_weights_times_the_pixels() -> None:
    weights = np.random.default_rng(0).normal(size=(6, 9, 3)).astype(np.float32)
    image = models.picture(6, 9)
    found = cnnviz.GradientTimesInput(target=0)(easy_models.linear(weights), image)
    np.testing.assert_allclose(found.values, (weights * image.pixels).sum(axis=2), atol=1e-5)


def test_the_pixels_are_those_that_the_network_gets() -> None:
    weights = np.ones((4, 4, 1), np.float32)
    probe = cnnviz.Probe(easy_models.linear(weights), preprocess=lambda x: x * 2 - 1)
    image = models.picture(4, 4, 1)
    found = cnnviz.GradientTimesInput(target=0)(probe, image)
    np.testing.assert_allclose(found.values, image.pixels[..., 0] * 2 - 1, atol=1e-6)


def test_black_pixels_show_nothing() -> None:
    black = cnnviz.Image(np.zeros((8, 8, 3), np.float32), (0, 1))
    found = cnnviz.GradientTimesInput()(models.functional(), black)
    assert not found.values.any()
    assert found.notes[0].startswith("Flat")
