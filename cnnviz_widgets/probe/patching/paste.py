"""Windows of a map for each position: what the patch changed, with the unchanged map around it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .windows import Size


@dataclass(frozen=True, eq=False)
class Window:
    """Where equally large rectangles of a map lie, for the positions of one batch.

    Sizes are tensors, so that one compiled function serves windows of every size.

    Attributes
    ----------
    top, left : tensor
        int32 (B,), first row and column.
    height, width : tensor or int
        Size, the same at every position.
    """

    top: Any
    left: Any
    height: Any
    width: Any

    @property
    def rows(self) -> Any:
        """All rows at each position, (B, height)."""
        return self.top[:, None] + _count(self.height)

    @property
    def columns(self) -> Any:
        """All columns at each position, (B, width)."""
        return self.left[:, None] + _count(self.width)


@dataclass(frozen=True, eq=False)
class Flat:
    """The unchanged map of one picture, its places in one row.

    Attributes
    ----------
    rows : tensor
        (height * width + 2, channels); the last two rows stand for places outside: zeros and the lowest number.
    size : tuple of int
        Height and width.
    """

    rows: Any
    size: Size

    def places(self, rows: Any, columns: Any, lowest: bool, over: bool) -> Any:
        """Return where in `rows` some places are; `over` says that they may lie outside of the map."""
        import tensorflow as tf

        height, width = self.size
        places = rows * width + columns
        if not over:
            return places
        outside = (rows < 0) | (rows >= height) | (columns < 0) | (columns >= width)
        return tf.where(outside, height * width + int(lowest), places)


def flat(maps: Any) -> Any:
    """Return the rows of a `Flat` for one map, (1, height, width, channels)."""
    import tensorflow as tf

    channels = maps.shape[-1]
    ends = tf.stack([tf.zeros(channels, maps.dtype), tf.fill([channels], maps.dtype.min)])
    return tf.concat([tf.reshape(maps, (-1, channels)), ends], axis=0)


def cut(base: Flat, want: Window, lowest: bool = False, over: bool = True) -> Any:
    """Return windows of the unchanged map, (B, h, w, C)."""
    import tensorflow as tf

    places = base.places(want.rows[:, :, None], want.columns[:, None, :], lowest, over)
    return tf.gather(base.rows, places)


def paste(
    values: Any, have: Window, base: Flat, want: Window, lowest: bool = False, over: bool = True
) -> Any:
    """Return windows `want`, (B, h, w, C), that hold the windows `have` with the unchanged map around them.

    The places around are listed as if the window's rows and columns followed on from the held ones and came round
    at its border, so that every position has equally many of them.
    """
    import tensorflow as tf

    down, across = have.top - want.top, have.left - want.left
    outside = (_count(want.height) >= have.height)[:, None] | (_count(want.width) >= have.width)
    around = tf.cast(tf.where(outside), tf.int32)
    y = _wrapped(down[:, None] + around[:, 0], want.height)
    x = _wrapped(across[:, None] + around[:, 1], want.width)
    places = base.places(want.top[:, None] + y, want.left[:, None] + x, lowest, over)
    start = tf.range(tf.shape(values)[0]) * (want.height * want.width)
    inner = _count(have.height)[:, None] * want.width + _count(have.width)
    held = (start + down * want.width + across)[:, None, None] + inner
    indices = [start[:, None] + y * want.width + x, held]
    made = tf.raw_ops.DynamicStitch(indices=indices, data=[tf.gather(base.rows, places), values])
    return tf.reshape(made, (-1, want.height, want.width, values.shape[-1]))


def look(values: Any, have: Window, want: Window, size: Size) -> Any:
    """Return windows `want` out of the windows `have`, which hold them; the map's border goes on outside of it."""
    import tensorflow as tf

    rows = tf.clip_by_value(want.rows, 0, size[0] - 1) - have.top[:, None]
    columns = tf.clip_by_value(want.columns, 0, size[1] - 1) - have.left[:, None]
    start = tf.range(tf.shape(values)[0]) * (have.height * have.width)
    places = (start[:, None] + rows * have.width)[:, :, None] + columns[:, None, :]
    return tf.gather(tf.reshape(values, (-1, values.shape[-1])), places)


def _count(number: Any) -> Any:
    import tensorflow as tf

    return tf.range(number)


def _wrapped(places: Any, length: Any) -> Any:
    import tensorflow as tf

    return tf.where(places >= length, places - length, places)
