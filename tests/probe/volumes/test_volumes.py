"""Volumes and videos slice by slice: one slice is the picture, the others are held."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import cnnviz_widgets as cnnviz

SCAN = np.random.default_rng(0).integers(-1000, 400, (5, 8, 8, 1)).astype(np.int16)
HOUNSFIELD = (-1000, 400)


def scanned(shape: tuple[int, ...] = (5, 8, 8, 1)) -> keras.Model:
    """Return a classifier of volumes."""
    keras.utils.set_random_seed(4)
    volume = keras.Input(shape)
    x = layers.Conv3D(4, 3, activation="relu", name="conv")(layers.Rescaling(1 / 700, 3 / 7)(volume))
    return keras.Model(volume, layers.Dense(3)(layers.GlobalAveragePooling3D()(x)), name="scanned")


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return scanned()


@pytest.fixture(scope="module")
def probe(model: keras.Model) -> cnnviz.Probe:
    return cnnviz.Probe(model, value_range=HOUNSFIELD, volume=SCAN, slice_index=1)


def test_a_slice_of_a_volume_is_the_picture(probe: cnnviz.Probe, model: keras.Model) -> None:
    assert probe.input_shape == (8, 8, 1)
    assert "slice 1 of 5" in repr(probe)
    picture = probe.volume.picture()
    np.testing.assert_array_equal(picture.pixels, SCAN[1])
    assert picture.range == HOUNSFIELD
    np.testing.assert_allclose(
        probe.predict(picture), model.predict(SCAN[None].astype("float32"), verbose=0), atol=1e-5
    )


def test_another_picture_takes_the_place_of_the_slice(probe: cnnviz.Probe, model: keras.Model) -> None:
    changed = SCAN.astype("float32")
    changed[1] = 400
    np.testing.assert_allclose(
        probe.predict(np.full((1, 8, 8, 1), 400.0), fitted=True),
        model.predict(changed[None], verbose=0),
        atol=1e-5,
    )


def test_its_slopes_are_those_of_the_slice_in_a_tape(probe: cnnviz.Probe, model: keras.Model) -> None:
    volume = tf.constant(SCAN[None].astype("float32"))
    with tf.GradientTape() as tape:
        tape.watch(volume)
        score = model(volume)[0, 2]
    found = probe.gradient(probe.volume.picture(), 2)
    np.testing.assert_allclose(found.slope, tape.gradient(score, volume)[0, 1], atol=1e-6)


@pytest.mark.parametrize("index", [0, 4])
def test_every_slice_has_a_probe_that_is_made_once_while_it_is_held(
    probe: cnnviz.Probe, model: keras.Model, index: int
) -> None:
    other = probe.at_slice(index)
    assert other is probe.at_slice(index) is other.at_slice(index)
    assert probe.at_slice(1) is probe
    np.testing.assert_allclose(
        other.predict(other.volume.picture()),
        model.predict(SCAN[None].astype("float32"), verbose=0),
        atol=1e-5,
    )


def test_covering_covers_the_slice_alone(probe: cnnviz.Probe, model: keras.Model) -> None:
    picture = probe.volume.picture()
    swept = cnnviz.Occlusion(patch=8, stride=8, fill="black", target=0)(probe, picture)
    covered = SCAN.astype("float32")
    covered[1] = -1000
    both = model.predict(np.stack([SCAN.astype("float32"), covered]), verbose=0)[:, 0]
    np.testing.assert_allclose(swept.values, both[0] - both[1], atol=1e-5)


def test_slices_may_lie_on_the_last_axis() -> None:
    model = scanned((8, 8, 5, 1))
    turned = np.moveaxis(SCAN, 0, 2)
    probe = cnnviz.Probe(model, value_range=HOUNSFIELD, volume=turned[..., 0], slice_axis=2, slice_index=3)
    np.testing.assert_array_equal(probe.volume.picture().pixels, SCAN[3])
    np.testing.assert_allclose(
        probe.predict(probe.volume.picture()),
        model.predict(turned[None].astype("float32"), verbose=0),
        atol=1e-5,
    )


def test_a_video_of_bytes_is_brought_to_the_range_frame_by_frame() -> None:
    video = keras.Input((4, 8, 8, 3))
    maps = layers.TimeDistributed(layers.Conv2D(4, 3, activation="relu"))(layers.Rescaling(1 / 255)(video))
    model = keras.Model(video, layers.Dense(2)(layers.GlobalAveragePooling3D()(maps)))
    frames = np.random.default_rng(1).integers(0, 255, (4, 8, 8, 3), dtype=np.uint8)
    for given in (frames, list(frames), [cnnviz.Image(frame) for frame in frames]):
        probe = cnnviz.Probe(model, volume=given)
        assert (probe.value_range, probe.volume.index) == ((0, 255), 2)
        np.testing.assert_allclose(
            probe.predict(frames[2]), model.predict(frames[None].astype("float32"), verbose=0), atol=1e-5
        )


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"volume": SCAN, "slice_index": 5}, "slice_index must be a whole number from 0 to 4; got 5"),
        ({"volume": SCAN, "slice_axis": 3}, "slice_axis must be 0, 1 or 2; got 3"),
        ({"volume": SCAN[0, ..., 0]}, r"volume must be \(slices, height, width\).*got shape \(8, 8\)"),
        ({"volume": SCAN[:3]}, "volume must have 5 slices, .* slice_axis is 0; got 3"),
        ({"volume": np.stack([SCAN] * 2)}, r"got shape \(2, 5, 8, 8, 1\). Give one volume"),
        (
            {"volume": SCAN.astype(float) * 2},
            r"within -1000 and 400.*value_range=\(-\d+, \d+\).*clip\(volume, -1000, 400",
        ),
        ({"volume": SCAN[:, :6]}, r"volume must have slices of \(8, 8, 1\)"),
    ],
)
def test_a_volume_that_does_not_fit_is_refused(model: keras.Model, given: dict[str, Any], said: str) -> None:
    with pytest.raises(cnnviz.SettingError, match=said):
        cnnviz.Probe(model, value_range=HOUNSFIELD, **given)


def test_what_is_said_of_numbers_outside_of_the_range_helps(model: keras.Model) -> None:
    loud = SCAN.astype(np.float32) * 2
    low, high = float(loud.min()), float(loud.max())
    wide = cnnviz.Probe(model, value_range=(low, high), volume=loud, slice_index=1)
    cut = cnnviz.Probe(model, value_range=HOUNSFIELD, volume=np.clip(loud, *HOUNSFIELD), slice_index=1)
    for probe, given in ((wide, loud), (cut, np.clip(loud, *HOUNSFIELD))):
        answer = probe.predict([probe.volume.picture()])
        assert np.allclose(answer, model.predict(given[None], verbose=0), atol=1e-5)


def test_a_model_of_volumes_without_one_says_how_to_give_it(model: keras.Model) -> None:
    with pytest.raises(cnnviz.ModelError, match=r"Probe\(model, volume=array\).*at_slice"):
        cnnviz.Probe(model)


def test_a_model_of_pictures_has_no_slices() -> None:
    plain = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(2)])
    with pytest.raises(cnnviz.SettingError, match="volume is for a model of volumes or videos"):
        cnnviz.Probe(plain, volume=SCAN)
    with pytest.raises(cnnviz.SettingError, match="has no slices"):
        cnnviz.Probe(plain).at_slice(1)
