"""Methods, layers or targets against pictures, in one table that fills while you watch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...comparisons.plan import planned
from ...comparisons.result import Compared, Place
from ...errors import ImageError
from ...export import grid_code, grid_png
from ...export.table_scales import checked_scale
from ...style import Style
from ..canvas.layout import Sheet
from ..core.exporting import made_with
from ..core.widget import RootWidget, probe_of
from .presenter import ComparisonPresenter
from .run import ComparisonSession
from .state import ComparisonState
from .view import ComparisonView


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

    _talk = ComparisonSession
    session: ComparisonSession
    view: ComparisonView

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
            self.view = ComparisonView(self)
            self.presenter = ComparisonPresenter(self, self.view)
        self.session.changed = lambda place: self.live(self.presenter.update, place)
        self.observe(lambda _: self.live(self.redraw), "scale")
        self.observe(lambda _: self.live(self.presenter.turn), "chosen")
        self.children = self.view.children
        self._begin(name)

    @property
    def compared(self) -> Compared:
        """What is found so far, as a value that can be shown and saved without the widget."""
        return self.session.compared(self.plan)

    def ask(self, rest: float = 0.0) -> None:
        """Compute what is not computed yet; returns at once."""
        with self._lock:
            if not self.closed:
                self.session.ask_all(self.plan)

    def redraw(self) -> None:
        """Draw the table, and the large picture if there is one, again."""
        self.presenter.redraw()

    def enlarge(self, place: Place) -> None:
        """Show a cell large, as a click on it does; one that is not computed says so below."""
        with self._lock:
            if place in self.explanations:
                self.chosen = place
                self.view.back.focus()
            else:
                self.presenter.say_why_not(place)

    def shrink(self) -> None:
        """Show the table again."""
        with self._lock:
            before, self.chosen = self.chosen, None
            if before is not None:
                self.view.cells.buttons[before].focus()

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
        if width >= largest <= self.view.cells.width:
            self._resize("XL")
        else:
            super()._fill(width)

    def _answered(self, what: str) -> None:
        self.presenter.follow()

    def _stop(self) -> None:
        self.session.close()
        self.presenter.close()
