"""Pictures as numbers: what is taken, what is refused, and at what size and range."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from cnnviz_widgets.errors import ImageError
from cnnviz_widgets.images.image import Image
from tests.images.common import noise, shown_alone


@pytest.mark.parametrize(
    ("values", "value_range"),
    [
        (np.array([[0, 200]], np.uint8), (0, 255)),
        (np.array([[0.0, 1.0]]), (0, 1)),
        (np.array([[-0.5, 1.0]]), (-1, 1)),
        (np.array([[0.0, 254.0]]), (0, 255)),
        (np.array([[0, 1]], np.uint8), (0, 255)),
        (np.array([[True, False]]), (0, 1)),
    ],
)
def test_the_range_is_inferred_from_kind_and_values(
    values: np.ndarray, value_range: tuple[float, float]
) -> None:
    assert Image(values).range == value_range


def test_a_range_that_cannot_be_inferred_has_to_be_said() -> None:
    with pytest.raises(ImageError, match=r"pixels run from -3 to 7: say what range"):
        Image(np.array([[-3.0, 7.0]]))


def test_pixels_are_float32_height_width_channels_and_read_only() -> None:
    made = Image(noise(4, 5))
    assert made.pixels.shape == (4, 5, 1)
    assert made.pixels.dtype == np.float32
    with pytest.raises(ValueError, match="read-only"):
        made.pixels[0, 0, 0] = 1


def test_the_array_given_stays_writable_and_apart() -> None:
    raw = np.zeros((2, 2, 3), np.float32)
    made = Image(raw)
    raw[:] = 1
    assert made.pixels.max() == 0


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (np.zeros(5), r"must be \(height, width\) or \(height, width, channels\); got shape \(5,\)"),
        (np.zeros((2, 3, 3, 3)), r"got shape \(2, 3, 3, 3\)"),
        (np.zeros((0, 3, 3)), "at least one pixel"),
        (np.array([["a", "b"]]), "must be numbers"),
        (np.array([[None]]), "must be numbers"),
        (np.zeros((2, 2), complex), "real numbers; got complex"),
        (np.array([[np.nan, 0.5], [np.inf, 0.5]]), r"2 of 4 pixel values are NaN or infinite\. Replace them"),
    ],
)
def test_what_is_no_picture_is_refused_in_words(raw: np.ndarray, message: str) -> None:
    with pytest.raises(ImageError, match=message):
        Image(raw)


def test_pixels_outside_the_declared_range_are_refused_with_both_ranges() -> None:
    with pytest.raises(ImageError, match=r"must lie in value_range \(0, 1\); these run from 0 to 200"):
        Image(np.array([[0, 200]], np.uint8), value_range=(0, 1))


@pytest.mark.parametrize("value_range", [(1, 0), (0, 0), (0,), "ab", (0, float("inf")), 5])
def test_a_range_is_two_rising_numbers(value_range: Any) -> None:
    with pytest.raises(ImageError, match="value_range must be"):
        Image(np.zeros((2, 2)), value_range=value_range)


def test_a_batch_of_one_is_a_picture() -> None:
    assert Image(noise(1, 4, 5, 3)).size == (4, 5)


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 12])
def test_any_number_of_channels_can_be_drawn(channels: int) -> None:
    drawn = Image(noise(4, 5, channels)).rgb()
    assert drawn.shape == (4, 5, 3)
    assert drawn.dtype == np.uint8


def test_five_channels_are_drawn_as_their_mean() -> None:
    made = Image(
        np.repeat(np.arange(5, dtype=np.float32) * 50, 4).reshape(5, 2, 2).transpose(1, 2, 0), (0, 255)
    )
    assert (made.rgb() == 100).all()


def test_rgb_gives_back_the_bytes_of_a_photograph() -> None:
    raw = noise(6, 7, 3)
    assert np.array_equal(Image(raw).rgb(), raw)


def test_the_content_names_the_image() -> None:
    raw = noise(3, 4, 3)
    assert Image(raw, name="a") == Image(raw.copy(), name="b")
    assert Image(raw).digest != Image(raw[::-1]).digest
    assert Image(raw).digest != Image(raw, value_range=(0, 256)).digest
    assert len({Image(raw), Image(raw.copy())}) == 1


def test_the_same_numbers_in_another_shape_are_another_image() -> None:
    assert Image(noise(2, 6)) != Image(noise(2, 6).reshape(3, 4))


@pytest.mark.parametrize("path", ["shape0.png", Path("shape0.png")])
def test_a_path_in_place_of_pixels_is_told_how_to_load_it(path: Any) -> None:
    with pytest.raises(ImageError, match=r"use cnnviz\.Image\.load\('shape0\.png'\)\.$"):
        Image(path)


def test_a_files_bytes_in_place_of_pixels_are_told_how_to_load_them() -> None:
    with pytest.raises(ImageError, match=r"not of a file's bytes; use cnnviz\.Image\.load"):
        Image(b"this could be a file")


def test_rows_of_unequal_length_are_one_error() -> None:
    with pytest.raises(ImageError, match="its rows differ in length") as seen:
        Image([[1, 2], [3]])
    assert shown_alone(seen.value)


def test_mapping_to_another_range_and_back_keeps_the_pixels() -> None:
    made = Image(noise(4, 4, 3))
    back = made.to_range((-1, 1)).to_range((0, 255))
    assert back.pixels == pytest.approx(made.pixels, abs=1e-3)
    assert made.to_range((-1, 1)).range == (-1, 1)


@pytest.mark.parametrize("how", ["crop", "letterbox", "stretch"])
@pytest.mark.parametrize("size", [(7, 7), (30, 11), (64, 128)])
@pytest.mark.parametrize("shape", [(20, 40, 3), (40, 20, 1), (5, 5, 5)])
def test_resizing_gives_the_size_asked_for(
    how: Any, size: tuple[int, int], shape: tuple[int, int, int]
) -> None:
    made = Image(noise(*shape)).resized(size, how)
    assert made.pixels.shape == (*size, shape[2])
    assert made.range == (0, 255)


@pytest.mark.parametrize("how", ["crop", "letterbox", "stretch"])
def test_resizing_leaves_a_constant_picture_constant(how: Any) -> None:
    made = Image(np.full((20, 40, 3), 127.5, np.float32), (0, 255)).resized((16, 16), how)
    assert made.pixels == pytest.approx(np.full((16, 16, 3), 127.5))


def test_a_letterbox_is_padded_with_the_middle_of_the_range() -> None:
    made = Image(np.ones((10, 20, 3), np.float32)).resized((20, 20), "letterbox")
    assert (made.pixels[0] == 0.5).all()
    assert (made.pixels[10] == 1).all()


def test_an_unknown_way_of_resizing_is_named() -> None:
    with pytest.raises(ImageError, match="how must be 'crop', 'letterbox' or 'stretch'; got 'squash'"):
        Image(noise(4, 4)).resized((2, 2), "squash")  # type: ignore[arg-type]


def test_grey_becomes_colour_and_colour_grey() -> None:
    assert Image(noise(4, 4)).with_channels(3).channels == 3
    assert Image(noise(4, 4, 3)).with_channels(1).channels == 1


def test_five_channels_do_not_become_three() -> None:
    with pytest.raises(ImageError, match=r"has 5 channels; the model takes 3\. Give an array \(H, W, 3\)"):
        Image(noise(4, 4, 5)).with_channels(3)
    with pytest.raises(
        ImageError, match=r"the picture has 9 channels.*stand first: numpy\.moveaxis\(array, -3, -1\)"
    ):
        Image(noise(3, 8, 9)).with_channels(3)


def test_an_image_says_its_size_and_range() -> None:
    assert repr(Image(noise(4, 5, 3), name="cat")) == "Image('cat', 4 x 5 x 3, values 0 to 255)"
