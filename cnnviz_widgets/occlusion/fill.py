"""What a covered place is filled with: a whole picture, of which the patch is cut out."""

from __future__ import annotations

import numpy as np
import PIL.Image
import PIL.ImageColor
import PIL.ImageFilter

from ..errors import SettingError
from ..images.image import Image

FILLS = ("grey", "mean", "blur", "noise", "black", "white")


def filled(image: Image, fill: str | Image, seed: int = 0) -> np.ndarray:
    """Return the picture that patches are cut from, float32 (H, W, C), within the image's value range.

    ``grey`` is the middle of the value range, ``mean`` the picture's mean colour, ``blur`` the picture itself out of
    focus (sigma a tenth of the shorter side), ``noise`` uniform over the value range, ``black`` and ``white`` its ends;
    ``#rrggbb`` is a colour, for pictures of one or three channels. Another picture is brought to the size, channels and
    value range of this one.

    Raises
    ------
    SettingError
        If a colour cannot be read or the picture has no colours.
    ImageError
        If the other picture's channels cannot be brought to this one's.
    """
    if isinstance(fill, Image):
        return fill.with_channels(image.channels).to_range(image.range).resized(image.size, "crop").pixels
    low, high = image.range
    levels = {"grey": (low + high) / 2, "black": low, "white": high}
    if fill in levels:
        return np.full_like(image.pixels, levels[fill])
    if fill == "mean":
        return np.broadcast_to(image.pixels.mean(axis=(0, 1)), image.pixels.shape).astype(np.float32)
    if fill == "noise":
        return np.random.default_rng(seed).uniform(low, high, image.pixels.shape).astype(np.float32)
    if fill == "blur":
        return _blurred(image)
    return np.broadcast_to(_colour(image, fill), image.pixels.shape).astype(np.float32)


def _blurred(image: Image) -> np.ndarray:
    soft = PIL.ImageFilter.GaussianBlur(min(image.size) / 10)
    low, high = image.range
    bytes_ = ((image.pixels - low) * (255 / (high - low))).astype(np.uint8)
    planes = [
        PIL.Image.fromarray(np.ascontiguousarray(bytes_[..., c])).filter(soft) for c in range(image.channels)
    ]
    unit = np.stack([np.asarray(p, np.float32) for p in planes], axis=-1) / 255
    return np.asarray(unit * (high - low) + low, np.float32)


def _colour(image: Image, fill: str) -> np.ndarray:
    try:
        unit = np.array(PIL.ImageColor.getrgb(fill)[:3], np.float32) / 255
    except ValueError:
        raise SettingError(
            f"Occlusion.fill must be one of {', '.join(FILLS)} or a colour such as '#ff8800'; got {fill!r}."
        ) from None
    if image.channels not in (1, 3):
        raise SettingError(
            f"Occlusion.fill: a colour needs a picture of 1 or 3 channels; this one has {image.channels}. "
            "Use 'mean' or 'grey'."
        )
    low, high = image.range
    return (unit if image.channels == 3 else unit.mean(keepdims=True)) * (high - low) + low
