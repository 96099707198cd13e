"""Whatever is given as pictures: one, a list, a folder."""

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from cnnviz_widgets.errors import ImageError
from cnnviz_widgets.intake import loaded, row_name, rows_of
from tests.image.common import shown_alone
from tests.models import picture


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder of two pictures and a text."""
    for level, name in ((10, "night.png"), (200, "day.png")):
        PIL.Image.fromarray(np.full((8, 8, 3), level, np.uint8)).save(tmp_path / name)
    (tmp_path / "about.txt").write_text("two pictures")
    return tmp_path


def test_a_folder_stands_for_its_pictures_in_the_order_of_their_names(folder: Path) -> None:
    assert [image.name for image in loaded(str(folder))] == ["day", "night"]


def test_a_broken_file_of_a_folder_is_left_out_with_a_warning(folder: Path) -> None:
    (folder / "broken.png").write_bytes(b"no picture")
    with pytest.warns(UserWarning, match=r"left out: .*broken\.png"):
        assert [image.name for image in loaded(folder)] == ["day", "night"]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="holds no picture files"):
        loaded(tmp_path)


def test_a_folder_of_broken_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with (
        pytest.warns(UserWarning, match="left out"),
        pytest.raises(ImageError, match="no picture that can be"),
    ):
        loaded(tmp_path)


@pytest.mark.parametrize("several", [True, False])
def test_a_missing_file_is_one_error_without_another_before_it(folder: Path, several: bool) -> None:
    missing = str(folder / "dey.png")
    with pytest.raises(ImageError, match=r"there is no file .*Did you mean 'day\.png'") as seen:
        loaded([missing] if several else missing)
    assert shown_alone(seen.value)


@pytest.mark.parametrize(
    ("index", "rows", "name"), [(2, 3, "images[2]"), (0, 0, "image"), (1, 0, "added_1"), (3, 3, "added_1")]
)
def test_a_picture_is_called_by_its_row_or_by_a_name_to_define(index: int, rows: int, name: str) -> None:
    assert row_name(index, rows) == name


def test_only_what_has_rows_is_written_by_rows(folder: Path) -> None:
    given = (picture(), [picture()], np.zeros((2, 4, 4, 3)), str(folder), iter([picture()]))
    assert [rows_of(images) for images in given] == [0, 1, 2, 0, 0]
