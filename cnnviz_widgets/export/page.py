"""A picture with its colour bar and caption below, on one sheet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ..colours import STAGE
from ..render.text import font, wrapped

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
