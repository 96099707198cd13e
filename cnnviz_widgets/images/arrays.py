"""What an array must be to count as a picture, and how it is brought to another size."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import PIL.Image

from ..errors import ImageError

USUAL = ((0.0, 1.0), (-1.0, 1.0), (0.0, 255.0))


def as_array(given: Any) -> np.ndarray:
    """Return what a user gave as an array; nested lists of unequal length make none."""
    if isinstance(given, str | os.PathLike):
        raise ImageError(
            f"an image is made of numbers, not of a path; use cnnviz.Image.load({os.fspath(given)!r})."
        )
    if isinstance(given, bytes | bytearray):
        raise ImageError(
            "an image is made of numbers, not of a file's bytes; use cnnviz.Image.load(content)."
        )
    try:
        return _untorched(given)
    except ValueError:
        raise ImageError(
            "an image must be one array of numbers; what came cannot be made into one: its rows differ in length."
        ) from None


def _untorched(given: Any) -> np.ndarray:
    """Return an array of anything; the channels of a tensor of PyTorch, which come first there, last."""
    if not type(given).__module__.startswith("torch"):
        return np.asarray(given)
    array = np.asarray(given.detach().cpu() if hasattr(given, "detach") else given)
    first = array.ndim - 3
    return np.moveaxis(array, first, -1) if first in (0, 1) and array.shape[first] in (1, 3, 4) else array


def as_bytes(raw: np.ndarray) -> np.ndarray:
    """Return an array of bytes as uint8 (H, W, C), a copy, or raise `ImageError` if it is no picture."""
    raw = _as_picture(raw)
    return np.array(raw if raw.ndim == 3 else raw[..., None], np.uint8, order="C")


def as_pixels(raw: np.ndarray) -> np.ndarray:
    """Return an array as float32 (H, W, C), or raise `ImageError` if it is no picture."""
    if raw.dtype == object or not (np.issubdtype(raw.dtype, np.number) or raw.dtype == bool):
        raise ImageError(
            f"an image must be numbers of shape (H, W) or (H, W, C); got {raw.dtype} of shape {raw.shape}."
        )
    if np.iscomplexobj(raw):
        raise ImageError("an image must be real numbers; got complex ones.")
    raw = _as_picture(raw)
    with np.errstate(over="ignore", invalid="ignore"):
        pixels = np.array(raw if raw.ndim == 3 else raw[..., None], dtype=np.float32, order="C")
    check_finite(pixels)
    return pixels


def _as_picture(raw: np.ndarray) -> np.ndarray:
    """Return an array that may come as a batch of one without that axis, or raise `ImageError`."""
    if raw.ndim == 4 and raw.shape[0] == 1:
        raw = raw[0]
    if raw.ndim not in (2, 3):
        raise ImageError(
            f"an image must be (height, width) or (height, width, channels); got shape {raw.shape}."
        )
    if 0 in raw.shape:
        raise ImageError(f"an image must have at least one pixel; got shape {raw.shape}.")
    return raw


def check_finite(pixels: np.ndarray) -> None:
    """Raise `ImageError` if any value is NaN or infinite."""
    with np.errstate(invalid="ignore"):
        if np.isfinite(pixels.sum(dtype=np.float64)):
            return
    broken = int(np.count_nonzero(~np.isfinite(pixels)))
    raise ImageError(
        f"{broken} of {pixels.size} pixel values are NaN or infinite. Replace them, e.g. with numpy.nan_to_num."
    )


def checked_range(value_range: Any) -> tuple[float, float]:
    """Return a value range as (low, high), or raise `ImageError`."""
    try:
        low, high = (float(v) for v in value_range)
    except (TypeError, ValueError):
        raise ImageError(
            f"value_range must be two numbers, (lowest, highest); got {value_range!r}."
        ) from None
    if not (np.isfinite(low) and np.isfinite(high) and low < high):
        raise ImageError(
            f"value_range must be (lowest, highest) with lowest < highest; got ({low:g}, {high:g})."
        )
    return low, high


def inferred_range(raw: np.ndarray, pixels: np.ndarray) -> tuple[float, float]:
    """Return the range that pixels of this type and extent live in, or raise `ImageError` if that is not plain."""
    if raw.dtype == np.uint8:
        return 0.0, 255.0
    if raw.dtype == bool:
        return 0.0, 1.0
    low, high = float(pixels.min()), float(pixels.max())
    if raw.dtype in (np.uint16, np.int16):  # the content of a slice tells nothing of its white
        raise ImageError(
            f"pixels are numbers of 16 bits, here from {low:g} to {high:g}: say what range they live in, "
            "e.g. Image(array, value_range=(0, 65535)), (0, 4095) for 12 bits, (-1024, 3071) for Hounsfield units."
        )
    for guess in USUAL:
        if guess[0] <= low and high <= guess[1]:
            return guess
    raise ImageError(
        f"pixels run from {low:g} to {high:g}: say what range they live in, "
        f"e.g. Image(array, value_range=({low:g}, {high:g}))."
    )


def range_of(
    raw: np.ndarray, pixels: np.ndarray, otherwise: tuple[float, float] | None
) -> tuple[float, float]:
    """Return the inferred range, or `otherwise` where none can be inferred and the pixels lie inside that one."""
    try:
        return inferred_range(raw, pixels)
    except ImageError:
        if otherwise is None:
            raise
    try:
        check_inside(pixels, otherwise)
    except ImageError:
        raise ImageError(
            f"pixels run from {float(pixels.min()):g} to {float(pixels.max()):g}, which is no usual range and not "
            f"within ({otherwise[0]:g}, {otherwise[1]:g}), which the model takes: say what range they live in, "
            "Image(array, value_range=(low, high)), or give what the network gets with prepared=True."
        ) from None
    return otherwise


def mapped(pixels: np.ndarray, value_range: tuple[float, float], to_range: tuple[float, float]) -> np.ndarray:
    """Return pixels of one range mapped to another, float32, none of them outside."""
    (low, high), (new_low, new_high) = value_range, to_range
    made = (pixels - low) * ((new_high - new_low) / (high - low)) + new_low
    return np.clip(made, new_low, new_high)


def check_inside(pixels: np.ndarray, value_range: tuple[float, float]) -> None:
    """Raise `ImageError` if pixels leave their range by more than rounding."""
    low, high = value_range
    slack = 1e-4 * (high - low)
    least, most = float(pixels.min()), float(pixels.max())
    if least < low - slack or most > high + slack:
        raise ImageError(
            f"pixels must lie in value_range ({low:g}, {high:g}); these run from {least:g} to {most:g}."
        )


def scaled(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Scale with Pillow's bilinear filter (antialiased when shrinking), channel by channel, in float32."""
    height, width = size
    planes = [
        PIL.Image.fromarray(np.ascontiguousarray(pixels[..., c], np.float32)).resize(
            (width, height), PIL.Image.Resampling.BILINEAR
        )
        for c in range(pixels.shape[2])
    ]
    return np.stack([np.asarray(p, np.float32) for p in planes], axis=-1)


def scaled_for_crop(size: tuple[int, int], to_size: tuple[int, int]) -> tuple[int, int]:
    """Return the (height, width) that a picture is scaled to before its middle is cut out; see `Image.resized`."""
    (height, width), (to_height, to_width) = size, to_size
    exact = max(to_height / height, to_width / width)
    scale = min(exact * 8 / 7, 1.0) if exact < 1 else exact
    return max(to_height, round(height * scale)), max(to_width, round(width * scale))


def cropped(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return the middle of the picture at another size; see `Image.resized`."""
    (height, width), (to_height, to_width) = (pixels.shape[0], pixels.shape[1]), size
    inner = scaled_for_crop((height, width), size)
    enlarged = scaled(pixels, inner)
    top, left = (inner[0] - to_height) // 2, (inner[1] - to_width) // 2
    return enlarged[top : top + to_height, left : left + to_width]


def letterboxed(pixels: np.ndarray, size: tuple[int, int], ground: float) -> np.ndarray:
    """Return all of the picture at another size, with `ground` where its shape does not fill it."""
    (height, width), (to_height, to_width) = (pixels.shape[0], pixels.shape[1]), size
    scale = min(to_height / height, to_width / width)
    inner = max(1, round(height * scale)), max(1, round(width * scale))
    made = np.full((*size, pixels.shape[2]), ground, np.float32)
    top, left = (to_height - inner[0]) // 2, (to_width - inner[1]) // 2
    made[top : top + inner[0], left : left + inner[1]] = scaled(pixels, inner)
    return made
