"""Positions of a patch, in groups whose windows are of one size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .plan import Plan
from .planner import Planner
from .windows import Size, Span

CLASSES = (1, 2, 3, 4, 6, 8, 12, 16)


@dataclass(frozen=True, eq=False)
class Axis:
    """The rows (or columns) at which a patch begins, in classes of like distance from the border.

    Near the border a part of what a patch can reach lies outside of the map, so its windows are smaller.

    Attributes
    ----------
    classes : tuple of numpy.ndarray
        First rows of each class, int64, rising.
    kind, place : numpy.ndarray
        For each position, its class and its place in the class.
    """

    classes: tuple[np.ndarray, ...]
    kind: np.ndarray
    place: np.ndarray


def axis_of(first: np.ndarray, length: int, size: int, count: int) -> Axis:
    """Return the first rows of all positions, (N,), in at most `count` classes."""
    starts, numbers = np.unique(first, return_inverse=True)
    distance = np.minimum(starts, length - size - starts)
    parts = np.array_split(np.unique(distance), min(count, len(np.unique(distance))))
    kind, place, classes = np.empty(len(starts), int), np.empty(len(starts), int), []
    for k, part in enumerate(parts):
        inside = np.isin(distance, part)
        kind[inside], place[inside] = k, np.arange(inside.sum())
        classes.append(starts[inside].astype(np.int64))
    return Axis(tuple(classes), kind[numbers], place[numbers])


@dataclass(frozen=True, eq=False)
class Batch:
    """Positions whose windows are of one size.

    Attributes
    ----------
    at : numpy.ndarray
        Which of the positions asked for, int (B,).
    origins : numpy.ndarray
        First row and column of each window, int32 (windows, 2, B).
    extents : numpy.ndarray
        Height and width of each window, int32 (windows, 2).
    """

    at: np.ndarray
    origins: np.ndarray
    extents: np.ndarray


class Sweep:
    """Where a patch of one size goes on one picture, and the plan for it.

    Parameters
    ----------
    planner : Planner
        Plans for the network and the picture's size.
    places : numpy.ndarray
        First row and column of the patch at each position, int (N, 2).
    picture, size : tuple of int
        Height and width of the picture and of the patch.
    calls : int
        In how many parts the positions will be asked for.
    """

    def __init__(
        self,
        planner: Planner,
        places: np.ndarray,
        picture: Size,
        size: Size,
        calls: int = 1,
    ) -> None:
        pairs = _choices(places, picture, size)
        chains = [planner.chain(_starts(axes, size[k]), k) for k, axes in enumerate(zip(*pairs, strict=True))]
        found = []
        for k, axes in enumerate(pairs):
            spans = [chain.of(_classes(pairs, k, axis)) for axis, chain in enumerate(chains)]
            found.append(planner.estimate(spans[0], spans[1], _counts(*axes), calls))
        best = min(range(len(found)), key=lambda k: found[k].seconds)
        self.rows, self.columns = pairs[best]
        self.gain = found[best].whole_seconds / found[best].seconds
        self.seconds_each = found[best].seconds / max(len(places), 1)
        rows, columns = (chain.of(_classes(pairs, best, axis)) for axis, chain in enumerate(chains))
        self.plan: Plan = planner.plan(found[best], rows, columns)

    def batches(self, numbers: np.ndarray, most: int) -> Iterator[Batch]:
        """Yield some of the positions in batches of at most `most`."""
        kinds = self.rows.kind[numbers] * len(self.columns.classes) + self.columns.kind[numbers]
        for kind in np.unique(kinds):
            members = np.flatnonzero(kinds == kind)
            row, column = divmod(int(kind), len(self.columns.classes))
            down, across = self.plan.rows, self.plan.columns
            extents = np.stack([down.count[:, row], across.count[:, column]], axis=1)
            for begin in range(0, len(members), most):
                at = members[begin : begin + most]
                part = numbers[at]
                top = down.first[:, row][:, self.rows.place[part]]
                left = across.first[:, column][:, self.columns.place[part]]
                places = np.stack([top, left], axis=1)
                yield Batch(at, places.astype(np.int32), extents.astype(np.int32))


def _choices(places: np.ndarray, picture: Size, size: Size) -> list[tuple[Axis, Axis]]:
    """Return rows and columns in ever more classes, as long as there are more to be had."""
    made: list[tuple[Axis, Axis]] = []
    for count in CLASSES:
        rows, columns = (axis_of(places[:, k], picture[k], size[k], count) for k in (0, 1))
        made.append((rows, columns))
        if max(len(rows.classes), len(columns.classes)) < count:
            break
    return made


def _starts(axes: Sequence[Axis], size: int) -> Span:
    """Return the first rows of all classes of several axes, one beneath another; short ones repeat their last."""
    classes = [first for axis in axes for first in axis.classes]
    longest = max(len(first) for first in classes)
    firsts = np.stack([np.pad(first, (0, longest - len(first)), "edge") for first in classes])
    return Span(firsts.astype(np.int32), np.full((len(classes), 1), size, np.int32))


def _classes(pairs: list[tuple[Axis, Axis]], choice: int, axis: int) -> slice:
    """Return which of those classes are those of one choice."""
    begin = sum(len(pair[axis].classes) for pair in pairs[:choice])
    return slice(begin, begin + len(pairs[choice][axis].classes))


def _counts(rows: Axis, columns: Axis) -> np.ndarray:
    """Return how many positions are in each pair of classes."""
    counts = np.zeros((len(rows.classes), len(columns.classes)))
    np.add.at(counts, (rows.kind, columns.kind), 1)
    return counts
