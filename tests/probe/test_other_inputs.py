"""The inputs beside the picture: pictures come to the range of the first one, text and numbers keep their kind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import PIL.Image
import pytest
from keras import layers, ops

import cnnviz_widgets as cnnviz


def shown(seed: int, *shape: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, shape or (8, 8, 3), dtype=np.uint8)


LEFT, RIGHT = shown(1), shown(2)


def pair(*first: Any) -> keras.Model:
    """Return a network that tells how two pictures differ."""
    left, right = keras.Input((8, 8, 3), name="left"), keras.Input((8, 8, 3), name="right")
    branch = keras.Sequential([keras.Input((8, 8, 3)), *first, layers.Conv2D(4, 3), layers.Flatten()])
    return keras.Model([left, right], layers.Dense(2)(ops.abs(branch(left) - branch(right))))


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return pair()


def test_inputs_that_are_no_mapping_are_refused_with_one(model: keras.Model) -> None:
    with pytest.raises(
        cnnviz.SettingError, match=r"inputs must be a mapping .*\{'right': \.\.\.\}; got ndarray"
    ):
        cnnviz.Probe(model, inputs=RIGHT)  # type: ignore[arg-type]


@pytest.mark.parametrize("way", ["bytes", "image", "path", "pil", "larger"])
def test_the_second_picture_comes_to_the_range_however_it_is_given(
    model: keras.Model, way: str, tmp_path: Path
) -> None:
    PIL.Image.fromarray(RIGHT).save(tmp_path / "right.png")
    given = {
        "bytes": RIGHT,
        "image": cnnviz.Image(RIGHT),
        "path": tmp_path / "right.png",
        "pil": PIL.Image.fromarray(RIGHT),
        "larger": RIGHT.repeat(2, axis=0).repeat(2, axis=1),
    }[way]
    got = cnnviz.Probe(model, value_range=(0, 1), inputs={"right": given}).predict(LEFT)
    pixels = RIGHT
    if way == "larger":  # an even picture twice as large is scaled back by the middle of its pixels
        pixels = np.asarray(cnnviz.Image(given).resized((8, 8), "crop").pixels)
    want = model.predict([LEFT[None] / np.float32(255), pixels[None] / np.float32(255)], verbose=0)
    np.testing.assert_allclose(got, want, atol=1e-4)


def test_the_second_picture_comes_to_the_range_that_was_found() -> None:
    model = pair(layers.Rescaling(1 / 255))
    got = cnnviz.Probe(model, inputs={"right": RIGHT / 255}).predict(LEFT)
    want = model.predict([LEFT[None].astype("float32"), RIGHT[None].astype("float32")], verbose=0)
    np.testing.assert_allclose(got, want, rtol=1e-4, atol=1e-4)


def test_the_second_picture_is_preprocessed_like_the_first(model: keras.Model) -> None:
    probe = cnnviz.Probe(model, preprocess=lambda x: x / 127.5 - 1, inputs={"right": RIGHT})
    want = model.predict([(p[None] / 127.5 - 1).astype("float32") for p in (LEFT, RIGHT)], verbose=0)
    np.testing.assert_allclose(probe.predict(LEFT), want, atol=1e-4)


def with_other(other: Any, *steps: Any) -> keras.Model:
    picture = keras.Input((8, 8, 3), name="picture")
    x = other
    for step in steps:
        x = step(x)
    both = layers.Concatenate()([layers.Flatten()(picture), layers.Flatten()(x)])
    return keras.Model([picture, other], layers.Dense(2)(both))


def test_a_mask_of_another_depth_stays_as_it_is() -> None:
    model = with_other(keras.Input((8, 8, 1), name="mask"))
    mask = np.eye(8, dtype=np.uint8)[..., None]
    got = cnnviz.Probe(model, value_range=(0, 255), inputs={"mask": mask}).predict(LEFT)
    want = model.predict([LEFT[None].astype("float32"), mask[None].astype("float32")], verbose=0)
    np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-4)


def test_text_stays_text() -> None:
    lookup = layers.StringLookup(vocabulary=["cat", "dog"])
    model = with_other(keras.Input((1,), name="word", dtype="string"), lookup, layers.Embedding(3, 4))
    answers = {}
    for word in ("cat", "dog"):
        probe = cnnviz.Probe(model, value_range=(0, 255), inputs={"word": word})
        answers[word] = probe.predict(LEFT)
        want = model([LEFT[None].astype("float32"), np.array([[word]], object)])
        np.testing.assert_allclose(answers[word], want.numpy(), rtol=1e-5, atol=1e-4)
    assert np.abs(answers["cat"] - answers["dog"]).max() > 1e-6
    assert cnnviz.Probe(model).predict(LEFT).shape == (1, 2)  # left out it is empty
    assert cnnviz.Saliency(target=1)(probe, LEFT).values.any()


def test_sentences_go_through_a_vectorisation() -> None:
    words = layers.TextVectorization(vocabulary=["a", "small", "cat"], output_sequence_length=4)
    model = with_other(keras.Input((1,), name="question", dtype="string"), words, layers.Embedding(5, 2))
    probe = cnnviz.Probe(model, value_range=(0, 255), inputs={"question": ["a small cat"]})
    want = model([LEFT[None].astype("float32"), np.array([["a small cat"]], object)])
    np.testing.assert_allclose(probe.predict(LEFT), want.numpy(), rtol=1e-5, atol=1e-4)


@pytest.fixture(scope="module")
def counted() -> keras.Model:
    return with_other(keras.Input((3,), name="tokens", dtype="int32"), layers.Embedding(300, 2))


def test_whole_numbers_stay_whole(counted: keras.Model) -> None:
    ids = np.array([7, 299, 0])
    probe = cnnviz.Probe(counted, value_range=(0, 255), inputs={"tokens": ids})
    want = counted.predict([LEFT[None].astype("float32"), ids[None].astype("int32")], verbose=0)
    np.testing.assert_allclose(probe.predict(LEFT), want, rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"tokens": [1, 2]}, r"inputs\['tokens'\] must have the shape \(3\); got \(2\)"),
        ({"tokens": "three words"}, r"inputs\['tokens'\] takes numbers, int32; got the text 'three words'"),
        ({"tokens": [0.5, 1, 2]}, r"inputs\['tokens'\] takes whole numbers, int32; got float64"),
        ({"tokens": None}, r"inputs\['tokens'\] takes numbers, int32; got NoneType"),
        ({"token": [1, 2, 3]}, r"inputs must be one of tokens; got 'token'\. Did you mean 'tokens'"),
    ],
)
def test_what_an_input_does_not_take_is_said_with_its_name(
    counted: keras.Model, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(cnnviz.SettingError, match=said):
        cnnviz.Probe(counted, inputs=given)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (np.zeros((8, 8, 5)), r"inputs\['right'\] takes a picture \(8, 8, 3\): the picture has 5 channels"),
        ("nowhere.png", r"inputs\['right'\] takes a picture \(8, 8, 3\): there is no file 'nowhere\.png'"),
    ],
)
def test_a_second_picture_that_is_none_is_said_with_its_name(
    model: keras.Model, given: Any, said: str
) -> None:
    with pytest.raises(cnnviz.SettingError, match=said):
        cnnviz.Probe(model, value_range=(0, 1), inputs={"right": given})


def test_numbers_for_an_input_of_text_are_refused() -> None:
    lookup = layers.StringLookup(vocabulary=["cat", "dog"])
    model = with_other(keras.Input((1,), name="word", dtype="string"), lookup, layers.Embedding(3, 4))
    with pytest.raises(cnnviz.SettingError, match=r"inputs\['word'\] takes text; got int64"):
        cnnviz.Probe(model, inputs={"word": [3]})
