"""The controls of a comparison, laid out: the table or the large picture, style, scale, and how to read it."""

from __future__ import annotations

import html
from collections.abc import Callable
from functools import partial
from typing import Any

import ipywidgets as widgets
import numpy as np

from ...comparisons.result import Compared, Place
from ...export.table import photograph
from ...export.table_scales import rule
from ...images.image import Image
from ...style import Style
from ..canvas.scene import nothing
from ..controls.style_controls import ColourPicker, StyleControls
from ..core.elements import box, button, css_text, data_url, part, shown, style_child, stylesheet, title
from ..core.shell import Shell
from .state import ComparisonHost
from .text import titled

NARROWEST = 88
SMALLEST, LEAST, MOST, ROOM = 84, 110, 220, 600
HEAD = 104
GAP = 6
PHOTO = 160


class Cells:
    """The cells of a comparison.

    Parameters
    ----------
    uid : str
        CSS class of the widget that they stand in.
    frame : Compared
        Rows, columns and pictures.
    choose : callable
        Called with the place that was clicked.
    """

    def __init__(self, uid: str, frame: Compared, choose: Callable[[Place], None]) -> None:
        self._uid, self._frame = uid, frame
        self.most = max(LEAST, min(MOST, ROOM // len(frame.rows.heads)))
        self.buttons = {place: self._button(place, choose) for place in frame.places}
        self._sheets = {place: style_child() for place in frame.places}
        self._columns = [_head("cv-colhead") for _ in frame.columns.heads]
        self._rows = [_head("cv-rowhead") for _ in frame.rows.heads]
        self._corner = _head("cv-corner")
        self.foot = part(widgets.HTML)
        rows = [
            part
            for r, head in enumerate(self._rows)
            for part in (head, *(self.buttons[r, c] for c in range(len(self._columns))))
        ]
        table = box(widgets.GridBox, "cv-cells", self._corner, *self._columns, *rows)
        sheets = box(widgets.Box, "cv-css", style_child(self._css()), *self._sheets.values())
        self.widget = box(widgets.VBox, "cv-table", sheets, box(widgets.Box, "cv-scroll", table), self.foot)

    @property
    def width(self) -> int:
        """Width in CSS pixels when every cell has its largest size."""
        return HEAD + len(self._columns) * (self.most + GAP)

    def put_heads(self, columns: list[str], rows: list[str], corner: str, foot: str) -> None:
        """Write what stands above, beside and under the cells, as HTML."""
        heads = (*self._columns, *self._rows, self._corner, self.foot)
        for head, text in zip(heads, (*columns, *rows, corner, foot), strict=True):
            if head.value != text:
                head.value = text
        shown(self.foot, bool(foot))

    def put(
        self, place: Place, picture: np.ndarray | None, name: str, *, done: float = 1.0, ends: str = ""
    ) -> None:
        """Show a cell's picture, the ends of its scale and its progress; None is the picture itself, dimmed."""
        made = self.buttons[place]
        made.description = made.tooltip = name
        (made.add_class if picture is None else made.remove_class)("cv-wait")
        rules = [f"--ends: {css_text(ends)};"] if ends else []
        if picture is not None:
            rules.append(f"background-image: url({data_url(picture)}) !important;")
        if done < 1:
            rules.append(f"--p: {done:.0%};")
        value = f"<style>.{self._uid} {_at(place)} {{ {' '.join(rules)} }}</style>"
        if self._sheets[place].value != value:
            self._sheets[place].value = value

    def refuse(self, place: Place, why: str) -> None:
        """Show why a cell cannot be made."""
        self.put(place, None, why)
        self.buttons[place].add_class("cv-refused")

    def _button(self, place: Place, choose: Callable[[Place], None]) -> widgets.Button:
        made = button("", "cv-cell", "", partial(choose, place))
        for name in (_at(place)[1:], f"cv-i{self._frame.picture_at(place)}", "cv-wait"):
            made.add_class(name)
        return made

    def _css(self) -> str:
        """Return the pictures behind the cells, and the size of the table."""
        sizes = [image.size for image in self._frame.images]
        height, width = max(h for h, _ in sizes), max(w for _, w in sizes)
        columns = f"minmax({NARROWEST}px, {HEAD}px) repeat({len(self._columns)}, minmax({SMALLEST}px, {self.most}px))"
        rules = [
            f".{self._uid} .cv-cells {{ grid-template-columns: {columns}; }}",
            f".{self._uid} .cv-cell {{ aspect-ratio: {width} / {height}; }}",
        ]
        if len(set(sizes)) > 1:
            rules.append(f".{self._uid} .cv-cell {{ background-size: contain !important; }}")
        for k, image in enumerate(self._frame.images):
            rules.append(f".{self._uid} .cv-i{k} {{ background-image: {_photo(image)} !important; }}")
        return "".join(rules)


def headed(name: str, verdict: str = "", photo: int | None = None, more: str = "") -> str:
    """Return a head as HTML: a name, what the network says, a small picture, a bar."""
    seen = "" if photo is None else f'<span class="cv-photo cv-i{photo}"></span>'
    said = f"<small>{html.escape(verdict).replace(' %', '&nbsp;%')}</small>" if verdict else ""
    breakable = html.escape(name).replace("_", "_<wbr>")
    whole = html.escape(name + (f": {verdict}" if verdict else ""))
    return f'<div class="cv-head1" title="{whole}">{seen}<b>{breakable}</b>{said}{more}</div>'


def unit_of(unit: str) -> str:
    """Return what numbers are, as HTML; empty if it is not known yet."""
    return f"<small>unit: {html.escape(unit)}</small>" if unit else ""


def _head(style: str) -> widgets.HTML:
    made = part(widgets.HTML)
    made.add_class("cv-th")
    made.add_class(style)
    return made


def _at(place: Place) -> str:
    return f".cv-g{place[0]}-{place[1]}"


def _photo(image: Image) -> str:
    return f"url({data_url(photograph(image, PHOTO))})"


SCALES = {"Each its own": "own", "Shared": "shared"}


class ComparisonView(Shell):
    """The controls around the table.

    Parameters
    ----------
    host : ComparisonHost
        The widget.
    """

    _host: ComparisonHost

    def __init__(self, host: ComparisonHost) -> None:
        super().__init__(host, nothing)
        self.cells = Cells(host.uid, host.plan.frame, host.enlarge)
        self.back = button("‹ Back to the grid", "cv-cancel", "Show all of them again", host.shrink)
        self.named = part(widgets.HTML)
        canvas = box(widgets.Box, "cv-canvas", host.canvas.widget)
        self._large = box(
            widgets.VBox, "cv-large", box(widgets.HBox, "cv-back", self.back, self.named), canvas
        )
        self.both = ColourPicker(host.uid, self._recoloured)
        self.both.widget.children[0].value = "± maps"
        self.style = StyleControls(host.uid, host.style, self._restyled, nothing, (self.both.style,))
        shown(self.style.same, False)
        self.scale = part(widgets.ToggleButtons, options=list(SCALES.items()), value=host.scale)
        self.scale.add_class("cv-seg")
        self.scale.observe(lambda change: self.set_trait("scale")(change["new"]), "value")
        self._rule, self.read = part(widgets.HTML), part(widgets.HTML)
        scale = box(widgets.VBox, "cv-sec", title("Scale"), self.scale, self._rule)
        reading = box(widgets.VBox, "cv-sec", title("How to read it"), self.read)
        self.style.widget.children = self._with_both(self.style.widget.children)
        heading = part(widgets.HTML, "", titled(host.plan.frame))
        picture = box(widgets.VBox, "cv-two", self.cells.widget, self._large)
        css = stylesheet("comparison/comparison.css")
        self.children = self.framed(picture, (self.style.widget, scale, reading), heading, css=css)
        shown(self.lever, False)
        self.show_large(False)
        self.put(host.style, host.scale)

    def put(self, style: Style, scale: str) -> None:
        """Move the controls to a style and a scale."""
        self.style.put(style)
        self.both.put(style, True)
        self.scale.value = scale
        self._rule.value = f'<div class="cv-rule">{rule(self._host.plan.frame, scale)}</div>'

    def suit(self, plain: bool, signed: bool) -> None:
        """Show the colours that are in use: those of maps from 0 up, those of maps with two signs, or both."""
        self.style.suit(signed and not plain, True)
        shown(self.both.widget, signed and plain)

    def show_large(self, large: bool) -> None:
        """Show the large picture in place of the table, or the table."""
        shown(self._large, large)
        shown(self.cells.widget, not large)

    def resize(self, width: int) -> None:
        """Give the table its width, or that of the large picture if it is wider."""
        super().resize(max(width, self.cells.width))

    def _with_both(self, children: Any) -> tuple[widgets.Widget, ...]:
        """Return the style's controls with a second row of colours under the first."""
        at = list(children).index(self.style.colours.widget) + 1
        return (*children[:at], self.both.widget, *children[at:])

    def _restyled(self, style: Style, moving: bool) -> None:
        self._host.style = style

    def _recoloured(self, setting: str, name: str) -> None:
        self._host.style = self._host.style.replace(**{setting: name})
