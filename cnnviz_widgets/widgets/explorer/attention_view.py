"""What tokens read from: a film of heads in groups by block, and the token that is asked, on the picture."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import ipywidgets as widgets
import numpy as np

from ...colours import table
from ...explanation import Explanation, Heatmap
from ...images.image import Image
from ...method import Method
from ...probe import AttentionLayer, Probe, Tokens
from ...render.blend import halves
from ...render.marks import gridded
from ..canvas import Scene
from ..canvas.scene import nothing
from ..controls.layer_picker import steps
from ..core.answer_view import AnswerView
from ..core.elements import box, button, data_url, mark, part, shown, style_child, title
from ..core.explanation_canvas import cell

ATTENTION, ROLLOUT = "Attention", "Attention rollout"
HEADS, MEAN, ROLLED = "Heads", "Mean", "Rollout"
OWN_LAYER = (ATTENTION, ROLLOUT)  # methods whose layer is one of attention, chosen in the film
READS, IS_READ = "It attends to", "Attend to it"
READING = "attends to"
WAYS = {READING: READS, "attended by": IS_READ}
FRAME_SIDE = 44
MOST_FRAMES = 48


class AttentionView(AnswerView):
    """The film of heads, the token that is asked, and its frame on the picture.

    Parameters
    ----------
    uid : str
        CSS class of the widget that it stands in.
    probe : Probe
        The network.
    look : callable
        Called with the label of a method, and settings of it by name.
    redraw : callable
        As for `AnswerView`.

    Attributes
    ----------
    film : VBox
        A frame a head, and the choice between heads, their mean, and the rollout.
    """

    def __init__(self, uid: str, probe: Probe, look: Callable[..., None], redraw: Callable[[], None]) -> None:
        super().__init__(nothing, redraw)
        self._uid, self._probe, self._look, self._quiet = uid, probe, look, False
        self._recipe: Any = None
        self._scores: Mapping[str, np.ndarray] = {}
        self.frames: dict[tuple[str, int], widgets.Button] = {}
        self._style = style_child()
        self.kind = part(
            widgets.ToggleButtons, "cv-seg cv-headkind", options=[HEADS, MEAN, ROLLED], value=None
        )
        self.kind.observe(self._kind_picked, "value")
        self._title = title("Heads", "a frame a head, first block to last")
        head = box(widgets.HBox, "cv-leverhead", self._title, self.kind)
        self._groups = box(widgets.HBox, "cv-headfilm")
        self.film = box(widgets.VBox, "cv-headbox", self._style, head, self._groups)
        self.chip = button("", "cv-chip", "Ask no single token", partial(self._ask, None))
        tip = "What the class token reads from"
        self._class = button("class token", "cv-pill", tip, partial(self._ask, "class token"))
        self._all = button(
            "all tokens", "cv-pill", "The mean of what all tokens read from", partial(self._ask, "mean")
        )
        self.way = part(widgets.ToggleButtons, "cv-seg", options=[READS, IS_READ], value=READS)
        self.way.observe(self._way_picked, "value")
        chips = box(widgets.HBox, "cv-chips", self.chip, self._class, self._all)
        self._section = box(widgets.VBox, "cv-sec", title("Asking", "click a token"), chips, self.way)
        shown(self._section, False)
        self.beside = (self._section,)

    # what the network answers

    def prepare(self, recipe: Method, image: Image) -> None:
        """On the worker: read all heads of all layers for a picture; the probe remembers them."""
        if recipe.label in OWN_LAYER:
            self._scores = self._probe.attention(image)

    def lever(self, kind: type[Method]) -> widgets.Widget | None:
        """Return the film, for attention."""
        return self.film if kind.label in OWN_LAYER else None

    def follow(self, recipe: Method) -> None:
        """Show the film and who is asked, for attention alone."""
        self._recipe = recipe if recipe.label in OWN_LAYER else None
        shown(self._section, self._recipe is not None)
        if self._recipe is None:
            return
        asked, rolled = self._recipe.query, recipe.label == ROLLOUT
        self._quiet = True
        try:
            self.kind.value = ROLLED if rolled else HEADS if isinstance(self._recipe.head, int) else MEAN
            self.way.value = READS if rolled else WAYS[self._recipe.direction]
        finally:
            self._quiet = False
        shown(self.way, not rolled)
        shown(self.chip, isinstance(asked, tuple))
        self.chip.description = f"token {asked[0]}, {asked[1]}  ×" if isinstance(asked, tuple) else ""
        for made, name in ((self._class, "class token"), (self._all, "mean")):
            (made.add_class if asked == name else made.remove_class)("cv-on")
        shown(self._class, self._first_tokens is not None and self._first_tokens.before > 0)
        self._develop()

    def dress(self, explanation: Explanation, scene: Scene) -> Scene:
        """Draw the grid of tokens on the hero."""
        if explanation.recipe.label not in OWN_LAYER or not isinstance(explanation, Heatmap):
            return scene
        rows, columns = explanation.values.shape[:2]
        height, width = scene.hero.shape[:2]
        across = explanation.image.size[1] / explanation.image.size[0]
        twice = width > 1.5 * across * height  # the picture stands beside the map
        made = scene.hero.copy()
        for half in halves(width) if twice else (slice(None),):
            made[:, half] = gridded(made[:, half], rows, columns)
        return dataclasses.replace(scene, hero=made)

    # what the reader does

    def clicked(self, explanation: Explanation, region: str, x: float, y: float) -> bool:
        """Ask the token under a click on a picture; return whether there is one."""
        if explanation.recipe.label not in OWN_LAYER or not isinstance(explanation, Heatmap):
            return False
        self._look(explanation.recipe.label, query=cell(explanation.values.shape, x, y))
        return True

    def _kind_picked(self, change: dict[str, Any]) -> None:
        if self._quiet or self._recipe is None:
            return
        asked = self._recipe.query
        if change["new"] == ROLLED:
            self._look(ROLLOUT, query=asked)
        else:
            self._look(ATTENTION, head="mean" if change["new"] == MEAN else 0, query=asked)

    def _head_picked(self, layer: str, head: int) -> None:
        asked = None if self._recipe is None else self._recipe.query
        self._look(ATTENTION, layer=layer, head=head, query=asked)

    def _way_picked(self, change: dict[str, Any]) -> None:
        if self._quiet or self._recipe is None:
            return
        asked, tokens = self._recipe.query, self._first_tokens
        if change["new"] == IS_READ and asked == "mean" and tokens is not None:
            asked = (tokens.grid[0] // 2, tokens.grid[1] // 2)  # only one token can be read
        way = next(name for name, shown_as in WAYS.items() if shown_as == change["new"])
        self._look(ATTENTION, direction=way, query=asked)

    def _ask(self, whom: str | None) -> None:
        if self._recipe is not None:
            way = {"direction": READING} if self._recipe.label == ATTENTION and whom != "class token" else {}
            self._look(self._recipe.label, query=whom, **way)

    # the film

    @property
    def _layers(self) -> tuple[AttentionLayer, ...]:
        """The layers that have frames: all, or even steps of them where there are many heads."""
        layers = self._probe.attention_layers
        heads = max((layer.heads for layer in layers), default=1)
        return tuple(layers[k] for k in steps(len(layers), max(1, MOST_FRAMES // heads)))

    def _build(self) -> None:
        """Make a frame a head, in groups by layer."""
        groups = []
        for layer in self._layers:
            block = self._block(layer.name)
            made = []
            for head in range(layer.heads):
                tip = f"Head {head} of {block}: {layer.name}"
                pick = partial(self._head_picked, layer.name, head)
                one = button("", f"cv-headframe cv-h{len(self.frames)}", tip, pick)
                self.frames[layer.name, head] = one
                made.append(one)
            name = part(widgets.Label, "cv-headname", block, tooltip=layer.name)
            groups.append(box(widgets.VBox, "cv-headgroup", box(widgets.HBox, "cv-headrow", *made), name))
        self._groups.children = groups

    def _develop(self) -> None:
        """Draw the frames for the token that is asked, and mark the one that is shown."""
        if not self._scores:
            return
        if not self.frames:
            self._build()
        layers = {layer.name: layer for layer in self._layers}
        rules = []
        for k, (name, head) in enumerate(self.frames):
            values = self._row(layers[name], head)
            if values is not None:
                rules.append(
                    f".{self._uid} .cv-h{k} {{ background-image: url({_drawn(values)}) !important; }}"
                )
        self._style.value = f"<style>{''.join(rules)}</style>"
        marked = getattr(self._recipe, "layer", None), getattr(self._recipe, "head", None)
        mark(
            list(self.frames.values()), next((k for k, one in enumerate(self.frames) if one == marked), None)
        )

    def _row(self, layer: AttentionLayer, head: int) -> np.ndarray | None:
        """Return what the token that is asked reads from in a head, or who reads from it, (rows, columns)."""
        scores, keys, queries = self._scores[layer.name][head], layer.key_tokens, layer.query_tokens
        if keys is None or queries is None or self._recipe is None:
            return None
        asked = self._recipe.query
        by = getattr(self._recipe, "direction", READING) != READING
        if asked == "mean":
            return np.asarray(keys.on_grid(scores.mean(axis=0)))
        at = queries.index(*asked) if isinstance(asked, tuple) else 0
        return np.asarray(queries.on_grid(scores[:, at]) if by else keys.on_grid(scores[at]))

    @property
    def _first_tokens(self) -> Tokens | None:
        """How the tokens of the first layer lie in the picture."""
        layers = self._probe.attention_layers
        return layers[0].query_tokens if layers else None

    def _block(self, name: str) -> str:
        """Return which block a layer of attention is."""
        names = [layer.name for layer in self._probe.attention_layers]
        return f"block {names.index(name) + 1}" if name in names else name


def _drawn(values: np.ndarray) -> str:
    """Return raw cells as a small picture, from 0 to their largest."""
    share = values / max(float(values.max()), 1e-12)
    colours = table("heat", whole=True)[np.round(np.clip(share, 0, 1) * 255).astype(int)].astype(np.uint8)
    side = max(1, round(FRAME_SIDE / max(values.shape)))
    return data_url(np.repeat(np.repeat(colours, side, axis=0), side, axis=1), 90)
