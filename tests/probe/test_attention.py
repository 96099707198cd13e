"""Attention is read exactly: it is what NumPy makes of the layer's weights, and what the layer's output is made of."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
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
    with pytest.raises(cnnviz.LayerError, match="functional has no layer of attention"):
        probe.attention(models.picture())


def test_weights_that_are_no_numbers_are_refused_in_words() -> None:
    probe = Probe(transformers.mean_head())
    assert probe.attention_layers
    probe.model.get_layer("embedded").bias.assign(np.full(8, np.nan))
    with pytest.raises(cnnviz.CnnvizError, match=r"block_0_attention cannot be read.*add up to 1"):
        probe.attention(models.picture(16, 16))
