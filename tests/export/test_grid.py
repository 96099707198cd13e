"""One figure of many explanations: heads, cells, scales, and a caption that says how it was made."""

import io
import re
from typing import Any

import numpy as np
import PIL.Image
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets.compared import Axis, Compared
from cnnviz_widgets.errors import SettingError
from cnnviz_widgets.explanation import Heatmap
from cnnviz_widgets.export import grid_code, grid_png
from cnnviz_widgets.export.grid import HEAD, clipped, grid
from cnnviz_widgets.export.scales import cell_styles, ends, scale_at
from cnnviz_widgets.export.sheet import wrapped
from cnnviz_widgets.image import Image
from cnnviz_widgets.render import Style, picture
from cnnviz_widgets.render.colours import STAGE
from cnnviz_widgets.render.fonts import font

PIXELS = np.random.default_rng(0).integers(0, 256, (2, 24, 24, 3), dtype=np.uint8)
IMAGES = Image(PIXELS[0], name="chelsea"), Image(PIXELS[1], name="coffee")
METHODS = cnnviz.GradCAM(layer="conv_1"), cnnviz.Occlusion(patch=4)
SIDE = 64


def heat(row: int, column: int, **more: Any) -> Heatmap:
    """Return a map whose highest value is 10 * row + column + 1."""
    values = np.linspace(0, 10 * row + column + 1, 9, dtype=np.float32).reshape(3, 3)
    about = {"values": values, "unit": "vote", "target": "“tiger cat”", "signed": bool(row)}
    return Heatmap(image=IMAGES[column], recipe=METHODS[row], **{**about, **more})


def compared(**more: Any) -> Compared:
    about: dict[str, Any] = {
        "rows": Axis("method", ("Grad-CAM", "Occlusion")),
        "columns": Axis("picture", ("chelsea", "coffee")),
        "images": IMAGES,
        "cells": {(r, c): heat(r, c) for r in range(2) for c in range(2)},
        "verdicts": {0: "tiger cat 39 %", 1: "espresso 95 %"},
        "model": "small net",
        "asked": {"methods": METHODS, "layers": (), "targets": ()},
    }
    return Compared(**{**about, **more})


def opened(content: bytes) -> PIL.Image.Image:
    made = PIL.Image.open(io.BytesIO(content))
    made.load()
    return made


def holds(figure: np.ndarray, part: np.ndarray) -> bool:
    """Tell whether a picture stands somewhere in a figure, pixel by pixel."""
    windows = np.lib.stride_tricks.sliding_window_view(figure, (1, part.shape[1], 3))[:, :, 0, 0]
    rows = np.argwhere((windows == part[0]).all(axis=(2, 3)))
    return any(
        np.array_equal(figure[top : top + part.shape[0], left : left + part.shape[1]], part)
        for top, left in rows
    )


# scales


def test_an_own_scale_ends_at_the_maps_highest_value() -> None:
    found = compared()
    styles = cell_styles(found, Style(), "own")
    assert ends(scale_at(found, (0, 1), styles[0, 1])) == "0 … 2"
    assert ends(scale_at(found, (1, 0), styles[1, 0])) == "−11 … 11"


def test_a_shared_scale_ends_at_the_highest_value_of_the_method() -> None:
    limits = {place: style.limit for place, style in cell_styles(compared(), Style(), "shared").items()}
    assert limits == {(0, 0): 2, (0, 1): 2, (1, 0): 12, (1, 1): 12}


def test_layers_share_one_scale_over_all() -> None:
    found = compared(rows=Axis("layer", ("conv_1", "conv_2")))
    assert {style.limit for style in cell_styles(found, Style(), "shared").values()} == {12}


def test_a_flat_map_takes_no_part_in_a_scale() -> None:
    flat = heat(0, 0, values=np.zeros((3, 3), np.float32))
    found = compared(cells={(0, 0): flat})
    styles = cell_styles(found, Style(), "shared")
    assert styles[0, 0].limit is None
    assert ends(scale_at(found, (0, 0), styles[0, 0])) == "flat, all 0"


def test_a_limit_of_the_style_holds_for_all_cells() -> None:
    styles = cell_styles(compared(), Style(limit=5), "own")
    assert {style.limit for style in styles.values()} == {5}


def test_a_cell_has_no_room_for_two_pictures_side_by_side() -> None:
    styles = cell_styles(compared(), Style(mode="side by side"), "own")
    assert {style.mode for style in styles.values()} == {"overlay"}


# the picture


@pytest.mark.parametrize("scale", ["own", "shared"])
def test_every_cell_stands_in_the_figure_as_it_is_drawn_alone(scale: str) -> None:
    found = compared()
    figure = grid(found, Style(), scale, SIDE)
    for place, style in cell_styles(found, Style(), scale).items():
        assert holds(figure, picture(found[place], style, size=SIDE))


def test_the_photographs_stand_above_their_columns() -> None:
    figure = grid(compared(), Style(), "own", SIDE)
    assert all(holds(figure, picture(heat(0, c), Style(opacity=0), size=SIDE)) for c in range(2))


def test_a_cell_that_is_not_computed_is_a_dark_photograph() -> None:
    whole, without = compared(), compared(cells={}, refused={(0, 0): "Patch 99 is larger than the picture."})
    before, after = (grid(found, Style(), "own", SIDE).astype(float) for found in (whole, without))
    assert before.shape == after.shape
    assert after.mean() < before.mean()


def test_the_figure_changes_with_the_scale_and_the_style() -> None:
    found = compared()
    own = grid(found, Style(), "own", SIDE)
    assert grid(found, Style(), "shared", SIDE).shape != own.shape
    assert (grid(found, Style(colormap="green"), "own", SIDE) != own).any()


@pytest.mark.parametrize("axes", [("picture", "method"), ("method", "layer"), ("layer", "target")], ids=str)
@pytest.mark.parametrize("scale", ["own", "shared"])
def test_one_picture_is_shown_beside_its_maps(axes: tuple[Any, Any], scale: str) -> None:
    rows = Axis(axes[0], ("chelsea",) if axes[0] == "picture" else ("one", "two"))
    found = compared(
        rows=rows,
        columns=Axis(axes[1], ("a", "b")),
        images=IMAGES[:1],
        cells={(0, 0): heat(0, 0), (0, 1): heat(0, 0)},
        verdicts={0: "tiger cat 39 %"},
    )
    figure = grid(found, Style(), scale, 168)
    assert holds(figure, picture(heat(0, 0), Style(opacity=0), size=HEAD))


def test_long_heads_stay_inside_the_figure() -> None:
    long = Axis("method", ("A method whose name does not end for a very long while " * 2, "b"))
    found = compared(rows=long, columns=Axis("picture", ("a_picture_with_a_name_without_any_space" * 2, "c")))
    figure = grid(found, Style(), "own", SIDE)
    assert (figure[:, :10] == STAGE).all()
    assert (figure[:8] == STAGE).all()


@pytest.mark.parametrize("text", ["0 … 12.3 vote", "", "−0.000123 … 0.000123 activation"])
def test_a_clipped_text_fits(text: str) -> None:
    for width in (5, 40, 400):
        assert font(11).getlength(clipped(text, width, 11)) <= width
    assert clipped(text, 400, 11) == text


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
