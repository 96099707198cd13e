"""Values and slopes of every layer: against finite differences and numbers worked out by hand."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Contrast, Custom, LayerEnergy, ReconstructionError, Similarity, Unit
from tests import easy_models, models


@pytest.fixture(scope="module")
def smooth() -> cnnviz.Probe:
    keras.utils.set_random_seed(3)
    image = keras.Input((8, 8, 1), name="image")
    x = keras.layers.Conv2D(3, 3, activation="tanh", name="conv_1")(image)
    x = keras.layers.Conv2D(2, 3, activation="tanh", name="conv_2")(x)
    dense = keras.layers.Dense(3, activation="softmax", name="classes")
    return cnnviz.Probe(keras.Model(image, dense(keras.layers.Flatten(name="flat")(x)), name="smooth"))


@pytest.fixture(scope="module")
def rebuilding() -> cnnviz.Probe:
    keras.utils.set_random_seed(4)
    return cnnviz.Probe(models.autoencoder())


def _first_logit_doubled(output: Any) -> Any:
    return 2 * tf.math.log(output[:, 0])


TARGETS: dict[str, Any] = {
    "logit": ClassScore(1),
    "probability": ClassScore(1, of="probability"),
    "channel": Unit("conv_1", 2),
    "channel at a place": Unit("conv_1", 2, (3, 4)),
    "place": Unit("conv_2", None, (1, 2)),
    "whole layer": Unit("conv_2"),
    "neuron": Unit("flat", 5),
    "energy": LayerEnergy("conv_1"),
    "cosine": Similarity(models.picture(channels=1, seed=9), "conv_2"),
    "dot": Similarity(models.picture(channels=1, seed=9), "conv_2", "dot"),
    "euclidean": Similarity(models.picture(channels=1, seed=9), "conv_2", "euclidean"),
    "contrast": Contrast(ClassScore(0), ClassScore(2)),
    "contrast of kinds": Contrast(Unit("conv_1", 1), LayerEnergy("conv_2")),
    "minus": -ClassScore(1),
    "custom": Custom(_first_logit_doubled, "twice"),
}


def _check_differences(probe: cnnviz.Probe, image: cnnviz.Image, target: Any) -> None:
    slope = probe.gradient(image, target).slope
    direction = np.random.default_rng(0).normal(size=slope.shape).astype(np.float32)
    step = 2e-2
    pair = np.stack([image.pixels + step * direction, image.pixels - step * direction])
    up, down = probe.scores(pair, target)
    assert (up - down) / (2 * step) == pytest.approx(float((slope * direction).sum()), rel=0.02, abs=1e-3)


@pytest.mark.parametrize("kind", TARGETS)
def test_the_slope_by_the_pixels_agrees_with_finite_differences(smooth: cnnviz.Probe, kind: str) -> None:
    _check_differences(smooth, models.picture(channels=1), TARGETS[kind])


def test_the_slope_of_the_reconstruction_error_agrees_with_finite_differences(
    rebuilding: cnnviz.Probe,
) -> None:
    _check_differences(rebuilding, models.picture(channels=1), ReconstructionError())


@pytest.mark.parametrize("kind", TARGETS)
def test_the_score_of_a_pass_is_the_score_of_a_batch(smooth: cnnviz.Probe, kind: str) -> None:
    image = models.picture(channels=1)
    alone = smooth.gradient(image, TARGETS[kind]).score
    together = smooth.scores([image, models.picture(channels=1, seed=5)], TARGETS[kind])
    assert together[0] == pytest.approx(alone, abs=1e-5)


def test_objectives_have_the_values_their_definitions_say(smooth: cnnviz.Probe) -> None:
    image = models.picture(channels=1)
    maps = smooth.activations(image, "conv_1")
    code = smooth.activations(image, "conv_2").ravel()
    other = smooth.activations(models.picture(channels=1, seed=9), "conv_2").ravel()
    chances, logits = smooth.predict(image)[0], smooth.logits(image)[0]
    expected = {
        "logit": logits[1],
        "probability": chances[1],
        "channel": maps[..., 2].mean(),
        "channel at a place": maps[3, 4, 2],
        "place": smooth.activations(image, "conv_2")[1, 2].mean(),
        "whole layer": code.mean(),
        "neuron": code[5],
        "energy": (maps**2).mean() / 2,
        "cosine": code @ other / np.linalg.norm(code) / np.linalg.norm(other),
        "dot": code @ other,
        "euclidean": -np.linalg.norm(code - other),
        "contrast": logits[0] - logits[2],
        "minus": -logits[1],
        "custom": 2 * np.log(chances[0]),
    }
    for kind, value in expected.items():
        assert smooth.scores([image], TARGETS[kind])[0] == pytest.approx(value, abs=1e-5), kind


def test_softmax_of_the_logits_is_the_prediction(smooth: cnnviz.Probe) -> None:
    raised = np.exp(smooth.logits(models.picture(channels=1)))
    np.testing.assert_allclose(raised / raised.sum(), smooth.predict(models.picture(channels=1)), atol=1e-6)


def test_the_reconstruction_error_is_the_mean_squared_difference(rebuilding: cnnviz.Probe) -> None:
    image = models.picture(channels=1)
    difference = rebuilding.predict(image)[0] - image.pixels
    assert rebuilding.scores([image], ReconstructionError())[0] == pytest.approx((difference**2).mean())


def test_a_contrast_turned_round_has_the_opposite_slope(smooth: cnnviz.Probe) -> None:
    image = models.picture(channels=1)
    plus = smooth.gradient(image, Contrast(0, 2)).slope
    minus = smooth.gradient(image, Contrast(2, 0)).slope
    np.testing.assert_allclose(plus, -minus, atol=1e-7)


def test_the_slope_of_a_linear_model_is_its_weights() -> None:
    weights = np.random.default_rng(0).normal(size=(5, 6, 2)).astype(np.float32)
    found = cnnviz.Probe(easy_models.linear(weights)).gradient(models.picture(5, 6, 2), 0)
    np.testing.assert_allclose(found.slope, weights, atol=1e-6)


def test_a_layer_after_the_target_has_no_slope(smooth: cnnviz.Probe) -> None:
    assert not smooth.gradient(models.picture(channels=1), Unit("conv_1", 0), at="conv_2").slope.any()


def test_results_cannot_be_written_to(smooth: cnnviz.Probe) -> None:
    found = smooth.gradient(models.picture(channels=1), 0, at="conv_1")
    assert not found.values.flags.writeable
    assert not found.slope.flags.writeable
