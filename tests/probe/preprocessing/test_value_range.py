"""Which pixel values a network takes: found from what it does to them, and the same for pictures and arrays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
import PIL.Image
import pytest
import tensorflow as tf
from keras import layers, ops

import cnnviz_widgets as cnnviz
from tests import models

vgg = keras.applications.vgg16.preprocess_input
BYTES, UNIT, SIGNED = (0, 255), (0, 1), (-1, 1)


def begun(*first: Callable[[Any], Any], shape: tuple[int | None, ...] = (8, 8, 3)) -> keras.Model:
    """Return a small classifier that begins with some steps."""
    x = picture = keras.Input(shape)
    for step in first:
        x = step(x)
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu", name="conv")(x))
    return keras.Model(picture, layers.Dense(3, activation="softmax")(x))


def nested() -> keras.Model:
    return keras.Sequential([keras.Input((8, 8, 3)), layers.RandomFlip(), layers.Rescaling(1 / 255)])


@pytest.mark.parametrize(
    ("first", "wanted"),
    [
        ([layers.Rescaling(1 / 255)], BYTES),
        ([layers.RandomFlip(), layers.Rescaling(1 / 127.5, -1)], BYTES),
        ([layers.Resizing(6, 6), layers.CenterCrop(5, 5), layers.Rescaling(1 / 255)], BYTES),
        ([layers.ZeroPadding2D(2), layers.Rescaling(1 / 256)], BYTES),
        ([nested()], BYTES),
        ([lambda x: x / 255.0], BYTES),
        ([lambda x: x / 127.5 - 1], BYTES),
        ([lambda x: (x - 127.5) / 127.5], BYTES),
        ([lambda x: ops.clip(x, 0, 255) / 255], BYTES),
        ([lambda x: 1 - x / 255], BYTES),
        ([vgg], BYTES),
        ([layers.Lambda(vgg)], BYTES),
        ([keras.applications.mobilenet_v2.preprocess_input], BYTES),
        ([layers.Normalization(mean=[124.0, 116.0, 104.0], variance=[3400.0, 3300.0, 3300.0])], BYTES),
        ([layers.Normalization(mean=0.1307, variance=0.3081**2)], UNIT),
        ([layers.Rescaling(2, -1)], UNIT),
        ([layers.Rescaling(127.5, 127.5)], SIGNED),
        ([layers.Rescaling(1 / 65535)], (0, 65535)),
        ([layers.Rescaling(1 / 4095)], (0, 4095)),
    ],
)
def test_the_range_is_found_from_what_the_network_does_first(
    first: list[Any], wanted: tuple[int, int]
) -> None:
    assert cnnviz.Probe(begun(*first)).value_range == wanted


@pytest.mark.parametrize(
    "first",
    [
        [],
        [layers.BatchNormalization()],
        [layers.Rescaling(0.5)],
        [layers.ReLU()],
        [layers.Normalization(mean=-500.0, variance=160000.0)],
        [layers.Normalization(mean=0.0, variance=1.0)],
        [layers.Lambda(tf.image.per_image_standardization)],
        [layers.Conv2D(3, 1), layers.Rescaling(1 / 255)],
    ],
)
def test_a_range_that_cannot_be_known_is_not_guessed(first: list[Any]) -> None:
    assert cnnviz.Probe(begun(*first)).value_range is None


def test_a_range_is_found_where_pictures_are_of_any_size() -> None:
    assert cnnviz.Probe(begun(layers.Rescaling(1 / 255), shape=(None, None, 3))).value_range == BYTES


def test_two_branches_that_tell_different_ranges_tell_none() -> None:
    picture = keras.Input((8, 8, 3))
    both = layers.Concatenate()([layers.Rescaling(1 / 255)(picture), layers.Rescaling(2, -1)(picture)])
    model = keras.Model(picture, layers.Dense(2)(layers.Flatten()(both)))
    assert cnnviz.Probe(model).value_range is None


def test_an_input_of_bytes_takes_bytes() -> None:
    picture = keras.Input((8, 8, 3), dtype="uint8")
    scores = layers.Dense(2)(layers.Flatten()(layers.Rescaling(0.5)(picture)))
    assert cnnviz.Probe(keras.Model(picture, scores)).value_range == BYTES


@pytest.mark.parametrize(
    ("preprocess", "wanted"),
    [(vgg, BYTES), (lambda x: x * 2 - 1, UNIT), (lambda x: x, None), (lambda x: x * 0.5, None)],
)
def test_the_range_that_a_preprocess_takes_is_found(preprocess: Any, wanted: tuple[int, int] | None) -> None:
    assert cnnviz.Probe(begun(), preprocess=preprocess).value_range == wanted


def test_finding_the_range_leaves_the_state_of_random_layers_alone() -> None:
    flip = layers.RandomFlip(seed=3)
    model = begun(flip, layers.Rescaling(1 / 255))
    before = [variable.numpy() for variable in flip.variables]
    cnnviz.Probe(model)
    for was, variable in zip(before, flip.variables, strict=True):
        np.testing.assert_array_equal(was, variable.numpy())


# one rule for whatever is given


@pytest.fixture(scope="module")
def unit() -> cnnviz.Probe:
    return cnnviz.Probe(begun(), value_range=UNIT)


@pytest.fixture(scope="module")
def shown() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (8, 8, 3), dtype=np.uint8)


def wanted(probe: cnnviz.Probe, shown: np.ndarray) -> Any:
    return probe.model.predict(shown[None] / np.float32(255), verbose=0)


@pytest.mark.parametrize("way", ["array", "batch", "list", "image", "path", "pil"])
def test_a_picture_comes_to_the_models_range_however_it_is_given(
    unit: cnnviz.Probe, shown: np.ndarray, way: str, tmp_path: Path
) -> None:
    PIL.Image.fromarray(shown).save(tmp_path / "one.png")
    given = {
        "array": shown,
        "batch": shown[None],
        "list": [shown],
        "image": cnnviz.Image(shown),
        "path": str(tmp_path / "one.png"),
        "pil": PIL.Image.fromarray(shown),
    }[way]
    np.testing.assert_allclose(unit.predict(given), wanted(unit, shown), atol=1e-6)


def test_scores_slopes_and_activations_follow_the_same_rule(unit: cnnviz.Probe, shown: np.ndarray) -> None:
    image = cnnviz.Image(shown)
    np.testing.assert_array_equal(unit.scores(shown, 1), unit.scores(image, 1))
    np.testing.assert_array_equal(unit.slopes(shown, 1)[1], unit.slopes(image, 1)[1])
    np.testing.assert_array_equal(unit.activations(shown, "conv")[0], unit.activations(image, "conv"))


def test_numbers_from_0_to_1_are_brought_to_a_network_of_bytes(shown: np.ndarray) -> None:
    probe = cnnviz.Probe(begun(layers.Rescaling(1 / 255)))
    np.testing.assert_allclose(
        probe.predict(shown / 255), probe.model.predict(shown[None].astype("float32"), verbose=0), atol=1e-6
    )


def test_the_range_of_a_batch_is_inferred_from_all_of_it(shown: np.ndarray) -> None:
    probe = cnnviz.Probe(begun(), value_range=UNIT)
    batch = np.stack([shown, shown // 255]).astype(np.float32)
    np.testing.assert_allclose(
        probe.predict(batch), probe.model.predict(batch / np.float32(255), verbose=0), atol=1e-6
    )


def test_prepared_arrays_go_in_as_they_are(unit: cnnviz.Probe, shown: np.ndarray) -> None:
    raw = shown[None].astype(np.float32)
    np.testing.assert_allclose(
        unit.predict(raw, prepared=True), unit.model.predict(raw, verbose=0), atol=1e-6
    )


def test_without_a_range_arrays_go_in_as_they_are() -> None:
    probe, raw = cnnviz.Probe(begun()), np.random.default_rng(1).normal(0, 300, (2, 8, 8, 3))
    np.testing.assert_allclose(probe.predict(raw), probe.model.predict(raw, verbose=0), atol=1e-6)


def test_an_array_of_no_usual_range_is_in_the_models_own_if_it_fits() -> None:
    probe, raw = cnnviz.Probe(begun(), value_range=(-1000, 400)), np.full((1, 8, 8, 3), -900.0)
    np.testing.assert_allclose(probe.predict(raw), probe.model.predict(raw, verbose=0), atol=1e-6)


def test_an_array_of_no_usual_range_is_asked_about(unit: cnnviz.Probe) -> None:
    with pytest.raises(
        cnnviz.ImageError, match=r"from -3 to 700, .*value_range=\(low, high\).*prepared=True"
    ):
        unit.predict(np.array([-3.0, 700.0] * 96).reshape(1, 8, 8, 3))


def test_a_batch_of_grey_pictures_needs_no_channel_axis() -> None:
    probe = cnnviz.Probe(begun(shape=(8, 8, 1)), value_range=UNIT)
    batch = np.random.default_rng(2).integers(0, 255, (5, 8, 8), dtype=np.uint8)
    np.testing.assert_allclose(
        probe.predict(batch), probe.model.predict(batch[..., None] / np.float32(255), verbose=0), atol=1e-6
    )


def test_a_single_array_of_another_size_is_fitted(unit: cnnviz.Probe) -> None:
    large = np.random.default_rng(3).integers(0, 255, (20, 12, 3), dtype=np.uint8)
    np.testing.assert_array_equal(unit.predict(large), unit.predict(cnnviz.Image(large)))


def test_pictures_are_made_in_the_range_that_was_found() -> None:
    probe = cnnviz.Probe(begun(layers.RandomFlip(), layers.Rescaling(1 / 255)))
    made = cnnviz.ActivationMaximization(target=1, steps=8)(probe)
    assert made.image.range == (0.0, 255.0)
    assert made.image.pixels.max() > 1


def test_covering_and_noise_stay_in_the_range_of_the_picture() -> None:
    probe = cnnviz.Probe(begun(layers.Rescaling(1 / 255)))
    dark = cnnviz.Image(np.full((8, 8, 3), 0.5, np.float32), (0, 255))  # as an array it would count as 0 to 1
    swept = cnnviz.Occlusion(patch=8, stride=8, fill="black", target=1)(probe, dark)
    bare, black = (probe.scores(np.full((1, 8, 8, 3), level), 1, prepared=True)[0] for level in (0.5, 0))
    np.testing.assert_allclose(np.abs(swept.values).max(), abs(bare - black), rtol=1e-3)


def test_models_without_steps_before_the_convolution_are_not_run_for_it() -> None:
    assert cnnviz.Probe(models.functional()).calls == 0
