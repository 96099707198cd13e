"""A rebuilt picture is compared with what it was rebuilt from, in the same range."""

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ReconstructionError
from tests import models


def _autoencoder(
    first: list[keras.layers.Layer], end: str | None, last: list[keras.layers.Layer]
) -> keras.Model:
    keras.utils.set_random_seed(4)
    x = image = keras.Input((8, 8, 1))
    for layer in first:
        x = layer(x)
    code = layers.Conv2D(2, 3, strides=2, padding="same", activation="tanh", name="encoded")(x)
    x = layers.Conv2D(1, 3, padding="same", activation=end)(layers.UpSampling2D()(code))
    for layer in last:
        x = layer(x)
    return keras.Model(image, x)


@pytest.mark.parametrize(
    ("first", "end", "last", "scale", "offset"),
    [
        ([layers.Rescaling(1 / 255)], "sigmoid", [], 1 / 255, 0.0),
        ([layers.Rescaling(1 / 127.5, -1.0)], "tanh", [], 1 / 127.5, -1.0),
        ([layers.Rescaling(1 / 255)], "sigmoid", [layers.Rescaling(255.0)], 1.0, 0.0),
        ([layers.Rescaling(1 / 255)], None, [], 1 / 255, 0.0),
    ],
)
def test_a_network_that_rescales_inside_is_compared_in_the_range_of_its_answer(
    first: list[keras.layers.Layer],
    end: str | None,
    last: list[keras.layers.Layer],
    scale: float,
    offset: float,
) -> None:
    probe = cnnviz.Probe(_autoencoder(first, end, last))
    image = models.picture(channels=1, high=255.0)
    expected = ((probe.predict(image)[0] - (image.pixels * scale + offset)) ** 2).mean()
    np.testing.assert_allclose(probe.scores([image], ReconstructionError())[0], expected, rtol=1e-4)


def test_an_error_within_windows_is_that_of_whole_pictures() -> None:
    probe = cnnviz.Probe(_autoencoder([layers.Rescaling(1 / 255)], "sigmoid", []))
    image = models.picture(channels=1, high=255.0)
    *_, swept = cnnviz.Occlusion(patch=4, stride=4, target=ReconstructionError()).sweep(probe, image)
    found = swept.values(ReconstructionError())
    np.testing.assert_allclose(found[-1], probe.scores([image], ReconstructionError())[0], rtol=1e-4)
    assert float(np.max(found)) < 1


def test_unlike_ranges_are_refused_with_the_cure_and_the_other_maps_stay() -> None:
    probe = cnnviz.Probe(_autoencoder([], "sigmoid", []), value_range=(0, 255))
    with pytest.raises(
        cnnviz.TargetError, match=r"from 0 to 1, with what goes in, from 0 to 255.*begin it with a"
    ):
        probe.target(ReconstructionError())
    found = cnnviz.Occlusion(patch=4, stride=4)(probe, models.picture(channels=1, high=255.0))
    assert found.target == "the energy of encoded"
