"""From pictures or an array to the batch that a network takes: fitted, in its value range, preprocessed by the user."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import PIL.Image

from ..errors import ImageError, listed
from ..images import arrays
from ..images.image import FitHow, Image
from .model_info import sized

_LARGE = 2**21


class Fitting:
    """What a model takes, and the picture that was fitted last: a widget asks for the same one several times.

    Parameters
    ----------
    shape : tuple
        (height, width, channels), None for what is open.
    value_range : tuple of float or None
        Lowest and highest value; None leaves pictures as they are.
    """

    def __init__(self, shape: tuple[int | None, ...], value_range: tuple[float, float] | None) -> None:
        self._shape, self._range = shape, value_range
        self._last: tuple[Image, FitHow, Image] | None = None  # replaced as a whole: several threads ask

    def fit(self, image: Any, how: FitHow) -> Image:
        """Return the picture as the model takes it; see `Probe.fit`."""
        given, last = self.opened(image), self._last
        if last is not None and last[0] is given and last[1] == how:
            return last[2]
        fitted = self._made(given, how)
        if fitted is not given:
            self._last = given, how, fitted
        return fitted

    def in_range(self, batch: np.ndarray) -> np.ndarray:
        """Return an array (N, H, W, C) as float32 in the model's value range; its own is inferred as `Image` does.

        Raises
        ------
        ImageError
            If it holds no numbers, or they live in no range that can be inferred.
        """
        values = np.asarray(batch, np.float32)
        arrays.check_finite(values)
        if self._range is None or not values.size:
            return values
        own = arrays.range_of(batch, values, self._range)
        return values if own == self._range else arrays.mapped(values, own, self._range)

    def opened(self, given: Any) -> Image:
        """Return what was given as an image; an array outside the usual ranges may be in the model's own."""
        if self._range is None or isinstance(given, Image | str | os.PathLike | bytes | PIL.Image.Image):
            return self._told(Image.load(given))
        raw = arrays.as_array(given)
        return Image(raw, arrays.range_of(raw, arrays.as_pixels(raw), self._range))

    def _told(self, image: Image) -> Image:
        """Return a picture of more than 8 bits with the model's range, if that is no usual one and holds it."""
        if image.value_range is None and self._range is not None and self._range not in arrays.USUAL:
            arrays.check_inside(image.array, self._range)
            return Image(image.array, self._range, image.name, image.label)
        return image

    def _made(self, image: Image, how: FitHow) -> Image:
        height, width, channels = self._shape
        size = height or image.size[0], width or image.size[1]
        if image.array.size > _LARGE and size[0] * size[1] < image.size[0] * image.size[1]:
            image = image.resized(size, how)  # first, so that a photograph is never whole in float32
        if channels is not None:
            image = image.with_channels(channels)
        if self._range is not None:
            image = image.to_range(self._range)
        return image.resized(size, how)


Preprocess = Callable[[np.ndarray], np.ndarray]


def as_batch(
    images: Any, fitting: Fitting, shape: tuple[int | None, ...], preprocess: Preprocess | None, fitted: bool
) -> np.ndarray:
    """Return float32 (N, H, W, C) as the network gets it.

    Parameters
    ----------
    images : Image, path, PIL image, array, or list of them
        One picture or several of them are fitted; a batch (N, H, W, C) must have the model's size, and is brought to
        its value range. For a model of one channel (N, H, W) is a batch too.
    fitting : Fitting
        What the model takes.
    shape : tuple
        (height, width, channels), None for what is open.
    preprocess : callable or None
        The user's own function; None if it is not wanted or there is none.
    fitted : bool
        True for arrays that have the model's size and value range already: they are left as they are.

    Raises
    ------
    ImageError
        If there is no picture, or an array does not fit or holds NaN.
    """
    if isinstance(images, Image | str | os.PathLike | bytes | PIL.Image.Image):
        images = [images]
    if isinstance(images, list | tuple):
        batch = _stacked(images, fitting)
    else:
        batch = _from_array(arrays.as_array(images), fitting, shape, fitted)
    return batch if preprocess is None else _preprocessed(batch, preprocess)


def _stacked(images: Sequence[Any], fitting: Fitting) -> np.ndarray:
    if not images:
        raise ImageError("the list of images is empty; give at least one.")
    made = [fitting.fit(image, "crop").pixels for image in images]
    sizes = {picture.shape for picture in made}
    if len(sizes) > 1:
        raise ImageError(
            f"the model takes pictures of any size, but those of one call must share one; got "
            f"{listed(sorted(sized(size) for size in sizes))}. Ask for them one by one, or bring them to one size."
        )
    return np.stack(made)


def _from_array(raw: np.ndarray, fitting: Fitting, shape: tuple[int | None, ...], fitted: bool) -> np.ndarray:
    if raw.dtype == object or not (np.issubdtype(raw.dtype, np.number) or raw.dtype == bool):
        arrays.as_pixels(raw)  # says why this is no picture
    if raw.ndim == 3 and shape[2] == 1 and raw.shape[2] != 1 and _agree(shape[:2], raw.shape[1:]):
        raw = raw[..., None]
    if raw.ndim == 2 or (raw.ndim == 3 and not _agree(shape, raw.shape)):
        return _stacked([raw], fitting)
    batch = raw[None] if raw.ndim == 3 else raw
    if batch.ndim != 4 or not _agree(shape, batch.shape[1:]):
        raise ImageError(
            f"the model takes arrays of shape {sized(('N', *shape))}; got {sized(batch.shape)}. "
            "Image objects are fitted by themselves."
        )
    if not len(batch):
        raise ImageError("the batch of images is empty; give at least one.")
    if fitted:
        batch = np.asarray(batch, np.float32)
        arrays.check_finite(batch)
        return batch
    return fitting.in_range(batch)


def _agree(shape: tuple[int | None, ...], sides: tuple[int, ...]) -> bool:
    return len(shape) == len(sides) and all(w is None or w == n for w, n in zip(shape, sides, strict=True))


def _preprocessed(batch: np.ndarray, preprocess: Preprocess) -> np.ndarray:
    try:
        made = np.asarray(preprocess(batch.copy()), np.float32)
    except Exception as error:
        raise ImageError(f"preprocess failed on an array of shape {sized(batch.shape)}: {error}") from error
    if made.shape != batch.shape:
        raise ImageError(
            f"preprocess must keep the shape {sized(batch.shape)}; it returned {sized(made.shape)}."
        )
    broken = int(np.count_nonzero(~np.isfinite(made)))
    if broken:
        raise ImageError(
            f"preprocess made {broken} of {made.size} values NaN or infinite, of pixels from {batch.min():.4g} to "
            f"{batch.max():.4g}. See whether it divides by 0."
        )
    return made
