"""Which rows (or columns) of a map a covered part of the picture can reach: equally many throughout a class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Size = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Span:
    """Rows (or columns) of a map, for each position of the patch in each of several classes.

    Attributes
    ----------
    first : numpy.ndarray
        int (classes, N), the first row at each position; it may lie outside of the map where the map is padded.
    count : numpy.ndarray
        int (classes, 1), how many rows, the same at every position of a class.
    """

    first: np.ndarray
    count: np.ndarray

    @property
    def end(self) -> np.ndarray:
        """Row after the last one at each position, (classes, N)."""
        return self.first + self.count


@dataclass(frozen=True)
class Reach:
    """How a layer that slides along an axis reads it.

    Attributes
    ----------
    taps : int
        Rows from the first to the last one that an output reads.
    stride : int
        Rows from one output's first row to the next one's.
    before : int
        Rows of padding before the first.
    length, made : int
        Rows that come in and go out.
    """

    taps: int
    stride: int
    before: int
    length: int
    made: int

    @property
    def exact(self) -> bool:
        """True if every row is read by some output, so that windows read no more rows than their outputs need."""
        behind = (self.made - 1) * self.stride + self.taps - self.before
        return self.taps >= self.stride and behind >= self.length


def reach(length: int, kernel: int, stride: int, dilation: int, padding: str) -> Reach:
    """Return how a convolution or pooling with ``same`` or ``valid`` padding reads an axis."""
    taps = (kernel - 1) * dilation + 1
    if padding == "valid":
        return Reach(taps, stride, 0, length, (length - taps) // stride + 1)
    made = -(-length // stride)
    return Reach(taps, stride, max((made - 1) * stride + taps - length, 0) // 2, length, made)


def slid(span: Span, axis: Reach) -> tuple[Span, Span]:
    """Return the rows that a sliding layer must read to renew what `span` reaches, and the rows it renews.

    The rows read hold all of `span` and begin where the first row renewed begins to read.
    """
    before_any = -(-(span.first - axis.taps + 1 + axis.before) // axis.stride)
    first = np.minimum(before_any, (span.first + axis.before) // axis.stride)
    last = (span.end - 1 + axis.before) // axis.stride
    renewed = _fitted(first, last, axis.made)
    begin = renewed.first * axis.stride - axis.before
    count = np.maximum((renewed.count - 1) * axis.stride + axis.taps, _most(span.end - begin))
    return Span(begin, count), renewed


def spread(span: Span, axis: Reach) -> tuple[Span, Span, Span]:
    """Return what a transposed convolution reads, the complete rows this makes, and the rows that it renews.

    `axis` is the layer read backwards: the sliding layer that takes its output for an input.
    """
    first = span.first * axis.stride - axis.before
    last = (span.end - 1) * axis.stride - axis.before + axis.taps - 1
    renewed = _fitted(first, last, axis.length)
    begin = np.minimum((renewed.first + axis.before - axis.taps + 1) // axis.stride, span.first)
    end = np.maximum((renewed.end - 1 + axis.before) // axis.stride + 1, span.end)
    read = Span(begin, _most(end - begin))
    over = max(axis.taps - axis.stride, 0)
    complete = Span(read.first * axis.stride - axis.before + over, read.count * axis.stride - over)
    return read, complete, renewed


def hull(spans: list[Span], length: int | None = None) -> Span:
    """Return the rows from the first to the last of several; moved to lie inside the map if its length is given."""
    if all(span is spans[0] for span in spans):
        return spans[0]
    first = np.minimum.reduce([span.first for span in spans])
    count = _most(np.maximum.reduce([span.end for span in spans]) - first)
    return Span(first if length is None else _within(first, length - count), count)


def _fitted(first: np.ndarray, last: np.ndarray, length: int) -> Span:
    """Return rows of one number that hold `first` to `last` as far as they are in the map, all inside of it."""
    first, last = _within(first, length - 1), _within(last, length - 1)
    count = np.maximum(_most(last - first) + 1, 1)
    return Span(_within(first, length - count), count)


def widened(span: Span, length: int) -> Span:
    """Return a row more at both ends, as far as the map has them, all inside of it."""
    count = np.minimum(span.count + 2, length)
    return Span(_within(span.first - 1, length - count), count)


def kept(span: Span, start: int, length: int) -> Span:
    """Return the rows of a span that lie in the kept part of a map, moved into it."""
    count = np.minimum(span.count, length)
    return Span(np.clip(span.first, start, start + length - count), count)


def _most(numbers: np.ndarray) -> np.ndarray:
    """Return the largest number of each class, (classes, 1)."""
    return np.asarray(numbers.max(axis=-1, keepdims=True))


def _within(numbers: np.ndarray, last: int | np.ndarray) -> np.ndarray:
    """Return numbers, those below 0 or above the last one replaced by these."""
    return np.asarray(np.minimum(np.maximum(numbers, 0), last))
