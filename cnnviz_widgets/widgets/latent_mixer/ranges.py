"""From the numbers that a network puts out to a picture in the range of the pictures that it takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...errors import SettingError
from ...image import Image
from ...probe import Probe

Ends = tuple[
    tuple[float, ...], tuple[float, ...]
]  # what is drawn darkest and brightest, one number or one a channel


def ends_of(probe: Probe, image: Image, declared: tuple[float, float] | None) -> Ends:
    """Return the output's values that mean the lowest and the highest value of a picture.

    They are those declared, else what `preprocess` makes of the two, for a network gives back what it takes.
    """
    if declared is not None:
        return (declared[0],), (declared[1],)
    if probe.preprocess is None:
        return (image.range[0],), (image.range[1],)
    flat = [Image(np.full_like(image.pixels, value), image.range) for value in image.range]
    low, high = probe.prepared(flat).mean(axis=(1, 2))
    if (np.abs(high - low) < 1e-12).any():
        return (image.range[0],), (image.range[1],)
    return tuple(map(float, low)), tuple(map(float, high))


def checked_output_range(value: Any) -> tuple[float, float] | None:
    """Return two numbers, the first the lower, or None; raises `SettingError` for anything else."""
    if value is None:
        return None
    try:
        low, high = (float(one) for one in value)
    except (TypeError, ValueError):
        low, high = 0.0, 0.0
    if not np.isfinite([low, high]).all() or low >= high:
        raise SettingError(f"output_range must be two numbers, the first the lower, or None; got {value!r}.")
    return low, high


def as_picture(output: np.ndarray, image: Image, ends: Ends) -> tuple[Image, float]:
    """Return an output as a picture in another's range, and the share of its numbers that lie beyond."""
    low, high = (np.array(end, np.float32) for end in ends)
    bottom, top = image.range
    mapped = (output - low) / (high - low) * np.float32(top - bottom) + np.float32(bottom)
    slack = 0.02 * (top - bottom)  # what the eye would miss is not worth a remark
    beyond = float(((mapped < bottom - slack) | (mapped > top + slack)).mean())
    return Image(np.clip(np.nan_to_num(mapped, nan=bottom), bottom, top), image.range, "the mixture"), beyond
