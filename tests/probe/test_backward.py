"""One pass through the network: against a plain tape and sub-models, run once and the same each time."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
import tensorflow as tf

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore
from cnnviz_widgets.probe.scores import score_of
from tests import models


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
    engine = probe.engine
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
