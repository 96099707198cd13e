"""Whether what a network makes of a picture before its first weights still has the picture's places."""

from __future__ import annotations

import numpy as np

from .graphs.graph import Graph, Values
from .graphs.trial_run import trial_run

UNKNOWN_SIDE = 64
SPOTS = ((0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75))  # (down, across), shares of the picture
SIDE = 16  # so many spots would fit beside each other
LOUDNESSES = (1.0, 255.0)  # the second where the first is below what a network takes notice of
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
        shape = graph.seen_shape(graph.input_shapes[image])
        self._shape = tuple(n or UNKNOWN_SIDE for n in shape)
        self._runs: dict[float, Values] = {}

    def displaced(self, slot: int, apart: float) -> bool:
        """Return True if what a spot changes lies elsewhere in the maps than the spot in the picture.

        Maps that no spot changes, such as those of a threshold, tell nothing, and neither do those that cannot be run.

        Parameters
        ----------
        slot : int
            Number of the maps.
        apart : float
            How far it may be, as a share of the picture, besides half a cell of the maps.
        """
        for loudness in LOUDNESSES:
            change = self._change(slot, loudness)
            if change is None:
                return False
            if (change > 0).any():
                spots = zip(_middles(self._shape[:2]), change, strict=True)
                return any(_is_apart(one, middle, apart) for middle, one in spots)
        return False

    def _change(self, slot: int, loudness: float) -> np.ndarray | None:
        """Return how much each place of maps reacts to each spot, (4, rows, columns); None if it cannot be run."""
        import keras

        try:
            if loudness not in self._runs:
                pictures = _with_spots(self._shape) * loudness
                self._runs[loudness] = trial_run(self._graph, self._image, pictures)
            with keras.StatelessScope():
                made = np.asarray(keras.ops.convert_to_numpy(self._runs[loudness][slot]), np.float64)
        except Exception:  # whatever a function of anyone's raises on noise: then it is taken at its word
            return None
        if made.ndim != 4 or len(made) != 1 + len(SPOTS) or not np.isfinite(made).all():
            return None
        made = np.moveaxis(made, 1, -1) if self._graph.channels_first else made
        return np.asarray(np.abs(made[1:] - made[:1]).sum(axis=-1))


def _squares(size: tuple[int, ...]) -> list[tuple[slice, slice]]:
    """Return rows and columns of each spot in a picture of (height, width)."""
    sides = [max(1, n // SIDE) for n in size]
    corners = [
        [int(share * n) - side // 2 for share, n, side in zip(at, size, sides, strict=True)] for at in SPOTS
    ]
    return [(slice(top, top + sides[0]), slice(left, left + sides[1])) for top, left in corners]


def _middles(size: tuple[int, ...]) -> list[tuple[float, float]]:
    """Return the middle of each spot, (down, across), as shares of the picture."""
    return [
        ((rows.start + rows.stop) / 2 / size[0], (columns.start + columns.stop) / 2 / size[1])
        for rows, columns in _squares(size)
    ]


def _with_spots(shape: tuple[int, ...]) -> np.ndarray:
    """Return a picture and four copies with a spot in each quarter, from 0 to 1."""
    noise = np.random.default_rng(0).uniform(0.2, 0.4, shape)
    made = np.repeat(noise[None], 1 + len(SPOTS), axis=0).astype(np.float32)
    for picture, square in zip(made[1:], _squares(shape[:2]), strict=True):
        picture[square] = 1.0
    return made


def _is_apart(change: np.ndarray, middle: tuple[float, float], apart: float) -> bool:
    """Return True if what a spot changes, (rows, columns), is nothing, or not where the spot is."""
    if not change.max() > 0:
        return True
    for own, n, share in zip(np.nonzero(change > change.max() / 2), change.shape, middle, strict=True):
        if abs((own.mean() + 0.5) / n - share) > apart + 0.5 / n:
            return True
    return False
