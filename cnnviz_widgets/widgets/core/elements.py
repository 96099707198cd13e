"""Small pieces that every widget is put together from, the looks that they share, and markup that is safe to show."""

from __future__ import annotations

import base64
import html
import io
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Any

import ipywidgets as widgets
import numpy as np
import PIL.Image

WIDGETS = Path(__file__).parent.parent

_at_hand: ContextVar[Looks | None] = ContextVar("looks", default=None)
_shared: weakref.WeakSet[widgets.Widget] = weakref.WeakSet()


class Looks:
    """One layout, and one style of a kind, for all parts that are made while they are lent.

    By itself every control opens a layout and a style of its own, two models of three in kernel and page.
    """

    def __init__(self) -> None:
        self._made: dict[type[widgets.Widget], widgets.Widget] = {}

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Have the parts that are made meanwhile use them."""
        before = _at_hand.set(self)
        try:
            yield
        finally:
            _at_hand.reset(before)

    def of(self, kind: type[widgets.Widget]) -> widgets.Widget:
        """Return the one layout or style of a kind."""
        if kind not in self._made:
            self._made[kind] = kind()
            _shared.add(self._made[kind])
        return self._made[kind]

    def close(self) -> None:
        """Free them; what was made with them is to be freed too."""
        for made in self._made.values():
            made.close()


def at_hand(kind: type[widgets.Widget]) -> dict[str, Any]:
    """Return the layout and style that a new widget of a kind is to use; nothing while none are lent."""
    looks = _at_hand.get()
    if looks is None:
        return {}
    return {name: looks.of(getattr(kind, name).klass) for name in ("layout", "style") if hasattr(kind, name)}


def shared(look: widgets.Widget) -> bool:
    """Return whether others may use a layout or style, too."""
    return look in _shared


def lay_out(widget: widgets.DOMWidget, **changes: Any) -> None:
    """Change the layout of a widget; one that is shared stays as it is, and another takes its place."""
    if shared(widget.layout):
        widget.layout = widgets.Layout(**changes)
        return
    with widget.layout.hold_sync():
        for name, value in changes.items():
            setattr(widget.layout, name, value)


LABEL_WIDTH = "56px"
LEVER_LABEL_WIDTH = "90px"
MOST_CUT = 2  # times its short side: what is longer would lose too much in a square


@cache
def stylesheet(name: str = "core/look.css") -> str:
    """Return the looks of all widgets, or those of one kind of widget, as CSS."""
    return (WIDGETS / name).read_text(encoding="utf-8")


def part(kind: type[widgets.Widget], style: str = "", *given: Any, **traits: Any) -> Any:
    """Return a widget of `kind` with CSS classes, apart by spaces; all it begins with goes in one message."""
    return kind(*given, _dom_classes=tuple(style.split()), **(at_hand(kind) | traits))


def box(kind: type[widgets.Box], style: str, *children: widgets.Widget) -> Any:
    """Return a box of `kind` with CSS classes."""
    return part(kind, style, children)


def title(text: str, beside: str = "") -> widgets.HTML:
    """Return a small heading, with a few words in plain type beside it."""
    made: widgets.HTML = part(widgets.HTML, "", heading(text, beside))
    return made


def heading(text: str, beside: str = "") -> str:
    """Return the markup of a small heading, with a few words in plain type beside it."""
    more = f" <em>{html.escape(beside)}</em>" if beside else ""
    return f'<span class="cv-h">{html.escape(text)}{more}</span>'


def row(label: str, control: widgets.Widget, width: str = LABEL_WIDTH, help: str = "") -> widgets.HBox:
    """Return a control that fills the width, with its label in front."""
    narrow = widgets.Layout(width=width, flex="0 0 auto")
    text = part(widgets.Label, "", label, tooltip=help, layout=narrow)
    lay_out(control, flex="1 1 auto", width="auto", min_width="0")
    return box(widgets.HBox, "cv-row", text, control)


def button(
    text: str, style: str, tip: str, click: Callable[[], None] | None = None, icon: str = ""
) -> widgets.Button:
    """Return a button with CSS classes; `click` takes no argument."""
    made: widgets.Button = part(widgets.Button, style, description=text, tooltip=tip, icon=icon)
    if click is not None:
        made.on_click(lambda _: click())
    return made


def style_child(css: str = "") -> widgets.HTML:
    """Return an invisible child that holds a style sheet."""
    made: widgets.HTML = part(widgets.HTML, "cv-css", f"<style>{css}</style>" if css else "")
    return made


def mark(buttons: Sequence[widgets.Button], chosen: int | None, style: str = "cv-on") -> None:
    """Show one of some buttons as the chosen one, by a CSS class; at no moment two of them."""
    for k, made in enumerate(buttons):
        if k != chosen:
            made.remove_class(style)
    if chosen is not None and 0 <= chosen < len(buttons):
        buttons[chosen].add_class(style)


def shown(widget: widgets.DOMWidget, visible: bool) -> None:
    """Show or hide a widget; it takes no room while hidden."""
    wanted = None if visible else "none"
    if widget.layout.display != wanted:
        lay_out(widget, display=wanted)


def data_url(pixels: np.ndarray, quality: int = 82) -> str:
    """Return a picture, uint8 (H, W, 3), as a JPEG address for CSS."""
    buffer = io.BytesIO()
    PIL.Image.fromarray(pixels).save(buffer, "jpeg", quality=quality)
    return "data:image/jpeg;base64," + base64.b64encode(buffer.getvalue()).decode()


def square(pixels: np.ndarray, side: int) -> np.ndarray:
    """Return the middle square of a picture at `side` pixels, for thumbnails; of a strip all of it, on black."""
    height, width = pixels.shape[:2]
    short, long = min(height, width), max(height, width)
    if long > MOST_CUT * short:
        wider, higher = (long - width) // 2, (long - height) // 2
        pixels = np.pad(pixels, ((higher, long - height - higher), (wider, long - width - wider), (0, 0)))
        height = width = short = long
    top, left = (height - short) // 2, (width - short) // 2
    cut = PIL.Image.fromarray(np.ascontiguousarray(pixels[top : top + short, left : left + short]))
    return np.asarray(cut.resize((side, side), PIL.Image.Resampling.LANCZOS, reducing_gap=2.0))


def css_text(text: str) -> str:
    """Return a text as a CSS string that nothing in it can break out of."""
    safe = "".join(c if c.isalnum() or c in " .,%-()" else f"\\{ord(c):x} " for c in text)
    return f'"{safe}"'


def free(widget: widgets.Widget, seen: set[int] | None = None) -> None:
    """Close a widget with all its children, and the layouts and styles that are theirs alone.

    ipywidgets' own `close` is shallow.
    """
    seen = set() if seen is None else seen
    if id(widget) in seen:
        return
    seen.add(id(widget))
    for child in getattr(widget, "children", ()):
        free(child, seen)
    for name in ("layout", "style"):
        look = getattr(widget, name, None)
        if isinstance(look, widgets.Widget) and not shared(look):
            look.close()
    widget.unobserve_all()
    widget.close()


def is_rounded(told: float, value: float, step: float) -> bool:
    """Return whether a slider tells of nothing but the rounding of the value that it was set to.

    A slider on the page moves to the nearest of its steps when it is set, and reports that as if it had been moved.
    """
    return abs(told - value) < step / 2 * (1 - 1e-9)
