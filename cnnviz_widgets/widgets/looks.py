"""The layout and styles that the parts of one widget share: nearly all leave their looks to CSS."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import ipywidgets as widgets

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
