"""Layers of volumes and videos: the maps of the slice that is the picture, and no others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import cnnviz_widgets as cnnviz

SCAN = np.random.default_rng(0).random((8, 8, 8, 1)).astype("float32")


def probed(model: keras.Model, index: int = 3, **more: Any) -> cnnviz.Probe:
    return cnnviz.Probe(model, volume=SCAN, value_range=(0, 1), slice_index=index, **more)


@pytest.fixture(scope="module")
def model() -> keras.Model:
    """Return a classifier of volumes whose last maps have half as many slices."""
    keras.utils.set_random_seed(4)
    volume = keras.Input((8, 8, 8, 1))
    x = layers.Conv3D(3, 3, padding="same", activation="relu", name="early")(volume)
    x = layers.Conv3D(4, 3, padding="same", activation="relu", name="late")(
        layers.MaxPooling3D(name="pool")(x)
    )
    return keras.Model(volume, layers.Dense(3, name="scores")(layers.Flatten()(x)))


@pytest.fixture(scope="module")
def probe(model: keras.Model) -> cnnviz.Probe:
    return probed(model)


def taped(model: keras.Model, layer: str, behind: Callable[[Any], Any], score: int) -> tuple[Any, Any]:
    """Return what a layer makes of the volume, and the gradient of a score by it, both without the batch axis."""
    values = keras.Model(model.input, model.get_layer(layer).output)(SCAN[None])
    with tf.GradientTape() as tape:
        tape.watch(values)
        made = behind(values)[0, score]
    return values[0].numpy(), tape.gradient(made, values)[0].numpy()


def test_a_layer_shows_the_place_of_the_slice(probe: cnnviz.Probe, model: keras.Model) -> None:
    assert [(one.name, one.shape) for one in probe.spatial_layers] == [
        ("early", (8, 8, 3)), ("pool", (4, 4, 3)), ("late", (4, 4, 4)),
    ]  # fmt: skip
    values = keras.Model(model.input, model.get_layer("late").output)(SCAN[None])[0].numpy()
    picture = probe.volume.picture()
    np.testing.assert_allclose(probe.activations(picture, "late"), values[1], atol=1e-6)
    found = cnnviz.FeatureMaps(layer="late", order="index")(probe, picture)
    np.testing.assert_allclose(found.values, values[1], atol=1e-6)


def test_class_maps_weigh_the_maps_of_the_slice_by_their_mean_gradient_there(
    probe: cnnviz.Probe, model: keras.Model
) -> None:
    picture = probe.volume.picture()
    values, gradient = taped(model, "late", lambda x: model.get_layer("scores")(tf.reshape(x, (1, -1))), 2)
    found = probe.gradient(picture, 2, at="late")
    np.testing.assert_allclose(found.slope, gradient[1], atol=1e-6)
    heat = cnnviz.GradCAM(target=2)(probe, picture)
    assert heat.layer == "late"
    expected = np.maximum(values[1] @ gradient[1].mean(axis=(0, 1)), 0)
    np.testing.assert_allclose(heat.values, expected, atol=1e-6)
    shown = cnnviz.LayerCAM(target=2)(probe, picture)
    np.testing.assert_allclose(
        shown.values, np.maximum((values[1] * np.maximum(gradient[1], 0)).sum(axis=-1), 0), atol=1e-6
    )


def test_a_unit_is_one_of_the_slice(probe: cnnviz.Probe, model: keras.Model) -> None:
    values = keras.Model(model.input, model.get_layer("pool").output)(SCAN[None])[0].numpy()
    picture, unit = probe.volume.picture(), cnnviz.Unit("pool", 2, (1, 3))
    np.testing.assert_allclose(probe.scores(picture, unit), values[1, 1, 3, 2], atol=1e-6)


def test_a_code_that_is_decoded_holds_all_slices(probe: cnnviz.Probe) -> None:
    codes = probe.encode(probe.volume.picture(), "late")
    assert codes.shape == (1, 4, 4, 4, 4)
    np.testing.assert_allclose(probe.decode(codes, "late"), probe.predict(probe.volume.picture()), atol=1e-5)


def test_a_cell_sees_the_part_of_the_slice_that_its_windows_cover(probe: cnnviz.Probe) -> None:
    seen = probe.receptive_field("late", (0, 0))
    assert (seen.top, seen.left, seen.height, seen.width) == (0, 0, 5, 5)
    picture, unit = probe.volume.picture(), cnnviz.Unit("late", None, (0, 0))
    gradient = probe.gradient(picture, unit).slope
    assert not gradient[5:].any()
    assert not gradient[:, 5:].any()


def test_covering_says_how_much_a_layer_answers_to_the_slice(probe: cnnviz.Probe, model: keras.Model) -> None:
    covered = SCAN.copy()
    covered[3] = 0
    inner = keras.Model(model.input, model.get_layer("early").output)
    maps = [inner(one[None])[0, 3].numpy().mean() for one in (SCAN, covered)]
    target = cnnviz.Unit("early", None)
    swept = cnnviz.Occlusion(patch=8, stride=8, fill="black", target=target)(probe, probe.volume.picture())
    np.testing.assert_allclose(swept.values, maps[0] - maps[1], atol=1e-6)


WAYS: dict[str, tuple[Any, list[int | None]]] = {
    "padded": (layers.Conv3D(1, 3, padding="same"), [0, 1, 2, 3, 4, 5, 6, 7]),
    "valid": (layers.Conv3D(1, 3), [0, 0, 1, 2, 3, 4, 5, 5]),
    "every other": (layers.Conv3D(1, 1, strides=2), [0, None, 1, None, 2, None, 3, None]),
    "pooled": (layers.AveragePooling3D(3), [0, 0, 0, 1, 1, 1, None, None]),
    "enlarged": (layers.UpSampling3D(2), [0, 2, 4, 6, 8, 10, 12, 14]),
    "framed": (layers.ZeroPadding3D(2), [2, 3, 4, 5, 6, 7, 8, 9]),
    "cut": (layers.Cropping3D(2), [None, None, 0, 1, 2, 3, None, None]),
    "frames": (layers.TimeDistributed(layers.Conv2D(1, 3)), [0, 1, 2, 3, 4, 5, 6, 7]),
    "remembered": (layers.ConvLSTM2D(1, 3, return_sequences=True), [0, 1, 2, 3, 4, 5, 6, 7]),
    "backwards": (layers.ConvLSTM2D(1, 3, return_sequences=True, go_backwards=True), [None] * 8),
    "turned": (layers.Permute((2, 1, 3, 4)), [None] * 8),
    "yours": (layers.Lambda(lambda x: x[:, ::-1], output_shape=(8, 8, 8, 1)), [None] * 8),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_the_place_of_a_slice_is_the_one_whose_middle_is_nearest(way: str) -> None:
    layer, places = WAYS[way]
    volume = keras.Input((8, 8, 8, 1))
    maps = layer(volume)
    model = keras.Model(volume, layers.Dense(2)(layers.Flatten()(maps)))
    first = probed(model, 0)
    found = [first.at_slice(k).layer(layer.name).slices for k in range(8)]
    assert [one and one.place for one in found] == places


def test_a_layer_that_does_not_keep_the_slices_apart_is_refused_in_words() -> None:
    volume = keras.Input((8, 8, 8, 1))
    x = layers.Permute((2, 1, 3, 4), name="turned")(volume)
    model = keras.Model(volume, layers.Dense(2)(layers.Flatten()(x)), name="turning")
    probe = probed(model)
    with pytest.raises(cnnviz.LayerError, match=r"turned has no maps of this slice: .* cannot be told"):
        cnnviz.FeatureMaps(layer="turned")(probe, probe.volume.picture())
    with pytest.raises(cnnviz.LayerError, match="none keeps the slices of the volume apart"):
        cnnviz.GradCAM()(probe, probe.volume.picture())


def test_maps_that_all_slices_were_made_into_are_maps_and_steps_by_features_are_none() -> None:
    video = keras.Input((8, 8, 8, 1))
    joined = layers.Conv2D(3, 3, activation="relu", name="after")(
        layers.ConvLSTM2D(2, 3, name="joined")(video)
    )
    rows = layers.TimeDistributed(layers.Reshape((4, 16)), name="rows")(video)
    made = layers.Concatenate()([layers.GlobalAveragePooling2D()(joined), layers.Flatten()(rows)])
    probe = probed(keras.Model(video, layers.Dense(2)(made)))
    assert [one.name for one in probe.spatial_layers] == ["joined", "after"]
    assert probe.last_spatial() == "after"


def test_cam_says_that_the_score_is_of_all_slices() -> None:
    volume = keras.Input((8, 8, 8, 1))
    pooled = layers.GlobalAveragePooling3D()(layers.Conv3D(2, 3)(volume))
    probe = probed(keras.Model(volume, layers.Dense(2)(pooled)))
    with pytest.raises(cnnviz.ModelError, match="CAM adds up to the score over all slices"):
        cnnviz.CAM(target=0)(probe, probe.volume.picture())


def test_kernels_of_volumes_are_refused_for_what_they_are(probe: cnnviz.Probe) -> None:
    with pytest.raises(cnnviz.LayerError, match="Kernels of volumes and of videos are not drawn"):
        cnnviz.Filters(layer="late")(probe, probe.volume.picture())
