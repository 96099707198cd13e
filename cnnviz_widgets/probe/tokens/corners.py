"""Which tokens the corners of a picture reach, for layers of which it is not known how they cut it into patches."""

from __future__ import annotations

import numpy as np

from ..graphs.graph import Graph, Values
from ..graphs.trial_run import trial_run
from .tokens import Tokens

_CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))  # (bottom, right)
MOST_EXTRA = 16  # tokens of no place that are thought of beside a grid


class Corners:
    """A picture of noise run beside copies whose corners differ, as far into the network as it is asked.

    Other inputs are held at 0.

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
        self._size = None if len(shape) != 3 or None in shape else tuple(int(n or 1) for n in shape)
        self._runs: dict[tuple[int, int], Values] = {}

    def tokens(self, slot: int) -> Tokens | None:
        """Return how tokens (N, tokens, C) lie in the picture; None if that cannot be told from its corners.

        The number of the token that reacts most to each corner of the picture gives how many tokens stand before the
        first place, and how many rows and columns there are; one of the four is left over as a proof. Where patches
        overlap, grids of the picture's own proportions are tried: what a corner changes must lie in that corner.
        """
        change = self.change(slot)
        if change is None:
            return None
        count = change.shape[1]
        first, right, down, last = (int(k) for k in change.argmax(axis=1))
        columns = right - first + 1
        rows, rest = divmod(down - first, columns) if columns > 1 else (0, 1)
        rows += 1
        if not rest and rows > 1 and last == first + rows * columns - 1 < count:
            return self._with_patch(slot, Tokens((rows, columns), first, count - 1 - last))
        fitting = [grid for grid in self._proportioned(count) if _in_corners(grid.on_grid(change))]
        return fitting[0] if len(fitting) == 1 else None

    def maps(self, slot: int, grid: tuple[int, int]) -> bool:
        """Return True if maps have rows and columns of the picture: what a corner changes lies in that corner."""
        change = self.change(slot)
        return (
            change is not None
            and change.shape[1] == grid[0] * grid[1]
            and _in_corners(Tokens(grid).on_grid(change))
        )

    def change(self, slot: int) -> np.ndarray | None:
        """Return how much each token, or place of maps, reacts to each corner, (4, tokens); None if it cannot be told.

        The corners are as small as they can be: one pixel, if one pixel matters.
        """
        if self._size is None:
            return None
        change = None
        for side in (1, 2, 4, 8, 16):
            if side <= max(1, min(self._size[:2]) // 4):
                change = self._change(slot, (side, side))
            if change is None or (change.max(axis=1) > 0).all():
                return change
        return change

    def _proportioned(self, count: int) -> list[Tokens]:
        """Return the grids of so many tokens whose cells are about square in the picture."""
        height, width = (self._size or (1, 1))[:2]
        return [
            Tokens((rows, (count - before) // rows), before)
            for before in range(MOST_EXTRA + 1)
            for rows in range(2, count - before)
            if (count - before) % rows == 0
            and 0.8 < (height / rows) / (width / ((count - before) // rows)) < 1.25
        ]

    def _with_patch(self, slot: int, found: Tokens) -> Tokens:
        """Return the lay-out with the size of its patches, if a token reads nothing but its own one."""
        height, width = (self._size or (1, 1))[:2]
        high, high_rest = divmod(height, found.grid[0])
        wide, wide_rest = divmod(width, found.grid[1])
        if high_rest or wide_rest:
            return found
        inside = self._change(slot, (high, wide))
        outside = self._change(slot, (-high, -wide))
        if inside is None or outside is None:
            return found
        own = [found.index(r * (found.grid[0] - 1), c * (found.grid[1] - 1)) for r, c in _CORNERS]
        alone = all(
            np.count_nonzero(inside[k]) == 1 and outside[k, at] == 0 and inside[k, at] > 0
            for k, at in enumerate(own)
        )
        return Tokens(found.grid, found.before, found.after, (high, wide)) if alone else found

    def _change(self, slot: int, size: tuple[int, int]) -> np.ndarray | None:
        """Return how much each token differs where a corner does, (4, tokens); None if it cannot be run."""
        import keras

        try:
            with keras.StatelessScope():
                values = np.asarray(keras.ops.convert_to_numpy(self._run(size)[slot]), np.float64)
        except Exception:  # whatever a layer of anyone's raises on noise: then it is not known
            return None
        if values.ndim < 3 or len(values) != 5 or not np.isfinite(values).all():
            return None
        values = values.reshape(5, -1, values.shape[-1])
        return np.asarray(np.abs(values[1:] - values[:1]).sum(axis=2))

    def _run(self, size: tuple[int, int]) -> Values:
        if size not in self._runs:
            pictures = _with_corners(self._size or (1, 1, 1), size)
            self._runs[size] = trial_run(self._graph, self._image, pictures)
        return self._runs[size]


def _with_corners(shape: tuple[int, ...], size: tuple[int, int]) -> np.ndarray:
    """Return a picture and four copies of which a corner of a size differs, all but the corner if it is negative."""
    noise = np.random.default_rng(0).uniform(0, 1, shape).astype(np.float32)
    other = np.random.default_rng(1).uniform(1, 2, shape).astype(np.float32)
    made = [noise]
    high, wide = abs(size[0]), abs(size[1])
    for bottom, right in _CORNERS:
        where = np.zeros(shape[:2], bool)
        where[slice(-high, None) if bottom else slice(high), slice(-wide, None) if right else slice(wide)] = (
            True
        )
        where = where if size[0] > 0 else ~where
        made.append(np.where(where[..., None], other, noise))
    return np.stack(made)


def _in_corners(change: np.ndarray) -> bool:
    """Return True if what each corner changes, (4, rows, columns), lies in that quarter of the grid."""
    rows, columns = change.shape[1:]
    if rows < 2 or columns < 2:
        return False
    for (bottom, right), one in zip(_CORNERS, change, strict=True):
        down, across = np.nonzero(one)
        down, across = (rows - 1 - down if bottom else down), (columns - 1 - across if right else across)
        if not len(down) or down.max() >= (rows + 1) // 2 or across.max() >= (columns + 1) // 2:
            return False
    return True
