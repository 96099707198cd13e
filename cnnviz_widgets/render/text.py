"""The typeface of numbers and captions inside pictures, and how a text is brought to a width."""

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


def wrapped(text: str, width: int, points: int, bold: bool = False) -> list[str]:
    """Break a text into rows of at most `width` pixels: at spaces, a word that is too wide at its seams."""
    face = font(points, bold)
    rows: list[str] = []
    row = ""
    for word in " ".join(text.split()).split(" "):
        joined = f"{row} {word}" if row else word
        if face.getlength(joined) <= width:
            row = joined
            continue
        rows += [row] if row else []
        *full, row = _pieces(word, width, points, bold)
        rows += full
    return [*rows, row]


def _pieces(word: str, width: int, points: int, bold: bool) -> list[str]:
    """Break a word that is too wide after its last underscore or stroke that fits, else anywhere."""
    face, pieces = font(points, bold), [""]
    for sign in word:
        whole = pieces[-1]
        if whole and face.getlength(whole + sign) > width:
            at = 1 + max(whole.rfind(mark) for mark in "_-/") or len(whole)
            pieces[-1:] = [whole[:at], whole[at:]]
        pieces[-1] += sign
    return pieces


def clipped(text: str, width: int, points: int) -> str:
    """Return a text, cut so that it fits into `width` pixels."""
    face = font(points)
    if face.getlength(text) <= width:
        return text
    shorter = (text[:n].rstrip() + "…" for n in range(len(text) - 1, 0, -1))
    return next((cut for cut in shorter if face.getlength(cut) <= width), "")
