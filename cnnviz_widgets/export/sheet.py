"""A picture with its colour bar and caption below, on one sheet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ..render.colours import STAGE
from ..render.fonts import font

BRIGHT, DIM = (236, 237, 240), (160, 166, 176)
MARGIN = 16
NARROWEST = 320


@dataclass(frozen=True, eq=False)
class Bar:
    """A colour bar: colours (n, 3), what its ends are, the unit, and where zero is marked."""

    colours: np.ndarray
    low: str
    high: str
    unit: str = ""
    zero: float | None = None


def sheet(picture: np.ndarray, bar: Bar | None, headline: str, details: tuple[str, ...]) -> np.ndarray:
    """Lay out a sheet, uint8 (H, W, 3), at least 320 pixels wide; lines that are too long are broken."""
    height, width = picture.shape[:2]
    across = max(width, NARROWEST)
    inside = across - 2 * MARGIN
    head = wrapped(headline, inside, 15, bold=True)
    rows = [row for line in details for row in wrapped(line, inside, 12)]
    top = height + MARGIN
    under = top + 44 if bar else top
    tall = under + 21 * len(head) + 6 + 18 * len(rows) + MARGIN
    made = PIL.Image.new("RGB", (across, tall), STAGE)
    made.paste(PIL.Image.fromarray(picture), ((across - width) // 2, 0))
    pen = PIL.ImageDraw.Draw(made)
    if bar:
        _draw_bar(made, pen, bar, top, inside)
    for k, row in enumerate(head):
        pen.text((MARGIN, under + 21 * k), row, BRIGHT, font(15, bold=True))
    for k, row in enumerate(rows):
        pen.text((MARGIN, under + 21 * len(head) + 6 + 18 * k), row, DIM, font(12))
    return np.array(made)


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


def _draw_bar(made: PIL.Image.Image, pen: PIL.ImageDraw.ImageDraw, bar: Bar, top: int, width: int) -> None:
    strip = PIL.Image.fromarray(np.ascontiguousarray(bar.colours[None])).resize(
        (width, 10), PIL.Image.Resampling.BILINEAR
    )
    made.paste(strip, (MARGIN, top))
    under = top + 26
    pen.text((MARGIN, under), bar.low, BRIGHT, font(12), anchor="ls")
    pen.text((MARGIN + width, under), bar.high, BRIGHT, font(12), anchor="rs")
    middle = bar.unit
    if bar.zero is not None:
        at = MARGIN + round(bar.zero * (width - 1))
        pen.line([(at, top - 3), (at, top + 12)], BRIGHT, 1)
        middle = f"0 {bar.unit}".strip()
    pen.text((MARGIN + width // 2, under), middle, DIM, font(12), anchor="ms")
