"""Frames on their way to the screen: encoded quickly while something moves, exactly once it rests."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image


def encode(pixels: Any, *, moving: bool) -> bytes:
    """Return (h, w, 3) or opaque (h, w, 4) pixels as a quick JPEG while moving, as a lossless PNG at rest."""
    height, width, channels = pixels.shape
    buffer = io.BytesIO()
    if moving:
        mode = "RGBX" if channels == 4 else "RGB"
        Image.frombuffer(mode, (width, height), np.ascontiguousarray(pixels), "raw", mode, 0, 1).save(
            buffer, "jpeg", quality=85
        )
    else:
        # Run lengths after filtering: as small as the usual setting on photographs, in a fifth of its time.
        Image.fromarray(np.ascontiguousarray(pixels[:, :, :3])).save(buffer, "png", compress_type=3)
    return buffer.getvalue()
