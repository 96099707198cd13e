"""Positions of a patch, in groups whose windows are of one size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .cost import Rates
from .plan import Plan, Planner
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
    rates : Rates
        How fast the machine is.
    calls : int
        In how many parts the positions will be asked for.
    """

    def __init__(
        self,
        planner: Planner,
        places: np.ndarray,
        picture: Size,
        size: Size,
        rates: Rates,
        calls: int = 1,
    ) -> None:
        best: tuple[Plan, Axis, Axis] | None = None
        for count in CLASSES:
            rows, columns = (axis_of(places[:, k], picture[k], size[k], count) for k in (0, 1))
            chains = [
                tuple(planner.chain(Span(first, size[k]), k) for first in axis.classes)
                for k, axis in enumerate((rows, columns))
            ]
            counts = np.zeros((len(rows.classes), len(columns.classes)))
            np.add.at(counts, (rows.kind, columns.kind), 1)
            plan = planner.plan(chains[0], chains[1], counts, rates, calls)
            if best is None or plan.seconds < best[0].seconds:
                best = plan, rows, columns
            if len(rows.classes) < count and len(columns.classes) < count:
                break
        assert best is not None
        self.gain = best[0].whole_seconds / best[0].seconds
        self.seconds_each = best[0].seconds / max(len(places), 1)
        self.plan, self.rows, self.columns = best
        self._tables = tuple(
            [(_firsts(chain), _counts(chain)) for chain in chains]
            for chains in (self.plan.rows, self.plan.columns)
        )

    def batches(self, numbers: np.ndarray, most: int) -> Iterator[Batch]:
        """Yield some of the positions in batches of at most `most`."""
        kinds = self.rows.kind[numbers] * len(self.columns.classes) + self.columns.kind[numbers]
        for kind in np.unique(kinds):
            members = np.flatnonzero(kinds == kind)
            row, column = divmod(int(kind), len(self.columns.classes))
            (down, tall), (across, wide) = self._tables[0][row], self._tables[1][column]
            extents = np.stack([tall, wide], axis=1)
            for begin in range(0, len(members), most):
                at = members[begin : begin + most]
                part = numbers[at]
                places = down[:, self.rows.place[part]], across[:, self.columns.place[part]]
                yield Batch(at, np.stack(places, axis=1), extents)


def _firsts(chain: tuple[Span, ...]) -> np.ndarray:
    return np.stack([span.first for span in chain]).astype(np.int32)


def _counts(chain: tuple[Span, ...]) -> np.ndarray:
    return np.array([span.count for span in chain], np.int32)
