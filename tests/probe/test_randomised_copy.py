"""A copy on weights of its own: the same until shuffled, and the model never written to."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets.probe.randomised import RandomisedCopy
from tests import easy_models, models

KINDS = [kind for kind in models.ZOO if kind != "Sequential, not built"]


def picture_for(probe: cnnviz.Probe) -> cnnviz.Image:
    height, width, channels = (side or models.SIDE for side in probe.input_shape)
    return models.picture(height, width, channels)


@pytest.mark.parametrize("kind", KINDS)
def test_it_answers_as_the_model_bit_for_bit_until_it_is_shuffled_and_the_model_is_as_it_was(
    kind: str,
) -> None:
    probe = cnnviz.Probe(models.ZOO[kind]())
    image, weights = picture_for(probe), probe.model.get_weights()
    target, before = probe.target(None, image), probe.predict(image)
    copy = RandomisedCopy(probe)
    np.testing.assert_array_equal(copy.probe.predict(image), before)
    np.testing.assert_array_equal(copy.probe.logits(image), probe.logits(image))
    for layer in [None, *(info.name for info in probe.layers)]:
        mine, own = (one.gradient(image, target, at=layer) for one in (copy.probe, probe))
        np.testing.assert_array_equal(mine.values, own.values)
        np.testing.assert_array_equal(mine.slope, own.slope)
    slope = copy.probe.gradient(image, target).slope
    for layer in copy.layers(target):
        copy.shuffle(layer)
    assert not np.array_equal(copy.probe.gradient(image, target).slope, slope)
    np.testing.assert_equal(probe.model.get_weights(), weights)
    np.testing.assert_array_equal(cnnviz.Probe(probe.model).predict(image), before)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("functional", ("classes", "conv_2", "norm_1", "conv_1")),
        ("shared layer", ("classes", "shared")),
        ("shared model", ("classes", "base/logits", "base/conv_2", "base/norm_1", "base/conv_1")),
        (
            "model in model in model",
            (
                "classes",
                "middle/base/logits",
                "middle/base/conv_2",
                "middle/base/norm_1",
                "middle/base/conv_1",
            ),
        ),
        ("dict of outputs", ("classes", "conv_2", "norm_1", "conv_1")),
    ],
)
def test_layers_come_from_the_top_down_each_once(kind: str, expected: tuple[str, ...]) -> None:
    probe = cnnviz.Probe(models.ZOO[kind]())
    assert RandomisedCopy(probe).layers(probe.target(None, picture_for(probe))) == expected


def test_a_closed_model_has_its_layers_in_the_order_in_which_it_made_them() -> None:
    model = models.closed()
    found = RandomisedCopy(cnnviz.Probe(model)).layers(cnnviz.ClassScore(0))
    assert found == (f"closed/{model.classes.name}", f"closed/{model.conv.name}")


def test_layers_that_a_target_does_not_depend_on_are_left_out() -> None:
    copy = RandomisedCopy(cnnviz.Probe(models.functional()))
    assert copy.layers(cnnviz.Unit("relu_1")) == ("norm_1", "conv_1")


def test_every_weight_keeps_its_numbers_moving_means_too() -> None:
    model = models.functional()
    norm = model.get_layer("norm_1")
    norm.set_weights([np.arange(4) + 10.0 * k for k in range(4)])
    copy = RandomisedCopy(cnnviz.Probe(model))
    copy.shuffle("norm_1")
    held = [id(variable) for variable in norm.variables]
    mine = [np.asarray(own) for original, own in copy.probe._own if id(original) in held]
    assert len(mine) == 4
    for own, original in zip(mine, norm.get_weights(), strict=True):
        np.testing.assert_array_equal(np.sort(own), original)
    assert (
        sum(np.array_equal(own, original) for own, original in zip(mine, norm.get_weights(), strict=True)) < 4
    )


def test_the_slope_of_a_shuffled_linear_model_is_its_shuffled_weights() -> None:
    weights = np.random.default_rng(3).normal(size=(4, 5, 2)).astype(np.float32)
    copy = RandomisedCopy(cnnviz.Probe(easy_models.linear(weights)), seed=9)
    copy.shuffle("score")
    slope = copy.probe.gradient(models.picture(4, 5, 2), 0).slope
    expected = np.random.default_rng((9, 0)).permutation(weights.reshape(-1)).reshape(weights.shape)
    np.testing.assert_array_equal(slope, expected)
    assert not np.array_equal(slope, weights)


def test_class_weights_and_kernels_are_those_of_the_copy() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    copy = RandomisedCopy(probe)
    for layer in ("classes", "conv_1"):
        copy.shuffle(layer)
    assert not np.array_equal(copy.probe.pooled().weights, probe.pooled().weights)
    assert not np.array_equal(copy.probe.kernel("conv_1").values, probe.kernel("conv_1").values)
    found = cnnviz.CAM(target=1)(copy.probe, image)
    assert found.values.mean() + found.scores["bias"] == pytest.approx(
        copy.probe.logits(image)[0, 1], abs=1e-5
    )


def test_the_rule_at_the_activations_holds_on_the_copys_weights() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    copy = RandomisedCopy(probe)
    before = cnnviz.GuidedBackprop(target=0)(probe, image).values
    np.testing.assert_array_equal(cnnviz.GuidedBackprop(target=0)(copy.probe, image).values, before)
    copy.shuffle("conv_1")
    assert not np.array_equal(cnnviz.GuidedBackprop(target=0)(copy.probe, image).values, before)


def test_one_compiled_function_serves_every_state_of_the_weights() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    copy = RandomisedCopy(probe)
    for layer in copy.layers(cnnviz.ClassScore(1)):
        copy.shuffle(layer)
        copy.probe.gradient(image, 1)
    (compiled, _asked), *others = copy.probe.engine._compiled.values()
    assert others == []
    assert isinstance(compiled, tf.types.experimental.ConcreteFunction)  # of one trace


def test_restoring_takes_the_weights_that_the_model_has_now() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    copy = RandomisedCopy(probe)
    probe.model.set_weights([weight + 0.25 for weight in probe.model.get_weights()])
    copy.shuffle("classes")
    copy.restore()
    np.testing.assert_array_equal(copy.probe.predict(image), probe.predict(image))


class Unclonable(layers.Layer):
    """A layer that cannot be made again from its configuration."""

    def __init__(self, function: Any) -> None:
        super().__init__(name="unclonable")
        self.function = function
        self.inner = layers.Conv2D(2, 3, name="inner")

    def call(self, inputs: Any) -> Any:
        return self.function(self.inner(inputs))


def test_layers_that_cannot_be_cloned_are_served_all_the_same() -> None:
    image = keras.Input((8, 8, 3))
    x = layers.Lambda(lambda values: values * 2.0)(image)
    x = layers.GlobalAveragePooling2D()(Unclonable(keras.ops.relu)(x))
    probe = cnnviz.Probe(keras.Model(image, layers.Dense(2, name="classes")(x)))
    nodes = [len(layer._inbound_nodes) for layer in probe.model.layers]
    copy = RandomisedCopy(probe)
    assert copy.layers(cnnviz.ClassScore(0)) == ("classes", "unclonable/inner")
    np.testing.assert_array_equal(copy.probe.predict(models.picture()), probe.predict(models.picture()))
    before = copy.probe.activations(models.picture(), "unclonable")
    copy.shuffle("unclonable/inner")
    assert not np.array_equal(copy.probe.activations(models.picture(), "unclonable"), before)
    assert [len(layer._inbound_nodes) for layer in probe.model.layers] == nodes


def test_a_network_without_weights_says_so() -> None:
    image = keras.Input((8, 8, 3))
    model = keras.Model(image, layers.GlobalAveragePooling2D()(image), name="plain")
    with pytest.raises(cnnviz.ModelError, match="plain has no weights that could be shuffled"):
        RandomisedCopy(cnnviz.Probe(model))


def test_a_saved_model_says_that_its_weights_are_sealed(tmp_path: Path) -> None:
    models.functional().export(tmp_path / "saved", verbose=False)
    with pytest.raises(cnnviz.ModelError, match=r"sealed and cannot be shuffled. Load the \.keras file"):
        RandomisedCopy(cnnviz.Probe(tmp_path / "saved"))


def test_occlusion_covers_the_shuffled_network_not_the_model() -> None:
    probe, image = cnnviz.Probe(models.functional((16, 16, 3))), models.picture(16, 16)
    copy = RandomisedCopy(probe)
    for layer in copy.layers(cnnviz.ClassScore(1)):
        copy.shuffle(layer)
    found = cnnviz.Occlusion(patch=4, stride=4, target=1)(copy.probe, image)
    covered = image.pixels.copy()
    covered[4:8, 8:12] = 0.5
    fall = np.subtract(*copy.probe.scores(np.stack([image.pixels, covered]), 1))
    assert found.values[5, 9] == pytest.approx(fall, abs=1e-5)
    assert not np.allclose(
        found.values, cnnviz.Occlusion(patch=4, stride=4, target=1)(probe, image).values, atol=1e-3
    )
