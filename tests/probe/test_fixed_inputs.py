"""Networks that take so many pictures at a time, or whole numbers, and TensorFlow told to compile nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import cnnviz_widgets as cnnviz
from tests import models

PIXELS = np.random.default_rng(0).uniform(0, 1, (6, 8, 8, 3)).astype(np.float32)
PICTURE = cnnviz.Image(PIXELS[0], (0, 1))


def fixed(count: int) -> keras.Model:
    """Return a network whose author wrote the number of pictures down, at the input and where it matters."""
    keras.utils.set_random_seed(1)
    image = keras.Input(batch_shape=(count, 8, 8, 3))
    x = layers.Conv2D(4, 3, activation="relu", name="conv")(image)
    flat = ops.reshape(x, (count, -1))
    return keras.Model(image, layers.Dense(3, activation="softmax", name="classes")(flat))


@pytest.fixture(scope="module", params=[1, 4])
def counted(request: pytest.FixtureRequest) -> tuple[keras.Model, cnnviz.Probe]:
    model = fixed(request.param)
    return model, cnnviz.Probe(model)


def test_batches_are_filled_up_to_the_number_that_the_network_takes(
    counted: tuple[keras.Model, cnnviz.Probe],
) -> None:
    model, probe = counted
    count = model.input_shape[0]
    full = np.concatenate([PIXELS, np.zeros((-len(PIXELS) % count, 8, 8, 3), np.float32)])
    wanted = np.concatenate([model.predict_on_batch(full[k : k + count]) for k in range(0, len(full), count)])
    np.testing.assert_allclose(probe.predict(PIXELS), wanted[: len(PIXELS)], atol=1e-6)


def test_the_gradient_of_one_picture_is_that_of_a_tape(counted: tuple[keras.Model, cnnviz.Probe]) -> None:
    model, probe = counted
    conv, dense = model.get_layer("conv"), model.get_layer("classes")
    given = tf.constant(PIXELS[:1])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(given)
        maps = conv(given)
        logit = (tf.reshape(maps, (1, -1)) @ dense.kernel + dense.bias)[0, 2]
    found = probe.gradient(PICTURE, 2, at="conv")
    np.testing.assert_allclose(found.slope, tape.gradient(logit, maps)[0], atol=1e-6)
    np.testing.assert_allclose(probe.gradient(PICTURE, 2).slope, tape.gradient(logit, given)[0], atol=1e-6)
    scores, slopes = probe.slopes(PIXELS[:2], 2)
    np.testing.assert_allclose(slopes[0], tape.gradient(logit, given)[0], atol=1e-6)
    assert scores[0] == pytest.approx(float(logit), abs=1e-5)


def test_covering_and_climbing_fill_up_their_batches_too(counted: tuple[keras.Model, cnnviz.Probe]) -> None:
    _, probe = counted
    found = cnnviz.Occlusion(patch=8, stride=8, fill="black", target=2)(probe, PICTURE)
    ends = probe.scores(np.stack([PIXELS[0], 0 * PIXELS[0]]), 2)
    np.testing.assert_allclose(found.values.mean(), ends[0] - ends[1], atol=1e-5)
    if probe.model.input_shape[0] > 1:
        assert cnnviz.ActivationMaximization(target=1, steps=2)(probe).values.shape == (1, 8, 8, 3)


class Bytes(layers.Layer):
    """An author's layer that goes by the type of what it gets."""

    def call(self, inputs: Any) -> Any:
        return tf.image.convert_image_dtype(inputs, tf.float32)

    def compute_output_spec(self, inputs: Any) -> Any:
        return keras.KerasTensor(inputs.shape, "float32")


def of_bytes(first: layers.Layer) -> keras.Model:
    keras.utils.set_random_seed(1)
    image = keras.Input((8, 8, 3), dtype="uint8")
    x = layers.Conv2D(4, 3, activation="relu", name="conv")(first(image))
    return keras.Model(image, layers.Dense(3, activation="softmax")(layers.GlobalAveragePooling2D()(x)))


BYTES = (PIXELS * 255).astype(np.uint8)
LOUD = cnnviz.Image(PIXELS[0] * 255, (0, 255))


@pytest.mark.parametrize("first", [Bytes, lambda: layers.Rescaling(1 / 255)])
def test_whole_numbers_go_in_as_keras_takes_them(first: Any) -> None:
    model = of_bytes(first())
    probe = cnnviz.Probe(model)
    np.testing.assert_allclose(probe.predict(BYTES), model.predict_on_batch(BYTES), atol=1e-6)
    broken = PIXELS * 255  # Keras cuts what is behind the point
    np.testing.assert_allclose(probe.predict(broken), model.predict_on_batch(broken), atol=1e-6)


def test_a_gradient_passes_a_rescaling_of_whole_numbers() -> None:
    model = of_bytes(layers.Rescaling(1 / 255))
    real = cnnviz.Probe(keras.Sequential([keras.Input((8, 8, 3)), *model.layers[1:]]))
    whole = cnnviz.Image(BYTES[0].astype(np.float32), (0, 255))
    found, wanted = (probe.gradient(whole, 1).slope for probe in (cnnviz.Probe(model), real))
    np.testing.assert_allclose(found, wanted, atol=1e-8)


def test_what_needs_whole_numbers_has_no_gradient_and_the_message_says_why_and_what_to_use() -> None:
    probe = cnnviz.Probe(of_bytes(Bytes()))
    with pytest.raises(cnnviz.TargetError, match=r"takes whole numbers \(uint8\).*Use Occlusion or RISE"):
        cnnviz.Saliency(target=1)(probe, LOUD)
    assert cnnviz.Occlusion(patch=4, stride=4, target=1)(probe, LOUD).values.any()
    assert cnnviz.RISE(masks=32, target=1)(probe, LOUD).values.any()


def test_a_saved_model_of_bytes_is_asked_with_bytes(tmp_path: Path) -> None:
    model = of_bytes(layers.Rescaling(1 / 255))
    model.export(str(tmp_path / "saved"), verbose=False)
    probe = cnnviz.Probe(tmp_path / "saved")
    np.testing.assert_allclose(probe.predict(BYTES), model.predict_on_batch(BYTES), atol=1e-6)
    assert cnnviz.Occlusion(patch=4, stride=4, target=1)(probe, LOUD).values.any()
    with pytest.raises(cnnviz.TargetError, match="takes whole numbers"):
        cnnviz.Saliency(target=1)(probe, LOUD)


def test_what_has_no_gradient_is_asked_for_its_most_probable_class_and_opens_with_covering() -> None:
    model = of_bytes(Bytes())
    found = cnnviz.Occlusion(patch=4, stride=4)(cnnviz.Probe(model), LOUD)
    winner = int(model.predict_on_batch(LOUD.pixels[None])[0].argmax())
    assert found.recipe.target == cnnviz.ClassScore(winner, cnnviz.Probe(model).scale)
    explorer = cnnviz.Explorer(model, [LOUD], renderer="image")
    assert explorer.wait(90)
    assert (explorer.method, explorer.error) == ("Occlusion", "")
    explorer.close()


def test_a_batch_size_in_a_models_code_is_refused_with_keras_words_and_the_cure() -> None:
    class ByTwo(keras.Model):
        def __init__(self) -> None:
            super().__init__()
            self.classes = layers.Dense(3)

        def call(self, x: Any) -> Any:
            return self.classes(ops.reshape(x, (2, -1)))

    model = ByTwo()
    model(PIXELS[:2])
    with pytest.raises(
        cnnviz.ModelError, match=r"any number of pictures: Input 0.*incompatible.*\. If its code.*write -1"
    ):
        cnnviz.Saliency(target=1)(model, PICTURE)


@pytest.fixture
def eagerly() -> Iterator[None]:
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.filterwarnings("ignore:Even though the `tf.config")
def test_everything_runs_where_tensorflow_was_told_to_run_functions_eagerly(eagerly: None) -> None:
    model = models.functional()
    probe, picture = cnnviz.Probe(model), models.picture()
    np.testing.assert_allclose(probe.predict(picture), model(picture.pixels[None], training=False), atol=1e-6)
    for method in (
        cnnviz.GradCAM(target=1),
        cnnviz.Saliency(target=1),
        cnnviz.GuidedBackprop(target=1),
        cnnviz.Occlusion(patch=4, stride=4, target=1),
    ):
        assert np.isfinite(method(probe, picture).values).all()
    assert cnnviz.ActivationMaximization(target=1, steps=2)(probe).values.shape == (1, 8, 8, 3)
    assert tf.config.functions_run_eagerly()


@pytest.mark.parametrize("index", [np.array([1]), np.array(1), np.int64(1), np.uint8(1), tf.constant(1)])
def test_a_class_may_be_numpys_number(index: Any) -> None:
    probe = cnnviz.Probe(models.functional())
    assert probe.target(index) == cnnviz.ClassScore(1)
    assert cnnviz.GradCAM(target=index).target == cnnviz.GradCAM(target=1).target


def _most_likely(scores: tf.Tensor) -> tf.Tensor:
    return tf.cast(tf.argmax(scores, axis=-1), tf.float32)[:, None]


def test_a_network_that_ends_in_an_argmax_is_explained_by_what_needs_no_gradient() -> None:
    model = models.functional(head="linear")
    probe = cnnviz.Probe(keras.Model(model.input, keras.layers.Lambda(_most_likely)(model.output)))
    assert not probe.differentiable
    maps = cnnviz.FeatureMaps(layer="conv_2")(probe, models.picture())
    np.testing.assert_allclose(
        maps.values, probe.activations(models.picture(), "conv_2"), rtol=1e-5, atol=1e-6
    )
    with pytest.raises(cnnviz.TargetError, match=r"not differentiable\. Use Occlusion or RISE"):
        cnnviz.Saliency()(probe, models.picture())
    explorer = cnnviz.explore(probe, [models.picture()], renderer="image")
    assert explorer.wait(60)
    assert (explorer.method, explorer.error) == ("Occlusion", "")
    explorer.close()
