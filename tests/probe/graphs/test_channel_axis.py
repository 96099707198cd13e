"""Pictures without a channel axis are served; rows of numbers are refused with the line that helps."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import cnnviz_widgets as cnnviz
from tests.kinds.pictures import without_channel

BYTES = np.random.default_rng(0).integers(0, 255, (3, 12, 12), dtype=np.uint8)
UNIT = BYTES / np.float32(255)


def dense() -> keras.Model:
    keras.utils.set_random_seed(1)
    return keras.Sequential([keras.Input((12, 12)), layers.Flatten(), layers.Dense(4), layers.Dense(3)])


def expanded() -> keras.Model:
    keras.utils.set_random_seed(2)
    picture = keras.Input((12, 12))
    maps = layers.Conv2D(4, 3, activation="relu")(ops.expand_dims(picture / 1.0, -1))
    return keras.Model(picture, layers.Dense(3)(layers.GlobalAveragePooling2D()(maps)))


@pytest.fixture(scope="module", params=[without_channel, dense, expanded])
def model(request: pytest.FixtureRequest) -> keras.Model:
    return request.param()


def test_a_picture_without_a_channel_axis_is_one_of_one_channel(model: keras.Model) -> None:
    probe = cnnviz.Probe(model, value_range=(0, 1))
    assert probe.input_shape == (12, 12, 1)
    np.testing.assert_allclose(probe.predict(BYTES), model.predict(UNIT, verbose=0), atol=1e-5)
    np.testing.assert_allclose(probe.predict(BYTES[1]), model.predict(UNIT[1:2], verbose=0), atol=1e-5)


def test_its_slopes_are_those_of_a_tape(model: keras.Model) -> None:
    picture = tf.constant(UNIT[:1])
    with tf.GradientTape() as tape:
        tape.watch(picture)
        score = cnnviz.Probe(model).model(picture)[0, 1]
    probe = cnnviz.Probe(model, value_range=(0, 1))
    target = cnnviz.ClassScore(1, "probability" if probe.squash else "logit")
    found = probe.gradient(cnnviz.Image(BYTES[0]), target)
    np.testing.assert_allclose(found.slope[..., 0], tape.gradient(score, picture)[0], atol=1e-5)


def test_class_maps_and_covering_are_served() -> None:
    probe = cnnviz.Probe(without_channel(), value_range=(0, 1))
    assert cnnviz.GradCAM(target=1)(probe, BYTES[0]).values.shape == (10, 10)
    covered = UNIT[0].copy()
    covered[4:8, 4:8] = 0.5
    swept = cnnviz.Occlusion(patch=4, stride=4, fill="grey", target=1)(probe, BYTES[0])
    fall = float(probe.scores(BYTES[0], 1)[0] - probe.scores(covered, 1, fitted=True)[0])
    np.testing.assert_allclose(swept.values[5, 5], fall, atol=1e-5)


def test_what_gives_such_a_picture_back_is_an_autoencoder() -> None:
    model = keras.Sequential(
        [keras.Input((12, 12)), layers.Flatten(), layers.Dense(5, name="code"), layers.Dense(144, "sigmoid")]
    )
    model.add(layers.Reshape((12, 12)))
    probe = cnnviz.Probe(model, value_range=(0, 1))
    assert (probe.task, probe.output_shape) == ("image", (12, 12, 1))
    np.testing.assert_allclose(probe.predict(BYTES)[..., 0], model.predict(UNIT, verbose=0), atol=1e-6)
    error = probe.scores(BYTES[0], cnnviz.ReconstructionError())[0]
    wanted = np.mean((model.predict(UNIT[:1], verbose=0)[0] - UNIT[0]) ** 2)
    assert abs(abs(error) - wanted) < 1e-5


def test_both_pictures_of_a_pair_go_without_the_axis() -> None:
    left, right = keras.Input((12, 12)), keras.Input((12, 12), name="right")
    model = keras.Model([left, right], layers.Dense(1)(layers.Flatten()(ops.abs(left - right))))
    probe = cnnviz.Probe(model, value_range=(0, 1), inputs={"right": BYTES[1]})
    np.testing.assert_allclose(
        probe.predict(BYTES[0]), model.predict([UNIT[:1], UNIT[1:2]], verbose=0), atol=1e-5
    )
    assert probe.pair == "right"


def test_its_range_is_found() -> None:
    model = keras.Sequential(
        [keras.Input((12, 12)), layers.Rescaling(1 / 255), layers.Flatten(), layers.Dense(2)]
    )
    assert cnnviz.Probe(model).value_range == (0, 255)


def test_a_decoder_is_refused_with_what_helps() -> None:
    code = keras.Input((7,))
    made = layers.Reshape((4, 4, 1))(layers.Dense(16)(code))
    with pytest.raises(
        cnnviz.ModelError, match=r"of a code of 7 numbers.*keras\.Sequential\(\[encoder, decoder\]"
    ):
        cnnviz.Probe(keras.Model(code, made))
    encoder = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(7)])
    assert cnnviz.Probe(keras.Sequential([encoder, keras.Model(code, made)])).input_shape == (8, 8, 1)


@pytest.mark.parametrize(("row", "shape"), [(144, (12, 12, 1)), (432, (12, 12, 3))])
def test_a_row_of_pixels_is_refused_with_a_line_that_works(row: int, shape: tuple[int, ...]) -> None:
    model = keras.Sequential([keras.Input((row,)), layers.Dense(2)])
    with pytest.raises(cnnviz.ModelError, match="If these are the pixels of a picture") as seen:
        cnnviz.Probe(model)
    line = str(seen.value).partition("in front: ")[2].removesuffix(".")
    made: Any = eval(line, {"keras": keras, "model": model})
    assert cnnviz.Probe(made).input_shape == shape


def test_an_input_that_is_no_picture_cannot_be_chosen_as_one() -> None:
    picture, age = keras.Input((8, 8, 3)), keras.Input((1,), name="age")
    both = layers.Concatenate()([layers.Flatten()(picture), age])
    model = keras.Model([picture, age], layers.Dense(2)(both))
    with pytest.raises(cnnviz.SettingError, match=r"image_input must be .*'age' takes \(N, 1\)"):
        cnnviz.Probe(model, image_input="age")
