"""How often the pictures nearest to a picture show the same kind of thing."""

from __future__ import annotations

from typing import Literal

import numpy as np

_AT_ONCE = 1000


def precision(
    codes: np.ndarray,
    labels: np.ndarray,
    metric: Literal["cosine", "euclidean"] = "cosine",
    neighbours: int = 10,
) -> float:
    """Return the mean share, 0 to 1, of a picture's nearest neighbours that have its label.

    Every picture is looked up once among all the others.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, ...), one code a picture; flattened. The raw pixels serve too.
    labels : numpy.ndarray
        (N,).
    metric : str
        ``"cosine"``: nearest is the greatest cosine; ``"euclidean"``: the least distance.
    neighbours : int
        How many nearest ones count; fewer than N.
    """
    flat = codes.reshape(len(codes), -1).astype(np.float32)
    if metric == "cosine":
        flat = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
    squares = np.sum(flat**2, axis=1)
    same = []
    for start in range(0, len(flat), _AT_ONCE):
        rows = np.arange(start, min(start + _AT_ONCE, len(flat)))
        distances = squares - 2 * flat[rows] @ flat.T
        distances[rows - start, rows] = np.inf
        nearest = np.argpartition(distances, neighbours, axis=1)[:, :neighbours]
        same.append(labels[nearest] == labels[rows, None])
    return float(np.concatenate(same).mean())
