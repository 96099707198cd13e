"""Whatever is given as pictures: one, a list, a folder."""

from itertools import cycle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import PIL.Image
import pytest

from cnnviz_widgets.errors import ImageError
from cnnviz_widgets.images.intake import loaded, row_name, rows_of
from tests.images.common import shown_alone
from tests.models import picture

GREY = np.random.default_rng(0).integers(0, 255, (6, 9, 9), dtype=np.uint8)
COLOURS = np.random.default_rng(1).integers(0, 255, (6, 9, 9, 3), dtype=np.uint8)


class Dataset:
    """A data set as TensorFlow has them, as far as it is asked here."""

    def __init__(self, elements: list[Any], endless: bool = False, **more: Any) -> None:
        self.elements, self.endless = elements, endless
        self.__dict__.update(more)

    def __iter__(self) -> Any:
        raise AssertionError("tensors were asked for")

    def as_numpy_iterator(self) -> Any:
        yield from self.elements
        while self.endless:
            yield from self.elements


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


@pytest.mark.parametrize("channels", [1, 3, None])
def test_an_array_of_grey_pictures_is_several(channels: int | None) -> None:
    made = loaded(GREY, channels=channels)
    assert len(made) == rows_of(GREY, channels) == 6
    np.testing.assert_array_equal(made[2].pixels[..., 0], GREY[2])


def test_an_array_of_the_channels_that_the_model_takes_is_one_picture() -> None:
    assert len(loaded(GREY, channels=9)) == 1


def test_arrays_with_labels_are_labelled_pictures() -> None:
    made = loaded((COLOURS, np.array([1, 0, 1, 0, 1, 0])), labels=["cat", "dog"])
    assert [image.label for image in made[:2]] == ["dog", "cat"]
    assert made[0].name == "picture 1 (dog)"


@pytest.mark.parametrize(
    ("elements", "label"),
    [
        (list(COLOURS), ""),
        ([COLOURS[:4], COLOURS[4:]], ""),
        ([(COLOURS[:4], np.array([2, 0, 0, 0])), (COLOURS[4:], np.array([0, 0]))], "emu"),
        ([(COLOURS, np.eye(6)[[2, 0, 0, 0, 0, 0]])], "emu"),
        ([(picture, np.int64(2)) for picture in COLOURS], "emu"),
        ([{"image": picture, "label": 2} for picture in COLOURS], "emu"),
        ([(picture, b"a bird") for picture in COLOURS], "a bird"),
        ([(picture, 5) for picture in COLOURS], "class 5"),
        ([(picture, picture) for picture in COLOURS], ""),
    ],
)
def test_a_data_set_is_its_pictures_with_their_labels(elements: list[Any], label: str) -> None:
    made = loaded(Dataset(elements, class_names=["cat", "dog", "emu"]))
    assert len(made) == 6
    assert made[0].label == label
    np.testing.assert_array_equal(made[0].pixels, COLOURS[0])


def test_a_real_data_set_of_tensorflow_is_gone_through() -> None:
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices((COLOURS, [0, 1, 0, 1, 0, 1])).batch(4)
    assert [image.label for image in loaded(data, labels=["cat", "dog"])][:2] == ["cat", "dog"]


@pytest.mark.parametrize("kind", ["data set", "generator"])
def test_what_has_no_end_stops_at_a_number_that_is_said(kind: str) -> None:
    given = Dataset([COLOURS], endless=True) if kind == "data set" else cycle([COLOURS[0]])
    with pytest.warns(UserWarning, match="the first 100 pictures are taken.*islice"):
        assert len(loaded(given)) == 100


def test_the_classes_of_a_generator_are_named_by_its_indices() -> None:
    class Flow(SimpleNamespace):
        def __len__(self) -> int:
            return 1

        def __getitem__(self, index: int) -> Any:
            return COLOURS, np.eye(2)[[1, 0, 1, 0, 1, 0]]

    assert loaded(Flow(class_indices={"dog": 1, "cat": 0}))[0].label == "dog"


def test_a_mapping_gives_names_or_classes(folder: Path) -> None:
    named = loaded({"the night": folder / "night.png", "noise": COLOURS[0]})
    assert [image.name for image in named] == ["the night", "noise"]
    of_class = loaded({"dark": [folder / "night.png"], "light": [folder / "day.png", COLOURS[0]]})
    assert [image.label for image in of_class] == ["dark", "light", "light"]
    assert rows_of({"a": COLOURS[0]}) == 0
    batches = loaded({"dark": COLOURS[:1], "light": COLOURS[:2]})
    assert [image.label for image in batches] == ["dark", "light", "light"]


def test_a_picture_of_a_mapping_that_cannot_be_opened_is_called_by_its_name() -> None:
    with pytest.raises(ImageError, match=r"images\['a cat'\]: there is no file"):
        loaded({"a cat": "nowhere.png"})


def test_a_folder_of_folders_is_a_class_each(folder: Path) -> None:
    for name in ("cats", "dogs"):
        (folder / "all" / name).mkdir(parents=True)
        for k in range(2):
            PIL.Image.fromarray(COLOURS[k]).save(folder / "all" / name / f"{k}.png")
    made = loaded(folder / "all")
    assert [(image.name, image.label) for image in made] == [
        ("0 (cats)", "cats"), ("1 (cats)", "cats"), ("0 (dogs)", "dogs"), ("1 (dogs)", "dogs"),
    ]  # fmt: skip


def test_a_list_may_hold_pictures_of_every_kind(folder: Path) -> None:
    given = [str(folder / "day.png"), GREY[0], COLOURS[0], picture(), PIL.Image.fromarray(COLOURS[1])]
    assert len(loaded(given)) == 5


def test_pictures_with_labels_in_a_list_are_labelled(folder: Path) -> None:
    made = loaded([(folder / "day.png", "light"), (COLOURS[0], 1)], labels=["cat", "dog"])
    assert [image.label for image in made] == ["light", "dog"]


def test_a_tensor_of_pytorch_has_its_channels_put_last() -> None:
    class Tensor:
        ndim, shape = 3, (3, 9, 9)

        def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
            return np.moveaxis(COLOURS[0], -1, 0)

    Tensor.__module__ = "torch"
    np.testing.assert_array_equal(loaded([Tensor()])[0].pixels, COLOURS[0])
