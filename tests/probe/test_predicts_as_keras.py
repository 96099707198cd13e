"""What a probe predicts is what Keras' own `predict` answers, and every other number agrees with that."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from tests import models
from tests.kinds import EVERY, training
from tests.kinds.volumes import volume_of

UNSERVED = {"Sequential, not built"}


def fed(model: keras.Model, batch: np.ndarray) -> Any:
    """Return what `model.predict` takes: the pictures at the first input of their kind, zeros at all others."""
    free = [batch]

    def value(tensor: Any) -> np.ndarray:
        shape = tuple(tensor.shape)
        if len(shape) == 5 and free:
            return free.pop()
        if len(shape) == 4 and free:
            given = free.pop()
            return np.moveaxis(given, -1, 1) if shape[1] == given.shape[-1] != shape[-1] else given
        if len(shape) == 3 and free:
            given = free.pop()
            return given.reshape(len(given), *given.shape[1:3])
        return np.zeros((len(batch), *(n or 1 for n in shape[1:])), str(tensor.dtype))

    try:
        return keras.tree.map_structure(value, model.input)
    except AttributeError:  # a model written as a class
        return batch


def answered(model: keras.Model, probe: cnnviz.Probe, pictures: list[cnnviz.Image]) -> np.ndarray:
    """Return what Keras answers for some pictures, at the output looked at: float32 (N, ...)."""
    model.run_eagerly = True  # the same answer, and nothing is compiled for it
    batch = probe.prepared(pictures)
    if probe.volume is not None:
        slices = np.repeat(probe.volume.prepared[None], len(batch), axis=0)
        slices[:, probe.volume.index] = batch
        batch = slices
    made = model.predict_on_batch(fed(model, batch))
    flat = made if isinstance(made, dict) else dict(enumerate(keras.tree.flatten(made)))
    return np.asarray(flat.get(probe.output_name, next(iter(flat.values()))), np.float32)


def pictures(probe: cnnviz.Probe, count: int = 2) -> list[cnnviz.Image]:
    height, width, channels = (n or m for n, m in zip(probe.input_shape, (8, 8, 3), strict=True))
    return [models.picture(height, width, channels, seed) for seed in range(count)]


def with_live_statistics(model: keras.Model) -> keras.Model:
    """Set what normalisations have learnt to numbers that show whether they are used."""
    source = np.random.default_rng(0)
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            size = layer.moving_mean.shape
            layer.moving_mean.assign(source.normal(0, 0.3, size))
            layer.moving_variance.assign(source.uniform(0.5, 2, size))
    return model


@pytest.mark.parametrize("kind", sorted(set(EVERY) - UNSERVED))
def test_a_probe_predicts_what_the_model_predicts(kind: str) -> None:
    keras.utils.set_random_seed(2)
    model = with_live_statistics(EVERY[kind]())
    probe = cnnviz.Probe(model, volume=volume_of(model))
    given = pictures(probe)
    wanted = answered(model, probe, given)
    found = probe.predict(given)
    if wanted.ndim == 4 and kind == "channels_first":
        wanted = np.moveaxis(wanted, 1, -1)
    np.testing.assert_allclose(found, wanted, atol=2e-3 if "16" in kind else 2e-6, rtol=1e-5)


def test_the_film_of_layers_begins_behind_augmentation_and_scaling() -> None:
    probe = cnnviz.Probe(training.augmented())
    assert [layer.name for _, group in probe.stages() for layer in group] == ["conv"]


@pytest.fixture(scope="module", params=["augmentation layers", "training=True at a call"])
def asked(request: pytest.FixtureRequest) -> tuple[keras.Model, cnnviz.Probe]:
    keras.utils.set_random_seed(3)
    model = with_live_statistics(training.KINDS[request.param]())
    return model, cnnviz.Probe(model, value_range=(0, 255))


def seen(seed: int = 0) -> cnnviz.Image:
    return models.picture(8, 8, 3, seed, high=255.0)


def test_keras_predict_itself_agrees_too(asked: tuple[keras.Model, cnnviz.Probe]) -> None:
    model, probe = asked
    wanted = model.predict(seen().pixels[None], verbose=0)
    np.testing.assert_allclose(probe.predict(seen()), wanted, atol=1e-6)


def test_a_layers_maps_are_those_of_inference(asked: tuple[keras.Model, cnnviz.Probe]) -> None:
    model, probe = asked
    inner = keras.Model(model.inputs, model.get_layer("mean").output)
    np.testing.assert_allclose(
        probe.activations([seen()], "mean"), inner.predict_on_batch(seen().pixels[None]), atol=1e-6
    )


def test_the_gradient_is_that_of_inference(asked: tuple[keras.Model, cnnviz.Probe]) -> None:
    model, probe = asked
    found = probe.gradient(seen(), cnnviz.ClassScore(1, "probability") if probe.squash else 1)
    pixels, step = seen().pixels, 2.0
    for place in [(3, 3, 0), (4, 2, 1)]:
        moved = np.zeros_like(pixels)
        moved[place] = step
        up, down = (model.predict_on_batch((pixels + sign * moved)[None])[0, 1] for sign in (1, -1))
        np.testing.assert_allclose(found.slope[place], (up - down) / (2 * step), rtol=0.02, atol=1e-7)


def test_layers_worked_out_after_the_pass_are_those_of_inference(
    asked: tuple[keras.Model, cnnviz.Probe],
) -> None:
    _, probe = asked
    names = [layer.name for layer in probe.layers]
    for name, wanted in zip(names, probe.answers([seen()], names), strict=True):
        found = probe.gradient(seen(), 0, at=name)
        np.testing.assert_allclose(found.values, wanted[0], atol=1e-4, rtol=1e-5)


def test_occlusion_covers_the_network_of_inference(asked: tuple[keras.Model, cnnviz.Probe]) -> None:
    model, probe = asked
    found = cnnviz.Occlusion(patch=8, stride=8, fill="grey", target=1)(probe, seen())
    whole, covered = seen().pixels[None], np.full((1, 8, 8, 3), 127.5, np.float32)
    target = cnnviz.ClassScore(1)
    drop = probe.scores(whole, target, prepared=True) - probe.scores(covered, target, prepared=True)
    np.testing.assert_allclose(found.values.mean(), drop[0], atol=1e-4)
    logits = np.log(model.predict_on_batch(covered)) if probe.squash else model.predict_on_batch(covered)
    mine = probe.logits(covered)
    np.testing.assert_allclose(mine - mine.mean(), logits - logits.mean(), atol=1e-4)


class Undecided(keras.Model):
    """A model written as a class that says nothing of training: each layer goes by its own default."""

    def __init__(self) -> None:
        super().__init__(name="undecided")
        self.brighter = training.Brighter()
        self.classes = keras.layers.Dense(3)
        self.flat = keras.layers.Flatten()

    def call(self, inputs: Any) -> Any:
        return self.classes(self.flat(self.brighter(inputs)))


class Decided(Undecided):
    """The same, told of training."""

    def call(self, inputs: Any, training: bool | None = None) -> Any:
        return super().call(inputs)


@pytest.mark.parametrize("kind", [Undecided, Decided])
def test_a_model_written_as_a_class_is_called_as_predict_calls_it(kind: type[keras.Model]) -> None:
    keras.utils.set_random_seed(4)
    model = kind()
    model(np.zeros((1, 8, 8, 3), np.float32))
    wanted = model.predict(models.picture().pixels[None], verbose=0)
    np.testing.assert_allclose(cnnviz.Probe(model).predict(models.picture()), wanted, atol=1e-5)
    bright = model(models.picture().pixels[None], training=False)
    assert np.allclose(wanted, bright, atol=1e-4) == (kind is Decided)


@pytest.mark.parametrize("first", [lambda: layers.Rescaling(0.5), lambda: layers.Activation("relu")])
def test_an_inner_model_of_whole_numbers_gets_them_cut_as_keras_cuts_them(first: Any) -> None:
    taken = keras.Input((8, 8, 3), dtype="int32")
    real = keras.ops.cast(first()(taken), "float32")
    inner = keras.Model(taken, layers.Conv2D(4, 3, name="maps")(real), name="inner")
    image = keras.Input((8, 8, 3))
    pooled = layers.GlobalAveragePooling2D()(inner(image * 9.0))
    model = keras.Model(image, layers.Dense(3)(pooled))
    picture = models.picture()
    probe = cnnviz.Probe(model)
    expected = model.predict(picture.pixels[None], verbose=0)
    np.testing.assert_allclose(probe.predict(picture, prepared=True), expected, atol=1e-6)


def test_class_maps_and_slopes_are_there_behind_whole_numbers_that_are_rescaled() -> None:
    taken = keras.Input((8, 8, 3), dtype="uint8")
    inner = keras.Model(
        taken, layers.Conv2D(4, 3, name="maps")(layers.Rescaling(1 / 255)(taken)), name="inner"
    )
    image = keras.Input((8, 8, 3))
    pooled = layers.GlobalAveragePooling2D()(inner(image * 255.0))
    probe = cnnviz.Probe(keras.Model(image, layers.Dense(3, name="classes")(pooled)))
    found = probe.gradient(models.picture(), 1, at="maps")
    dense = probe.model.get_layer("classes").kernel.numpy()
    np.testing.assert_allclose(found.slope, np.broadcast_to(dense[:, 1] / 36, (6, 6, 4)), atol=1e-6)
    assert probe.slopes(models.picture(), 1)[1].any()


class DoublesInTraining(layers.Layer):
    """Trains unless it is told otherwise."""

    def call(self, maps: Any, training: bool = True) -> Any:
        return 2 * maps if training else maps


@pytest.mark.parametrize("way", [keras.ops.map, keras.ops.vectorized_map])
def test_a_layer_inside_of_a_map_is_told_that_it_does_not_train(way: Any) -> None:
    doubles, image = DoublesInTraining(), keras.Input((8, 8, 3))
    made = way(lambda one: doubles(one[None])[0], layers.Conv2D(4, 3)(image))
    model = keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(made)))
    picture = models.picture()
    expected = model.predict(picture.pixels[None], verbose=0)
    np.testing.assert_allclose(cnnviz.Probe(model).predict(picture), expected, atol=1e-6)
