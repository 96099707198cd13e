"""The typeface of numbers and captions inside pictures."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import matplotlib
import PIL.ImageFont


@lru_cache(maxsize=16)
def font(size: int, bold: bool = False) -> PIL.ImageFont.FreeTypeFont | PIL.ImageFont.ImageFont:
    """Return DejaVu Sans, which comes with Matplotlib and has signs that Pillow's own typeface lacks."""
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    try:
        return PIL.ImageFont.truetype(str(Path(matplotlib.get_data_path(), "fonts", "ttf", name)), size)
    except OSError:
        return PIL.ImageFont.load_default(size)
