"""Pictures from files: what is opened, what is refused, and in which words."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from cnnviz_widgets.errors import ImageError
from cnnviz_widgets.image import Image
from tests.image.common import noise, shown_alone


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


@pytest.mark.parametrize("mode", ["L", "1", "P", "CMYK", "LA", "I;16", "F"])
def test_every_mode_of_pillow_is_loaded(mode: str) -> None:
    made = Image.load(PIL.Image.new(mode, (3, 2)))
    assert made.size == (2, 3)
    assert made.range == (0, 255)
