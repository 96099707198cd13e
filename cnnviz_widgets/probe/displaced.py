"""Whether what a network makes of a picture before its first weights still has the picture's places."""

from __future__ import annotations

from typing import Any

import numpy as np

from .graph import Graph, Values

UNKNOWN_SIDE = 64
SPOTS = ((0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75))  # (down, across), shares of the picture
SIDE = 16  # so many spots would fit beside each other
# shares of the picture; a margin of zeros is often taken off by the next layer
APART, APART_BY_EDGES = 0.03, 0.1


class Spots:
    """A picture of noise run beside copies of which a spot differs, up to values before the first weights.

    Parameters
    ----------
    graph : Graph
        The network.
    image : str
        Name of the input that is the picture.
    """

    def __init__(self, graph: Graph, image: str) -> None:
        self._graph, self._image = graph, image
        self._values: Values | None = None
        self._where: list[tuple[float, float]] = []

    def displaced(self, slot: int, grid: tuple[int | None, int | None], apart: float) -> bool:
        """Return True if what a spot changes lies elsewhere in the maps than the spot in the picture.

        Parameters
        ----------
        slot : int
            Number of the maps.
        grid : tuple of int or None
            Rows and columns of the maps, of which half a cell is allowed.
        apart : float
            How far it may be besides, as a share of the picture.
        """
        import keras

        try:
            with keras.StatelessScope():
                made = np.asarray(keras.ops.convert_to_numpy(self._run()[slot]), np.float64)
        except Exception:  # whatever a function of anyone's raises on noise: then it is taken at its word
            return False
        if made.ndim != 4 or len(made) != 1 + len(SPOTS):
            return False
        made = np.moveaxis(made, 1, -1) if self._graph.channels_first else made
        change = np.abs(made[1:] - made[:1]).sum(axis=-1)
        for (down, across), one in zip(self._where, change, strict=True):
            if not one.max() > 0:
                return True
            rows, columns = np.nonzero(one > one.max() / 2)
            found = (rows.mean() + 0.5) / one.shape[0], (columns.mean() + 0.5) / one.shape[1]
            room = (apart + 0.5 / (grid[0] or UNKNOWN_SIDE), apart + 0.5 / (grid[1] or UNKNOWN_SIDE))
            if abs(found[0] - down) > room[0] or abs(found[1] - across) > room[1]:
                return True
        return False

    def _run(self) -> Values:
        import tensorflow as tf

        if self._values is None:
            graph, feed = self._graph, dict[int, Any]()
            for name, slot in graph.inputs.items():
                shape = tuple(n or UNKNOWN_SIDE for n in graph.input_shapes[name])
                given = self._pictures(shape) if name == self._image else np.zeros((5, *shape))
                feed[slot] = tf.cast(given, graph.input_types[name])
            self._values = Values(graph, feed)
        return self._values

    def _pictures(self, shape: tuple[int, ...]) -> np.ndarray:
        """Return a picture and four copies with a spot in each quarter, in the lay-out of the network."""
        first = self._graph.channels_first
        height, width = shape[-2:] if first else shape[:2]
        high, wide = max(1, height // SIDE), max(1, width // SIDE)
        source, self._where = np.random.default_rng(0), []
        made = np.repeat(source.uniform(0.2, 0.4, (1, *shape)), 1 + len(SPOTS), axis=0)
        for number, (down, across) in enumerate(SPOTS, 1):
            top, left = int(down * height) - high // 2, int(across * width) - wide // 2
            spot = np.s_[top : top + high, left : left + wide]
            made[(number, slice(None), *spot) if first else (number, *spot)] = 1.0
            self._where.append(((top + high / 2) / height, (left + wide / 2) / width))
        return made
