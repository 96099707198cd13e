"""How the Explorer fits its column: wide, medium and narrow, in both themes."""

import pytest
from playwright.sync_api import expect

from tests.browser.column import THEMES, WINDOWS, Theme, in_every_window, misfits, widen
from tests.browser.explorer import Seen

DIGITS = """
import cnnviz_widgets as cnnviz
e = cnnviz.explore(cnnviz.demo.digit_classifier(), cnnviz.demo.digits()[:8], name="shown")
e
"""
CELLS = [DIGITS]


@in_every_window
def test_nothing_reaches_out_of_the_column(
    notebook: Seen, window: int, width: int | None, theme: Theme
) -> None:
    notebook.lab.use_theme(theme)
    widen(notebook, window, width)
    notebook.rest()
    assert misfits(notebook) == []


def test_the_controls_stand_beside_a_wide_picture_and_under_a_narrow_one(notebook: Seen) -> None:
    side = notebook.root.locator(".cv-side")
    view = notebook.root.locator(".cv-view")
    for window, beside in ((1300, True), (780, False)):
        widen(notebook, window, 660 if beside else 560)
        notebook.rest()
        boxes = side.bounding_box(), view.bounding_box()
        assert boxes[0] is not None
        assert boxes[1] is not None
        assert (boxes[0]["y"] < boxes[1]["y"] + 10) is beside


def test_a_narrow_picture_is_the_large_one_alone(notebook: Seen) -> None:
    widen(notebook, *WINDOWS["alone"])
    assert notebook.settled().shape == (560, 560, 3)


def test_the_stage_is_dark_in_both_themes(notebook: Seen) -> None:
    frame = notebook.root.locator(".cv-canvas")
    for theme in THEMES:
        notebook.lab.use_theme(theme)
        expect(frame).to_have_css("background-color", "rgb(21, 23, 27)")


def test_the_whole_explorer_fits_a_screen(notebook: Seen) -> None:
    widen(notebook)
    notebook.rest()
    box = notebook.root.bounding_box()
    assert box is not None
    assert box["height"] <= 760


@pytest.mark.parametrize("family", ["Pixels", "Cover", "Inside", "Class maps"])
def test_another_method_does_not_move_what_is_beside_the_picture(notebook: Seen, family: str) -> None:
    widen(notebook)
    places = [notebook.root.locator(part) for part in (".cv-canvas", ".cv-foot", ".cv-lever", ".cv-tabs")]
    notebook.rest()
    before = [place.bounding_box() for place in places]
    notebook.choose(family)
    notebook.rest()
    after = [place.bounding_box() for place in places]
    assert [corner(box) for box in after] == [corner(box) for box in before]


def corner(box: object) -> tuple[float, float]:
    assert isinstance(box, dict)
    return round(box["x"]), round(box["y"])
