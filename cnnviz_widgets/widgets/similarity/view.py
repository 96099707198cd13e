"""The controls of a similarity explorer, laid out, and the row of neighbours."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
import numpy as np

from ...embeddings.decomposition import Place
from ...embeddings.projection import ways
from ...probe import LayerInfo
from ...style import Style
from ..canvas.scene import nothing
from ..controls.layer_picker import TIMES
from ..controls.style_controls import StyleControls
from ..core.elements import (
    box,
    button,
    css_text,
    data_url,
    free,
    heading,
    mark,
    part,
    row,
    shown,
    square,
    style_child,
    stylesheet,
    title,
)
from ..core.image_picker import ImageStrip
from ..core.shell import Shell
from .host import SimilarityHost

SIDE = 152


@dataclass(frozen=True, eq=False)
class Neighbour:
    """A picture in the row.

    Attributes
    ----------
    index : int
        Which picture of the gallery.
    name : str
        What it is called.
    score : str
        How alike it is, as text.
    pixels : numpy.ndarray
        uint8 (h, w, 3).
    """

    index: int
    name: str
    score: str
    pixels: np.ndarray


class NeighbourRow:
    """A row of buttons.

    Parameters
    ----------
    uid : str
        CSS class of the widget that they stand in.
    count : int
        How many there is room for.
    choose : callable
        Called with the index of the picture that was clicked.
    """

    def __init__(self, uid: str, count: int, choose: Callable[[int], None]) -> None:
        self._uid, self._choose = uid, choose
        self._style = style_child()
        self._buttons = [self._button(k) for k in range(count)]
        self.shown: tuple[Neighbour, ...] = ()
        self.widget = box(widgets.Box, "cv-nbs", self._style, *self._buttons)

    def show(self, found: Sequence[Neighbour]) -> None:
        """Show these pictures, most alike first."""
        rules = []
        for k, (made, one) in enumerate(zip(self._buttons, found, strict=False)):
            made.description = made.tooltip = f"{one.name}: {one.score}"
            rules.append(self._rule(k, one))
        self._style.value = f"<style>{''.join(rules)}</style>"
        for k, made in enumerate(self._buttons):
            shown(made, k < len(found))
        self.shown = tuple(found)

    def mark(self, match: int | None, foil: int | None) -> None:
        """Show which of them is compared with, and which is set against it."""
        indices = [one.index for one in self.shown]
        for index, style in ((match, "cv-on"), (foil, "cv-foil")):
            mark(self._buttons, indices.index(index) if index in indices else None, style)

    def _button(self, k: int) -> widgets.Button:
        made = button("", "cv-tile", "", lambda: self._choose(self.shown[k].index))
        made.add_class("cv-nb")
        made.add_class(f"cv-n{k}")
        shown(made, False)
        return made

    def _rule(self, k: int, one: Neighbour) -> str:
        at = f".{self._uid} .cv-n{k}"
        address = data_url(square(one.pixels, SIDE))
        # the score is in the button's name already: the second rule keeps it from being read twice
        text = css_text(one.score)
        number = f'content: {text}; content: {text} / "";'
        return f"{at} {{ background-image: url({address}) !important; }} {at}::after {{ {number} }}"


IN_A_ROW = 8
OPTIONS: dict[str, dict[str, Any]] = {
    "metric": {"Cosine": "cosine", "Dot": "dot", "Distance": "euclidean"},
    "pooled": {"Place by place": False, "Anywhere": True},
    "by": {"Parts": "patches", "Gradient": "gradient", "Cover": "occlusion"},
    "plane": {"PCA": "pca", "UMAP": "umap"},
    "click": {"A query": "query", "B": "match", "C foil": "foil"},
}
TIPS = {
    "click": (
        "What is clicked becomes A: its neighbours are found",
        "What is clicked becomes B: shown beside A",
        "What is clicked becomes C: why B rather than C",
    ),
    "metric": (
        "Angle between two codes: 1 for the same direction",
        "Dot product: strong codes count more",
        "Minus the distance between two codes: 0 for the same",
    ),
    "pooled": (
        "What is at the same place is compared",
        "The means of the maps are compared, wherever things are",
    ),
    "by": (
        "What each place adds to the similarity, exactly",
        "Which pixels move the similarity",
        "How far the similarity falls when a place is covered",
    ),
    "plane": (
        "The two directions in which the codes differ most",
        "Neighbourhoods kept, distances bent",
    ),
}
MOST_SUGGESTED = 1000
NO_FOIL = "Press “C foil” above the neighbours, then click a picture: what in A speaks for B, and what for C."


class SimilarityView(Shell):
    """The neighbours under the two pictures; the plane, the metric and the foil beside them.

    Parameters
    ----------
    host : SimilarityHost
        The widget.
    """

    _host: SimilarityHost

    def __init__(self, host: SimilarityHost) -> None:
        super().__init__(host, nothing)
        self._quiet = False
        self.strip = ImageStrip(host.uid, (), host.revisit, host.take_own)
        self.near = NeighbourRow(host.uid, IN_A_ROW, host.choose)
        self.choices = {name: self._choice(name, options) for name, options in OPTIONS.items()}
        self.layer: Any = part(
            widgets.Dropdown, options=listed(host.probe.layers), tooltip="Layer of the code"
        )
        self.layer.observe(lambda change: self._moved("layer", change["new"]), "value")
        self.style = StyleControls(host.uid, host.style, self._restyled, nothing)
        shown(self.style.same, False)
        self._near_title, self._chart_title = part(widgets.HTML), part(widgets.HTML)
        self._legend, self._foil, self._notes = part(widgets.HTML), part(widgets.HTML), part(widgets.HTML)
        self._drop = button("Remove C", "cv-cancel", "Compare A and B alone", host.drop_foil)
        self._back = button("‹", "cv-cancel", "Nearer ones", lambda: host.turn(-1))
        self._on = button("›", "cv-cancel", "Those further off", lambda: host.turn(1))
        self.search: Any = part(
            widgets.Combobox, placeholder="any picture: name or number", continuous_update=False
        )
        self.search.add_class("cv-goto")
        self.search.observe(self._sought, "value")
        self._code_row = row("Code", self.choices["pooled"])
        self.place: Any = part(widgets.Text, placeholder="row, column from 0", continuous_update=False)
        self.place.tooltip = "Cell of A: row, column, both counted from 0"
        self.place.observe(self._placed, "value")
        self.lever.children = [self._head(), self.near.widget, self._under()]
        swap = button("", "cv-icon", "Swap A and B", host.swap, icon="exchange")
        css = stylesheet("similarity/similarity.css")
        self.children = self.framed(self._pictures(), self._side(), self.strip.widget, (swap,), css)
        self.tell_foil("")

    # what is told

    def put(self, values: dict[str, Any], style: Style) -> None:
        """Move the controls to what they stand for."""
        self._quiet = True
        try:
            for name, made in self.choices.items():
                made.value = values[name]
            self.layer.value = values["layer"]
            shown(self._code_row, len(self._host.probe.layer(values["layer"]).shape) == 3)
        finally:
            self._quiet = False
        self.style.put(style)

    def tell_near(self, beside: str, first: int, count: int) -> None:
        """Say of how many the neighbours are the nearest, and which page of them is shown."""
        self._near_title.value = heading("Most alike", beside)
        self._back.disabled, self._on.disabled = first == 0, first + IN_A_ROW >= count

    def tell_chart(self, beside: str, legend: Sequence[tuple[str, tuple[int, int, int]]] = ()) -> None:
        """Say what the plane shows, and what the colours of its dots stand for."""
        self._chart_title.value = heading("All pictures", beside)
        entries = "".join(
            f'<span class="cv-key"><i style="background:rgb{colour}"></i>{html.escape(name)}</span>'
            for name, colour in legend
        )
        self._legend.value = f'<div class="cv-legend">{entries}</div>' if entries else ""
        shown(self._legend, bool(entries))

    def tell_place(self, place: Place | None) -> None:
        """Show the cell of A whose likes are shown."""
        self._quiet = True
        try:
            self.place.value = "" if place is None else f"{place[0]}, {place[1]}"
        finally:
            self._quiet = False

    def tell_foil(self, markup: str) -> None:
        """Show the picture that B is set against, as HTML; how to choose one if there is none."""
        self._foil.value = markup or f'<div class="cv-read">{NO_FOIL}</div>'
        shown(self._drop, bool(markup))

    def tell_notes(self, markup: str) -> None:
        """Say how to read the maps, and what to mind, as HTML."""
        self._notes.value = markup

    def suggest(self, names: Sequence[str]) -> None:
        """Offer names where the reader searches, unless there are too many to look through."""
        self.search.options = tuple(dict.fromkeys(names)) if len(names) <= MOST_SUGGESTED else ()

    def close(self) -> None:
        """Free what does not stand in the tree."""
        free(self.choices["plane"])

    # layout

    def _pictures(self) -> widgets.Widget:
        views = (box(widgets.Box, "cv-canvas", view.widget) for view in self._host.pair_canvases)
        return box(widgets.HBox, "cv-pair", *views)

    def _head(self) -> widgets.Widget:
        turns = box(widgets.HBox, "cv-turn", self._back, self._on)
        said = part(widgets.Label, "", "A click sets")
        return box(widgets.HBox, "cv-alikehead", self._near_title, turns, said, self.choices["click"])

    def _under(self) -> widgets.Widget:
        drop = box(widgets.HBox, "cv-row", self._drop)
        foil = box(widgets.VBox, "cv-sec", title("Why B rather than C"), self._foil, drop)
        read = box(widgets.VBox, "cv-sec", title("How to read it"), self._notes)
        return box(widgets.HBox, "cv-under", foil, read)

    def _side(self) -> tuple[widgets.Widget, ...]:
        chart = box(widgets.Box, "cv-chart", self._host.scatter.view.widget)
        plane = [row("Plane", self.choices["plane"])] if len(ways()) > 1 else []
        search = row("Go to", self.search)
        plan = box(widgets.VBox, "cv-sec", self._chart_title, chart, self._legend, *plane, search)
        how = box(
            widgets.VBox, "cv-sec", title("Compare by"), self.choices["metric"], row("Layer", self.layer),
            self._code_row, row("Map", self.choices["by"]), row("Place", self.place),
        )  # fmt: skip
        stack = box(widgets.VBox, "cv-sec", how, self.style.widget)
        stack.add_class("cv-stack")
        return plan, stack

    # what is heard

    def _choice(self, name: str, options: dict[str, Any]) -> Any:
        made = part(widgets.ToggleButtons, options=list(options.items()), value=None, tooltips=TIPS[name])
        made.add_class("cv-seg")
        made.observe(lambda change: self._moved(name, change["new"]), "value")
        return made

    def _moved(self, name: str, value: Any) -> None:
        if not self._quiet and value is not None:
            self.set_trait(name)(value)

    def _placed(self, change: dict[str, Any]) -> None:
        if not self._quiet:
            self._host.seek_place(change["new"])

    def _sought(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self.search.value = ""
            self._host.seek(change["new"])

    def _restyled(self, style: Style, moving: bool) -> None:
        self._host.style = style


def listed(layers: Sequence[LayerInfo]) -> list[tuple[str, str]]:
    """Return the lines of the list of layers: name and size."""
    return [(f"{layer.name}   {_sized(layer.shape)}", layer.name) for layer in layers]


def _sized(shape: Sequence[int | None]) -> str:
    return f" {TIMES} ".join("?" if n is None else str(n) for n in shape)
