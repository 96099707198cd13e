"""Volumes and short videos, slice by slice: one slice is the picture, the others are held as they are."""

from __future__ import annotations

import weakref
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ...errors import ImageError, SettingError
from ...images import arrays
from ...images.image import Image
from ..inputs import Fitting, as_batch
from ..model_info import sized

Shape = tuple[int | None, ...]
KEPT = 4


@dataclass(frozen=True, eq=False)
class Volume:
    """The slices of a volume, or the frames of a video.

    Attributes
    ----------
    values : numpy.ndarray
        float32 (slices, H, W, C), in the model's value range.
    prepared : numpy.ndarray
        The same as the network gets it, its axes in the network's order.
    range : tuple of float
        The value range: the model's, else the lowest and highest number of all slices.
    index : int
        Which slice is the picture.
    axis : int
        Which axis of the model's input counts the slices, 0 to 2.
    word : str
        ``slice``, or ``frame`` where the network works through them in time.
    source : object
        What was given.
    """

    values: np.ndarray = field(repr=False)
    prepared: np.ndarray = field(repr=False)
    range: tuple[float, float]
    index: int
    axis: int = 0
    word: str = "slice"
    source: Any = field(default=None, repr=False)

    @property
    def count(self) -> int:
        """How many slices there are."""
        return len(self.values)

    def picture(self) -> Image:
        """Return the slice that is explained."""
        return Image(self.values[self.index], self.range, f"{self.word} {self.index}")

    def at(self, index: int) -> Volume:
        """Return the same volume with another slice as the picture."""
        return replace(self, index=index)


class KeptSlices:
    """The probes of the slices of a volume; the last few are held, the others as long as somebody else holds them."""

    def __init__(self) -> None:
        self._made: weakref.WeakValueDictionary[int, Any] = weakref.WeakValueDictionary()
        self._last: deque[Any] = deque(maxlen=KEPT)

    def get(self, index: int, make: Callable[[], Any]) -> Any:
        """Return the probe of a slice, made if it is not there."""
        found = self._made.get(index)
        if found is None:
            found = self._made[index] = make()
        self._last.append(found)
        return found


def slice_number(index: Any, count: int | None, setting: str) -> int:
    """Return which slice is meant, the middle one if None; raises `SettingError` if there is none such."""
    if index is None:
        return (count or 0) // 2
    whole = isinstance(index, int | np.integer) and not isinstance(index, bool)
    if not whole or not 0 <= index < (count or np.inf):
        raise SettingError(f"{setting} must be a whole number from 0 to {(count or 0) - 1}; got {index!r}.")
    return int(index)


def sliced(given: Any, axis: int) -> Any:
    """Return a volume with its slices first; what is no array is a list of them already."""
    if isinstance(given, list | tuple):
        return list(given)
    raw = arrays.as_array(given)
    if raw.ndim == 5 and raw.shape[0] == 1:
        raw = raw[0]
    if raw.ndim not in (3, 4):
        raise SettingError(
            f"volume must be (slices, height, width), with channels or without; got shape {raw.shape}. "
            "Give one volume; of several, one at a time: volume=volumes[0]."
        )
    return np.moveaxis(raw, axis, 0)


def cut_of(volume: Any, axis: int, index: int | None) -> tuple[int, int, int]:
    """Return (axis, index, count) of the slices of a volume, checked."""
    if axis not in (0, 1, 2):
        raise SettingError(f"slice_axis must be 0, 1 or 2; got {axis!r}.")
    count = len(sliced(volume, axis))
    if not count:
        raise SettingError("volume is empty: give at least one slice.")
    return axis, slice_number(index, count, "slice_index"), count


def held_volume(
    volume: Any,
    cut: tuple[int, int, int],
    shape: Shape,
    value_range: tuple[float, float] | None,
    preprocess: Callable[[np.ndarray], Any] | None,
    word: str = "slice",
) -> Volume:
    """Return a volume in the model's range and as the network gets it.

    Parameters
    ----------
    volume : array_like or list of pictures
        Three axes, and channels; or slices, each of which `Image.load` opens.
    cut : tuple of int
        (axis, index, count): the axis that counts the slices, and which of them is the picture.
    shape : tuple
        (height, width, channels) of a slice.
    value_range, preprocess
        As for `Probe`.
    word : str
        What a slice is called.

    Raises
    ------
    SettingError
        If it does not fit the model.
    """
    axis, index, _ = cut
    fitting = Fitting(shape, value_range)
    try:
        slices = sliced(volume, axis)
        if not isinstance(slices, list) and slices.ndim == 3:
            slices = slices[..., None]
        if not isinstance(slices, list):
            _check_range(slices, value_range)
        values = as_batch(slices, fitting, shape, None, False)
        prepared = as_batch(values, fitting, shape, preprocess, True)
    except ImageError as error:
        raise SettingError(f"volume must have slices of {sized(shape)}: {error}") from error
    low, high = float(values.min()), float(values.max())
    own = value_range or (low, high if high > low else low + 1)
    return Volume(values, np.moveaxis(prepared, 0, axis), own, index, axis, word, volume)


def _check_range(slices: np.ndarray, value_range: tuple[float, float] | None) -> None:
    """Raise `SettingError` for numbers of no usual range that are not within the one that the model takes."""
    if value_range is None or not np.issubdtype(slices.dtype, np.number):
        return
    try:
        arrays.range_of(slices, np.asarray(slices, np.float32), value_range)
    except ImageError:
        low, high = float(slices.min()), float(slices.max())
        raise SettingError(
            f"volume must lie within {value_range[0]:g} and {value_range[1]:g}, the values that the model takes; its "
            f"numbers run from {low:g} to {high:g}. If the model takes these, give value_range=({low:g}, {high:g}), "
            f"else cut them off: numpy.clip(volume, {value_range[0]:g}, {value_range[1]:g})."
        ) from None
