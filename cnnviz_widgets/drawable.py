"""What has a picture: results are drawn, saved and shown by drawers that they do not know.

The package names the module whose import registers the drawers; it is imported when the first picture is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np

    from .style import Style


class Drawer(Protocol):
    """What draws results of a type."""

    def picture(self, result: Any, style: Style | None, **how: Any) -> np.ndarray:
        """Return the picture of a result, uint8 (H, W, 3)."""

    def save(self, result: Any, path: Any, style: Style | None, **how: Any) -> None:
        """Write a result as PNG."""

    def show(self, result: Any, style: Style | None, **how: Any) -> Any:
        """Return what `save` writes as an object that a notebook displays."""

    def headline(self, result: Any) -> str:
        """Return what a result is, in one line."""


_drawers: dict[type, Drawer] = {}
_sources: list[Callable[[], object]] = []


def drawn_by(source: Callable[[], object]) -> None:
    """Name what registers the drawers once the first of them is needed."""
    _sources.append(source)


def register_drawer(kind: type, drawer: Drawer) -> None:
    """Have results of a type, and of the types derived from it, drawn by a drawer."""
    _drawers[kind] = drawer


class Drawable:
    """A result that has a picture; at the end of a notebook's cell it shows it."""

    @property
    def drawer(self) -> Drawer:
        """What draws it."""
        while _sources:
            _sources.pop()()
        return next(_drawers[kind] for kind in type(self).__mro__ if kind in _drawers)

    def show(self, style: Style | None = None, **how: Any) -> Any:
        """Return what `save` writes as an object that a notebook displays; `how` is as for `save`."""
        return self.drawer.show(self, style, **how)

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        """Return what `show` displays: a notebook shows it where a result ends a cell."""
        bundle: tuple[dict[str, str], dict[str, Any]] = self.show()._repr_mimebundle_(include, exclude)
        return bundle
