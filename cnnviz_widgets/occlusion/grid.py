"""Positions of a patch that is swept over a picture, and the mean of what is measured there, pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

COARSE = 9  # positions at most that a sweep begins with


@dataclass(frozen=True)
class Grid:
    """All positions of a patch.

    Attributes
    ----------
    size : tuple of int
        (height, width) of the picture.
    patch : int
        Side of the patch in pixels.
    rows, columns : tuple of int
        First row (column) of the patch at each position, rising.
    order : list of (int, int)
        Positions as (index into rows, index into columns), coarse ones first.
    """

    size: tuple[int, int]
    patch: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    order: tuple[tuple[int, int], ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of positions down and across."""
        return len(self.rows), len(self.columns)

    @property
    def count(self) -> int:
        """Number of positions."""
        return len(self.order)

    @property
    def coarse(self) -> int:
        """Number of positions that the order begins with, spread evenly over the picture: 9 at most."""
        levels = [_levels(count, _most_level(self.shape)) for count in self.shape]
        return int(np.prod([np.count_nonzero(level == 0) for level in levels]))

    def covered(self, pixels: np.ndarray, cover: np.ndarray, place: tuple[int, int]) -> np.ndarray:
        """Return a copy of the picture with the patch at `place` taken from `cover`, both (H, W, C)."""
        top, left = self.rows[place[0]], self.columns[place[1]]
        window = np.s_[top : top + self.patch, left : left + self.patch]
        made = pixels.copy()
        made[window] = cover[window]
        return made

    def coverage(self, mask: np.ndarray | None = None) -> np.ndarray:
        """Return how many positions cover each pixel, (H, W); with a `mask`, (patch, patch), how far they do."""
        if mask is not None:
            return _spread(self, np.ones(self.shape, np.float32), mask)
        return np.outer(*(w.sum(axis=0) for w in self.windows))

    @cached_property
    def windows(self) -> tuple[np.ndarray, np.ndarray]:
        """For each axis, 1 where a position covers a row (column) of pixels, else 0."""
        made = []
        for starts, length in zip((self.rows, self.columns), self.size, strict=True):
            pixel, start = np.arange(length)[None], np.array(starts)[:, None]
            made.append(((start <= pixel) & (pixel < start + self.patch)).astype(np.float32))
        return made[0], made[1]


def sweep_grid(size: tuple[int, int], patch: int, stride: int) -> Grid:
    """Return the positions of a square patch, `stride` apart, in the order ... 8, 4, 2 and 1 strides apart.

    It begins with the first of these that has at most 9 positions, or that of 4 strides. Within each the order is
    shuffled, always in the same way.
    """
    rows, columns = (_starts(length, patch, stride) for length in size)
    most = _most_level((len(rows), len(columns)))
    row_level, column_level = (_levels(len(starts), most) for starts in (rows, columns))
    level = np.maximum.outer(row_level, column_level)
    places = np.argwhere(np.ones_like(level))
    order = places[np.lexsort((_scattered(len(places)), level.ravel()))]
    return Grid(size, patch, rows, columns, tuple((int(y), int(x)) for y, x in order))


def coverage_mean(grid: Grid, values: np.ndarray, mask: np.ndarray | None = None) -> np.ndarray:
    """Return, for each pixel, the mean value of the positions that cover it; 0 where none does.

    Positions not measured yet are NaN in `values` and count with the value of the nearest measured one. With a
    `mask`, (patch, patch) from 0 to 1, a position counts as far as it covers the pixel.
    """
    down, across = grid.windows
    known = _nearest(values) if np.isnan(values).any() else values
    total = down.T @ known @ across if mask is None else _spread(grid, known, mask)
    covers = grid.coverage(mask)
    return np.asarray(np.divide(total, covers, out=np.zeros_like(total), where=covers > 0), np.float32)


def nearest_value(grid: Grid, values: np.ndarray) -> np.ndarray:
    """Return, for each pixel, the value of the position whose middle is nearest to it, (H, W).

    Positions not measured yet are NaN in `values` and count with the value of the nearest measured one.
    """
    known = _nearest(values) if np.isnan(values).any() else values
    picked = []
    for starts, length in zip((grid.rows, grid.columns), grid.size, strict=True):
        middles = np.array(starts) + (grid.patch - 1) / 2
        picked.append(np.abs(np.arange(length)[:, None] - middles).argmin(axis=1))
    return known[np.ix_(*picked)]


def disc(side: int) -> np.ndarray:
    """Return a disc as a mask, float32 (side, side): 1 where a pixel's middle lies in it, else 0."""
    away = np.arange(side) - (side - 1) / 2
    return (np.add.outer(away**2, away**2) <= (side / 2) ** 2).astype(np.float32)


def _spread(grid: Grid, values: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Lay the mask, times the value, at every position and add up, (H, W): row by row of the mask."""
    total = np.zeros(grid.size, np.float32)
    inside = np.arange(grid.size[1])[None] - np.array(grid.columns)[:, None]
    covered = (inside >= 0) & (inside < grid.patch)
    for k, row in enumerate(mask):
        across = np.where(covered, row[np.clip(inside, 0, grid.patch - 1)], 0).astype(np.float32)
        total[np.array(grid.rows) + k] += values @ across
    return total


def _scattered(count: int) -> np.ndarray:
    """Return a fixed shuffled order, so that the first of many positions are spread over the whole picture."""
    return np.random.default_rng(0).permutation(count)


def _starts(length: int, patch: int, stride: int) -> tuple[int, ...]:
    last = length - patch
    inner = list(range(0, last + 1, stride))
    return tuple(inner if inner[-1] == last else [*inner, last])


def _levels(count: int, most: int) -> np.ndarray:
    """Return 0 for the positions that are 2 to the power of `most` apart and the last one, 1 for half as far, ..."""
    place = np.arange(count)
    level = sum((place % 2**k != 0).astype(int) for k in range(1, most + 1))
    level[-1] = 0
    return np.asarray(level)


def _most_level(shape: tuple[int, int]) -> int:
    """Return how often the step between positions is doubled until few enough are left, twice at least."""
    most = 2
    while np.prod([np.count_nonzero(_levels(count, most) == 0) for count in shape]) > COARSE:
        most += 1
    return most


def _nearest(values: np.ndarray) -> np.ndarray:
    """Fill in NaN with the nearest known value, by rings around each known place."""
    known = values.copy()
    while np.isnan(known).any():
        grown = known.copy()
        for axis in (0, 1):
            for step in (1, -1):
                moved = np.roll(known, step, axis)
                edge = (np.s_[:1], np.s_[-1:])[step < 0]
                moved[(edge, slice(None)) if axis == 0 else (slice(None), edge)] = np.nan
                grown = np.where(np.isnan(grown), moved, grown)
        known = grown
    return known
