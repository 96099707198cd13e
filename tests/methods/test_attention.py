"""Attention maps are rows of the weights, and rollout is their product."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Attention, AttentionRollout, Probe
from tests import models
from tests.kinds import transformers


@pytest.fixture(scope="module")
def probe() -> Probe:
    return Probe(transformers.class_token())


@pytest.fixture(scope="module")
def picture() -> cnnviz.Image:
    return models.picture(12, 16)


def test_a_head_of_a_place_is_its_row_of_the_weights(probe: Probe, picture: cnnviz.Image) -> None:
    found = Attention(head=1, query=(1, 2), layer="block_0_attention")(probe, picture)
    row = probe.attention(picture)["block_0_attention"][1, 1 + 4 + 2]
    np.testing.assert_array_equal(found.values, row[1:].reshape(3, 4))
    assert found.scores["extra tokens"] == pytest.approx(row[0], abs=1e-6)
    assert found.values.sum() + found.scores["extra tokens"] == pytest.approx(1, abs=1e-6)


def test_left_open_it_is_the_class_token_and_the_mean_of_the_heads_of_the_last_layer(
    probe: Probe, picture: cnnviz.Image
) -> None:
    found = Attention()(probe, picture)
    assert (found.recipe.head, found.recipe.query) == ("mean", "class token")
    expected = probe.attention(picture)["block_1_attention"].mean(axis=0)[0, 1:].reshape(3, 4)
    np.testing.assert_allclose(found.values, expected, atol=1e-7)
    assert found.says.startswith("The class token reads most from")


def test_attended_by_is_a_column_of_the_weights(probe: Probe, picture: cnnviz.Image) -> None:
    found = Attention(head=0, query=(2, 3), direction="attended by")(probe, picture)
    column = probe.attention(picture)["block_1_attention"][0][1:, 12]
    np.testing.assert_array_equal(found.values, column.reshape(3, 4))


def test_without_a_class_token_it_is_the_mean_over_the_tokens() -> None:
    probe, picture = Probe(transformers.mean_head()), models.picture(16, 16)
    found = Attention()(probe, picture)
    expected = probe.attention(picture)["block_1_attention"].mean(axis=(0, 1)).reshape(4, 4)
    np.testing.assert_allclose(found.values, expected, atol=1e-7)
    assert found.recipe.query == "mean"
    with pytest.raises(cnnviz.SettingError, match=r"block_1_attention has no class token. Use 'mean'"):
        Attention(query="class token")(probe, picture)


@pytest.mark.parametrize("heads", ["mean", "max", "min"])
def test_rollout_is_the_product_of_the_blocks(probe: Probe, picture: cnnviz.Image, heads: str) -> None:
    whole = np.eye(13)
    for weights in probe.attention(picture).values():
        fused = getattr(weights.astype(np.float64), heads)(axis=0) + np.eye(13)
        whole = fused / fused.sum(axis=1, keepdims=True) @ whole
    found = AttentionRollout(heads=heads)(probe, picture)
    np.testing.assert_allclose(found.values, whole[0, 1:].reshape(3, 4), atol=1e-6)
    assert found.values.sum() + found.scores["extra tokens"] == pytest.approx(1, abs=1e-6)


def test_rollout_up_to_the_first_layer_of_a_place(probe: Probe, picture: cnnviz.Image) -> None:
    found = AttentionRollout(query=(0, 1), layer="block_0_attention")(probe, picture)
    row = probe.attention(picture)["block_0_attention"].mean(axis=0)[2]
    kept = (row + np.eye(13)[2]) / 2
    np.testing.assert_allclose(found.values, kept[1:].reshape(3, 4), atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"head": 2}, r"head must be 'mean', or from 0 to 1 in block_1_attention; got 2"),
        ({"query": (3, 0)}, r"\(row, column\) from \(0, 0\) to \(2, 3\).*got \(3, 0\)"),
        ({"query": "mean", "direction": "attended by"}, r"must be one token.*Give \(row, column\)"),
        ({"query": "middle"}, r"query must be one of class token, mean or \(row, column\).*got 'middle'"),
    ],
)
def test_what_there_is_not_is_refused(
    probe: Probe, picture: cnnviz.Image, settings: dict[str, Any], said: str
) -> None:
    with pytest.raises(cnnviz.SettingError, match=said):
        Attention(**settings)(probe, picture)


def test_a_layer_without_attention_is_answered_with_those_that_have_it(
    probe: Probe, picture: cnnviz.Image
) -> None:
    with pytest.raises(cnnviz.LayerError, match=r"block_0 is no layer of attention. These are: block_0_att"):
        Attention(layer="block_0")(probe, picture)


def test_a_network_without_attention_is_refused() -> None:
    with pytest.raises(cnnviz.LayerError, match="functional has no attention that can be read"):
        Attention()(models.functional(), models.picture())


def test_rollout_over_fewer_keys_is_refused_and_attention_shows_them() -> None:
    keras.utils.set_random_seed(2)
    image = keras.Input((8, 12, 3))
    maps = layers.Conv2D(8, 2, strides=2)(image)
    keys = layers.Reshape((-1, 8))(layers.AveragePooling2D(2)(maps))
    made = layers.MultiHeadAttention(2, 4, name="cross")(layers.Reshape((-1, 8))(maps), keys)
    probe = Probe(keras.Model(image, layers.Dense(3)(layers.Flatten()(made))))
    picture = models.picture(8, 12)
    assert Attention(query=(3, 5))(probe, picture).values.shape == (2, 3)
    with pytest.raises(cnnviz.LayerError, match=r"cross reads 6 tokens for 24.*Use Attention"):
        AttentionRollout()(probe, picture)
