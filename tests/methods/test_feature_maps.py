"""Feature maps: a layer's activations, channel by channel."""

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from tests import easy_models, models


def test_they_are_what_a_sub_model_answers() -> None:
    model, image = models.functional(), models.picture()
    upper = keras.Model(model.inputs[0], model.get_layer("relu_1").output)
    found = cnnviz.FeatureMaps(layer="relu_1")(model, image)
    np.testing.assert_allclose(found.values, np.asarray(upper(image.pixels[None]))[0], atol=1e-6)


def test_the_first_convolution_is_shown_if_no_layer_is_named() -> None:
    assert cnnviz.FeatureMaps()(models.functional(), models.picture()).layer == "conv_1"


def test_by_activity_the_channel_that_varies_most_comes_first_not_the_loudest() -> None:
    kernel = np.array([[0.0, 5.0, 1.0]], np.float32)
    model = easy_models.averaging(kernel, np.ones((3, 2), np.float32))
    pixels = np.full((8, 8, 1), 0.5, np.float32)
    pixels[0, 0] = 0.6
    found = cnnviz.FeatureMaps(layer="maps")(model, cnnviz.Image(pixels, (0, 1)))
    assert found.order == (1, 2, 0)
    assert found.notes == ("1 of 3 channels are the same everywhere.",)


def test_by_index_the_channels_keep_their_order() -> None:
    found = cnnviz.FeatureMaps(order="index")(models.functional(), models.picture())
    assert found.order == (0, 1, 2, 3)


def test_they_do_not_depend_on_the_target() -> None:
    probe = cnnviz.Probe(models.functional())
    first, second = (cnnviz.FeatureMaps(target=t)(probe, models.picture()) for t in (0, 2))
    np.testing.assert_array_equal(first.values, second.values)


def test_a_layer_without_maps_is_refused() -> None:
    with pytest.raises(cnnviz.LayerError, match="classes has no maps"):
        cnnviz.FeatureMaps(layer="classes")(models.functional(), models.picture())
