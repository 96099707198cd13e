"""Of an encoder its own output is compared; of a network of two pictures what each becomes before they meet."""

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from tests import models
from tests.kinds import answers

FIRST, SECOND = models.picture(seed=1), models.picture(seed=2)


def test_of_an_encoder_its_output_is_compared() -> None:
    model = answers.encoder()
    found = cnnviz.similarity(model, FIRST, SECOND)
    first, second = (np.asarray(model(one.pixels[None]))[0] for one in (FIRST, SECOND))
    assert found.layer == "unit"
    np.testing.assert_allclose(found.value, first @ second, atol=1e-5)


def test_of_a_pair_what_its_branch_gives_is_compared_and_said() -> None:
    model = answers.pair()
    found = cnnviz.similarity(model, FIRST, SECOND)
    apart = np.asarray(model([FIRST.pixels[None], SECOND.pixels[None]]))[0]
    assert found.layer == "encoder/unit"
    np.testing.assert_allclose(2 - 2 * found.value, apart**2, atol=1e-4)
    assert any("before the two meet" in note for note in found.notes)


def test_pictures_that_meet_at_once_have_no_codes() -> None:
    left, right = keras.Input((8, 8, 3)), keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, activation="relu")(layers.Concatenate()([left, right]))
    model = keras.Model([left, right], layers.Dense(1)(layers.GlobalAveragePooling2D()(x)))
    with pytest.raises(cnnviz.LayerError, match=r"compares two pictures itself.*Give layer="):
        cnnviz.similarity(model, FIRST, SECOND)
