"""How the Explorer fits its column: wide, medium and narrow, in both themes."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.explorer import Seen

DIGITS = """
import cnnviz_widgets as cnnviz
e = cnnviz.explore(cnnviz.demo.digit_classifier(), cnnviz.demo.digits()[:8], name="shown")
e
"""
WINDOWS = {
    "L": (1300, 660),
    "M": (1100, 576),
    "L above": (1000, 660),
    "alone": (780, 560),
    "narrow": (560, None),
}
OUTSIDE = """(root) => {
  const column = root.parentElement.getBoundingClientRect();
  return [...root.querySelectorAll("*")].filter((part) => {
    const box = part.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && (box.right > column.right + 1 || box.left < column.left - 1)
      && getComputedStyle(part).position !== "absolute";
  }).map((part) => part.className || part.tagName);
}"""
CUT = """(root) => [...root.querySelectorAll("button, .widget-label")]
  .filter((part) => part.offsetParent !== null && parseFloat(getComputedStyle(part).fontSize) > 0
    && part.textContent.trim() && part.scrollWidth > part.clientWidth + 1)
  .map((part) => part.textContent.trim())"""
CELLS = [DIGITS]


@pytest.mark.parametrize("size", WINDOWS)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_reaches_out_of_the_column(notebook: Seen, size: str, theme: str) -> None:
    window, canvas = WINDOWS[size]
    notebook.lab.use_theme("dark" if theme == "dark" else "light")
    notebook.page.set_viewport_size({"width": window, "height": 1000})
    frame = notebook.root.locator(".cv-canvas")
    if canvas is not None:
        has_width(frame, canvas)
    notebook.settled()
    assert notebook.root.evaluate(OUTSIDE) == []
    assert notebook.root.evaluate(CUT) == []
    assert (
        notebook.root.evaluate("(root) => root.parentElement.scrollWidth - root.parentElement.clientWidth")
        <= 0
    )


def test_the_controls_stand_beside_a_wide_picture_and_under_a_narrow_one(notebook: Seen) -> None:
    side = notebook.root.locator(".cv-side")
    view = notebook.root.locator(".cv-view")
    for window, beside in ((1300, True), (780, False)):
        notebook.page.set_viewport_size({"width": window, "height": 1000})
        has_width(notebook.root.locator(".cv-canvas"), 660 if beside else 560)
        notebook.settled()
        boxes = side.bounding_box(), view.bounding_box()
        assert boxes[0] is not None
        assert boxes[1] is not None
        assert (boxes[0]["y"] < boxes[1]["y"] + 10) is beside


def test_a_narrow_picture_is_the_large_one_alone(notebook: Seen) -> None:
    notebook.page.set_viewport_size({"width": 780, "height": 1000})
    has_width(notebook.root.locator(".cv-canvas"), 560)
    assert notebook.settled().shape == (560, 560, 3)


def test_the_stage_is_dark_in_both_themes(notebook: Seen) -> None:
    frame = notebook.root.locator(".cv-canvas")
    for theme in ("light", "dark"):
        notebook.lab.use_theme("dark" if theme == "dark" else "light")
        expect(frame).to_have_css("background-color", "rgb(21, 23, 27)")


def test_the_whole_explorer_fits_a_screen(notebook: Seen) -> None:
    notebook.page.set_viewport_size({"width": 1300, "height": 1000})
    has_width(notebook.root.locator(".cv-canvas"), 660)
    notebook.settled()
    box = notebook.root.bounding_box()
    assert box is not None
    assert box["height"] <= 760


@pytest.mark.parametrize("family", ["Pixels", "Cover", "Inside", "Class maps"])
def test_another_method_does_not_move_what_is_beside_the_picture(notebook: Seen, family: str) -> None:
    notebook.page.set_viewport_size({"width": 1300, "height": 1000})
    has_width(notebook.root.locator(".cv-canvas"), 660)
    places = [notebook.root.locator(part) for part in (".cv-canvas", ".cv-foot", ".cv-lever", ".cv-tabs")]
    notebook.settled()
    before = [place.bounding_box() for place in places]
    notebook.choose(family)
    notebook.settled()
    after = [place.bounding_box() for place in places]
    assert [corner(box) for box in after] == [corner(box) for box in before]


def has_width(frame: Locator, wanted: int) -> None:
    """Wait until an element has this width in CSS pixels."""
    expect(frame).to_have_css("width", f"{wanted}px", timeout=60_000)


def corner(box: object) -> tuple[float, float]:
    assert isinstance(box, dict)
    return round(box["x"]), round(box["y"])
