"""The column that a widget stands in: windows that make it wide or narrow, and what does not fit into it."""

from typing import Literal

import pytest
from playwright.sync_api import expect

from tests.browser.explorer import Seen
from tests.browser.lab import SECONDS

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = ("light", "dark")

# Name of the widget's layout -> width of the window and of the picture, None where that is the column's.
WINDOWS: dict[str, tuple[int, int | None]] = {
    "L": (1300, 660),
    "M": (1100, 576),
    "L above": (1000, 660),
    "alone": (780, 560),
    "narrow": (560, None),
}
OUTSIDE = """(root, scrolling) => {
  const column = root.parentElement.getBoundingClientRect();
  return [...root.querySelectorAll("*")].filter((part) => {
    const box = part.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && (box.right > column.right + 1 || box.left < column.left - 1)
      && getComputedStyle(part).position !== "absolute" && !(scrolling && part.matches(scrolling));
  }).map((part) => part.className || part.tagName);
}"""
CUT = """(root) => [...root.querySelectorAll("button, .widget-label")]
  .filter((part) => part.offsetParent !== null && parseFloat(getComputedStyle(part).fontSize) > 0
    && part.textContent.trim() && part.scrollWidth > part.clientWidth + 1)
  .map((part) => part.textContent.trim())"""
# Whether the notebook has followed the window, and the grid its column.
FILLED = """([root, frame, most]) => {
  const column = root.parentElement, free = innerWidth - column.getBoundingClientRect().right;
  const room = Math.min(column.clientWidth, most);
  return free >= 0 && free < 150 && Math.abs(root.querySelector(frame).clientWidth - room) < 1;
}"""
SCROLLS = "(root) => root.parentElement.scrollWidth > root.parentElement.clientWidth"

in_both_themes = pytest.mark.parametrize("theme", THEMES)


def in_windows(*sizes: tuple[int, int | None]) -> pytest.MarkDecorator:
    """Run a test with each window and width of the picture, in the light theme, and in the dark one at both ends.

    A theme changes colours and hardly a width.
    """
    dark = (sizes[0], sizes[-1])
    return pytest.mark.parametrize(
        ("window", "width", "theme"),
        [*((*size, "light") for size in sizes), *((*size, "dark") for size in dark)],
        ids=[*(f"{window}, light" for window, _ in sizes), *(f"{window}, dark" for window, _ in dark)],
    )


in_every_window = in_windows(*WINDOWS.values())


def widen(
    seen: Seen, window: int = 1300, width: int | None = 660, frame: str = ".cv-canvas", high: int = 1000
) -> None:
    """Give the window a width, and wait until the picture has the one that goes with it."""
    seen.page.set_viewport_size({"width": window, "height": high})
    if width is not None:
        expect(seen.root.locator(frame)).to_have_css("width", f"{width}px", timeout=60 * SECONDS)


def fill(seen: Seen, window: int, frame: str, most: int) -> None:
    """Give the window a width, and wait until a part fills the column, or is as wide as it gets."""
    seen.page.set_viewport_size({"width": window, "height": 1000})
    what = [seen.root.element_handle(), frame, most]
    seen.page.wait_for_function(FILLED, arg=what, timeout=60 * SECONDS)


def misfits(seen: Seen, scrolling: str = "") -> list[str]:
    """Return what of the widget reaches out of its column, what is cut off, and whether the column scrolls.

    What the selector `scrolling` matches may reach out: it moves beneath an edge of its own.
    """
    outside = [f"outside: {part}" for part in seen.root.evaluate(OUTSIDE, scrolling)]
    cut = [f"cut off: {text}" for text in seen.root.evaluate(CUT)]
    return [*outside, *cut, *(["the column scrolls"] if seen.root.evaluate(SCROLLS) else [])]
