"""Files opened in the Explorer: a picture is looked at, anything else is told."""

import io
from typing import Any

import numpy as np
import PIL.Image
import pytest

from cnnviz_widgets import Explorer
from tests.widgets.explorer.common import Held, settled
from tests.widgets.page import HOSTILE, upload


def encoded(array: Any, kind: str = "png") -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(array).save(buffer, kind)
    return buffer.getvalue()


GREEN = np.tile(np.uint8([10, 200, 30]), (20, 20, 1))


def test_an_uploaded_picture_is_looked_at(explorer: Explorer) -> None:
    explorer.view.strip._upload.value = (upload("green.png", encoded(GREEN)),)
    settled(explorer)
    assert (explorer.image, len(explorer.images), explorer.images[2].name) == (2, 3, "green")
    assert explorer.explanation.image.name == "green"
    assert explorer.error == ""


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (HOSTILE, b"no picture", f"{HOSTILE}: "),
        ("half.png", encoded(GREEN)[:60], "half.png: the file cannot be read"),
        ("nan.tiff", encoded(np.full((9, 9), np.nan, np.float32), "tiff"), "NaN"),
    ],
)
def test_an_upload_that_is_no_picture_is_told_and_the_picture_stays(
    explorer: Explorer, name: str, content: bytes, sentence: str
) -> None:
    held = Held(explorer)
    explorer.view.strip._upload.value = (upload(name, content),)
    held.stays_and_says(sentence)
    assert "<img" not in explorer.view.footer._say.value
    assert len(explorer.images) == 2
    held.recovers()


def test_of_two_uploads_the_bad_one_is_told_and_the_good_one_stands_in_the_strip(explorer: Explorer) -> None:
    held = Held(explorer)
    explorer.view.strip._upload.value = (upload("bad.png", b"bad"), upload("good.png", encoded(GREEN)))
    held.stays_and_says("bad.png: ")
    explorer.view.strip.thumbs[2].click()
    settled(explorer)
    assert explorer.explanation.image.name == "good"
