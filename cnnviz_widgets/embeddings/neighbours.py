"""The nearest of many codes, exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..errors import SettingError, TargetError
from .decomposition import check_metric

MARGIN = 1e-5  # of the product of two lengths: what a product of two vectors may lose in float32
CHUNK = 4096


@dataclass(frozen=True, eq=False)
class Neighbours:
    """The nearest codes, best first.

    Attributes
    ----------
    rows : numpy.ndarray
        int (k,), which codes they are.
    similarity : numpy.ndarray
        float32 (k,): cosine, dot product, or minus the distance.
    metric : str
        ``cosine``, ``dot`` or ``euclidean``.
    notes : tuple of str
        What to mind, e.g. that codes were left out.
    """

    rows: np.ndarray
    similarity: np.ndarray
    metric: str
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)


def nearest(
    codes: np.ndarray,
    lengths: np.ndarray,
    query: np.ndarray,
    count: int = 8,
    metric: str = "cosine",
    leave_out: int | None = None,
) -> Neighbours:
    """Return the codes most like one, all of them compared.

    One product of the matrix with the query ranks all codes up to rounding; those that rounding could have put in the
    wrong place are compared once more in float64, so that the answer is that of an exhaustive search.

    Parameters
    ----------
    codes : numpy.ndarray
        float32 (N, D).
    lengths : numpy.ndarray
        Euclidean length of each, (N,).
    query : numpy.ndarray
        (D,).
    count : int
        How many, at least 1; fewer are returned where there are not so many.
    metric : str
        ``cosine``, ``dot`` or ``euclidean``.
    leave_out : int, optional
        A row that is not wanted, such as the query's own.

    Raises
    ------
    TargetError
        For the cosine of a query that is all zero.
    SettingError
        If there is no such metric or count.
    """
    check_metric(metric)
    if isinstance(count, bool) or not hasattr(count, "__index__") or int(count) < 1:
        raise SettingError(f"k must be a whole number, at least 1; got {count!r}.")
    length = float(np.linalg.norm(query))
    if metric == "cosine" and not length:
        raise TargetError("the query's code is all zero: its cosine with anything is undefined.")
    rough, margin = _ranked(codes, lengths, np.asarray(query, np.float32), length, metric)
    if leave_out is not None:
        rough[leave_out] = -np.inf
    able = np.count_nonzero(rough > -np.inf)
    wanted = min(int(count), int(able))
    notes = _notes(len(codes), lengths, metric)
    if not wanted:
        return Neighbours(np.zeros(0, np.intp), np.zeros(0, np.float32), metric, notes)
    worst = np.partition(rough, len(rough) - wanted)[len(rough) - wanted]
    close = np.flatnonzero(rough >= worst - 2 * margin)
    exact = _exact(codes, close, np.asarray(query, np.float64), metric)
    best = np.argsort(-exact, kind="stable")[:wanted]
    return Neighbours(close[best], exact[best].astype(np.float32), metric, notes)


def _ranked(
    codes: np.ndarray, lengths: np.ndarray, query: np.ndarray, length: float, metric: str
) -> tuple[np.ndarray, float]:
    """Return a number for each code that is higher for nearer ones, and how far rounding may have moved it."""
    products = codes @ query
    if metric == "dot":
        return products, MARGIN * length * float(lengths.max(initial=0))
    if metric == "cosine":
        none = lengths == 0
        return np.where(none, -np.inf, products / np.where(none, 1, lengths * length)), MARGIN
    squared = lengths**2 - 2 * products + length**2
    return -squared, 2 * MARGIN * (float(lengths.max(initial=0)) + length) ** 2


def _exact(codes: np.ndarray, rows: np.ndarray, query: np.ndarray, metric: str) -> np.ndarray:
    """Return the similarity of some codes in float64, a part at a time."""
    made = np.empty(len(rows))
    for begin in range(0, len(rows), CHUNK):
        part = codes[rows[begin : begin + CHUNK]].astype(np.float64)
        if metric == "euclidean":
            found = -np.linalg.norm(part - query, axis=1)
        else:
            found = part @ query
        if metric == "cosine":
            found = found / (np.linalg.norm(part, axis=1) * np.linalg.norm(query))
        made[begin : begin + CHUNK] = found
    return made


def _notes(count: int, lengths: np.ndarray, metric: str) -> tuple[str, ...]:
    empty = int(np.count_nonzero(lengths == 0)) if metric == "cosine" else 0
    if not empty:
        return ()
    return (f"{empty} of {count} codes are all zero: their cosine is undefined, and they are left out.",)
