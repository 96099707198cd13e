"""What a cell can see of the picture, against the gradient of that very cell."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets.errors import LayerError, SettingError, TargetError
from tests import models

HIGH, WIDE = 19, 23
Build = Callable[[Any], Any]


def positive(model: keras.Model) -> keras.Model:
    """Make every weight positive, so that no two ways to a pixel cancel, and small, so that nothing saturates."""
    for variable in model.trainable_variables:
        weights = np.random.default_rng(0).uniform(0.1, 0.2, variable.shape)
        variable.assign(weights if len(variable.shape) == 1 else 5 * weights / np.prod(variable.shape[:-1]))
    return model


def built(build: Build, shape: tuple[int, ...] = (HIGH, WIDE, 2)) -> keras.Model:
    image = keras.Input(shape, name="image")
    return positive(keras.Model(image, layers.Identity(name="last")(build(image)), name="tiny"))


def touched(model: keras.Model, layer: str, position: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    """Return (H, W) bool: the pixels whose change moves the cell, by the gradient."""
    upper = keras.Model(model.inputs[0], model.get_layer(layer).output)
    pixels = tf.constant(
        np.random.default_rng(1).uniform(0.1, 1, (1, *size, model.input_shape[-1])), tf.float32
    )
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        cell = upper(pixels)[0, position[0], position[1]]
        value = tf.reduce_sum(
            cell * (1.0 + tf.range(cell.shape[0], dtype=tf.float32))
        )  # a softmax adds up to 1
    slope = tape.gradient(value, pixels)
    assert slope is not None
    return np.abs(slope.numpy()[0]).max(axis=-1) > 0


def rectangle(pixels: np.ndarray) -> tuple[int, int, int, int]:
    if not pixels.any():
        return 0, 0, 0, 0
    rows, columns = (np.flatnonzero(pixels.any(axis=axis)) for axis in (1, 0))
    return rows[0], columns[0], rows[-1] - rows[0] + 1, columns[-1] - columns[0] + 1


def agrees(model: keras.Model, layer: str = "last", size: tuple[int, int] = (HIGH, WIDE)) -> None:
    """Compare the corners, the edges and the middle of a layer's maps."""
    probe = cnnviz.Probe(model)
    high, wide = keras.Model(model.inputs[0], model.get_layer(layer).output).compute_output_shape(
        (1, *size, 2)
    )[1:3]
    for row in sorted({0, 1 % high, high // 2, high - 1}):
        for column in sorted({0, 1 % wide, wide // 2, wide - 1}):
            field = probe.receptive_field(layer, (row, column), size)
            wanted = rectangle(touched(model, layer, (row, column), size))
            assert (field.top, field.left, field.height, field.width) == wanted, (row, column)


def two_branches(x: Any) -> Any:
    near = layers.Conv2D(2, 1)(x)
    far = layers.Conv2D(2, (3, 5), padding="same", dilation_rate=2)(x)
    return layers.Add()([near, far])


def beside_each_other(x: Any) -> Any:
    fine = layers.Conv2D(2, 3, padding="same")(x)
    coarse = layers.UpSampling2D(2)(layers.AveragePooling2D(2, padding="same")(x))
    return layers.Concatenate()([layers.Cropping2D(((0, 1), (0, 1)))(coarse), fine])


BUILDS: dict[str, Build] = {
    "valid": lambda x: layers.Conv2D(2, (3, 5))(x),
    "same": lambda x: layers.Conv2D(2, (3, 4), padding="same")(x),
    "strided, same": lambda x: layers.Conv2D(2, (3, 4), strides=2, padding="same")(x),
    "strided, valid": lambda x: layers.Conv2D(2, 3, strides=(2, 3))(x),
    "a stride beyond the kernel": lambda x: layers.Conv2D(2, 2, strides=4)(x),
    "dilated": lambda x: layers.Conv2D(2, 3, padding="same", dilation_rate=3)(x),
    "two of them": lambda x: layers.Conv2D(2, 3, strides=2, padding="same")(
        layers.Conv2D(2, 5, padding="same")(x)
    ),
    "depthwise": lambda x: layers.DepthwiseConv2D(3, strides=2, padding="same")(x),
    "separable": lambda x: layers.SeparableConv2D(2, 5, padding="same")(x),
    "average pooling": lambda x: layers.AveragePooling2D(3, strides=2, padding="same")(x),
    "transposed, same": lambda x: layers.Conv2DTranspose(2, 3, strides=2, padding="same")(x),
    "transposed, valid": lambda x: layers.Conv2DTranspose(2, 4, strides=3)(x),
    "transposed after a stride": lambda x: layers.Conv2DTranspose(2, 5, strides=2, padding="same")(
        layers.Conv2D(2, 3, strides=2, padding="same")(x)
    ),
    "enlarged": lambda x: layers.UpSampling2D((2, 3))(x),
    "enlarged between centres": lambda x: layers.UpSampling2D(2, interpolation="bilinear")(x),
    "enlarged threefold": lambda x: layers.UpSampling2D(3, interpolation="bilinear")(x),
    "padded": lambda x: layers.Conv2D(2, 3, strides=2)(layers.ZeroPadding2D(((2, 1), (1, 3)))(x)),
    "cropped": lambda x: layers.Conv2D(2, 3)(layers.Cropping2D(((2, 1), (1, 3)))(x)),
    "two branches": two_branches,
    "beside each other": beside_each_other,
    "softmax over the channels": lambda x: layers.Softmax()(layers.Conv2D(3, 3)(x)),
    "layer by layer": lambda x: layers.ReLU()(layers.BatchNormalization()(layers.Conv2D(2, 3)(x))),
}


@pytest.mark.parametrize("name", BUILDS)
def test_no_pixel_outside_moves_the_cell_and_the_border_does(name: str) -> None:
    agrees(built(BUILDS[name]))


def test_a_maximum_may_come_from_any_place_of_its_window() -> None:
    probe = cnnviz.Probe(built(lambda x: layers.MaxPooling2D(3, strides=2, padding="same")(x)))
    field = probe.receptive_field("last", (2, 3))
    assert (field.top, field.left, field.height, field.width) == (3, 5, 3, 3)


def test_a_gate_of_the_whole_picture_lets_a_cell_see_all_of_it() -> None:
    def gated(x: Any) -> Any:
        return layers.Multiply()([x, layers.GlobalAveragePooling2D(keepdims=True)(x)])

    agrees(built(gated))
    assert cnnviz.Probe(built(gated)).receptive_field("last", (3, 3)).whole


def test_an_unknown_layer_is_taken_to_read_everything() -> None:
    class Own(layers.Layer):  # type: ignore[misc]
        def call(self, x: Any) -> Any:
            return x

    assert cnnviz.Probe(built(lambda x: Own()(x))).receptive_field("last", (0, 0)).whole


def test_the_field_goes_on_beyond_the_edges() -> None:
    probe = cnnviz.Probe(built(lambda x: layers.Conv2D(2, 5, padding="same")(x)))
    field = probe.receptive_field("last", (0, 1))
    assert (field.top, field.left, field.height, field.width) == (0, 0, 3, 4)
    assert field.unclipped == (-2, -1, 5, 5)


def test_as_shares_it_can_be_drawn() -> None:
    probe = cnnviz.Probe(built(lambda x: layers.Conv2D(2, 1)(x)))
    x, y, width, height = probe.receptive_field("last", (2, 4)).shares
    assert (x * WIDE, y * HIGH, width * WIDE, height * HIGH) == pytest.approx((4, 2, 1, 1))


def test_a_cell_that_reads_only_padding_sees_nothing() -> None:
    probe = cnnviz.Probe(built(lambda x: layers.Conv2D(2, 1)(layers.ZeroPadding2D(2)(x))))
    field = probe.receptive_field("last", (0, 5))
    assert (field.height, field.width, field.unclipped) == (0, 0, (-2, 3, 1, 1))


def test_a_layer_after_the_maps_are_gone_has_no_cells() -> None:
    with pytest.raises(LayerError, match="classes has no maps"):
        cnnviz.Probe(models.functional()).receptive_field("classes", (0, 0))


@pytest.mark.parametrize(
    ("position", "says"),
    [
        ((8, 0), "position row must be from 0 to 7 in conv_1; got 8"),
        (
            (0, -1),
            "column must be a whole number, at least 0; got -1|column must be from 0 to 7 in conv_1; got -1",
        ),
        (3, r"position must be \(row, column\); got 3"),
    ],
)
def test_a_cell_that_there_is_not_is_refused(position: Any, says: str) -> None:
    with pytest.raises(TargetError, match=says):
        cnnviz.Probe(models.functional()).receptive_field("conv_1", position)


def test_a_model_of_any_size_wants_to_know_the_pictures() -> None:
    model = positive(models.functional((None, None, 3)))
    probe = cnnviz.Probe(model)
    with pytest.raises(SettingError, match=r"takes pictures of any size: give size=\(height, width\)"):
        probe.receptive_field("conv_2", (0, 0))
    small, large = (probe.receptive_field("conv_2", (1, 2), size) for size in ((8, 8), (20, 30)))
    assert (small.height, small.width, small.whole) == (7, 7, False)
    assert (large.picture, large.left) == ((20, 30), 1)


@pytest.mark.parametrize("name", ["model in model in model", "channels_first", "shared layer", "two inputs"])
def test_every_kind_of_graph_is_followed(name: str) -> None:
    probe = cnnviz.Probe(models.ZOO[name]())
    last = probe.spatial_layers[-1]
    field = probe.receptive_field(last.name, (1, 1))
    assert 0 < field.height <= models.SIDE


@pytest.mark.parametrize(
    ("layer", "position"),
    [("stem_activation", (0, 111)), ("block2a_activation", (17, 22)), ("block3b_activation", (27, 0))],
)
def test_on_a_trained_network_it_is_what_the_gradient_says(layer: str, position: tuple[int, int]) -> None:
    model = keras.models.clone_model(cnnviz.demo.photo_classifier())
    positive(model)
    wanted = rectangle(touched(model, layer, position, (224, 224)))
    field = cnnviz.Probe(model).receptive_field(layer, position)
    assert (field.top, field.left, field.height, field.width) == wanted


# the convolution of a layer


@pytest.mark.parametrize(
    ("layer", "kernels"),
    [
        ("conv_1", "conv_1"),
        ("norm_1", "conv_1"),
        ("relu_1", "conv_1"),
        ("pool_1", "conv_1"),
        ("conv_2", "conv_2"),
    ],
)
def test_a_layer_has_the_kernels_of_the_convolution_that_it_takes_its_channels_from(
    layer: str, kernels: str
) -> None:
    kernel = cnnviz.Probe(models.functional()).own_kernel(layer)
    assert kernel is not None
    assert kernel.layer == kernels


@pytest.mark.parametrize("name", ["two branches", "beside each other"])
def test_a_layer_that_mixes_several_has_no_kernels_of_its_own(name: str) -> None:
    assert cnnviz.Probe(built(BUILDS[name])).own_kernel("last") is None
