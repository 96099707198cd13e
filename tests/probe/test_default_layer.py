"""Which layer class maps are read from when none is named."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import cnnviz_widgets as cnnviz
from tests.models import autoencoder, functional, picture


def flat_code() -> keras.Model:
    """Return an autoencoder of 8 x 8 pictures whose code has no places."""
    image = keras.Input((8, 8, 3))
    seen = layers.Conv2D(4, 3, padding="same", activation="relu", name="seen")(image)
    code = layers.Dense(5, name="code")(layers.Flatten()(seen))
    x = layers.Reshape((8, 8, 1))(layers.Dense(64, activation="relu")(code))
    return keras.Model(image, layers.Conv2D(3, 3, padding="same", activation="sigmoid", name="made")(x))


def test_of_a_classifier_it_is_the_last_with_maps() -> None:
    probe = cnnviz.Probe(functional())
    assert probe.last_spatial() == probe.spatial_layers[-1].name


def test_a_model_under_time_distributed_is_not_seen_and_its_layers_one_by_one_are() -> None:
    video = np.random.default_rng(0).random((4, 8, 8, 3)).astype(np.float32)
    inner = keras.Sequential([layers.Conv2D(4, 3, name="conv"), layers.GlobalAveragePooling2D()])

    def read(*under: Any) -> cnnviz.Probe:
        frames = made = keras.Input((4, 8, 8, 3))
        for layer in under:
            made = layers.TimeDistributed(layer)(made)
        return cnnviz.Probe(keras.Model(frames, layers.Dense(2)(layers.LSTM(3)(made))), volume=video)

    with pytest.raises(
        cnnviz.LayerError, match=r"inside of time_distributed\w* is not seen\. Put each layer"
    ):
        read(inner).last_spatial()
    opened = read(layers.Conv2D(4, 3), layers.GlobalAveragePooling2D())
    assert opened.layer(opened.last_spatial()).shape == (6, 6, 4)


def test_of_an_autoencoder_it_is_the_code() -> None:
    assert cnnviz.Probe(autoencoder()).last_spatial() == "encoded"


def test_where_the_code_has_no_places_it_is_the_last_before_it() -> None:
    assert cnnviz.Probe(flat_code()).last_spatial() == "seen"


@pytest.mark.parametrize("method", [cnnviz.GradCAM, cnnviz.LayerCAM])
def test_a_flat_code_is_explained_from_there(method: type[cnnviz.Method]) -> None:
    found = method()(flat_code(), picture())
    assert found.layer == "seen"
    assert not any("comes after" in note for note in found.notes)


class Pooling(layers.Layer):
    """The sum of all tokens, weighed by a softmax over them, once or several times."""

    def __init__(self, heads: int = 1) -> None:
        super().__init__(name="pooling")
        self.asked = layers.Dense(heads)

    def call(self, x: Any) -> Any:
        weights = ops.softmax(self.asked(x), axis=1)
        return ops.reshape(
            ops.matmul(ops.transpose(weights, (0, 2, 1)), x), (-1, weights.shape[-1] * x.shape[-1])
        )


class GatedPooling(layers.Layer):
    """The same with operations of TensorFlow and weights from a product of two layers."""

    def __init__(self) -> None:
        super().__init__(name="gated_pooling")
        self.seen, self.opened = layers.Dense(3, activation="tanh"), layers.Dense(3, activation="sigmoid")
        self.asked = layers.Dense(1)

    def call(self, x: Any) -> Any:
        weights = tf.nn.softmax(self.asked(self.seen(x) * self.opened(x)), axis=1)
        return tf.reduce_sum(weights * x, axis=1)


def by_rows(x: Any) -> Any:
    weights = layers.Softmax()(layers.Flatten()(layers.Dense(1)(layers.Dense(3, activation="tanh")(x))))
    return layers.Flatten()(layers.Dot(axes=1)([layers.Reshape((16, 1))(weights), x]))


def pooled(pooling: Callable[[Any], Any]) -> keras.Model:
    """Return a classifier of 8 x 8 pictures that pools 16 tokens."""
    keras.utils.set_random_seed(2)
    image = keras.Input((8, 8, 3))
    tokens = layers.Reshape((16, 4))(layers.Conv2D(4, 2, strides=2, name="patches")(image))
    tokens = layers.Activation("tanh", name="last")(tokens)
    return keras.Model(image, layers.Dense(3, name="classes")(pooling(tokens)))


@pytest.mark.parametrize("pooling", [Pooling(), Pooling(4), GatedPooling(), by_rows])
def test_the_weights_of_a_pooling_are_passed_over(pooling: Callable[[Any], Any]) -> None:
    assert cnnviz.Probe(pooled(pooling)).last_spatial() == "last"


def test_grad_cam_before_a_pooling_is_that_of_its_tokens_for_each_class() -> None:
    model = pooled(Pooling())
    image, probe = picture(), cnnviz.Probe(model)
    tokens = keras.Model(model.input, model.get_layer("last").output)(image.pixels[None])
    for index in range(3):
        with tf.GradientTape() as tape:
            tape.watch(tokens)
            score = model.get_layer("classes")(model.get_layer("pooling")(tokens))[:, index]
        weights = tf.reduce_mean(tape.gradient(score, tokens)[0], axis=0)
        wanted = np.maximum(tf.reduce_sum(tokens[0] * weights, axis=-1), 0).reshape(4, 4)
        np.testing.assert_allclose(cnnviz.GradCAM(target=index)(probe, image).values, wanted, atol=1e-6)


def test_a_single_channel_that_all_goes_through_is_left_for_the_layer_before_it() -> None:
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(1, 1, name="one")(layers.Conv2D(4, 3, name="seen")(image))
    assert cnnviz.Probe(keras.Model(image, layers.Dense(2)(layers.Flatten()(x)))).last_spatial() == "seen"


def test_maps_of_one_channel_are_taken_where_there_are_no_others() -> None:
    image = keras.Input((8, 8, 1))
    x = layers.Conv2D(1, 3, name="one")(image)
    assert cnnviz.Probe(keras.Model(image, layers.Dense(2)(layers.Flatten()(x)))).last_spatial() == "one"


def test_what_a_gate_lets_through_is_the_layer_and_not_the_gate() -> None:
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, name="seen")(image)
    gate = layers.Conv2D(1, 1, activation="sigmoid", name="gate")(layers.Conv2D(3, 1, name="asked")(x))
    x = layers.Multiply(name="let_through")([gate, x])
    model = keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))
    assert cnnviz.Probe(model).last_spatial() == "let_through"


def test_added_edges_are_no_layer_to_read_class_maps_from() -> None:
    picture = keras.Input((8, 8, 3))
    maps = layers.ZeroPadding2D(((0, 1), (0, 1)), name="edges")(
        layers.Conv2D(4, 3, strides=2, name="conv")(picture)
    )
    row = layers.Flatten()(layers.Conv2D(5, 4, name="whole")(maps))
    probe = cnnviz.Probe(keras.Model(picture, layers.Dense(3, activation="softmax")(row)))
    assert probe.last_spatial() != "edges"


class _EinsumAttention(keras.Layer):
    """Attention as authors write it: one projection for query, key and value, and sums over letters."""

    def __init__(self) -> None:
        super().__init__()
        self.projected, self.out = layers.Dense(48), layers.Dense(16)

    def call(self, x: Any) -> Any:
        batch, count = ops.shape(x)[0], ops.shape(x)[1]
        query, key, value = ops.split(ops.reshape(self.projected(x), (batch, count, 6, 8)), 3, axis=2)
        weights = ops.softmax(ops.einsum("bnhd,bmhd->bhnm", query, key) / 8**0.5)
        return self.out(ops.reshape(ops.einsum("bhnm,bmhd->bnhd", weights, value), (batch, count, 16)))


class _ClassTokenNetwork(keras.Model):
    """A transformer written as a class, whose head reads the class token alone."""

    def __init__(self, added: Callable[[Any, Any], Any]) -> None:
        super().__init__()
        self.patches, self.added = layers.Conv2D(16, 8, strides=8), added
        self.normed = [layers.LayerNormalization() for _ in range(4)]
        self.attends = [_EinsumAttention() for _ in range(2)]
        self.mixed = [layers.Dense(16, activation="gelu") for _ in range(2)]
        self.head = layers.Dense(4)

    def build(self, shape: Any) -> None:
        self.first = self.add_weight(shape=(1, 1, 16), initializer="random_normal")

    def call(self, x: Any) -> Any:
        x = self.patches(x)
        batch = ops.shape(x)[0]
        x = ops.concatenate(
            [ops.broadcast_to(self.first, (batch, 1, 16)), ops.reshape(x, (batch, 16, 16))], axis=1
        )
        for k in range(2):
            x = self.added(x, self.attends[k](self.normed[2 * k](x)))
            x = self.added(x, self.mixed[k](self.normed[2 * k + 1](x)))
        return self.head(x[:, 0])


@pytest.mark.parametrize("added", [lambda x, y: x + y, tf.add, lambda x, y: tf.nn.relu(x) + y])
def test_behind_the_last_attention_a_class_token_leaves_no_layer(added: Callable[[Any, Any], Any]) -> None:
    keras.utils.set_random_seed(3)
    model = _ClassTokenNetwork(added)
    model(np.zeros((1, 32, 32, 3), np.float32))
    probe, image = cnnviz.Probe(model), picture(32, 32)
    assert np.any(probe.gradient(image, 0, at=probe.last_spatial()).slope)


def test_a_layer_that_only_resizes_maps_is_not_the_one() -> None:
    image = keras.Input((16, 16, 3))
    x = layers.Conv2D(4, 3, strides=2, padding="same", activation="relu")(image)
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="seen")(x)
    x = layers.Resizing(16, 16)(x)
    probe = cnnviz.Probe(keras.Model(image, layers.Conv2D(3, 1, activation="softmax")(x)))
    assert probe.last_spatial() == "seen"
