"""Models and layers that are written as classes: their inner layers are those of the user, with the right numbers."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import cnnviz_widgets as cnnviz
from tests import models
from tests.models import SIDE

PICTURES = np.random.default_rng(1).uniform(0, 1, (3, SIDE, SIDE, 3)).astype(np.float32)
IMAGE = models.picture()


class Small(keras.Model):
    """Two convolutions and a head, with an operation between."""

    def __init__(self) -> None:
        super().__init__(name="small")
        self.first = layers.Conv2D(4, 3, padding="same", activation="relu", name="first")
        self.second = layers.Conv2D(5, 3, padding="same", name="second")
        self.drop = layers.Dropout(0.5, name="drop")
        self.head = layers.Dense(3, activation="softmax", name="head")

    def call(self, pictures: Any, training: bool = False) -> Any:
        maps = ops.relu(self.second(self.first(pictures)) + 0.1)
        return self.head(self.drop(ops.mean(maps, axis=(1, 2)), training=training))


def small() -> Small:
    keras.utils.set_random_seed(3)
    model = Small()
    model(PICTURES)
    return model


class Block(layers.Layer):
    """A residual block."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.inner = layers.Conv2D(3, 3, padding="same", activation="relu", name="inner")

    def call(self, maps: Any) -> Any:
        return maps + self.inner(maps)


def blocks() -> keras.Model:
    keras.utils.set_random_seed(4)
    image = keras.Input((SIDE, SIDE, 3))
    shared = Block(name="block")
    pooled = layers.GlobalAveragePooling2D()(shared(shared(image)))
    return keras.Model(image, layers.Dense(3, name="classes")(pooled), name="blocks")


def by_tape(model: Small, score: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first layer's maps, and the gradients of a logit by them and by the pixels, worked out by hand."""
    pictures = tf.constant(IMAGE.pixels[None])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(pictures)
        maps = model.first(pictures)
        last = ops.mean(ops.relu(model.second(maps) + 0.1), axis=(1, 2))
        logit = (last @ model.head.kernel + model.head.bias)[0, score]
    return maps[0].numpy(), tape.gradient(logit, maps)[0].numpy(), tape.gradient(logit, pictures)[0].numpy()


def test_its_inner_layers_are_there_by_name() -> None:
    names = [layer.name for layer in cnnviz.Probe(small()).layers]
    assert [name for name in names if name in ("first", "second", "drop", "head")] == [
        "first",
        "second",
        "drop",
        "head",
    ]


def test_activations_and_gradients_of_an_inner_layer_are_those_of_a_tape() -> None:
    model = small()
    maps, by_maps, by_pixels = by_tape(model, 1)
    probe = cnnviz.Probe(model)
    inner, outer = probe.gradient(IMAGE, 1, at="first"), probe.gradient(IMAGE, 1)
    np.testing.assert_allclose(inner.values, maps, atol=1e-6)
    np.testing.assert_allclose(inner.slope, by_maps, atol=1e-6)
    np.testing.assert_allclose(outer.slope, by_pixels, atol=1e-6)


def test_the_head_is_found_and_logits_are_before_it() -> None:
    model = small()
    probe = cnnviz.Probe(model)
    assert probe.squash == "softmax"
    made = np.exp(probe.logits(PICTURES))
    expected = model.predict(PICTURES, verbose=0)
    np.testing.assert_allclose(made / made.sum(1, keepdims=True), expected, atol=1e-6)


def test_grad_cam_follows_its_formula() -> None:
    model = small()
    maps, by_maps, _ = by_tape(model, 2)
    found = cnnviz.GradCAM(layer="first", target=cnnviz.ClassScore(2))(model, IMAGE)
    expected = np.maximum(maps @ by_maps.mean(axis=(0, 1)), 0)
    np.testing.assert_allclose(found.values, expected, atol=1e-6)


def test_an_inner_layer_is_decoded_as_the_model_goes_on() -> None:
    model = small()
    probe = cnnviz.Probe(model)
    np.testing.assert_allclose(
        probe.decode(probe.encode(PICTURES, "first"), "first"), model.predict(PICTURES, verbose=0), atol=1e-6
    )


def test_new_weights_are_those_of_the_next_question() -> None:
    model = small()
    probe = cnnviz.Probe(model)
    probe.predict(PICTURES)
    model.set_weights([weight * 0.7 for weight in model.get_weights()])
    np.testing.assert_allclose(probe.predict(PICTURES), model.predict(PICTURES, verbose=0), atol=1e-6)


def test_a_layer_made_of_layers_is_opened_where_it_stands_each_time_it_is_used() -> None:
    model = blocks()
    probe = cnnviz.Probe(model)
    names = [layer.name for layer in probe.layers]
    assert [name for name in names if name.startswith("block/inner")] == ["block/inner", "block/inner#2"]
    inner = model.get_layer("block").inner
    once = PICTURES + inner(PICTURES)
    np.testing.assert_allclose(probe.activations(PICTURES, "block/inner#2"), inner(once), atol=1e-6)
    np.testing.assert_allclose(probe.predict(PICTURES), model.predict(PICTURES, verbose=0), atol=1e-6)


def _everything(layer: Any) -> list[tuple[str, int]]:
    """Return what a layer and those below it hold, by identity, and the records of their calls."""
    return [
        (f"{one.name}.{name}", len(value) if name.endswith("_nodes") else id(value))
        for one in layer._flatten_layers(include_self=True)
        for name, value in sorted(vars(one).items())
    ]


@pytest.mark.parametrize("make", [small, blocks])
def test_opening_writes_nothing_to_the_layers(make: Any) -> None:
    model = make()
    before = _everything(model)
    probe = cnnviz.Probe(model)
    assert _everything(model) == before
    probe.predict(PICTURES)
    assert _everything(model) == before


class Leaving(Small):
    """A model that leaves what it made in its attributes, and then fails."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []
        self.fails = False

    def call(self, pictures: Any, training: bool = False) -> Any:
        self.last = self.first(pictures)
        self.seen.append(self.last)
        if self.fails:
            raise RuntimeError("not today")
        return self.head(ops.mean(self.second(self.last), axis=(1, 2)))


@pytest.mark.parametrize("fails", [False, True])
def test_what_a_call_leaves_behind_is_taken_away_after_an_error_too(fails: bool) -> None:
    model = Leaving()
    model(PICTURES)
    model.seen.clear()
    model.fails = fails
    last = model.last
    before = _everything(model)
    if fails:
        with pytest.raises(cnnviz.ModelError, match="not today"):
            cnnviz.Probe(model)
    else:
        cnnviz.Probe(model)
    assert model.last is last
    assert model.seen == []
    assert _everything(model) == before
