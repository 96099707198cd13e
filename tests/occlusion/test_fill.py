"""What a covered place is filled with, in the picture's own value range."""

import numpy as np
import pytest

from cnnviz_widgets import Image, SettingError
from cnnviz_widgets.occlusion.fill import FILLS, filled
from tests import models


@pytest.mark.parametrize(
    ("value_range", "grey"), [((0, 1), 0.5), ((-1, 1), 0.0), ((0, 255), 127.5), ((2, 6), 4.0)]
)
def test_grey_is_the_middle_of_the_value_range(value_range: tuple[float, float], grey: float) -> None:
    image = Image(np.full((4, 5, 3), value_range[0], np.float32), value_range)
    np.testing.assert_array_equal(filled(image, "grey"), np.full((4, 5, 3), grey, np.float32))
    assert (filled(image, "black").max(), filled(image, "white").min()) == value_range


def test_mean_is_the_mean_colour() -> None:
    image = models.picture(6, 7)
    np.testing.assert_allclose(filled(image, "mean")[2, 3], image.pixels.mean(axis=(0, 1)), rtol=1e-6)


def test_noise_is_that_of_its_seed() -> None:
    image = models.picture()
    np.testing.assert_array_equal(filled(image, "noise", 3), filled(image, "noise", 3))
    assert (filled(image, "noise", 3) != filled(image, "noise", 4)).any()


def test_blur_keeps_the_brightness_and_loses_the_detail() -> None:
    image = models.picture(64, 48)
    soft = filled(image, "blur")
    assert soft.mean() == pytest.approx(image.pixels.mean(), abs=0.02)
    assert soft.std() < image.pixels.std() / 3


def test_a_colour_is_read_as_red_green_blue() -> None:
    image = models.picture(high=255.0)
    np.testing.assert_array_equal(filled(image, "#ff8000")[0, 0], [255, 128, 0])


def test_a_colour_on_a_grey_picture_is_its_mean() -> None:
    assert filled(models.picture(channels=1), "#ff0000")[0, 0, 0] == pytest.approx(1 / 3)


@pytest.mark.parametrize("fill", [*FILLS, "#123456"])
@pytest.mark.parametrize("value_range", [(0.0, 1.0), (-1.0, 1.0), (0.0, 255.0)])
def test_every_fill_stays_in_range_with_the_pictures_shape(
    fill: str, value_range: tuple[float, float]
) -> None:
    image = models.picture(9, 7).to_range(value_range)
    made = filled(image, fill)
    assert made.shape == image.pixels.shape
    assert made.dtype == np.float32
    assert made.min() >= value_range[0]
    assert made.max() <= value_range[1]


def test_a_colour_that_cannot_be_read_says_what_can() -> None:
    with pytest.raises(SettingError, match=r"grey, mean, blur, noise.*or a colour such as.*got '#zz'"):
        filled(models.picture(), "#zz")


def test_a_colour_for_a_picture_without_colours_is_refused() -> None:
    with pytest.raises(SettingError, match="needs a picture of 1 or 3 channels; this one has 5"):
        filled(models.picture(channels=5), "#ff0000")


def test_another_picture_is_brought_to_the_size_channels_and_range() -> None:
    made = filled(models.picture(9, 7, 3, high=255.0), models.picture(20, 20, 1, seed=2))
    assert made.shape == (9, 7, 3)
    assert made.max() > 100
    np.testing.assert_array_equal(made[..., 0], made[..., 2])
