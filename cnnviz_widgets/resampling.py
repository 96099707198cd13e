"""Maps at another size: cell centre on cell centre, where their cells look, sharp or out of focus."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

Extent = tuple[float, float, float, float]  # top, left, height, width, in shares of a picture


def resized(values: np.ndarray, size: tuple[int, int], smooth: bool = True) -> np.ndarray:
    """Bring a map to another size without shifting it.

    Pixels are squares and a value sits at the middle of its square (half-pixel centres), so that a cell of a
    7 x 7 map covers exactly 32 x 32 of 224 x 224 pixels. Beyond the outermost centres the value stays that of
    the outermost cell. An axis that gets shorter is averaged by area.

    Parameters
    ----------
    values : numpy.ndarray
        (h, w) or (h, w, C).
    size : tuple of int
        (height, width) wanted.
    smooth : bool
        True interpolates linearly between centres; False repeats cells, for reading them one by one.

    Returns
    -------
    numpy.ndarray
        float32, (height, width) or (height, width, C).
    """
    flat = np.ascontiguousarray(values, dtype=np.float32)
    # Columns first: the rows are then copied whole, which is the faster half.
    return _along(_along(flat, 1, size[1], smooth), 0, size[0], smooth)


def laid(
    values: np.ndarray,
    size: tuple[int, int],
    extent: Extent | None = None,
    smooth: bool = True,
) -> np.ndarray:
    """Lay a map on a picture; beyond the outermost centres the value stays that of the outermost cell.

    Parameters
    ----------
    values : numpy.ndarray
        (h, w) or (h, w, C).
    size : tuple of int
        (height, width) of the picture.
    extent : tuple of float, optional
        (top, left, height, width) of the map in shares of the picture; all of the picture if None.
    smooth : bool
        As for `resized`.

    Returns
    -------
    numpy.ndarray
        float32, (height, width) or (height, width, C).
    """
    if extent is None:
        return resized(values, size, smooth)
    made = np.ascontiguousarray(values, dtype=np.float32)
    for axis in (1, 0):
        begin, span, to = extent[axis], extent[2 + axis], size[axis]
        inner = max(1, round(span * to))
        if inner < made.shape[axis]:
            made = _averaged(made, axis, inner)
        places = ((np.arange(to) + 0.5) / to - begin) / span * made.shape[axis] - 0.5
        made = _at(made, axis, places if smooth else np.round(places))
    return made


def _along(values: np.ndarray, axis: int, to: int, smooth: bool) -> np.ndarray:
    n = values.shape[axis]
    if n == to:
        return values
    if to < n:
        return _averaged(values, axis, to)
    if not smooth:
        return np.take(values, (2 * np.arange(to) + 1) * n // (2 * to), axis=axis)
    return _at(values, axis, (np.arange(to) + 0.5) * (n / to) - 0.5)


def _at(values: np.ndarray, axis: int, places: np.ndarray) -> np.ndarray:
    """Read between the values of an axis, linearly; outside, the outermost value counts."""
    inside = np.clip(places, 0, values.shape[axis] - 1)
    before = inside.astype(np.intp)
    after = np.minimum(before + 1, values.shape[axis] - 1)
    share = (inside - before).astype(values.dtype).reshape((-1,) + (1,) * (values.ndim - 1 - axis))
    lower = np.take(values, before, axis=axis)
    rise = np.take(values, after, axis=axis)
    rise -= lower
    rise *= share
    return np.add(lower, rise, out=lower)


def _averaged(values: np.ndarray, axis: int, to: int) -> np.ndarray:
    """Average by area: the running total read at both edges of each new cell."""
    n = values.shape[axis]
    start = np.zeros_like(values, np.float64, shape=(*values.shape[:axis], 1, *values.shape[axis + 1 :]))
    total = np.concatenate([start, np.cumsum(values, axis=axis, dtype=np.float64)], axis=axis)
    edges = _at(total, axis, np.linspace(0, n, to + 1))
    return (np.diff(edges, axis=axis) * (to / n)).astype(np.float32)


__all__ = ["Extent", "laid", "resized", "softened"]


def softened(values: np.ndarray, percent: float) -> np.ndarray:
    """Blur a map by a Gaussian, standard deviation `percent` of the longer side; its mean stays the same."""
    sigma = percent / 100 * max(values.shape[:2])
    if sigma <= 0:
        return np.asarray(values, np.float32)
    rows, columns = (_blur(n, round(sigma, 4)) for n in values.shape[:2])
    by_rows = np.tensordot(rows, np.asarray(values, np.float32), axes=(1, 0))
    return np.swapaxes(np.tensordot(columns, by_rows, axes=(1, 1)), 0, 1)


@lru_cache(maxsize=32)
def _blur(n: int, sigma: float) -> np.ndarray:
    """Return Gaussian weights on a line of `n` cells, mirrored at its ends so that nothing is lost."""
    reach = int(np.ceil(4 * sigma))
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights = np.zeros((n, n))
    for step, share in zip(range(-reach, reach + 1), kernel / kernel.sum(), strict=True):
        source = (np.arange(n) + step) % (2 * n)
        weights[np.arange(n), np.where(source < n, source, 2 * n - 1 - source)] += share
    return weights.astype(np.float32)
