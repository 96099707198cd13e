"""Attention is read exactly: it is what NumPy makes of the layer's weights, and what the layer's output is made of."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Probe
from tests import models
from tests.kinds import transformers
from tests.kinds.transformers import ClassToken, block


def _probe(attend: Callable[[Any], Any]) -> Probe:
    keras.utils.set_random_seed(2)
    image = keras.Input((8, 12, 3), name="image")
    tokens = layers.Reshape((-1, 8), name="tokens")(layers.Conv2D(8, 4, strides=4)(image))
    made = layers.GlobalAveragePooling1D()(attend(ClassToken(name="with_token")(tokens)))
    return Probe(keras.Model(image, layers.Dense(3)(made)))


def _softmax(values: np.ndarray) -> np.ndarray:
    raised = np.exp(values - values.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def _inner(probe: Probe, *layers: str) -> list[np.ndarray]:
    found = keras.Model(probe.model.input, [probe.model.get_layer(name).output for name in layers])
    return [np.asarray(made, np.float64)[0] for made in keras.tree.flatten(found(PICTURE.pixels[None]))]


PICTURE = models.picture(8, 12, 3)


def _projected(dense: Any, tokens: np.ndarray) -> np.ndarray:
    """Return (heads, tokens, size) of a projection by its weights."""
    weights, bias = (np.asarray(w, np.float64) for w in dense.get_weights())
    return np.einsum("tc,chd->htd", tokens, weights) + bias[:, None]


@pytest.mark.parametrize("causal", [False, True])
def test_the_weights_of_multi_head_attention_are_those_of_numpy(causal: bool) -> None:
    layer = layers.MultiHeadAttention(2, 3, name="attention")
    probe = _probe(lambda x: layer(x, x, use_causal_mask=causal))
    tokens, made = _inner(probe, "with_token", "attention")
    query, key, value = (
        _projected(d, tokens) for d in (layer.query_dense, layer.key_dense, layer.value_dense)
    )
    raw = np.einsum("hqd,hkd->hqk", query, key) / np.sqrt(3)
    raw = np.where(np.tri(7, dtype=bool), raw, -1e9) if causal else raw
    found = probe.attention(PICTURE)["attention"]
    np.testing.assert_allclose(found, _softmax(raw), atol=1e-6)
    np.testing.assert_allclose(found.sum(axis=-1), 1, atol=1e-6)
    weights, bias = (np.asarray(w, np.float64) for w in layer.output_dense.get_weights())
    again = np.einsum("hqk,hkd,hdc->qc", found.astype(np.float64), value, weights) + bias
    np.testing.assert_allclose(again, made, atol=1e-6)


def test_a_mask_of_the_call_is_kept_to() -> None:
    mask = np.ones((1, 7, 7), bool)
    mask[:, :, 3] = False
    layer = layers.MultiHeadAttention(2, 3, name="attention")
    found = _probe(lambda x: layer(x, x, attention_mask=mask)).attention(PICTURE)["attention"]
    assert not found[:, :, 3].any()


def test_masks_that_keras_hands_on_are_kept_to() -> None:
    layer = layers.MultiHeadAttention(2, 3, name="attention")

    def attend(tokens: Any) -> Any:
        masked = layers.Masking(name="masked")(layers.Dropout(0.1)(tokens * Fourth()(tokens)))
        return layer(masked, masked)

    found = _probe(attend).attention(PICTURE)["attention"]
    np.testing.assert_allclose(found[:, 0, 4], 0, atol=1e-6)
    assert found[:, 0, 3].all()


class Fourth(layers.Layer):
    """Ones for all tokens but number 4, for which it gives zeros."""

    def call(self, inputs: Any) -> Any:
        return ops.cast(ops.arange(inputs.shape[1]) != 4, inputs.dtype)[None, :, None] + 0 * inputs


def test_grouped_heads_share_their_keys() -> None:
    layer = layers.GroupQueryAttention(4, 4, 2, name="attention")
    probe = _probe(lambda x: layer(x, x))
    before = dict(vars(layer))
    found = probe.attention(PICTURE)["attention"]
    (tokens,) = _inner(probe, "with_token")
    names = {w.path.split("/")[-2]: np.asarray(w, np.float64) for w in layer.weights if "kernel" in w.path}
    query = np.einsum("tc,chd->htd", tokens, names["query"])
    key = np.repeat(np.einsum("tc,chd->htd", tokens, names["key"]), 2, axis=0)
    np.testing.assert_allclose(found, _softmax(np.einsum("hqd,hkd->hqk", query, key) / 2), atol=1e-5)
    assert vars(layer) == before


@pytest.mark.parametrize("kind", [layers.Attention, layers.AdditiveAttention])
def test_attention_of_one_head_makes_the_layers_output(kind: Any) -> None:
    layer = kind(name="attention")
    probe = _probe(lambda x: layer([x, x]))
    tokens, made = _inner(probe, "with_token", "attention")
    (found,) = probe.attention(PICTURE)["attention"]
    np.testing.assert_allclose(found @ tokens, made, atol=1e-5)


class Scored(layers.Layer):
    """An author's own attention, which returns its weights too."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.query, self.key = layers.Dense(4), layers.Dense(4)

    def call(self, inputs: Any) -> Any:
        raw = ops.matmul(self.query(inputs), ops.transpose(self.key(inputs), (0, 2, 1)))
        weights = ops.softmax(raw)
        return ops.matmul(weights, inputs), weights, raw


def test_a_layer_of_ones_own_that_returns_its_weights_is_attention() -> None:
    probe = _probe(lambda x: Scored(name="own")(x)[0])
    (layer,) = probe.attention_layers
    assert (layer.name.split("/")[0], layer.heads, layer.queries, layer.keys) == ("own", 1, 7, 7)
    assert (layer.query_tokens.grid, layer.key_tokens.before) == ((2, 3), 1)
    expected = keras.Model(probe.model.input, probe.model.get_layer("own").output)(PICTURE.pixels[None])[1]
    np.testing.assert_allclose(probe.attention(PICTURE)[layer.name], np.asarray(expected), atol=1e-6)


def test_a_softmax_between_tokens_is_attention() -> None:
    def by_hand(x: Any) -> Any:
        weights = layers.Softmax(name="weights")(ops.matmul(x, ops.transpose(x, (0, 2, 1))))
        return x + ops.matmul(weights, x)

    probe = _probe(by_hand)
    (tokens,) = _inner(probe, "with_token")
    np.testing.assert_allclose(probe.attention(PICTURE)["weights"][0], _softmax(tokens @ tokens.T), atol=1e-6)


def test_fewer_keys_than_queries_have_a_grid_of_their_own() -> None:
    keras.utils.set_random_seed(2)
    image = keras.Input((8, 12, 3))
    maps = layers.Conv2D(8, 2, strides=2)(image)
    queries = layers.Reshape((-1, 8))(maps)
    keys = layers.Reshape((-1, 8))(layers.AveragePooling2D(2)(maps))
    made = layers.MultiHeadAttention(2, 4, name="cross")(value=keys, query=queries)
    probe = Probe(keras.Model(image, layers.Dense(3)(layers.Flatten()(made))))
    (layer,) = probe.attention_layers
    assert (layer.query_tokens.grid, layer.key_tokens.grid) == ((4, 6), (2, 3))
    assert probe.attention(PICTURE)["cross"].shape == (2, 24, 6)


def test_attention_over_maps_is_between_their_places() -> None:
    keras.utils.set_random_seed(2)
    image = keras.Input((8, 12, 3))
    maps = layers.Conv2D(8, 4, strides=4, name="maps")(image)
    made = layers.MultiHeadAttention(2, 4, name="attention")(maps, maps)
    probe = Probe(keras.Model(image, layers.Dense(3)(layers.Flatten()(made))))
    (layer,) = probe.attention_layers
    assert (layer.queries, layer.query_tokens.grid) == (6, (2, 3))
    np.testing.assert_allclose(probe.attention(PICTURE)["attention"].sum(axis=-1), 1, atol=1e-6)


def test_all_layers_come_from_one_run_that_is_remembered() -> None:
    probe = Probe(transformers.class_token())
    picture = models.picture(12, 16)
    assert [layer.name for layer in probe.attention_layers] == ["block_0_attention", "block_1_attention"]
    before = probe.calls
    first = probe.attention(picture)
    assert list(first) == ["block_0_attention", "block_1_attention"]
    assert probe.attention(models.picture(12, 16)) is first
    assert probe.calls == before + 1
    probe.model.get_layer("patches").kernel.assign_add(np.ones((4, 4, 3, 8)))
    assert probe.attention(picture) is not first


def test_flash_attention_is_asked_all_the_same() -> None:
    probe = _probe(lambda x: block(x, "block", layers.MultiHeadAttention(2, 4, name="attention")))
    expected = probe.attention(PICTURE)["attention"]
    layer = probe.model.get_layer("attention")
    layer._flash_attention = True
    found = Probe(probe.model).attention(PICTURE)["attention"]
    assert layer._flash_attention
    np.testing.assert_array_equal(found, expected)


def test_a_network_without_attention_says_so() -> None:
    probe = Probe(models.functional())
    assert probe.attention_layers == ()
    with pytest.raises(
        cnnviz.LayerError,
        match="functional has no attention that can be read: no layer that is seen makes tokens",
    ):
        probe.attention(models.picture())


def test_weights_that_are_no_numbers_are_refused_in_words() -> None:
    probe = Probe(transformers.mean_head())
    assert probe.attention_layers
    probe.model.get_layer("embedded").bias.assign(np.full(8, np.nan))
    with pytest.raises(cnnviz.CnnvizError, match=r"block_0_attention cannot be read.*add up to 1"):
        probe.attention(models.picture(16, 16))


class Overridden(layers.MultiHeadAttention):
    """Attention of Keras with a `call` of an author's own, which cannot be asked for scores."""

    def call(self, query: Any, value: Any, key: Any = None) -> Any:
        return 2.0 * super().call(query, value, key)


def test_a_derived_attention_that_cannot_be_asked_has_the_weights_of_numpy() -> None:
    layer = Overridden(2, 3, name="attention")
    probe = _probe(lambda x: layer(x, x))
    tokens, made = _inner(probe, "with_token", "attention")
    query, key, value = (
        _projected(d, tokens) for d in (layer.query_dense, layer.key_dense, layer.value_dense)
    )
    found = probe.attention(PICTURE)["attention"].astype(np.float64)
    np.testing.assert_allclose(found, _softmax(np.einsum("hqd,hkd->hqk", query, key) / np.sqrt(3)), atol=1e-6)
    weights, bias = (np.asarray(w, np.float64) for w in layer.output_dense.get_weights())
    again = 2 * (np.einsum("hqk,hkd,hdc->qc", found, value, weights) + bias)
    np.testing.assert_allclose(again, made, atol=1e-6)
    (known,) = probe.attention_layers
    assert (known.heads, known.query_tokens.grid, known.key_tokens.before) == (2, (2, 3), 1)


class Sealed(layers.Layer):
    """Attention of two heads made of weights alone, so that no layer is inside that could be seen."""

    def build(self, shape: Any) -> None:
        self.matrices = [self.add_weight(shape=(shape[-1], shape[-1]), name=name) for name in "qkv"]

    def call(self, inputs: Any) -> Any:
        query, key, value = (self.apart(inputs @ matrix) for matrix in self.matrices)
        return self.together(self.read(query, key, value), inputs)

    def apart(self, projected: Any) -> Any:
        return ops.transpose(ops.reshape(projected, (-1, projected.shape[1], 2, 4)), (0, 2, 1, 3))

    def together(self, read: Any, inputs: Any) -> Any:
        return ops.reshape(ops.transpose(read, (0, 2, 1, 3)), (-1, inputs.shape[1], 8))

    def read(self, query: Any, key: Any, value: Any) -> Any:
        return ops.softmax(query @ ops.transpose(key, (0, 1, 3, 2)) / 2) @ value


class Written(Sealed):
    """Its softmax is written out."""

    def read(self, query: Any, key: Any, value: Any) -> Any:
        raised = ops.exp(query @ ops.transpose(key, (0, 1, 3, 2)) / 2)
        return (raised / ops.sum(raised, axis=-1, keepdims=True)) @ value


class HeadsLast(Sealed):
    """Its tokens stand before its heads, and it multiplies by letters."""

    def apart(self, projected: Any) -> Any:
        return ops.reshape(projected, (-1, projected.shape[1], 2, 4))

    def together(self, read: Any, inputs: Any) -> Any:
        return ops.reshape(read, (-1, inputs.shape[1], 8))

    def read(self, query: Any, key: Any, value: Any) -> Any:
        weights = tf.nn.softmax(tf.einsum("bqhd,bkhd->bqhk", query, key) / 2)
        return tf.einsum("bqhk,bkhd->bqhd", weights, value)


class HeadsInRows(Sealed):
    """Its heads stand one behind the other in the axis of the pictures."""

    def read(self, query: Any, key: Any, value: Any) -> Any:
        query, key, value = (ops.reshape(each, (-1, each.shape[2], 4)) for each in (query, key, value))
        made = ops.softmax(query @ ops.transpose(key, (0, 2, 1)) / 2) @ value
        return ops.reshape(made, (-1, 2, made.shape[1], 4))


class Traced(Sealed):
    """Its `call` is a function of TensorFlow."""

    @tf.function
    def call(self, inputs: Any) -> Any:
        return super().call(inputs)


@pytest.mark.parametrize("kind", [Sealed, Written, HeadsLast, HeadsInRows, Traced])
def test_a_softmax_inside_of_a_sealed_layer_is_its_attention(kind: type[Sealed]) -> None:
    layer = kind(name="own")
    probe = _probe(lambda x: layer(x))
    tokens, made = _inner(probe, "with_token", "own")
    query, key, value = (
        (tokens @ np.asarray(matrix)).reshape(7, 2, 4).swapaxes(0, 1) for matrix in layer.matrices
    )
    found = probe.attention(PICTURE)["own"]
    np.testing.assert_allclose(found, _softmax(query @ key.swapaxes(1, 2) / 2), atol=1e-6)
    np.testing.assert_allclose((found @ value).swapaxes(0, 1).reshape(7, 8), made, atol=1e-5)
    assert probe.attention_layers[0].query_tokens.grid == (2, 3)


class Mixed(Sealed):
    """Its heads are mixed after the softmax, so that this is not what it reads with."""

    def read(self, query: Any, key: Any, value: Any) -> Any:
        weights = ops.softmax(query @ ops.transpose(key, (0, 1, 3, 2)))
        return ops.einsum("bhqk,hg->bgqk", weights, ops.convert_to_tensor([[1.0, 2.0], [3.0, 1.0]])) @ value


class OfChannels(Sealed):
    """Its channels read from channels."""

    def read(self, query: Any, key: Any, value: Any) -> Any:
        weights = ops.softmax(ops.transpose(query, (0, 1, 3, 2)) @ key)
        return value @ ops.transpose(weights, (0, 1, 3, 2))


@pytest.mark.parametrize("kind", [Mixed, OfChannels])
def test_a_softmax_that_weighs_no_tokens_is_refused_with_the_cure(kind: type[Sealed]) -> None:
    probe = _probe(lambda x: kind(name="self_attention")(x))
    assert probe.attention_layers == ()
    with pytest.raises(
        cnnviz.LayerError, match=r"seen in self_attention\. If that is .*\): return output, weights"
    ):
        probe.attention(PICTURE)


def test_a_layer_without_weights_is_named_beside_those_that_have_them() -> None:
    attention = layers.MultiHeadAttention(2, 3, name="first")
    probe = _probe(lambda x: Mixed(name="own_attention")(attention(x, x)))
    assert [layer.name for layer in probe.attention_layers] == ["first"]
    assert "seen in own_attention." in probe.why_no_attention
