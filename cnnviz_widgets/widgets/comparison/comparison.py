"""Methods, layers or targets against pictures, in one table that fills while you watch."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType
from typing import Any

import traitlets

from ...comparisons.plan import planned
from ...comparisons.result import Compared, Place
from ...errors import ImageError, SettingError
from ...export import grid_code, grid_png
from ...export.table_scales import checked_scale
from ...style import Style
from ..canvas.layout import Sheet
from ..core.exporting import made_with
from ..core.state import WidgetState, refusing
from ..core.widget import RootWidget, probe_of
from .presenter import ComparisonScreen
from .run import Sweep
from .view import ComparisonDesk


class ComparisonState(WidgetState):
    """Traits of a comparison: those of every widget, and what stands in the table.

    Attributes
    ----------
    chosen : (int, int) or None
        Row and column of the cell that is shown large; can be observed, set and linked.
    scale : str
        ``own`` or ``shared``; can be observed, set and linked.
    explanations : mapping of (int, int) to Heatmap or ColourMap
        What is found so far; read-only.
    """

    chosen = traitlets.Any(None, allow_none=True)
    scale = traitlets.Unicode("own").tag(sync=True)
    explanations = traitlets.Any(MappingProxyType({}), read_only=True)

    @traitlets.validate("scale")
    @refusing
    def _known_scale(self, proposal: Any) -> str:
        return checked_scale(proposal["value"])

    @traitlets.validate("chosen")
    @refusing
    def _known_cell(self, proposal: Any) -> Place | None:
        wanted = proposal["value"]
        if wanted is None:
            return None
        try:
            place = int(wanted[0]), int(wanted[1])
        except (TypeError, ValueError, IndexError):
            raise SettingError(f"chosen must be (row, column) or None; got {wanted!r}.") from None
        if place not in self.explanations:
            raise SettingError(f"chosen must be a cell that is computed; there is none at {place} yet.")
        return place


class Comparison(RootWidget, ComparisonState):
    """Compare methods on pictures, or layers, or targets: a table that fills while you watch.

    Two of methods, layers, targets and images may have more than one entry. Pictures become the columns; of two
    others methods, then layers become the rows. A click shows a cell large. `compare` makes the same without widgets.

    Its traits are those of `ComparisonState`: chosen, style, scale, explanations, progress, status, error.

    Parameters
    ----------
    model : keras.Model, Probe or path
        The network.
    images, methods, layers, targets
        As for `compare`.
    labels, preprocess, value_range, style, renderer, name
        As for `Explorer`.
    scale : str
        ``own``: each map has a scale of its own; ``shared``: maps in the same units share one.
    size : str
        Of the large picture: ``"auto"`` follows the width of the column; ``"S"``, ``"M"``, ``"L"``, ``"XL"`` stay.

    Raises
    ------
    ModelError, ImageError, SettingError, LayerError, TargetError
        If what is given cannot be compared. A method that does not fit the model or a picture is no error: its cell
        says so, and the others go on.
    """

    _talk = Sweep
    session: Sweep
    _desk: ComparisonDesk

    def __init__(
        self,
        model: Any,
        images: Any,
        *,
        methods: Any = None,
        layers: Any = None,
        targets: Any = None,
        labels: Any = None,
        preprocess: Callable[..., Any] | None = None,
        value_range: tuple[float, float] | None = None,
        style: Style | None = None,
        scale: str = "own",
        size: str = "auto",
        renderer: str = "auto",
        name: str | None = None,
    ) -> None:
        probe = probe_of(model, labels, preprocess, value_range)
        self.plan = planned(probe, images, methods, layers, targets)
        super().__init__(probe, style, size, renderer, scale=checked_scale(scale))
        self.add_class("cv-compared")
        with self._looks.lent():
            self._desk = ComparisonDesk(self)
            self._screen = ComparisonScreen(self)
        self.session.changed = lambda place: self._live(self._screen.update, place)
        self.observe(lambda _: self._live(self.redraw), "scale")
        self.observe(lambda _: self._live(self._screen.turn), "chosen")
        self.children = self._desk.children
        self._begin(name)

    @property
    def compared(self) -> Compared:
        """What is found so far, as a value that can be shown and saved without the widget."""
        return self.session.compared(self.plan)

    def ask(self, rest: float = 0.0) -> None:
        """Compute what is not computed yet; returns at once."""
        with self._lock:
            if not self._closed:
                self.session.ask_all(self.plan)

    def redraw(self) -> None:
        """Draw the table, and the large picture if there is one, again."""
        self._screen.redraw()

    def enlarge(self, place: Place) -> None:
        """Show a cell large, as a click on it does; one that is not computed says so below."""
        with self._lock:
            if place in self.explanations:
                self.chosen = place
                self._desk.back.focus()
            else:
                self._screen.say_why_not(place)

    def shrink(self) -> None:
        """Show the table again."""
        with self._lock:
            before, self.chosen = self.chosen, None
            if before is not None:
                self._desk.cells.buttons[before].focus()

    # on paper

    @property
    def drawn(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.session.cells or self.session.refused)

    def snapshot(self) -> bytes:
        """Return the whole table as one figure with its caption, a PNG file."""
        if not self.drawn:
            raise ImageError("there is no picture yet: call wait() first.")
        return grid_png(self.compared, self.style, self.scale)

    def code(self) -> str:
        """Return the lines that make this figure again without widgets."""
        return grid_code(self.plan.frame, self.style, self.scale, probe=made_with(self.probe))

    def file_name(self) -> str:
        """Return a file name that says what is compared, e.g. ``4-methods-8-pictures.png``."""
        words = "".join(c if c.isalnum() or c == "_" else " " for c in self.plan.frame.title.lower()).split()
        return "-".join(words) + ".png"

    def _fill(self, width: int) -> None:
        """Take the size that suits a column; a grid with the controls under it leaves room for a larger picture."""
        largest = Sheet.of("XL").width
        if width >= largest <= self._desk.cells.width:
            self._resize("XL")
        else:
            super()._fill(width)

    def _answered(self, what: str) -> None:
        self._screen.follow()

    def _stop(self) -> None:
        self.session.close()
        self._screen.close()
