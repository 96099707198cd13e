"""The file of one figure: a caption that says how it was made, and its code."""

import io
import re
from typing import Any

import PIL.Image
import pytest

from cnnviz_widgets.errors import SettingError
from cnnviz_widgets.export import grid_code, grid_png
from cnnviz_widgets.images.image import Image
from cnnviz_widgets.render.text import font, wrapped
from cnnviz_widgets.style import Style
from tests.export.handmade import IMAGES, PIXELS, compared, heat


def opened(content: bytes) -> PIL.Image.Image:
    made = PIL.Image.open(io.BytesIO(content))
    made.load()
    return made


# the file


def test_the_caption_states_methods_scale_model_pictures_and_versions() -> None:
    text = opened(grid_png(compared(), scale="shared")).text
    said = text["Title"] + text["Description"]
    for part in (
        "2 methods × 2 pictures", "Grad-CAM: layer conv_1", "Occlusion: patch 4", "“tiger cat”", "One scale a row",
        "heat colours", "RdBu_r colours", "small net", "chelsea, coffee, 24 × 24", "keras",
    ):  # fmt: skip
        assert part in said


def test_an_unfinished_figure_says_so() -> None:
    found = compared(cells={(0, 0): heat(0, 0, done=0.5)}, refused={(0, 1): "No."})
    assert "Unfinished: 3 of 4 are not whole." in opened(grid_png(found)).text["Description"]


def test_a_whole_figure_is_not_called_unfinished() -> None:
    assert "Unfinished" not in opened(grid_png(compared())).text["Description"]


def test_notes_are_told_once() -> None:
    noted = {(r, c): heat(r, c, notes=("Guided is the plain gradient here.",)) for r, c in compared().places}
    assert opened(grid_png(compared(cells=noted))).text["Description"].count("Guided is the plain") == 1


@pytest.mark.parametrize(
    ("places", "where"),
    [
        ([(0, 0), (0, 1)], "Grad-CAM: "),
        ([(0, 1), (1, 1)], "coffee: "),
        ([(1, 0)], "Occlusion, chelsea: "),
        ([(0, 0), (1, 1)], "Grad-CAM, chelsea; Occlusion, coffee: "),
        ([(0, 0), (0, 1), (1, 0), (1, 1)], ""),
    ],
    ids=str,
)
def test_a_note_says_which_cells_it_is_about(places: list[tuple[int, int]], where: str) -> None:
    cells = {
        place: heat(*place, notes=("Gap 3 %.",) if place in places else ()) for place in compared().places
    }
    assert f"{where}Gap 3 %." in opened(grid_png(compared(cells=cells))).text["Description"].splitlines()


def test_a_long_name_breaks_where_it_is_put_together() -> None:
    assert wrapped("block4a_expand_activation", 120, 12, bold=True) == ["block4a_expand_", "activation"]
    assert wrapped("in block4a_expand_activation", 120, 12) == ["in", "block4a_expand_", "activation"]


def test_a_long_name_without_seams_breaks_anywhere() -> None:
    rows = wrapped("a" * 60, 120, 12)
    assert "".join(rows) == "a" * 60
    assert max(map(font(12).getlength, rows)) <= 120


def test_pictures_of_several_sizes_are_drawn_and_called_so() -> None:
    small = Image(PIXELS[1, :12], name="coffee")
    text = opened(grid_png(compared(images=(IMAGES[0], small)))).text
    assert "chelsea, coffee, of several sizes" in text["Description"]
    assert "here of several sizes" in text["Code"]


def test_the_same_comparison_gives_the_same_bytes() -> None:
    found = compared()
    assert grid_png(found) == grid_png(found)


def test_a_larger_side_gives_a_larger_figure() -> None:
    small, large = (opened(grid_png(compared(), side=side)).width for side in (128, 256))
    assert large - small == 2 * 128


@pytest.mark.parametrize("side", [0, 47, 1025, 100.5, True, None])
def test_a_side_out_of_range_is_refused(side: Any) -> None:
    says = re.escape(f"side must be a whole number of px from 48 to 1024; got {side!r}.")
    with pytest.raises(SettingError, match=says):
        grid_png(compared(), side=side)


def test_a_scale_that_there_is_not_is_refused() -> None:
    with pytest.raises(SettingError, match=r"scale must be 'own' or 'shared'; got 'share'\. Did you mean"):
        grid_png(compared(), scale="share")


# the code


def test_the_code_lists_what_was_asked_and_leaves_out_what_was_not() -> None:
    text = grid_code(compared(), Style(opacity=0.5), "shared")
    assert 'methods=[cnnviz.GradCAM(layer="conv_1"), cnnviz.Occlusion(patch=4)],' in text
    assert 'found.show(cnnviz.Style(opacity=0.5), scale="shared")' in text
    assert "layers=" not in text


def test_plain_code_is_short() -> None:
    assert grid_code(compared()).endswith("found.show()")
