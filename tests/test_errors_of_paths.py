"""What is said of a file or a folder that is not there."""

from pathlib import Path

import pytest

from cnnviz_widgets.errors import searched


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Go to a folder with the pictures ``cat.png`` and ``Dog.JPG`` and the folder ``images``."""
    for name in ("cat.png", "Dog.JPG"):
        (tmp_path / name).write_bytes(b"")
    (tmp_path / "images").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_relative_file_was_looked_for_in_the_current_working_directory(home: Path) -> None:
    assert searched(Path("lion.webp")) == (
        f" The folder {str(home)!r}, the current working directory, holds no 'lion.webp'."
    )


def test_another_folder_is_named_alone(home: Path) -> None:
    assert searched(Path("images/cat.png")) == f" The folder {str(home / 'images')!r} holds no 'cat.png'."


def test_of_folders_that_are_missing_the_first_is_named_with_the_nearest(home: Path) -> None:
    assert searched(home / "image" / "few" / "cat.png").endswith("holds no 'image'. Did you mean 'images'?")


@pytest.mark.parametrize(("wrong", "near"), [("cta.png", "cat.png"), ("cat.jpg", "cat.png")])
def test_a_file_of_a_similar_name_is_offered(home: Path, wrong: str, near: str) -> None:
    assert searched(Path(wrong)).endswith(f" Did you mean {near!r}?")


def test_small_and_capital_letters_are_taken_for_the_same(home: Path) -> None:
    assert searched(Path("dog.jpg")).endswith(" Did you mean 'Dog.JPG'?")


def test_the_way_back_up_is_not_told(home: Path) -> None:
    assert searched(Path("images/../lion.webp")) == searched(Path("lion.webp"))


def test_a_file_in_the_place_of_a_folder_is_called_one(home: Path) -> None:
    file = home / "cat.png"
    assert searched(file / "lion.webp") == f" {str(file)!r} is a file, not a folder."
