"""Filters: the kernels themselves, and how they are drawn; the response of one of them to the pixels."""

import dataclasses
from typing import Any

import keras
import numpy as np
import pytest
import scipy.signal
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets.render import panels
from tests import models


def _first(layer: layers.Layer, shape: tuple[int, int, int] = (9, 12, 3), before: Any = None) -> keras.Model:
    keras.utils.set_random_seed(8)
    image = keras.Input(shape, name="image")
    x = layer(before(image) if before else image)
    x = layers.ReLU(name="positive")(x)
    return keras.Model(image, layers.Dense(2)(layers.GlobalAveragePooling2D()(x)))


def test_kernels_over_three_channels_are_colours() -> None:
    model = models.functional()
    found = cnnviz.Filters()(model, models.picture())
    kernel = model.get_layer("conv_1").get_weights()[0]
    assert (found.layer, found.values.shape, found.order) == ("conv_1", (3, 3, 4), (0, 1, 2, 3))
    np.testing.assert_array_equal(found.colours, kernel.transpose(0, 1, 3, 2))
    assert found.notes == ()


@pytest.mark.parametrize("chosen", [0, 3])
def test_deeper_kernels_are_shown_by_input_channel(chosen: int) -> None:
    model = models.functional()
    found = cnnviz.Filters(layer="conv_2", input_channel=chosen)(model, models.picture())
    kernel = model.get_layer("conv_2").get_weights()[0]
    np.testing.assert_array_equal(found.values, kernel[:, :, chosen])
    assert found.colours is None
    assert found.notes == (f"Input channel {chosen} of 4 is shown.",)


def test_an_input_channel_that_does_not_exist_is_refused() -> None:
    with pytest.raises(
        cnnviz.SettingError, match=r"input_channel must be from 0 to 3, the channels that conv_2"
    ):
        cnnviz.Filters(layer="conv_2", input_channel=4)(models.functional(), models.picture())


def test_a_layer_without_kernels_shows_those_of_the_convolution_that_feeds_it() -> None:
    found = cnnviz.Filters(layer="relu_1")(models.functional(), models.picture())
    assert found.layer == "relu_1"
    assert "relu_1 has no kernels; those of conv_1" in found.notes[0]


def test_before_the_first_convolution_there_is_nothing_to_show() -> None:
    model = _first(layers.Conv2D(2, 3, name="conv"), before=layers.MaxPooling2D(name="pool"))
    with pytest.raises(
        cnnviz.LayerError, match=r"pool has no kernels, nor has any layer before it.*Choose.*conv"
    ):
        cnnviz.Filters(layer="pool")(model, models.picture(9, 12))


def test_a_separable_convolution_is_multiplied_out() -> None:
    model = _first(layers.SeparableConv2D(4, 3, depth_multiplier=2, name="conv", use_bias=False))
    image = models.picture(9, 12)
    probe = cnnviz.Probe(model)
    kernel = probe.kernel("conv").values
    expected = sum(
        np.stack(
            [scipy.signal.correlate2d(image.pixels[..., c], kernel[:, :, c, k], "valid") for k in range(4)],
            -1,
        )
        for c in range(3)
    )
    np.testing.assert_allclose(probe.activations(image, "conv"), expected, atol=1e-4)


@pytest.mark.parametrize("k", [0, 2])
def test_the_extremes_of_the_picture_are_those_of_the_kernel_and_zero_is_mid_grey(k: int) -> None:
    model = models.functional()
    kernel = model.get_layer("conv_1").get_weights()[0]
    kernel[0, 0] = 0
    model.get_layer("conv_1").set_weights([kernel])
    found = cnnviz.Filters()(model, models.picture())
    drawn = panels(dataclasses.replace(found, order=(k,)), tile=90)
    cells = drawn.map.reshape(3, 30, 3, 30, 3)[:, 15, :, 15].astype(float)
    most = np.abs(kernel[..., k]).max()
    np.testing.assert_allclose(cells, 127.5 + 127.5 * kernel[..., k] / most, atol=1.01)
    assert set(np.unique(drawn.map[:30, :30])) <= {127, 128}


def test_all_kernels_are_tiles_and_a_page_holds_25() -> None:
    model = _first(layers.Conv2D(30, 3, name="conv"))
    found = cnnviz.Filters()(model, models.picture(9, 12))
    first, second = found.picture(size=300), found.picture(size=300, page=1)
    assert first.shape == second.shape
    assert (first[200:] != second[200:]).any()


# response


@pytest.mark.parametrize("channel", [0, 3])
@pytest.mark.parametrize("size", [1, 3, 5])
def test_the_response_is_scipys_correlation_with_the_raw_pixels(channel: int, size: int) -> None:
    model = _first(layers.Conv2D(4, size, name="conv", padding="same"))
    image = models.picture(9, 12, high=255.0)
    kernel = model.get_layer("conv").get_weights()[0][..., channel]
    expected = scipy.signal.correlate(np.pad(image.pixels, ((0, 0), (0, 0), (2, 2))), kernel, "same")[..., 3]
    by_channel = sum(scipy.signal.correlate2d(image.pixels[..., c], kernel[..., c], "same") for c in range(3))
    np.testing.assert_allclose(by_channel, expected, atol=1e-2)
    found = cnnviz.FilterResponse(channel=channel)(model, image)
    np.testing.assert_allclose(found.values, by_channel, atol=1e-2)
    assert found.signed


@pytest.mark.parametrize(
    "convolution",
    [
        layers.Conv2D(4, 3, padding="same", name="conv"),
        layers.Conv2D(4, 3, padding="valid", name="conv"),
        layers.Conv2D(4, 3, strides=2, padding="same", name="conv"),
        layers.Conv2D(4, 4, strides=2, padding="same", name="conv"),
        layers.Conv2D(4, 3, strides=2, padding="valid", name="conv"),
        layers.Conv2D(4, 3, dilation_rate=2, padding="same", name="conv"),
        layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", name="conv"),
    ],
)
@pytest.mark.parametrize(
    "before", [None, lambda x: layers.Rescaling(3.0)(x), lambda x: layers.ZeroPadding2D(2)(x)]
)
def test_the_layers_own_map_is_the_response_but_for_bias_and_scale(
    convolution: layers.Layer, before: Any
) -> None:
    model = _first(type(convolution).from_config(convolution.get_config()), (9, 12, 3), before)
    probe, image = cnnviz.Probe(model), models.picture(9, 12)
    found = cnnviz.FilterResponse(channel=3)(probe, image)
    np.testing.assert_array_equal(found.own, probe.gradient(image, 0, at="conv").values[..., 3])
    assert found.scores["correlation"] == pytest.approx(1, abs=1e-4)


def test_the_picture_shows_the_response_and_beside_it_the_layers_own_map() -> None:
    model = _first(layers.Conv2D(2, 3, strides=2, name="conv"))
    drawn = panels(cnnviz.FilterResponse()(model, models.picture(9, 12)))
    assert drawn.tag == "the layer's map 4 × 5"
    assert drawn.zero == 0.5


def test_side_by_side_are_the_answer_and_the_layers_own_map() -> None:
    found = cnnviz.FilterResponse()(_first(layers.Conv2D(2, 3, name="conv")), models.picture(40, 40))
    drawn = found.picture(cnnviz.Style(mode="side by side"), size=400)
    np.testing.assert_array_equal(drawn[:, :400], found.picture(cnnviz.Style(mode="map"), size=400))
    np.testing.assert_array_equal(drawn[:, 410:], panels(found, hero=400, tile=400).map)


def test_a_response_has_nothing_to_add_to_how_it_is_read() -> None:
    assert cnnviz.FilterResponse()(models.functional(), models.picture()).notes == ()


def test_filters_and_responses_are_of_no_target() -> None:
    found = [
        method()(models.functional(), models.picture()) for method in (cnnviz.Filters, cnnviz.FilterResponse)
    ]
    assert [explanation.target for explanation in found] == ["", ""]


def test_a_kernel_for_other_channels_than_the_pictures_is_refused() -> None:
    with pytest.raises(
        cnnviz.LayerError, match=r"conv_2 takes 4 channels, the picture has 3.*Choose the first"
    ):
        cnnviz.FilterResponse(convolution="conv_2")(models.functional(), models.picture())


def test_a_kernel_that_does_not_exist_is_refused() -> None:
    with pytest.raises(
        cnnviz.SettingError, match=r"channel must be from 0 to 3, the kernels of conv_1; got 4"
    ):
        cnnviz.FilterResponse(channel=4)(models.functional(), models.picture())


def test_a_convolution_behind_others_is_not_compared_with_the_pixels() -> None:
    found = cnnviz.FilterResponse(convolution="shared#2")(models.shared_layer(), models.picture())
    assert found.scores == {}
    assert any("does not read the picture itself" in note for note in found.notes)
