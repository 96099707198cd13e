"""One figure of many explanations: scales, heads and cells."""

from typing import Any

import numpy as np
import pytest

from cnnviz_widgets.colours import STAGE
from cnnviz_widgets.comparisons.result import Axis
from cnnviz_widgets.export.table import HEAD, grid
from cnnviz_widgets.export.table_scales import cell_styles, ends, scale_at
from cnnviz_widgets.render import picture
from cnnviz_widgets.render.text import clipped, font
from cnnviz_widgets.style import Style
from tests.export.handmade import IMAGES, compared, heat

SIDE = 64


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
