"""Where the parts of a canvas lie, and where the texts under its bar fit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from ...errors import SettingError, did_you_mean

STAGE = "#15171b"
INK = "#d5d9e0"
GAP = 12
BAR = 8
LETTER = 6.7  # width in CSS pixels of a digit in the labels' type
SIZES = {"S": (330, 0), "M": (392, 172), "L": (448, 200), "XL": (560, 250)}


@dataclass(frozen=True)
class Box:
    """A rectangle in CSS pixels, measured from the top left."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Sheet:
    """Where things are on a canvas whose hero and tiles have these sides; without tiles the hero alone."""

    hero: int
    tile: int

    @classmethod
    def of(cls, size: str | int) -> Sheet:
        """Return the sheet of a named size, or a hero alone of 160 to 640 pixels."""
        if isinstance(size, int) and not isinstance(size, bool) and 160 <= size <= 640:
            return cls(size, 0)
        if size not in SIZES:
            raise SettingError(
                f"size must be one of {', '.join(SIZES)}, or 160 to 640 pixels for the hero alone; "
                f"got {size!r}.{did_you_mean(size, SIZES)}"
            )
        return cls(*SIZES[str(size)])

    @property
    def width(self) -> int:
        """Width of the canvas."""
        return self.hero + (GAP + self.tile if self.tile else 0)

    @property
    def height(self) -> int:
        """Height of the canvas."""
        return self.hero

    @property
    def boxes(self) -> dict[str, Box]:
        """The hero, the two tiles, the bar, and ``scale``: the bar with its texts."""
        hero, x, tile = Box(0, 0, self.hero, self.hero), self.hero + GAP, self.tile
        if not tile:
            return {"hero": hero}
        low = 2 * tile + GAP + BAR
        return {
            "hero": hero,
            "photo": Box(x, 0, tile, tile),
            "map": Box(x, tile + GAP, tile, tile),
            "bar": Box(x, low, tile, BAR),
            "scale": Box(x, low - 4, tile, self.height - low + 4),
        }


@dataclass(frozen=True)
class Label:
    """A text under the bar: the place of its left end, middle or right end in CSS pixels of the bar."""

    text: str
    x: float
    align: str


def labels(
    width: float, low: str, high: str, unit: str = "", zero: float | None = None
) -> tuple[tuple[Label, Label, Label, Label], str]:
    """Place the texts under a bar so that none runs into another.

    Parameters
    ----------
    width
        Length of the bar in CSS pixels.
    low, high, unit
        The texts.
    zero
        Place of zero on the bar, from 0 to 1, where it is to be marked.

    Returns
    -------
    tuple
        The labels of low, zero, unit and high, empty where there is no room, and the unit if it found none.
    """
    right = width - 6
    taken = [(0.0, len(low) * LETTER), (right - len(high) * LETTER, right)]
    at = -1.0 if zero is None else zero * width
    shown = taken[0][1] + LETTER < at < taken[1][0] - LETTER
    if shown:
        taken.insert(1, (at - LETTER / 2, at + LETTER / 2))
    room, middle = max(
        (after[0] - before[1], (after[0] + before[1]) / 2) for before, after in pairwise(taken)
    )
    fits = len(unit) * LETTER + 8 <= room
    placed = (
        Label(low, 0, "left"),
        Label("0" if shown else "", at, "center"),
        Label(unit if fits else "", middle, "center"),
        Label(high, right, "right"),
    )
    return placed, "" if fits else unit


def map_tag(tag: str, unit: str) -> str:
    """Return the map's label, with the unit that found no room under the bar."""
    return f"{tag} · {unit}" if unit else tag
