"""Windows of a map for each position: what the patch changed, with the unchanged map around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .windows import Size

ROWS_OF_PADDING = 2  # behind the places of a map: zeros, and the lowest number


@dataclass(frozen=True, eq=False)
class Window:
    """Where the rectangles of a region lie, as tensors, for the positions of one batch."""

    top: Any
    left: Any
    size: Size


@dataclass(frozen=True, eq=False)
class Flat:
    """The unchanged map of one picture, its places in one row, with rows of padding behind them.

    Attributes
    ----------
    rows : tensor
        (height * width + 2, channels); the last two are zeros and the lowest number.
    size : tuple of int
        Height and width.
    """

    rows: Any
    size: Size

    def padding(self, lowest: bool) -> int:
        """Return the row that stands for places outside of the map."""
        return self.size[0] * self.size[1] + int(lowest)


def flat(maps: Any) -> Any:
    """Return the rows of a `Flat` for one map, (1, height, width, channels)."""
    import tensorflow as tf

    channels = maps.shape[-1]
    ends = tf.stack([tf.zeros(channels, maps.dtype), tf.fill([channels], maps.dtype.min)])
    return tf.concat([tf.reshape(maps, (-1, channels)), ends], axis=0)


def cut(base: Flat, want: Window, lowest: bool = False, over: bool = True) -> Any:
    """Return windows of the unchanged map, (B, h, w, C); `over` says that they may reach over the border."""
    import tensorflow as tf

    rows = want.top[:, None, None] + np.arange(want.size[0], dtype=np.int32)[:, None]
    columns = want.left[:, None, None] + np.arange(want.size[1], dtype=np.int32)
    return tf.gather(base.rows, _places(base, rows, columns, lowest, over))


def paste(values: Any, have: Window, base: Flat, want: Window, lowest: bool = False, over: bool = True) -> Any:
    """Return windows `want`, (B, h, w, C), that hold the windows `have` with the unchanged map around them.

    The places around are listed as if the window's rows and columns followed on from the held ones and came round
    at its border, so that every position has equally many of them.
    """
    import tensorflow as tf

    (height, width), channels = want.size, values.shape[-1]
    down, across = have.top - want.top, have.left - want.left
    row, column = _around(have.size, want.size)
    y, x = _wrapped(down[:, None] + row, height), _wrapped(across[:, None] + column, width)
    around = tf.gather(
        base.rows, _places(base, want.top[:, None] + y, want.left[:, None] + x, lowest, over)
    )
    start = tf.range(tf.shape(values)[0]) * (height * width)
    inner = np.add.outer(np.arange(have.size[0]) * width, np.arange(have.size[1])).astype(np.int32)
    held = (start + down * width + across)[:, None, None] + inner
    made = tf.raw_ops.DynamicStitch(
        indices=[start[:, None] + y * width + x, held], data=[around, values]
    )
    return tf.reshape(made, (-1, height, width, channels))


def look(values: Any, have: Window, want: Window, size: Size) -> Any:
    """Return windows `want` out of the windows `have`, which hold them; the map's border goes on outside of it."""
    import tensorflow as tf

    def steps(first: Any, count: int, length: int, begin: Any) -> Any:
        places = first[:, None] + np.arange(count, dtype=np.int32)
        return tf.clip_by_value(places, 0, length - 1) - begin[:, None]

    rows = steps(want.top, want.size[0], size[0], have.top)
    columns = steps(want.left, want.size[1], size[1], have.left)
    start = tf.range(tf.shape(values)[0]) * (have.size[0] * have.size[1])
    places = (start[:, None] + rows * have.size[1])[:, :, None] + columns[:, None, :]
    return tf.gather(tf.reshape(values, (-1, values.shape[-1])), places)


def _around(held: Size, wanted: Size) -> tuple[np.ndarray, np.ndarray]:
    """Return rows and columns of a window that are not held, counted from the first one held."""
    row, column = np.indices(wanted, np.int32)
    outside = (row >= held[0]) | (column >= held[1])
    return row[outside], column[outside]


def _wrapped(places: Any, length: int) -> Any:
    import tensorflow as tf

    return tf.where(places >= length, places - length, places)


def _places(base: Flat, rows: Any, columns: Any, lowest: bool, over: bool) -> Any:
    """Return the rows of a flat map at some places; those outside of the map get the padding."""
    import tensorflow as tf

    places = rows * base.size[1] + columns
    if not over:
        return places
    outside = (rows < 0) | (rows >= base.size[0]) | (columns < 0) | (columns >= base.size[1])
    return tf.where(outside, base.padding(lowest), places)
