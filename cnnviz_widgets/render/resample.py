"""Maps at the size they are drawn in, sharp or out of focus."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from ..resample import Extent, laid, resized

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
