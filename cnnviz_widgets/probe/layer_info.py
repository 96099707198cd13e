"""What a network's layers are called, what shape their maps have, and which stage of depth they belong to."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import groupby

from ..errors import LayerError, did_you_mean, listed
from .graphs.graph import Graph, Step
from .tokens.tokens import Tokens
from .volumes.slices import Slices

_NOT_FEATURES = {"InputLayer", "Rescaling", "Normalization", "Dropout", "SpatialDropout2D", "Identity"}
CODE_WORDS = ("encoded", "bottleneck", "latent", "embedding", "code")


@dataclass(frozen=True)
class LayerInfo:
    """One layer at one place of the network.

    Attributes
    ----------
    name : str
        ``outer/inner`` for a layer of a nested model; ``name#2`` for the second use of a shared layer.
    kind : str
        Class of the layer, e.g. ``Conv2D``.
    shape : tuple
        Shape of its output without the batch axis, as `Probe.activations` gives it: tokens that are places of the
        picture are maps, (rows, columns, channels), and so is what a layer of volumes gives of the slice. None where it
        varies with the picture.
    parameters : int
        Number of weights.
    inside : str
        Path of the nested model it belongs to, or empty.
    tokens : Tokens or None
        How the tokens of a token layer lie in the picture; see `grid` and `extra_tokens`.
    slices : Slices or None
        Where the maps of the slice lie in a layer of a network of volumes.
    places : bool
        False if the first axes are known to be no places of the picture, as in heads x tokens, or exchanged axes.
    """

    name: str
    kind: str
    shape: tuple[int | None, ...]
    parameters: int
    inside: str
    tokens: Tokens | None = None
    places: bool = True
    slices: Slices | None = None

    @property
    def spatial(self) -> bool:
        """True if the output is maps of the picture, or tokens that are: more than one place, with channels."""
        maps = len(self.shape) == 3 and self.shape[:2] != (1, 1) and self.places
        return maps and self.kind not in _NOT_FEATURES

    @property
    def grid(self) -> tuple[int, int] | None:
        """(rows, columns) of a token layer whose tokens are places of the picture, else None."""
        return None if self.tokens is None else self.tokens.grid

    @property
    def extra_tokens(self) -> int:
        """How many tokens of a token layer are no place of the picture: a class token, registers."""
        return 0 if self.tokens is None else self.tokens.extra

    @property
    def raw_shape(self) -> tuple[int | None, ...]:
        """Shape of what `Probe.encode` gives and `Probe.decode` takes: all tokens, all slices, not laid out as maps."""
        if self.slices is not None:
            return self.slices.shape
        return self.shape if self.tokens is None else (self.tokens.count, self.shape[-1])

    @property
    def cells(self) -> str:
        """Size of the maps for the screen, e.g. ``7 × 7``."""
        return " × ".join("?" if n is None else str(n) for n in self.shape[:2])


def layer_infos(graph: Graph) -> tuple[LayerInfo, ...]:
    """List the layers whose output is real numbers, from the input to the output."""
    return tuple(_info(step, graph) for step in graph.steps if step.real and step.shape is not None)


def _info(step: Step, graph: Graph) -> LayerInfo:
    counted = step.op.count_params() if hasattr(step.op, "count_params") else 0
    slot, shape = step.outputs[0], graph.seen_shape(step.shape or ())
    tokens = graph.tokens.get(slot)
    shape = shape if tokens is None else (*tokens.grid, shape[-1])
    slices = graph.slices.get(slot)
    shape = shape if slices is None else slices.map_shape
    kind, places = type(step.op).__name__, slot not in graph.lost
    return LayerInfo(step.name, kind, shape, int(counted), step.inside, tokens, places, slices)


def find(layers: tuple[LayerInfo, ...], name: str, why_none: str) -> LayerInfo:
    """Return the layer of a name.

    A name without its path is enough if only one layer ends in it. The name of a model or layer that was opened
    stands for the last layer in it, which makes its output.

    Raises
    ------
    LayerError
        If there is none; the message lists those there are and names the nearest.
    """
    exact = [layer for layer in layers if layer.name == name]
    found = exact or [layer for layer in layers if layer.name.rpartition("/")[2] == name]
    if len(found) == 1:
        return found[0]
    opened = _opened(layers, name) if not found else {}
    if len(opened) == 1:
        return next(iter(opened.values()))
    if found or opened:
        found = found or list(opened.values())
        raise LayerError(
            f"Several layers are called {name!r}: {listed(f.name for f in found)}. Give the whole name."
        )
    if not layers:
        raise LayerError(f"The layer {name!r} cannot be reached: {why_none}")
    names = [layer.name for layer in layers]
    raise LayerError(f"The model has no layer {name!r}. It has: {listed(names)}.{did_you_mean(name, names)}")


def _opened(layers: tuple[LayerInfo, ...], name: str) -> dict[str, LayerInfo]:
    """Return the last layer in each opened model or layer of a name, by its path."""
    made: dict[str, LayerInfo] = {}
    for layer in layers:
        before, found, _ = f"/{layer.inside}/".partition(f"/{name}/")
        if found:
            made[f"{before}/{name}"] = layer
    return made


def middle(layers: tuple[LayerInfo, ...]) -> LayerInfo:
    """Return one that sees parts of things: two thirds of the way from the first to the last with maps."""
    return layers[len(layers) * 2 // 3]


def bottleneck(layers: tuple[LayerInfo, ...]) -> LayerInfo | None:
    """Return the layer that holds the code: the one named so, else the inner one with the fewest numbers."""
    inner = [layer for layer in layers[:-1] if layer.kind not in _NOT_FEATURES]
    named = [layer for layer in inner if layer.name.rpartition("/")[2].lower().startswith(CODE_WORDS)]
    if len(named) == 1:
        return named[0]
    sized = [(size, k) for k, layer in enumerate(inner) if (size := number_count(layer.shape)) is not None]
    return inner[min(sized)[1]] if sized else None


def until(layers: tuple[LayerInfo, ...], last: LayerInfo | None) -> tuple[LayerInfo, ...]:
    """Return the layers from the first to `last`; all if that is None."""
    return layers if last is None else layers[: layers.index(last) + 1]


def number_count(shape: tuple[int | None, ...]) -> int | None:
    """Return how many numbers an output holds, or None if that varies with the picture."""
    return None if None in shape else math.prod(n for n in shape if n is not None)


def stages(
    layers: tuple[LayerInfo, ...], sizes: Mapping[str, tuple[int, int] | None]
) -> list[tuple[str, tuple[LayerInfo, ...]]]:
    """Group spatial layers into stages: runs of layers whose maps have one size, with a title for each.

    `sizes` are those for some picture, by name, where they vary with it.
    """
    spatial = (layer for layer in layers if layer.spatial)
    runs = [
        tuple(run) for _, run in groupby(spatial, key=lambda layer: sizes.get(layer.name) or layer.shape[:2])
    ]
    return [(f"stage {k + 1}{_same(run[0])}", run) for k, run in enumerate(runs)]


def _same(layer: LayerInfo) -> str:
    """Return the size of a layer's maps for a title; nothing where it varies with the picture."""
    return "" if None in layer.shape[:2] else f", {layer.cells}"
