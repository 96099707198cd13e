"""Attention inside of windows is shown at the tokens that stand in them."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Attention, Probe
from tests import models

PICTURE = models.picture(8, 12, 3)


class Windowed(layers.Layer):
    """Attention in windows of 2 x 2 tokens of maps, shifted round the edge, with its own masks left out."""

    def __init__(self, shift: int = 0, **more: Any) -> None:
        super().__init__(**more)
        self.shift = shift
        self.attention = layers.MultiHeadAttention(2, 4, name="attention")

    def call(self, inputs: Any) -> Any:
        _, rows, columns, width = inputs.shape
        taken = ops.roll(inputs, (-self.shift, -self.shift), (1, 2)) if self.shift else inputs
        apart = ops.reshape(taken, (-1, rows // 2, 2, columns // 2, 2, width))
        windows = ops.reshape(ops.transpose(apart, (0, 1, 3, 2, 4, 5)), (-1, 4, width))
        windows = self.sorted_out(windows)
        read = ops.reshape(self.attention(windows, windows), (-1, rows // 2, columns // 2, 2, 2, width))
        made = ops.reshape(ops.transpose(read, (0, 1, 3, 2, 4, 5)), (-1, rows, columns, width))
        return inputs + (ops.roll(made, (self.shift, self.shift), (1, 2)) if self.shift else made)

    def sorted_out(self, windows: Any) -> Any:
        return windows


class Blurred(Windowed):
    """What stands in its windows is made of several tokens."""

    def sorted_out(self, windows: Any) -> Any:
        return windows + ops.mean(windows, axis=1, keepdims=True)


def _probe(*windowed: Any) -> Probe:
    keras.utils.set_random_seed(2)
    image = keras.Input((8, 12, 3))
    made = layers.Conv2D(8, 2, strides=2, name="maps")(image)
    for layer in windowed:
        made = layer(made)
    return Probe(keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(made))))


@pytest.fixture(scope="module")
def shifted() -> Probe:
    return _probe(Windowed(1, name="block"))


def _by_hand(probe: Probe) -> np.ndarray:
    """Return (heads, tokens, tokens) of shifted windows, from the weights of the layer and the places of its tokens."""
    made = keras.Model(probe.model.input, probe.model.get_layer("maps").output)(PICTURE.pixels[None])
    tokens = np.asarray(made, np.float64).reshape(24, 8)
    attention = probe.model.get_layer("block").attention
    query, key = (
        np.einsum("tc,chd->htd", tokens, np.asarray(dense.kernel)) + np.asarray(dense.bias)[:, None]
        for dense in (attention.query_dense, attention.key_dense)
    )
    rows, columns = np.divmod(np.arange(24), 6)
    window = ((rows - 1) % 4 // 2) * 3 + (columns - 1) % 6 // 2
    raised = np.exp(query @ key.swapaxes(1, 2) / 2) * (window[:, None] == window)
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


def test_shifted_windows_are_the_weights_between_all_tokens_by_hand(shifted: Probe) -> None:
    (layer,) = shifted.attention_layers
    assert (layer.heads, layer.queries, layer.windows, layer.query_tokens.grid) == (2, 24, 6, (4, 6))
    np.testing.assert_allclose(shifted.attention(PICTURE)[layer.name], _by_hand(shifted), atol=1e-6)


def test_a_place_reads_inside_of_its_window_alone_and_the_map_says_so(shifted: Probe) -> None:
    found = Attention(query=(0, 0))(shifted, PICTURE)
    assert {tuple(at) for at in np.argwhere(found.values > 0).tolist()} == {(0, 0), (0, 5), (3, 0), (3, 5)}
    assert any("6 windows: a token reads inside of its own" in note for note in found.notes)


def test_windows_whose_places_are_no_single_token_are_refused_with_the_cure() -> None:
    probe = _probe(Blurred(name="block"))
    assert probe.attention_layers == ()
    with pytest.raises(cnnviz.LayerError, match=r"inside of windows, in block/attention.*Use a class map"):
        Attention()(probe, PICTURE)
