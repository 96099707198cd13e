"""Choosing a picture: by thumbnail, or by a file of the reader's own."""

import io
from typing import Any

import numpy as np
import PIL.Image
import pytest

from cnnviz_widgets import Image
from cnnviz_widgets.images.intake import loaded
from cnnviz_widgets.widgets.core.image_picker import ImageStrip
from tests.models import picture
from tests.widgets.choices.common import on
from tests.widgets.page import HOSTILE, upload


def encoded(kind: str = "png") -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(np.full((6, 9, 3), 120, np.uint8)).save(buffer, kind)
    return buffer.getvalue()


Strip = tuple[ImageStrip, list[int], list[Any]]


@pytest.fixture
def strip() -> Strip:
    chosen, added = list[int](), list[Any]()
    images = loaded([picture(), Image(np.zeros((4, 4)), (0, 1))])
    return ImageStrip("u", images, chosen.append, lambda *found: added.append(found)), chosen, added


def test_every_picture_has_a_thumbnail_with_a_name(strip: Strip) -> None:
    assert [thumb.description for thumb in strip[0].thumbs] == ["random 0", "picture 2"]


def test_thumbnails_are_drawn_when_asked_for_and_with_every_picture_added(strip: Strip) -> None:
    drawn = [strip[0]._style.value.count("background-image")]
    for act in (strip[0].draw, lambda: strip[0].append([picture(seed=3)])):
        act()
        drawn.append(strip[0]._style.value.count("background-image"))
    assert drawn == [0, 2, 3]


def test_a_click_on_a_thumbnail_chooses_it(strip: Strip) -> None:
    strip[0].thumbs[1].click()
    strip[0].mark(1)
    assert (strip[1], on(strip[0].thumbs)) == ([1], [1])


def test_pictures_added_stand_before_the_tile_that_takes_more(strip: Strip) -> None:
    strip[0].append([picture(seed=3)])
    assert strip[0].widget.children[-1] is strip[0]._upload
    assert [thumb.description for thumb in strip[0].thumbs] == ["random 0", "picture 2", "random 3"]


def test_a_file_opened_by_the_reader_is_a_picture_with_its_name(strip: Strip) -> None:
    strip[0]._upload.value = (upload("my.cat.png", encoded()),)
    ((images, refused),) = strip[2]
    assert ([image.name for image in images], [image.size for image in images], refused) == (
        ["my.cat"],
        [(6, 9)],
        [],
    )


def test_a_file_that_is_no_picture_is_refused_by_its_name_and_the_others_open(strip: Strip) -> None:
    strip[0]._upload.value = (upload("notes.txt", b"not a picture"), upload("cat.png", encoded("bmp")))
    ((images, refused),) = strip[2]
    assert [image.name for image in images] == ["cat"]
    assert len(refused) == 1
    assert refused[0] == "notes.txt: the file is not a picture of a kind that Pillow knows."


def test_the_same_file_can_be_opened_twice(strip: Strip) -> None:
    for _ in range(2):
        strip[0]._upload.value = (upload("cat.png", encoded()),)
        assert strip[0]._upload.value == ()
    assert len(strip[2]) == 2


def test_a_hostile_file_name_stays_out_of_the_style_sheet(strip: Strip) -> None:
    strip[0].append([Image(np.zeros((4, 4)), (0, 1), HOSTILE)])
    assert "<img" not in strip[0]._style.value
