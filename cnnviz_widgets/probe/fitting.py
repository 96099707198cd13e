"""Brings a picture to the size, channels and value range that a model takes."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import PIL.Image

from .. import pixels
from ..image import FitHow, Image

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
        pixels.check_finite(values)
        if self._range is None or not values.size:
            return values
        own = pixels.range_of(batch, values, self._range)
        return values if own == self._range else pixels.mapped(values, own, self._range)

    def opened(self, given: Any) -> Image:
        """Return what was given as an image; an array outside the usual ranges may be in the model's own."""
        if self._range is None or isinstance(given, Image | str | os.PathLike | bytes | PIL.Image.Image):
            return self._told(Image.load(given))
        raw = pixels.as_array(given)
        return Image(raw, pixels.range_of(raw, pixels.as_pixels(raw), self._range))

    def _told(self, image: Image) -> Image:
        """Return a picture of more than 8 bits with the model's range, if that is no usual one and holds it."""
        if image.value_range is None and self._range is not None and self._range not in pixels.USUAL:
            pixels.check_inside(image.array, self._range)
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
