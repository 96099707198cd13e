"""Pictures from files: what is opened, what is refused, and in which words."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from cnnviz_widgets.errors import ImageError
from cnnviz_widgets.images.image import Image
from tests.images.common import noise, shown_alone


def encoded(picture: PIL.Image.Image, kind: str = "PNG", **more: Any) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **more)
    return buffer.getvalue()


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


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "LA"])
def test_every_mode_of_pillow_is_loaded(mode: str) -> None:
    made = Image.load(PIL.Image.new(mode, (3, 2)))
    assert made.size == (2, 3)
    assert made.range == (0, 255)


# files of more than 8 bits


def deep(tmp_path: Path, white: float, kind: str = "uint16") -> Path:
    """Write a slice whose largest number is `white`."""
    path = tmp_path / f"slice_{white:g}.{'tif' if kind == 'float32' else 'png'}"
    PIL.Image.fromarray((np.linspace(0, 1, 64).reshape(8, 8) * white).astype(kind)).save(path)
    return path


@pytest.mark.parametrize(("white", "kind"), [(200, "uint16"), (4000, "uint16"), (3071.5, "float32")])
def test_a_file_of_more_than_8_bits_keeps_its_numbers(tmp_path: Path, white: float, kind: str) -> None:
    made = Image.load(deep(tmp_path, white, kind))
    assert (made.pixels.min(), made.pixels.max()) == (0, white)
    assert "range not told" in repr(made)


def test_the_range_of_more_than_8_bits_is_asked_for(tmp_path: Path) -> None:
    made = Image.load(deep(tmp_path, 200))
    for asked in (lambda: made.range, made.rgb, lambda: made.to_range((0, 1)), lambda: made.resized((4, 4))):
        with pytest.raises(ImageError, match=r"slice_200 holds .* from 0 to 200.*value_range=\(0, 65535\)"):
            asked()


def test_a_range_that_is_told_holds_for_every_slice_alike(tmp_path: Path) -> None:
    dark, bright = (Image.load(deep(tmp_path, white), value_range=(0, 4095)) for white in (200, 4000))
    assert (dark.rgb().max(), bright.rgb().max()) == (12, 249)
    assert Image.load(Image.load(deep(tmp_path, 200)), value_range=(0, 400)).rgb().max() == 128


def test_numbers_outside_the_range_told_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match=r"must lie in value_range \(0, 4095\); these run from 0 to 60000"):
        Image.load(deep(tmp_path, 60000), value_range=(0, 4095))


@pytest.mark.parametrize("kind", ["uint16", "int16"])
def test_the_range_of_arrays_of_16_bits_is_asked_for_whatever_they_hold(kind: str) -> None:
    with pytest.raises(ImageError, match=r"16 bits, here from 0 to 200: say what range"):
        Image(np.array([[0, 200]], kind))
    assert Image(np.array([[0, 200]], kind), (0, 4095)).range == (0, 4095)


# photographs as they are on disk


def test_bytes_are_kept_as_bytes_and_are_the_same_picture() -> None:
    raw = noise(9, 7, 3)
    kept, floats = Image(raw), Image(raw.astype(np.float32), (0, 255))
    assert kept.array.dtype == np.uint8
    assert kept == floats
    np.testing.assert_array_equal(kept.pixels, floats.pixels)
    np.testing.assert_array_equal(kept.rgb(), floats.rgb())
    np.testing.assert_array_equal(kept.resized((4, 5), "crop").pixels, floats.resized((4, 5), "crop").pixels)
    assert kept.with_channels(1) == floats.with_channels(1)


def test_a_large_photograph_is_held_at_a_byte_a_number() -> None:
    photo = Image(np.zeros((2000, 1500, 3), np.uint8))
    assert photo.pixels.dtype == np.float32
    held = sum(value.nbytes for value in vars(photo).values() if isinstance(value, np.ndarray))
    assert held == 2000 * 1500 * 3


def test_a_large_photograph_is_fitted_without_a_copy_of_it_in_floats() -> None:
    import tracemalloc

    from cnnviz_widgets.probe.inputs import Fitting

    photo = Image(np.zeros((2000, 1500, 3), np.uint8))
    tracemalloc.start()
    fitted = Fitting((224, 224, 3), (0.0, 1.0)).fit(photo, "crop")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert fitted.size == (224, 224)
    assert most < 2000 * 1500 * 3 * 2  # of 4 that a float takes


def test_a_name_and_a_label_stay_with_what_is_made_of_a_picture() -> None:
    made = Image(noise(8, 8, 3), name="photo", label="cat")
    for other in (made.to_range((0, 1)), made.resized((4, 4)), made.with_channels(1)):
        assert (other.name, other.label) == ("photo", "cat")
