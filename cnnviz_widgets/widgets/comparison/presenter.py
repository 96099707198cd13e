"""Keeps what a comparison shows in step with what is found."""

from __future__ import annotations

import html
import time
from collections.abc import Sequence
from types import MappingProxyType

from ...comparisons.result import Compared, Place
from ...explanation import Heatmap
from ...export.table_scales import cell_styles, ends, scale_at
from ...render import picture
from ...style import Style
from ..canvas.scene import nothing
from ..controls.colour_bar import ramp
from ..core import text as core_text
from ..core.explanation_canvas import ExplanationCanvas
from ..core.status import StatusLine
from . import text
from .state import ComparisonHost
from .view import ComparisonView, headed, unit_of

MOST_RATIO = 2.0
BREATH = 0.2  # seconds between two drawings of a cell that is still sharpening


class ComparisonPresenter(StatusLine):
    """The table, the large picture, the heads and the sentence.

    Every call comes with the widget's lock held.

    Parameters
    ----------
    host : ComparisonHost
        The widget.
    view : ComparisonView
        Its controls.
    """

    _host: ComparisonHost

    def __init__(self, host: ComparisonHost, view: ComparisonView) -> None:
        super().__init__(host, view.footer, nothing, nothing)
        self._view = view
        self.stage = ExplanationCanvas(host.canvas, self._view.footer.hover, nothing)
        self._drawn_at = 0.0
        self._limits: dict[Place, float | None] = {}
        empty = host.plan.frame
        for place in empty.places:
            self._draw(empty, place, {})
        self._draw_heads(empty, {})
        self._read()

    def redraw(self) -> None:
        """Draw all that is found again."""
        compared, styles = self._found()
        for place in sorted(compared.places, key=compared.picture_at):
            self._draw(compared, place, styles)
        self._limits = {place: style.limit for place, style in styles.items()}
        self._draw_heads(compared, styles)
        self._view.put(self._host.style, self._host.scale)
        self._draw_large(compared, styles)
        self._view.refresh_code()
        self.follow()

    def update(self, place: Place) -> None:
        """Draw what has changed: a cell, and those that share its scale if that has grown."""
        now, made = time.monotonic(), self._host.session.cells.get(place)
        self.follow()
        partial = made is not None and made.done < 1 and place in self._host.explanations
        if partial and now - self._drawn_at < BREATH:
            return
        self._drawn_at = now
        compared, styles = self._found()
        for other in {place, *(p for p in styles if self._limits.get(p) != styles[p].limit)}:
            self._draw(compared, other, styles)
        self._limits = {p: style.limit for p, style in styles.items()}
        self._host.set_trait("explanations", MappingProxyType(dict(compared.cells)))
        signs = {cell.signed for cell in compared.cells.values() if isinstance(cell, Heatmap)}
        self._view.suit(False in signs or not signs, True in signs)
        self._draw_heads(compared, styles)
        chosen = self._host.chosen
        if chosen is not None and (chosen == place or styles[chosen].limit is not None):
            self._draw_large(compared, styles)

    def turn(self) -> None:
        """Show the large picture, or the table."""
        self._draw_large(*self._found())
        self._view.show_large(self._host.chosen is not None)
        self._read()
        self.follow()

    def say_why_not(self, place: Place) -> None:
        """Say why a cell cannot be shown large."""
        at = self._host.plan.frame.at(place)
        self._view.footer.say(f"{at}: {self._host.session.refused.get(place, 'not computed yet.')}")

    def say_shown(self) -> None:
        """Say what is on the screen."""
        host, footer = self._host, self._view.footer
        sentence = text.whole(host.compared)
        footer.say(self._large_sentence() or sentence, core_text.shown_cost(host.session))

    def _computing(self) -> tuple[str, str]:
        session, count = self._host.session, len(self._host.plan.frame.places)
        right = text.so_far(session.finished, count, session.seconds_left)
        return self._large_sentence() or text.computing(), right

    def _stopped(self) -> str:
        shown, chosen = self._large_sentence(), self._host.chosen
        if shown and chosen is not None:
            return text.stopped_at(shown, self._host.session.cells[chosen].done)
        return text.stopped(self._host.session.finished, len(self._host.plan.frame.places))

    def _large_sentence(self) -> str:
        chosen = self._host.chosen
        if chosen is None or self.stage.panels is None:
            return ""
        cell = self._host.session.cells[chosen]
        return core_text.shown_sentence(cell, self._host.style, self.stage.panels.flat)

    def _found(self) -> tuple[Compared, dict[Place, Style]]:
        compared = self._host.compared
        return compared, cell_styles(compared, self._host.style, self._host.scale)

    def _draw(self, compared: Compared, place: Place, styles: dict[Place, Style]) -> None:
        """Draw one cell."""
        cells, made = self._view.cells, compared.cells.get(place)
        if place in compared.refused:
            cells.refuse(place, compared.refused[place])
        elif made is None:
            cells.put(place, None, text.cell_name(compared, place, self._host.style, ""))
        else:
            style = styles[place]
            scale = scale_at(compared, place, style)
            side = round(cells.most * min(self.stage.view.pixel_ratio, MOST_RATIO))
            name = text.cell_name(compared, place, style, scale.flat)
            own = ends(scale) if self._host.scale == "own" else ""
            cells.put(place, picture(made, style, size=side), name, done=made.done, ends=own)

    def _draw_large(self, compared: Compared, styles: dict[Place, Style]) -> None:
        """Draw the large picture of the chosen cell."""
        chosen = self._host.chosen
        if chosen is not None:
            self.stage.show(compared.cells[chosen], styles[chosen])
            self._view.named.value = text.named(compared, chosen)

    def _draw_heads(self, compared: Compared, styles: dict[Place, Style]) -> None:
        """Write names, verdicts and scales around the cells."""
        shared = compared.sharing if self._host.scale == "shared" else ""
        columns = [
            self._head(compared, styles, compared.columns.kind, k, [p for p in compared.places if p[1] == k])
            for k in range(len(compared.columns.heads))
        ]
        rows = [
            self._head(compared, styles, compared.rows.kind, k, [p for p in compared.places if p[0] == k])
            for k in range(len(compared.rows.heads))
        ]
        corner = ""
        if "picture" not in (compared.rows.kind, compared.columns.kind):
            corner = headed(compared.images[0].name, compared.verdicts.get(0, ""), photo=0)
        foot = self._bar(compared, styles, compared.places) if shared == "all" else ""
        self._view.cells.put_heads(columns, rows, corner, foot)

    def _head(
        self, compared: Compared, styles: dict[Place, Style], kind: str, k: int, places: Sequence[Place]
    ) -> str:
        """Return what stands at a row or a column."""
        name = (
            compared.rows if places[0][0] == k and kind == compared.rows.kind else compared.columns
        ).heads[k]
        if kind == "picture":
            return headed(name, compared.verdicts.get(k, ""), photo=k)
        if kind != "method":
            return headed(name)
        if self._host.scale == "shared":
            return headed(name, more=self._bar(compared, styles, places))
        unit = next((compared.cells[place].unit for place in places if place in compared.cells), "")
        return headed(name, more=unit_of(unit))

    def _bar(self, compared: Compared, styles: dict[Place, Style], places: Sequence[Place]) -> str:
        """Return the scale that places share, as HTML; empty while none of them is computed."""
        found = next((place for place in places if place in compared.cells), None)
        if found is None:
            return ""
        scale = scale_at(compared, found, styles[found])
        unit = compared.cells[found].unit
        return ramp(scale.colours, (scale.low_text, scale.high_text), f"unit: {unit}" if unit else "")

    def _read(self) -> None:
        """Say how to read the chosen map, or what each method is."""
        host = self._host
        if host.chosen is not None:
            made = host.session.cells[host.chosen]
            kind = type(made.recipe)
            remarks = core_text.remarks(host.probe, made.image, made)
            self._view.read.value = core_text.how_to_read(kind, core_text.paper_link(kind.source), remarks)
            return
        kinds = dict.fromkeys(type(method) for method in host.plan.frame.asked["methods"])
        told = (f"<b>{html.escape(kind.label)}</b>: {html.escape(kind.help)}." for kind in kinds)
        self._view.read.value = f'<div class="cv-read">{"<br>".join(told)}</div>'
