"""What a network receives of a picture, and what it would say of pictures that come to it in other ways."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from tests import models

vgg = keras.applications.vgg16.preprocess_input
PHOTO = np.random.default_rng(0).integers(0, 255, (40, 64, 3), dtype=np.uint8)


def test_the_tensor_is_the_very_one_that_goes_in() -> None:
    probe = cnnviz.Probe(models.functional(), preprocess=vgg)
    got = probe.received(PHOTO)
    fitted = cnnviz.Image(PHOTO).resized((8, 8), "crop")
    np.testing.assert_allclose(got.tensor, vgg(fitted.pixels[None].copy())[0], atol=1e-4)
    np.testing.assert_allclose(
        probe.predict(PHOTO), probe.model.predict(got.tensor[None], verbose=0), atol=1e-5
    )
    assert got.shape == (8, 8, 3)
    assert got.range == (got.tensor.min(), got.tensor.max())
    np.testing.assert_allclose(got.mean, got.tensor.mean(axis=(0, 1)), rtol=1e-5)
    assert got.image.size == (40, 64)


@pytest.mark.parametrize(
    ("preprocess", "order"),
    [
        (None, "RGB"),
        (vgg, "BGR"),
        (lambda x: x / 255, "RGB"),
        (lambda x: np.repeat(x.mean(axis=-1, keepdims=True), 3, axis=-1), "mixed"),
        (lambda x: x[..., [1, 0, 2]], "mixed"),
    ],
)
def test_the_order_of_the_channels_is_found_by_colours(preprocess: Any, order: str) -> None:
    assert cnnviz.Probe(models.functional(), preprocess=preprocess).received(PHOTO).order == order


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("crop", "40 × 64 to 8 × 8, scaled to 9 × 15 and its middle cut out"),
        ("stretch", "40 × 64 to 8 × 8, stretched"),
        ("letterbox", "40 × 64 to 8 × 8, all of it, with grey where its shape does not fill it"),
    ],
)
def test_it_says_what_was_cut_away(how: Any, said: str) -> None:
    assert cnnviz.Probe(models.functional()).received(PHOTO, how).how == said


def test_it_says_how_values_and_channels_were_changed() -> None:
    got = cnnviz.Probe(models.functional(), value_range=(-1, 1)).received(PHOTO[..., 0])
    assert got.notes == ("Values 0 to 255 are mapped to -1 to 1.", "1 channels are made 3.")
    assert "Values 0 to 255 go in as they are." in str(cnnviz.Probe(models.functional()).received(PHOTO))
    assert dict(got.rows())["channel order"] == "RGB"


def test_it_is_drawn_from_its_lowest_number_to_its_highest() -> None:
    got = cnnviz.Probe(models.functional(), value_range=(-1, 1)).received(PHOTO)
    low, high = got.range
    wanted = ((got.tensor - low) / (high - low) * 255 + 0.5).astype(np.uint8)
    assert np.abs(got.rgb().astype(int) - wanted).max() <= 1


# the likely mistakes


def telling(weights: list[list[float]], bias: list[float], channels: int = 3) -> keras.Model:
    """Return a network whose scores are weighted means of the channels."""
    picture = keras.Input((8, 8, channels))
    scores = layers.Dense(2, activation="softmax", name="scores")
    model = keras.Model(picture, scores(layers.GlobalAveragePooling2D()(picture)))
    scores.set_weights([np.float32(weights), np.float32(bias)])
    return model


def plain(*colours: tuple[int, ...]) -> list[cnnviz.Image]:
    return [cnnviz.Image(np.full((8, 8, len(colour)), colour, np.uint8)) for colour in colours]


RED, BLUE = (220, 0, 30), (30, 0, 220)


def test_a_network_of_the_other_order_is_found() -> None:
    probe = cnnviz.Probe(
        telling([[0, 9], [0, 0], [9, 0]], [0, 0]), labels=["red", "blue"], value_range=(0, 1)
    )
    found = probe.check_preprocessing(plain(RED, RED, BLUE), labels=["red", "red", "blue"])
    assert found.sentence == "With BGR 3 of 3 are right, as now 0."
    rows = {row["way"]: row for row in found.rows()}
    assert (rows["as now"]["right"], rows["BGR"]["accuracy"]) == (0, 1.0)
    assert "0 to 1" not in rows  # it is as now


def test_a_network_of_another_range_is_found() -> None:
    # dark and bright are told apart at 0.5
    probe = cnnviz.Probe(telling([[-9, 9]], [4.5, -4.5], channels=1), value_range=(0, 255))
    found = probe.check_preprocessing(plain((40,), (90,), (220,)), labels=[0, 0, 1])
    assert found.sentence == "With 0 to 1 3 of 3 are right, as now 1."
    told = {way.name: way for way in found.ways}
    dark = 1 / (1 + np.exp(18 * 40 / 255 - 9))
    sure = [dark, 1 / (1 + np.exp(18 * 90 / 255 - 9)), 1 / (1 + np.exp(9 - 18 * 220 / 255))]
    np.testing.assert_allclose(told["0 to 1"].confidence, np.mean(sure), rtol=1e-4)


def test_what_is_right_already_is_said_to_be() -> None:
    probe = cnnviz.Probe(telling([[9, 0], [0, 0], [0, 9]], [0, 0]), value_range=(0, 1))
    found = probe.check_preprocessing(plain(RED, BLUE), labels=[0, 1])
    assert found.sentence.startswith("As now 2 of 2 are right; no other way is better")
    assert "as now" in str(found)
    assert "<table>" in found._repr_html_()


def test_labels_that_came_with_the_pictures_count() -> None:
    probe = cnnviz.Probe(
        telling([[9, 0], [0, 0], [0, 9]], [0, 0]), labels=["red", "blue"], value_range=(0, 1)
    )
    data = (np.uint8([np.full((8, 8, 3), RED), np.full((8, 8, 3), BLUE)]), np.array([0, 1]))
    assert probe.check_preprocessing(data).ways[0].right == 2


def test_without_labels_it_is_said_to_be_a_hint() -> None:
    probe = cnnviz.Probe(telling([[9, 0], [0, 0], [0, 9]], [0, 0]), value_range=(0, 1))
    found = probe.check_preprocessing(plain(RED, BLUE))
    assert found.ways[0].right is None
    assert found.sentence.startswith("Without classes this is a hint and no proof")
    assert {way.name for way in found.ways} >= {
        "as now",
        "0 to 255",
        "-1 to 1",
        "BGR",
        "ImageNet's mean, BGR",
    }


def test_pictures_of_another_shape_are_stretched_for_once() -> None:
    probe = cnnviz.Probe(telling([[9, 0], [0, 0], [0, 9]], [0, 0]), value_range=(0, 1))
    wide = np.zeros((8, 32, 3), np.uint8)
    wide[:, :12], wide[:, 20:] = BLUE, BLUE
    wide[:, 12:20] = RED
    found = {way.name: way.right for way in probe.check_preprocessing([wide], labels=[1]).ways}
    assert (found["as now"], found["stretched, not cut"]) == (0, 1)


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ([0], "2 pictures, 1 labels"),
        ([0, 2], "0 to 1; got 2"),
        (["red", "bleu"], r"red, blue; got 'bleu'\. Did you mean 'blue'"),
    ],
)
def test_labels_that_do_not_fit_are_refused(labels: list[Any], said: str) -> None:
    probe = cnnviz.Probe(telling([[9, 0], [0, 0], [0, 9]], [0, 0]), labels=["red", "blue"])
    with pytest.raises(cnnviz.SettingError, match=said):
        probe.check_preprocessing(plain(RED, BLUE), labels=labels)


def test_a_network_without_classes_is_refused() -> None:
    with pytest.raises(
        cnnviz.TargetError, match=r"needs a network that gives classes; the task of .* is image"
    ):
        cnnviz.Probe(models.ZOO["image output"]()).check_preprocessing(plain(RED))
