"""KerasHub's image models, small and with random weights: their blocks are opened and answer as Keras does."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import cnnviz_widgets as cnnviz
from tests import models

pytestmark = pytest.mark.pinned  # the lowest TensorFlow admitted has no KerasHub

SIDE = 32


@pytest.fixture(scope="module")
def hub() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import keras_hub

    keras.utils.set_random_seed(1)
    return keras_hub.models


def _vit(hub: Any) -> keras.Model:
    backbone = hub.ViTBackbone(
        image_shape=(SIDE, SIDE, 3), patch_size=8, num_layers=2, num_heads=2, hidden_dim=16, mlp_dim=32
    )
    return hub.ViTImageClassifier(backbone=backbone, num_classes=4)


def _deit(hub: Any) -> keras.Model:
    backbone = hub.DeiTBackbone(
        image_shape=(SIDE, SIDE, 3), patch_size=8, num_layers=2, num_heads=2, hidden_dim=16, intermediate_dim=32
    )  # fmt: skip
    return hub.DeiTImageClassifier(backbone=backbone, num_classes=4)


def _segformer(hub: Any) -> keras.Model:
    encoder = hub.MiTBackbone(
        image_shape=(SIDE, SIDE, 3), layerwise_depths=[1, 1], num_layers=2, layerwise_num_heads=[1, 2],
        layerwise_sr_ratios=[4, 2], max_drop_path_rate=0.1, layerwise_patch_sizes=[7, 3], layerwise_strides=[4, 2],
        hidden_dims=[8, 16],
    )  # fmt: skip
    backbone = hub.SegFormerBackbone(image_encoder=encoder, projection_filters=8)
    return hub.SegFormerImageSegmenter(backbone=backbone, num_classes=4)


def _resnet_backbone(hub: Any, size: int | None = SIDE) -> keras.Model:
    return hub.ResNetBackbone(
        input_conv_filters=[64], input_conv_kernel_sizes=[7], stackwise_num_filters=[64, 64, 64],
        stackwise_num_blocks=[1, 1, 1], stackwise_num_strides=[1, 2, 2], block_type="basic_block",
        image_shape=(size, size, 3),
    )  # fmt: skip


def _resnet(hub: Any) -> keras.Model:
    return hub.ResNetImageClassifier(backbone=_resnet_backbone(hub), num_classes=4)


def _deeplab(hub: Any, size: int | None = SIDE) -> keras.Model:
    backbone = hub.DeepLabV3Backbone(
        image_encoder=_resnet_backbone(hub, size), spatial_pyramid_pooling_key="P4", low_level_feature_key="P2",
        projection_filters=8, upsampling_size=4, dilation_rates=[2], image_shape=(size, size, 3),
    )  # fmt: skip
    return hub.DeepLabV3ImageSegmenter(backbone=backbone, num_classes=4)


def _mobilenet(hub: Any) -> keras.Model:
    backbone = hub.MobileNetBackbone(
        stackwise_expansion=[[8, 12], [16]], stackwise_num_blocks=[2, 1], stackwise_num_filters=[[8, 8], [12]],
        stackwise_kernel_size=[[3, 3], [5]], stackwise_num_strides=[[2, 1], [2]],
        stackwise_se_ratio=[[None, None], [0.25]], stackwise_activation=[["relu", "relu"], ["hard_swish"]],
        stackwise_padding=[[1, 1], [2]], output_num_filters=24, input_activation="hard_swish",
        output_activation="hard_swish", input_num_filters=8, image_shape=(SIDE, SIDE, 3), depthwise_filters=8,
        depthwise_stride=1, depthwise_residual=True, squeeze_and_excite=0.5, last_layer_filter=32,
    )  # fmt: skip
    return hub.MobileNetImageClassifier(backbone=backbone, num_classes=4)


def _efficientnet(hub: Any) -> keras.Model:
    backbone = hub.EfficientNetBackbone(
        stackwise_kernel_sizes=[3, 3], stackwise_num_repeats=[1, 2], stackwise_input_filters=[8, 8],
        stackwise_output_filters=[8, 12], stackwise_expansion_ratios=[1, 4],
        stackwise_squeeze_and_excite_ratios=[0.0, 0.25], stackwise_strides=[1, 2],
        stackwise_block_types=["fused", "unfused"], stackwise_force_input_filters=[0, 0],
        stackwise_nores_option=[False, False], width_coefficient=1.0, depth_coefficient=1.0,
        image_shape=(SIDE, SIDE, 3),
    )  # fmt: skip
    return hub.EfficientNetImageClassifier(backbone=backbone, num_classes=4)


@pytest.fixture(scope="module")
def vit(hub: Any) -> keras.Model:
    return _vit(hub)


def _pictures() -> np.ndarray:
    return np.random.default_rng(1).uniform(0, 1, (2, SIDE, SIDE, 3)).astype(np.float32)


def _long(make: Callable[[Any], keras.Model]) -> Any:
    return pytest.param(make, marks=pytest.mark.long)


@pytest.mark.parametrize(
    "make",
    [
        _vit,
        _mobilenet,
        _long(_segformer),
        _long(_deit),
        _long(_resnet),
        _long(_deeplab),
        _long(_efficientnet),
    ],
)
def test_it_is_opened_and_predicts_what_keras_predicts(hub: Any, make: Callable[[Any], keras.Model]) -> None:
    model = make(hub)
    probe = cnnviz.Probe(model)
    assert not any("Not opened" in note for note in probe.notes)
    kinds = {layer.kind for layer in probe.layers}
    assert "Conv2D" in kinds
    assert not any(kind.endswith(("Block", "Encoder", "Embedding")) for kind in kinds)
    expected = model.predict(_pictures(), verbose=0)
    np.testing.assert_allclose(probe.predict(_pictures()), expected, atol=1e-5)


@pytest.mark.long
def test_a_model_whose_layers_ask_for_the_size_is_served_without_one(hub: Any) -> None:
    model = _deeplab(hub, None)
    probe = cnnviz.Probe(model)
    assert probe.input_shape == (None, None, 3)
    np.testing.assert_allclose(probe.predict(_pictures()), model.predict(_pictures(), verbose=0), atol=1e-5)
    assert cnnviz.Saliency()(probe, models.picture(SIDE, SIDE)).values.any()


def test_a_transformers_patches_attention_and_mlp_are_there_by_name(vit: keras.Model) -> None:
    kinds = {layer.name.partition("/")[2]: layer.kind for layer in cnnviz.Probe(vit).layers}
    assert kinds["vit_patching_and_embedding/patch_embedding"] == "Conv2D"
    for block in ("vit_encoder/transformer_block_1", "vit_encoder/transformer_block_2"):
        assert kinds[f"{block}/mha"] == "MultiHeadAttention"
        assert kinds[f"{block}/mlp/dense_1"] == "Dense"


def test_a_blocks_activations_and_gradients_are_those_of_a_tape(vit: keras.Model) -> None:
    probe, image = cnnviz.Probe(vit), models.picture(SIDE, SIDE)
    block = vit.backbone.get_layer("vit_encoder").encoder_layers[0]
    encoder, dense = vit.backbone.get_layer("vit_encoder"), vit.get_layer("predictions")
    tokens = vit.backbone.get_layer("vit_patching_and_embedding")(image.pixels[None])
    with tf.GradientTape() as tape:
        first = block(tokens)
        tape.watch(first)
        last = encoder.layer_norm(encoder.encoder_layers[1](first))
        score = (last[:, 0] @ dense.kernel + dense.bias)[0, 2]
    expected = tape.gradient(score, first)[0]
    found = probe.gradient(image, 2, at="transformer_block_1")
    np.testing.assert_allclose(found.values.reshape(-1, 16), first[0, -16:], atol=1e-5)
    np.testing.assert_allclose(found.slope.reshape(-1, 16), expected[-16:], atol=1e-5)


def test_class_maps_are_made_of_a_transformers_tokens(vit: keras.Model) -> None:
    assert cnnviz.GradCAM()(vit, models.picture(SIDE, SIDE)).values.shape == (4, 4)
