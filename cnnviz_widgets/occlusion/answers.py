"""What a network answered at the positions of a patch, and the shelf on which such answers are kept."""

from __future__ import annotations

import threading
from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np

from ..probe import Probe
from .grid import Grid

_lock = threading.Lock()


class Table:
    """Answers by position, filled in as they come; what is sure never changes. The last row is the bare picture.

    Parameters
    ----------
    grid : Grid
        The positions.

    Attributes
    ----------
    places : numpy.ndarray
        First row and column of the patch at each position, int (N, 2), coarse ones first.
    known : numpy.ndarray
        Which rows are filled in, bool (N + 1,).
    sure : numpy.ndarray
        Which of them are filled in for good, bool (N + 1,); the others may still change by rounding.
    answers : list of numpy.ndarray
        One array a question, float32 (N + 1, ...); empty before the first answer.
    gain : float
        How many times faster than whole pictures the positions asked for were expected to be.
    difference : float or None
        Largest difference from whole pictures where that was looked at.
    note : str
        Why whole pictures were run though windows were meant to be; empty otherwise.
    whole : bool
        Whether whole pictures are to be run, for windows would round too much.
    """

    def __init__(self, grid: Grid) -> None:
        self.places = np.array(
            [(grid.rows[row], grid.columns[column]) for row, column in grid.order], np.int64
        )
        self.known = np.zeros(len(self.places) + 1, bool)
        self.sure = self.known.copy()
        self.answers: list[np.ndarray] = []
        self.gain, self.difference, self.note, self.whole = 1.0, None, "", False

    gain: float
    difference: float | None
    note: str
    whole: bool

    @property
    def bytes(self) -> int:
        """How much memory the answers take."""
        return sum(answer.nbytes for answer in self.answers)

    @property
    def missing(self) -> np.ndarray:
        """Numbers of the positions without an answer for good, in their order."""
        return np.flatnonzero(~self.sure[:-1])

    def put(self, rows: np.ndarray, found: list[np.ndarray], sure: bool = True) -> None:
        """Fill in some rows, for good or for now."""
        if not self.answers:
            self.answers = [np.full((len(self.known), *part.shape[1:]), np.nan, np.float32) for part in found]
        for answer, part in zip(self.answers, found, strict=True):
            answer[rows] = part
        self.known[rows], self.sure[rows] = True, sure

    def leave_windows(self, why: str) -> None:
        """Have every position asked again of whole pictures; what is known stays to be shown until then."""
        self.whole, self.note = True, why
        self.gain, self.difference = 1.0, None
        self.sure[:] = False

    def take(self, other: Table) -> None:
        """Fill in what another table of the same patch, at other positions, knows already."""
        if not self.sure.all() and (other.whole or other.note):
            self.whole, self.note = self.whole or other.whole, self.note or other.note
        theirs = np.flatnonzero(other.sure[:-1])
        _, mine, at = np.intersect1d(
            _codes(self.places), _codes(other.places[theirs]), assume_unique=True, return_indices=True
        )
        bare = [-1] if other.sure[-1] else []
        rows, source = np.append(mine, bare).astype(int), np.append(theirs[at], bare).astype(int)
        new = ~self.sure[rows]
        if new.any():
            self.put(rows[new], [answer[source[new]] for answer in other.answers])


def kept(probe: Probe, family: Hashable, stride: int, grid: Grid) -> Table:
    """Return the table of a sweep, filled with what is known from earlier ones of the same family.

    Tables are kept as long as the weights stay the same; the least recently used go when they take too much memory.
    """
    with _lock:
        sweeps = probe.kept_sweeps
        table: Table = sweeps.recalled((family, stride), lambda: Table(grid))
        _learn(sweeps, family, table)
        sweeps.keep((family, stride), table)  # what it has learnt makes it larger
        return table


def learn(probe: Probe, family: Hashable, table: Table) -> None:
    """Fill in what is known of a table's positions from sweeps of the family."""
    with _lock:
        _learn(probe.kept_sweeps, family, table)


def _learn(sweeps: Mapping[Any, Table], family: Hashable, table: Table) -> None:
    for (other, _), found in sweeps.items():
        if other == family and found is not table:
            table.take(found)


def _codes(places: np.ndarray) -> np.ndarray:
    return places[:, 0] << 32 | places[:, 1]
