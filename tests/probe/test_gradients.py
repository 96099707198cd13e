"""Values and slopes of every layer: against finite differences, sub-models and numbers worked out by hand."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Contrast, Custom, LayerEnergy, ReconstructionError, Similarity, Unit
from cnnviz_widgets.probe.score import score_of
from tests import models


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
    found = cnnviz.Probe(models.linear(weights)).gradient(models.picture(5, 6, 2), 0)
    np.testing.assert_allclose(found.slope, weights, atol=1e-6)


def test_a_layer_after_the_target_has_no_slope(smooth: cnnviz.Probe) -> None:
    assert not smooth.gradient(models.picture(channels=1), Unit("conv_1", 0), at="conv_2").slope.any()


def _branching() -> keras.Model:
    """Return a model with every kind of light step, alone, in rows and in branches that meet again."""
    keras.utils.set_random_seed(6)
    image = keras.Input((8, 8, 3), name="image")
    x = keras.layers.Conv2D(4, 3, padding="same", name="conv_1")(keras.layers.Rescaling(2.0)(image))
    x = keras.layers.BatchNormalization(name="norm_1")(x)
    y = keras.layers.ReLU(max_value=6.0, name="relu_1")(x)
    y = keras.layers.Dropout(0.5, name="drop_1")(y)
    z = keras.layers.Add(name="meet")([x, y, y])
    for k in range(10):
        z = keras.layers.LeakyReLU(name=f"leaky_{k}")(z)
    z = keras.layers.Concatenate(name="joined")([z, keras.layers.Conv2D(2, 1, name="conv_2")(y)])
    z = keras.layers.MaxPooling2D(name="pool")(z * 0.5 + 1.0)
    pooled = keras.layers.GlobalAveragePooling2D(name="mean")(z)
    return keras.Model(image, keras.layers.Dense(3, activation="softmax", name="classes")(pooled))


def _inverted() -> keras.Model:
    """Return two blocks that widen with a 1 x 1 convolution and narrow with another, as MobileNetV2 has them."""
    keras.utils.set_random_seed(7)
    image = keras.Input((8, 8, 3), name="image")
    x = keras.layers.Conv2D(4, 3, padding="same", name="stem")(image)
    for k in range(2):
        y = keras.layers.Conv2D(12, 1, use_bias=False, name=f"widen_{k}")(x)
        y = keras.layers.ReLU(max_value=6.0, name=f"relu_{k}")(
            keras.layers.BatchNormalization(name=f"norm_{k}")(y)
        )
        y = keras.layers.DepthwiseConv2D(3, padding="same", activation="relu", name=f"deep_{k}")(y)
        x = keras.layers.Add(name=f"sum_{k}")([x, keras.layers.Conv2D(4, 1, name=f"narrow_{k}")(y)])
    x = keras.layers.Conv2D(20, 1, activation="relu", name="widen_top")(x)
    pooled = keras.layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.Model(image, keras.layers.Dense(3, activation="softmax", name="classes")(pooled))


def test_a_pass_does_not_keep_what_a_widening_1x1_convolution_made() -> None:
    probe = cnnviz.Probe(_inverted())
    engine = probe._engine
    kept = engine.passed(models.picture().pixels, score_of(ClassScore(1), probe))
    assert {"deep_0", "deep_1", "widen_top"} == {  # the last one with maps is kept for class maps
        name
        for name in ("widen_0", "widen_1", "deep_0", "deep_1", "widen_top")
        if engine.slots[name] in kept.values
    }
    assert not {"deep_0", "deep_1"} & {name for name, slot in engine.slots.items() if slot in kept.slopes}


def _reference(model: keras.Model, image: cnnviz.Image, name: str) -> tuple[np.ndarray, np.ndarray]:
    upper = keras.Model(model.inputs[0], [model.get_layer(name).output, model.get_layer("mean").output])
    kernel = model.get_layer("classes").kernel
    with tf.GradientTape() as tape:
        pixels = tf.constant(image.pixels[None])
        tape.watch(pixels)
        maps, pooled = upper(pixels, training=False)
        score = tf.linalg.matvec(pooled, kernel[:, 1])
    return maps.numpy()[0], tape.gradient(score, maps).numpy()[0]


@pytest.mark.parametrize("make", [_branching, _inverted, models.functional])
def test_every_layer_has_the_values_and_slopes_of_a_plain_tape(make: Callable[[], keras.Model]) -> None:
    model, image = make(), models.picture()
    probe = cnnviz.Probe(model)
    for layer in probe.spatial_layers:
        if layer.name not in [known.name for known in model.layers] or "classes" in layer.name:
            continue
        found = probe.gradient(image, ClassScore(1), at=layer.name)
        values, slopes = _reference(model, image, layer.name)
        np.testing.assert_allclose(found.values, values, atol=1e-5, err_msg=layer.name)
        np.testing.assert_allclose(found.slope, slopes, atol=1e-5, err_msg=layer.name)


def test_activations_are_those_of_a_sub_model_and_those_of_the_pass() -> None:
    model, image = _branching(), models.picture()
    probe = cnnviz.Probe(model)
    for name in ("conv_1", "norm_1", "meet", "leaky_9", "joined", "pool"):
        expected = np.asarray(keras.Model(model.inputs[0], model.get_layer(name).output)(image.pixels[None]))[
            0
        ]
        np.testing.assert_allclose(probe.activations(image, name), expected, atol=1e-5)
        np.testing.assert_allclose(probe.gradient(image, 0, at=name).values, expected, atol=1e-5)


def test_walking_through_the_layers_runs_the_model_once() -> None:
    probe, image = cnnviz.Probe(_branching()), models.picture()
    for layer in probe.layers:
        probe.gradient(image, 0, at=layer.name)
    assert probe.calls == 1


def test_answers_do_not_depend_on_what_was_asked_before() -> None:
    model, image = _branching(), models.picture()
    asked, fresh = cnnviz.Probe(model), cnnviz.Probe(model)
    asked.predict([models.picture(seed=s) for s in range(40)])
    asked.top(image)
    for layer in reversed(asked.spatial_layers):
        asked.gradient(image, None, at=layer.name)
    for name in ("norm_1", "conv_2"):
        first, second = (p.gradient(image, None, at=name) for p in (asked, fresh))
        np.testing.assert_array_equal(first.values, second.values)
        np.testing.assert_array_equal(first.slope, second.slope)


def test_the_pass_that_finds_the_top_class_is_bit_for_bit_that_of_the_class() -> None:
    model, image = _branching(), models.picture()
    natural, named = cnnviz.Probe(model), cnnviz.Probe(model)
    winner = natural.natural_target(image)
    assert winner == ClassScore(named.top(image, 1)[0][0])
    first, second = natural.gradient(image, None), named.gradient(image, winner)
    np.testing.assert_array_equal(first.slope, second.slope)
    assert natural.calls == 1


def test_results_cannot_be_written_to(smooth: cnnviz.Probe) -> None:
    found = smooth.gradient(models.picture(channels=1), 0, at="conv_1")
    assert not found.values.flags.writeable
    assert not found.slope.flags.writeable
