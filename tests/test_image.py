"""Pictures as numbers: what is taken, what is refused, and in which words."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from cnnviz_widgets.errors import ImageError
from cnnviz_widgets.image import Image


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def encoded(picture: PIL.Image.Image, kind: str = "PNG", **more: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **more)
    return buffer.getvalue()


def shown_alone(error: BaseException) -> bool:
    """Tell whether a traceback shows no other error before this one."""
    return error.__cause__ is None and (error.__suppress_context__ or error.__context__ is None)


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


def test_a_path_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"there is no file '.*nowhere\.jpg'"):
        Image.load(tmp_path / "nowhere.jpg")


def test_a_folder_is_not_a_picture(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="is a folder"):
        Image.load(tmp_path)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is an empty file"),
        (b"this is no picture", "is not a picture of a kind that Pillow knows"),
        (encoded(PIL.Image.new("RGB", (60, 60)))[:60], "cannot be read: its data is damaged or cut short"),
        (
            encoded(PIL.Image.fromarray(noise(60, 60, 3)), "JPEG")[:900],
            "cannot be read: its data is damaged or cut short",
        ),
    ],
)
def test_a_broken_file_is_named_with_a_short_reason_and_no_other_error(
    tmp_path: Path, content: bytes, why: str
) -> None:
    (tmp_path / "broken.png").write_bytes(content)
    with pytest.raises(ImageError, match=rf"broken\.png {why}\.$") as seen:
        Image.load(tmp_path / "broken.png")
    assert shown_alone(seen.value)


def test_a_broken_pil_image_is_refused_in_the_same_words() -> None:
    half = PIL.Image.open(io.BytesIO(encoded(PIL.Image.fromarray(noise(60, 60, 3)), "JPEG")[:900]))
    with pytest.raises(ImageError, match="the picture cannot be read: its data is damaged or cut short"):
        Image.load(half)


def test_a_picture_of_too_many_pixels_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PIL.Image, "MAX_IMAGE_PIXELS", 10)
    with pytest.raises(ImageError, match="the file is too large; at most 100 million pixels are opened"):
        Image.load(encoded(PIL.Image.new("L", (9, 9))))


@pytest.mark.parametrize("text", ["http://127.0.0.1:1/cat.png", "nowhere\0.png"])
def test_what_cannot_be_opened_is_one_error(text: str) -> None:
    with pytest.raises(ImageError, match=r"could not fetch|cannot be opened|there is no file") as seen:
        Image.load(text)
    assert shown_alone(seen.value)
    assert "<" not in str(seen.value)


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


def test_a_file_is_loaded_and_named_after_itself(tmp_path: Path) -> None:
    raw = noise(5, 6, 3)
    PIL.Image.fromarray(raw).save(tmp_path / "cat.png")
    made = Image.load(str(tmp_path / "cat.png"))
    assert made.name == "cat"
    assert np.array_equal(made.rgb(), raw)


def test_a_file_address_is_loaded(tmp_path: Path) -> None:
    PIL.Image.fromarray(noise(5, 6, 3)).save(tmp_path / "a cat.png")
    assert Image.load((tmp_path / "a cat.png").as_uri()).size == (5, 6)


def test_bytes_arrays_and_pil_images_are_loaded_alike() -> None:
    raw = noise(5, 6, 3)
    drawn = PIL.Image.fromarray(raw)
    assert Image.load(encoded(drawn)) == Image.load(drawn) == Image.load(raw)


def test_an_image_loads_as_itself() -> None:
    made = Image(noise(2, 2))
    assert Image.load(made) is made


def test_the_cameras_orientation_is_applied() -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    content = encoded(PIL.Image.new("RGB", (8, 4)), "JPEG", exif=exif)
    assert Image.load(content).size == (8, 4)


def test_transparency_lies_on_white() -> None:
    clear = PIL.Image.new("RGBA", (2, 2), (255, 0, 0, 0))
    assert (Image.load(clear).rgb() == 255).all()


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "LA", "I;16", "F"])
def test_every_mode_of_pillow_is_loaded(mode: str) -> None:
    made = Image.load(PIL.Image.new(mode, (3, 2)))
    assert made.size == (2, 3)
    assert made.range == (0, 255)


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


def test_an_image_says_its_size_and_range() -> None:
    assert repr(Image(noise(4, 5, 3), name="cat")) == "Image('cat', 4 x 5 x 3, values 0 to 255)"
