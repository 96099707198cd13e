"""Which values of a network are maps, and which are tokens whose places are those of the picture."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from numbers import Integral
from typing import Any

from ...errors import SettingError, listed
from ..graphs.axes import exchanges, leads_with_places
from ..graphs.graph import Graph, Shape, Step, has_weights
from ..moved_pixels import APART, APART_BY_EDGES, Spots
from ..receptive_field import POINTWISE, kind_of
from .corners import MOST_EXTRA, Corners
from .tokens import Tokens


class Kind(Enum):
    """What a value that is no token layer is."""

    MAPS = "maps"  # (N, rows, columns, ...), rows and columns of the picture
    LOST = "lost"  # made of the picture, but its axes are no places of it
    FLAT = "flat"  # one row of numbers, or nothing of the picture


@dataclass(frozen=True)
class Turned:
    """(N, C, tokens): tokens that stand last, as where an MLP-Mixer mixes them."""

    tokens: Tokens


Layout = Kind | Tokens | Turned
_TURNING = {"Permute", "Transpose", "Swapaxes", "Moveaxis"}
MIXING = 0.5  # share of the tokens that a corner changes in a layer in which all read all, at least
ATTENDING = {"MultiHeadAttention", "GroupedQueryAttention", "Attention", "AdditiveAttention"}
_SHUFFLING = {
    "Flip",
    "Roll",
    "Sort",
    "Argsort",
    "Take",
    "TakeAlongAxis",
    "Matmul",
    "Einsum",
    "Dot",
    "Split",
    "Gather",
}
# may move what is in a picture, or cut some of it off
_MOVING = {
    "Flip", "Rot90", "GetItem", "Slice", "Cropping2D", "CenterCrop", "Resizing", "ZeroPadding2D", "Pad", "CropImages",
    "PadImages", "AffineTransform", "PerspectiveTransform", "Resize",
}  # fmt: skip
_WITH_EDGES = {"ZeroPadding2D", "Pad", "PadImages"}
_OPEN = {"Lambda", "TFSMLayer", "Layer"}  # of Keras, but they do whatever their author wrote


def find_tokens(graph: Graph, image: str, grid: Sequence[int] | None = None) -> None:
    """Note in a graph how its tokens lie in the picture, and which values have the shape of maps and are none.

    Raises
    ------
    SettingError
        If `grid` is no (rows, columns), or no layer has as many tokens.
    """
    followed = _Followed(graph, image, None if grid is None else _checked(grid))
    found = followed.found
    graph.pictures = followed.before_weights
    graph.tokens = {slot: layout for slot, layout in found.items() if isinstance(layout, Tokens)}
    graph.lost |= {
        slot for slot, layout in found.items() if layout is Kind.LOST or isinstance(layout, Turned)
    }
    if grid is not None and not any(tokens.grid == tuple(grid) for tokens in graph.tokens.values()):
        raise SettingError(_no_layer_fits(graph, *grid))


def _checked(grid: Sequence[int]) -> tuple[int, int]:
    good = isinstance(grid, tuple | list) and len(grid) == 2
    if not good or not all(isinstance(n, Integral) and not isinstance(n, bool) and n > 0 for n in grid):
        raise SettingError(f"token_grid must be (rows, columns), two whole numbers from 1; got {grid!r}.")
    return int(grid[0]), int(grid[1])


def _no_layer_fits(graph: Graph, rows: int, columns: int) -> str:
    counts: dict[int, str] = {}
    for step in graph.steps:
        if step.shape and len(step.shape) == 2 and step.shape[0]:
            counts.setdefault(step.shape[0], step.name)
    have = listed(f"{count} ({name})" for count, name in counts.items()) or "none"
    return (
        f"token_grid ({rows}, {columns}) is {rows * columns} tokens; a layer must have as many, or up to {MOST_EXTRA} "
        f"more that are no place. Tokens of the layers: {have}."
    )


def open_doing(op: Any) -> bool:
    """Return True for an operation that is not one of Keras' own, whose doing can only be tried."""
    kind = kind_of(op)
    return not kind or kind in _OPEN


class _Followed:
    """Goes through the steps in their order and decides what the first output of each is.

    Maps are followed from the picture. Where they are reshaped to tokens, in the order of rows, the tokens keep their
    places, as long as each stays one row: through dense layers, normalisation, attention, and whatever is added to
    them. A layer of unknown doing is asked where the corners of a picture of noise end.
    """

    def __init__(self, graph: Graph, image: str, grid: tuple[int, int] | None) -> None:
        self.graph, self.grid = graph, grid
        self.corners, self.spots = Corners(graph, image), Spots(graph, image)
        self.shapes: dict[int, Shape | None] = {s: graph.input_shapes[n] for n, s in graph.inputs.items()}
        self.shapes.update({slot: slices.shape for slot, slices in graph.slices.items()})
        self.found: dict[int, Layout] = dict.fromkeys(graph.inputs.values(), Kind.FLAT)
        picture = graph.inputs[image]
        self.found.update(dict.fromkeys(graph.slices, Kind.MAPS))
        self.found[picture] = Kind.MAPS if len(graph.input_shapes[image]) == 3 else Kind.FLAT
        self.before_weights = {picture} if self.found[picture] is Kind.MAPS else set[int]()
        self.seen_tokens: set[int] = set()
        self.mixed: set[int] = set()  # values in which every token may have read every other
        for step in graph.steps:
            if step.outputs:
                self._decide(step)

    def _decide(self, step: Step) -> None:
        slot, shape = step.outputs[0], step.shape
        if shape is None and slot in self.graph.slices:  # the picture is put into its volume
            return
        self.shapes[slot] = shape
        taken = [self.found.get(given, Kind.FLAT) for given in step.inputs]
        made: Layout
        if shape is None or len(shape) <= 1:
            made = Kind.FLAT
        elif self._of_volume(step, shape):
            made = Kind.MAPS if slot in self.graph.slices else Kind.LOST
        elif len(shape) == 2:
            made = self._of_rows(step, shape, taken)
        else:
            made = self._of_maps(step, shape, taken)
        made = self._where_it_was(step, shape, self._as_given(step, made, taken))
        self.found[slot] = made
        if isinstance(made, Tokens) or any(given in self.seen_tokens for given in step.inputs):
            self.seen_tokens.add(slot)
        if kind_of(step.op) in ATTENDING or any(given in self.mixed for given in step.inputs):
            self.mixed.add(slot)

    def _where_it_was(self, step: Step, shape: Shape | None, made: Layout) -> Layout:
        """Return the lay-out of what comes before the first weights, where the places of the picture can be tried."""
        of_picture = [slot for slot in step.inputs if self.found.get(slot, Kind.FLAT) is not Kind.FLAT]
        kind, slot = kind_of(step.op), step.outputs[0]
        plain = not has_weights(step.op, seeds=False) or kind in POINTWISE - {"Dense", "EinsumDense"}
        if not of_picture or not plain or not self.before_weights.issuperset(of_picture):
            return made
        self.before_weights.add(slot)
        if shape is None or len(shape) != 3 or isinstance(made, Tokens | Turned) or not step.real:
            return made
        if made is Kind.MAPS and kind not in _MOVING and not open_doing(step.op):
            return made
        if not self.spots.displaced(slot, APART_BY_EDGES if kind in _WITH_EDGES else APART):
            return Kind.MAPS
        if made is Kind.MAPS or kind == "Roll":
            self.graph.moved.append(step.name)
        return Kind.LOST

    def _of_volume(self, step: Step, shape: Shape) -> bool:
        """Return True for what was decided with the slices of a volume: see `find_slices`."""
        graph = self.graph
        if step.outputs[0] in graph.slices or step.outputs[0] in graph.lost:
            return True
        deep = any(len(self.shapes.get(taken) or ()) == 4 for taken in step.inputs)
        return bool(graph.slices) and deep and len(shape) != 3

    def _as_given(self, step: Step, made: Layout, taken: list[Layout]) -> Layout:
        """Return the lay-out with the user's grid, where it fits."""
        shape = step.shape or ()
        if self.grid is None or len(shape) != 2 or shape[0] is None or isinstance(made, Turned):
            return made
        places = self.grid[0] * self.grid[1]
        if isinstance(made, Tokens) and made.places == places:
            same = made.grid == self.grid
            return made if same else Tokens(self.grid, made.before, made.after)
        if any(isinstance(t, Turned) for t in taken) or not 0 <= shape[0] - places <= MOST_EXTRA:
            return made
        return Tokens(self.grid, shape[0] - places)

    # (N, tokens, C)

    def _of_rows(self, step: Step, shape: Shape, taken: list[Layout]) -> Layout:
        kind, count = kind_of(step.op), shape[0]
        if all(t is Kind.FLAT for t in taken):
            return Kind.FLAT
        tokens = [t for t in taken if isinstance(t, Tokens)]
        if kind in _TURNING:
            return self._turned(step, taken[0])
        if kind == "Reshape":
            return self._reshaped(step, count, taken[0])
        if open_doing(step.op):
            return self._tried(step, count, tokens)
        if kind in _SHUFFLING or kind == "GetItem":
            return _sliced(step, tokens) if kind == "GetItem" and tokens else Kind.LOST
        if kind == "Cropping1D" and tokens:
            start, end = step.op.cropping
            return _cropped(tokens[0], int(start), tokens[0].count - int(start) - int(end))
        if kind == "ZeroPadding1D" and tokens:
            before, after = (int(n) for n in step.op.padding)
            return replace(tokens[0], before=tokens[0].before + before, after=tokens[0].after + after)
        if kind == "EinsumDense" and not _keeps_rows(step.op.equation):
            return Kind.LOST
        if kind == "Concatenate" and _axis(step.op) == 1:
            return self._joined(step, taken)
        if kind in ATTENDING:
            query = self.found.get(asking(step)[0], Kind.FLAT)
            return query if isinstance(query, Tokens) and count in (None, query.count) else Kind.LOST
        turned = {t for t in taken if isinstance(t, Turned)}
        if turned:
            still = kind in POINTWISE - {"Dense", "EinsumDense"} and not tokens and len(turned) == 1
            return turned.pop() if still else Kind.LOST
        fitting = {t for t in tokens if count in (None, t.count)}
        return fitting.pop() if len(fitting) == 1 else Kind.LOST

    def _turned(self, step: Step, taken: Layout) -> Layout:
        """Return the lay-out after axes were exchanged."""
        if isinstance(taken, Tokens | Turned):
            if not exchanges(step.op):
                return Kind.LOST
            return Turned(taken) if isinstance(taken, Tokens) else taken.tokens
        return Kind.LOST if self._after_tokens(step) else self._proven(step)

    def _reshaped(self, step: Step, count: int | None, taken: Layout) -> Layout:
        before = self.shapes.get(step.inputs[0])
        if isinstance(taken, Tokens):
            return taken if count in (None, taken.count) and before == step.shape else Kind.LOST
        if taken is Kind.MAPS and before is not None and len(before) == 3 and not self.graph.channels_first:
            rows, columns, channels = before
            same = count is None and channels == (step.shape or (None,))[-1]
            if rows and columns and (rows * columns == count or same):
                return Tokens((int(rows), int(columns)))
            return Kind.LOST
        several = before is not None and len(before) > 2 and not self._after_tokens(step)
        return self._proven(step) if several else Kind.LOST

    def _tried(self, step: Step, count: int | None, tokens: list[Tokens]) -> Layout:
        """Return the lay-out after a layer of unknown doing."""
        mixed = any(given in self.mixed for given in step.inputs)
        same = [t for t in tokens if t.count == count or (count is None and mixed)]
        if same and mixed:
            return same[0]
        if tokens:
            found = self._proven(step)
            if isinstance(found, Tokens) and found.grid == tokens[0].grid:
                return found if found.patch != (0, 0) else replace(found, patch=tokens[0].patch)
            return self._mixing(step, same[0]) if same else Kind.LOST
        several = any(len(self.shapes.get(s) or ()) > 2 for s in step.inputs)
        return self._proven(step) if several and not self._after_tokens(step) else Kind.LOST

    def _mixing(self, step: Step, tokens: Tokens) -> Layout:
        """Return the lay-out of as many tokens as were taken, if each of them may have read all others."""
        change = self.corners.change(step.outputs[0])
        if change is not None and (change > 0).mean() < MIXING:
            return Kind.LOST
        self.mixed.add(step.outputs[0])
        return tokens

    def _proven(self, step: Step) -> Layout:
        found = self.corners.tokens(step.outputs[0]) if step.real else None
        return Kind.LOST if found is None else found

    def _after_tokens(self, step: Step) -> bool:
        return any(slot in self.seen_tokens for slot in step.inputs)

    def _joined(self, step: Step, taken: list[Layout]) -> Layout:
        tokens = [t for t in taken if isinstance(t, Tokens)]
        order = list(given_in_order(step))
        if len(tokens) != 1 or len(order) != len(set(order)):
            return Kind.LOST
        at = next(k for k, slot in enumerate(order) if isinstance(self.found.get(slot), Tokens))
        counts = [(self.shapes.get(slot) or (None,))[0] for slot in order]
        rest = ((step.shape or (None,))[0] or 0) - tokens[0].count
        before = _sum(counts[:at])
        if before is None:
            after = _sum(counts[at + 1 :])
            before = None if after is None else rest - after
        if before is None or not 0 <= before <= rest:
            return Kind.LOST
        found = tokens[0]
        return Tokens(found.grid, found.before + before, found.after + rest - before, found.patch)

    # (N, rows, columns, C)

    def _of_maps(self, step: Step, shape: Shape, taken: list[Layout]) -> Layout:
        kind, before = kind_of(step.op), self.shapes.get(step.inputs[0] if step.inputs else -1) or ()
        tokens = [t for t in taken if isinstance(t, Tokens)]
        if all(t is Kind.FLAT for t in taken):
            return Kind.MAPS  # the first maps of a decoder
        if tokens and (kind == "Reshape" or open_doing(step.op)):
            return Kind.MAPS if not tokens[0].extra and tokens[0].grid == shape[:2] else Kind.LOST
        if kind in _TURNING:
            kept = taken[0] is Kind.MAPS and leads_with_places(step.op, len(shape) + 1)
            return Kind.MAPS if kept else self._proven_maps(step, shape)
        if kind == "Reshape":
            kept = taken[0] is Kind.MAPS and before[:2] == shape[:2]
            return Kind.MAPS if kept else self._proven_maps(step, shape)
        if kind == "Roll" or (len(shape) > 3 and before[:2] != shape[:2]):
            return Kind.LOST
        return Kind.MAPS if Kind.MAPS in taken else Kind.LOST

    def _proven_maps(self, step: Step, shape: Shape) -> Layout:
        """Return MAPS if the corners of the maps are those of the picture, though axes were taken apart on the way."""
        if len(shape) != 3 or None in shape or not step.real or self._after_tokens(step):
            return Kind.LOST
        grid = int(shape[0] or 1), int(shape[1] or 1)
        return Kind.MAPS if self.corners.maps(step.outputs[0], grid) else Kind.LOST


def given_in_order(step: Step) -> Iterable[int]:
    """Return the numbers of the values of a step's call, in the order in which it takes them, repeats too."""
    import keras

    args, kwargs = step.filled({slot: _Numbered(slot) for slot in step.inputs})
    return (given.slot for given in keras.tree.flatten((args, kwargs)) if isinstance(given, _Numbered))


def asking(step: Step) -> tuple[int, int]:
    """Return the numbers of the values that ask and are read, in a layer of attention of Keras; -1 for none."""
    import keras

    args, kwargs = step.filled({slot: _Numbered(slot) for slot in step.inputs})
    flat = keras.tree.flatten(args)
    query = flat[0] if flat else kwargs.get("query")
    value = kwargs.get("value", flat[1] if len(flat) > 1 else None)
    if isinstance(kwargs.get("inputs"), list | tuple):
        query, value = kwargs["inputs"][:2]
    return tuple(one.slot if isinstance(one, _Numbered) else -1 for one in (query, value))  # type: ignore[return-value]


class _Numbered:
    """Stands for a value in a call that is not made."""

    def __init__(self, slot: int) -> None:
        self.slot = slot


def _keeps_rows(equation: str) -> bool:
    """Return True if the second axis of the input is the second of the output, and no weight reads along it."""
    taken, _, made = equation.replace(" ", "").partition("->")
    tokens, _, weights = taken.partition(",")
    return len(tokens) > 1 and made[1:2] == tokens[1] and tokens[1] not in weights


def _axis(op: Any) -> int | None:
    axis = getattr(op, "axis", None)
    return axis % 3 if isinstance(axis, int) else None


def _sum(counts: list[int | None]) -> int | None:
    known = [n for n in counts if n is not None]
    return sum(known) if len(known) == len(counts) else None


def _cropped(tokens: Tokens, start: int, count: int) -> Layout:
    """Return the lay-out of a run of tokens, if no place is cut off."""
    before = tokens.before - start
    after = count - before - tokens.places
    return Tokens(tokens.grid, before, after, tokens.patch) if before >= 0 and after >= 0 else Kind.LOST


def _sliced(step: Step, tokens: list[Tokens]) -> Layout:
    """Return the lay-out after ``tokens[:, start:end]``."""
    args, kwargs = step.filled(dict.fromkeys(step.inputs))
    key = kwargs.get("key", args[1] if len(args) > 1 else None)
    parts = [p for p in (key if isinstance(key, tuple | list) else [key]) if isinstance(p, slice)]
    whole = [p for k, p in enumerate(parts) if k != 1 and not ((p.start or 0) != 0 or p.stop is not None)]
    plain = (
        isinstance(key, tuple | list) and len(parts) == len(key) and all(p.step in (None, 1) for p in parts)
    )
    if not plain or len(parts) < 2 or len(whole) != len(parts) - 1:
        return Kind.LOST
    start, stop, _ = parts[1].indices(tokens[0].count)
    return _cropped(tokens[0], start, stop - start)
