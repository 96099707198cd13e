"""Brings a picture to the size, channels and value range that a model takes."""

from __future__ import annotations

from typing import Any

from ..image import FitHow, Image


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
        given, last = Image.load(image), self._last
        if last is not None and last[0] is given and last[1] == how:
            return last[2]
        fitted = self._made(given, how)
        if fitted is not given:
            self._last = given, how, fitted
        return fitted

    def _made(self, image: Image, how: FitHow) -> Image:
        height, width, channels = self._shape
        if channels is not None:
            image = image.with_channels(channels)
        if self._range is not None:
            image = image.to_range(self._range)
        return image.resized((height or image.size[0], width or image.size[1]), how)
