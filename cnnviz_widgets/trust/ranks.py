"""How alike two maps order their places: Spearman's rank correlation."""

from __future__ import annotations

import math

import numpy as np


def ranks(values: np.ndarray) -> np.ndarray:
    """Return the rank of each value from 1, flat; equal values share the mean of theirs."""
    _, place, count = np.unique(values.reshape(-1), return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(count) - (count - 1) / 2)[place])


def spearman(first: np.ndarray, second: np.ndarray) -> float:
    """Return the rank correlation of two maps of one shape, -1 to 1.

    It is Pearson's correlation of the ranks (Spearman, American Journal of Psychology 15, 1904), NaN if one of the maps
    is the same everywhere or holds a value that is not a number.
    """
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        return math.nan
    one, other = (made - made.mean() for made in (ranks(first), ranks(second)))
    size = float(one @ one) * float(other @ other)
    return float(one @ other) / math.sqrt(size) if size > 0 else math.nan
