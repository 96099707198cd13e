"""Marks on a finished picture: lines round masks, rings, grids and tints."""

import numpy as np
import pytest

from cnnviz_widgets.explanation import MaskLine, Outline, Ring
from cnnviz_widgets.regions import Mask
from cnnviz_widgets.render.blend import beside
from cnnviz_widgets.render.marks import contour, gridded, marked, outline, ring, tinted

GREY = np.full((100, 100, 3), 90, np.uint8)
RED, BLUE = (255, 0, 0), (0, 0, 255)


def half() -> np.ndarray:
    """Return a mask of 10 x 10 whose right half is True."""
    mask = np.zeros((10, 10), bool)
    mask[:, 5:] = True
    return mask


def test_the_line_round_a_mask_runs_where_it_ends() -> None:
    white = contour(half(), (100, 100)).white
    assert (abs(white.argmax(axis=1) - 49.5) <= 1).all()
    assert white[:, :40].max() == white[:, 60:].max() == 0


def test_a_line_is_white_with_darker_pixels_on_both_sides() -> None:
    row = contour(half(), (100, 100)).on(GREY)[50, :, 0]
    assert row.max() > 240
    at = int(row.argmax())
    assert row[at - 5 : at].min() < 60
    assert row[at : at + 6].min() < 60
    assert (row[:35] == 90).all()


def test_a_mask_without_an_end_has_no_line() -> None:
    assert contour(np.ones((10, 10), bool), (100, 100)).dark.max() == 0


def test_a_stroke_leaves_the_picture_that_it_was_given() -> None:
    before = GREY.copy()
    ring((0.5, 0.5), (100, 100)).on(GREY)
    np.testing.assert_array_equal(GREY, before)


def test_a_ring_is_about_its_place() -> None:
    white = ring((0.3, 0.7), (200, 200)).white
    rows, columns = np.nonzero(white > 0.5)
    assert abs(rows.mean() - 139.5) < 1
    assert abs(columns.mean() - 59.5) < 1
    assert white[140, 60] == 0


def test_a_frame_runs_round_its_rectangle() -> None:
    white = outline((0.2, 0.4, 0.3, 0.1), (200, 200)).white
    rows, columns = np.nonzero(white > 0.9)
    assert [columns.min(), columns.max()] == pytest.approx([40, 100], abs=2)
    assert [rows.min(), rows.max()] == pytest.approx([80, 100], abs=2)
    assert white[90, 70] == white[10, 10] == 0


def test_marks_are_drawn_in_both_pictures_that_stand_side_by_side() -> None:
    marks = MaskLine(Mask(half())), Ring(0.2, 0.5), Outline(0.1, 0.1, 0.2, 0.2)
    once = marked(GREY, marks)
    np.testing.assert_array_equal(marked(beside(GREY, GREY), marks, beside=True), beside(once, once))
    assert (once != GREY).any()
    assert (GREY == 90).all()


def test_a_grid_has_a_line_between_every_two_cells() -> None:
    changed = (gridded(GREY, 4, 5) != 90).any(axis=-1)
    assert changed.all(axis=1).nonzero()[0].tolist() == [25, 50, 75]
    assert changed.all(axis=0).nonzero()[0].tolist() == [20, 40, 60, 80]


def test_each_class_is_tinted_in_its_colour_and_the_chosen_one_more() -> None:
    classes = np.array([[0, 1]])
    plain, chosen = (tinted(GREY, classes, (BLUE, RED), k).astype(int) for k in (None, 1))
    assert plain[50, 10, 2] > plain[50, 10, 0]
    assert plain[50, 90, 0] > plain[50, 90, 2]
    assert chosen[50, 90, 0] - chosen[50, 90, 2] > plain[50, 90, 0] - plain[50, 90, 2]
