"""Many pictures as places on a plane: dots in the colour of their kind, a few of them as small pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ...colours import STAGE
from ...render.text import font

Colour = tuple[int, int, int]
RIM = 0.09  # of the side, kept free around the outermost places
FEW = 24  # up to so many pictures are shown as pictures, not as dots
CALLED = 0.135  # side of a picture with a letter among dots, as a share of the plane's
LEAST, MOST, LARGER = (
    0.1,
    0.16,
    1.15,
)  # sides of pictures where there are few, and of one with a letter beside them
FRAMED = 0.6  # half the side of a picture with its frame and a little air, as a share of the picture's
DOT = (196, 202, 212)
TURNS = 16
TRIES = 200
GOLDEN = 2.4  # radians: the golden angle


@dataclass(frozen=True)
class Called:
    """A picture on the plane that is shown as one.

    Attributes
    ----------
    index : int
        Which picture.
    letter : str
        What it is called; empty for one that the mouse is on.
    colour : tuple of int
        Colour of its frame.
    """

    index: int
    letter: str
    colour: Colour


class Chart:
    """Places of pictures on a plane, ready to be drawn.

    Parameters
    ----------
    places : numpy.ndarray
        (N, 2), any units; both axes are drawn in one scale, the second upwards.
    colours : numpy.ndarray or None
        uint8 (N, 3), the colour of each dot; light grey if None.
    thumbnails : sequence of numpy.ndarray or None
        uint8 (h, h, 3) each; if given, the pictures stand for the dots, moved apart where one would cover another.
    """

    def __init__(
        self,
        places: np.ndarray,
        colours: np.ndarray | None = None,
        thumbnails: Sequence[np.ndarray] | None = None,
    ) -> None:
        self.places = squared(places)
        self._colours = np.full((len(places), 3), DOT, np.uint8) if colours is None else colours
        self._thumbnails = thumbnails
        self._small = min(MOST, max(LEAST, 0.5 / np.sqrt(len(places))))
        self._called = CALLED if thumbnails is None else LARGER * self._small
        if thumbnails is not None:
            self.places = apart(self.places, self._called)  # wide enough for one with a letter
        self._ground: dict[int, PIL.Image.Image] = {}
        self._stood: list[tuple[int, np.ndarray]] = []

    def nearest(self, x: float, y: float) -> int:
        """Return the picture at a place, given as shares of width and height: one with a letter, else the nearest."""
        for index, at in self._stood:
            if np.abs(at - (x, y)).max() <= self._called / 2:
                return index
        return int(((self.places - (x, y)) ** 2).sum(axis=1).argmin())

    def drawn(
        self, side: int, called: Sequence[tuple[Called, np.ndarray]], near: Sequence[int] = ()
    ) -> np.ndarray:
        """Draw the plane.

        Parameters
        ----------
        side : int
            Pixels.
        called : sequence of (Called, numpy.ndarray)
            Pictures to show as such, and their thumbnails; the first is drawn last.
        near : sequence of int
            Pictures to ring.

        Returns
        -------
        numpy.ndarray
            uint8 (side, side, 3).
        """
        if side not in self._ground:
            self._ground = {side: self._grounded(side)}
        drawing = self._ground[side].copy()
        pen = PIL.ImageDraw.Draw(drawing)
        if self._thumbnails is None:
            for index in near:
                _ringed(pen, self.places[index] * side, side)
        taken: list[np.ndarray] = []
        for one, _ in called:
            at = self._room(self.places[one.index], taken)
            taken.append(at)
        self._stood = [(one.index, at) for (one, _), at in zip(called, taken, strict=True) if one.letter]
        for (one, thumbnail), at in reversed(list(zip(called, taken, strict=True))):
            _put(drawing, pen, one, thumbnail, at * side, self.places[one.index] * side, self._called * side)
        return np.asarray(drawing)

    def _grounded(self, side: int) -> PIL.Image.Image:
        if self._thumbnails is None:
            return PIL.Image.fromarray(dots(self.places, self._colours, side))
        drawing = PIL.Image.new("RGB", (side, side), STAGE)
        wide = round(self._small * side)
        for thumbnail, (x, y) in zip(self._thumbnails, self.places * side, strict=True):
            small = PIL.Image.fromarray(thumbnail).resize((wide, wide), PIL.Image.Resampling.LANCZOS)
            drawing.paste(small, (round(x - wide / 2), round(y - wide / 2)))
        return drawing

    def _room(self, at: np.ndarray, taken: Sequence[np.ndarray]) -> np.ndarray:
        """Return where a called thumbnail finds room: at its dot's side, or on its own picture."""
        if self._thumbnails is not None:
            return at
        low, high = self._called * FRAMED, 1 - self._called * FRAMED
        angles = np.arange(TURNS) * (2 * np.pi / TURNS)
        steps = [
            np.stack([np.cos(angles), np.sin(angles)], 1) * self._called * far for far in (0.85, 1.2, 1.7)
        ]
        outward = at - 0.5
        for ring in steps:
            order = np.argsort(-(ring @ outward), kind="stable")
            for step in ring[order]:
                place = at + step
                inside = bool(((place >= low) & (place <= high)).all())
                if inside and all(np.abs(place - other).max() > self._called * 1.08 for other in taken):
                    return place
        return np.clip(at, low, high)


def squared(places: np.ndarray) -> np.ndarray:
    """Return places as shares of a square's width and height, in one scale for both axes, the second upwards."""
    at = np.nan_to_num(np.asarray(places, np.float64))
    low, high = at.min(axis=0), at.max(axis=0)
    extent = float((high - low).max()) or 1.0
    shares = (at - (low + high) / 2) / extent * (1 - 2 * RIM)
    return np.stack([0.5 + shares[:, 0], 0.5 - shares[:, 1]], axis=1)


def apart(places: np.ndarray, width: float) -> np.ndarray:
    """Move places so that squares of a width do not cover each other, as far as there is room, and lie inside."""
    low, high = width * FRAMED, 1 - width * FRAMED
    turns = np.arange(len(places)) * GOLDEN
    at = places + 1e-3 * np.stack([np.cos(turns), np.sin(turns)], axis=1)  # none on another, none in one line
    at = np.clip(at, low, high)
    for _ in range(TRIES):
        gaps = at[:, None] - at[None]
        over = width - np.abs(gaps).max(axis=2)
        np.fill_diagonal(over, 0)
        if (over <= 1e-6).all():
            break
        length = np.linalg.norm(gaps, axis=2, keepdims=True)
        push = gaps / np.where(length > 0, length, 1) * np.maximum(over, 0)[..., None]
        at = np.clip(at + push.sum(axis=1) / 2, low, high)
    return at


def dots(places: np.ndarray, colours: np.ndarray, side: int) -> np.ndarray:
    """Draw a dot a place on the stage, uint8 (side, side, 3); the more there are, the smaller."""
    large = 2 * side
    canvas = np.empty((large, large, 3), np.uint8)
    canvas[:] = STAGE
    radius = max(1.0, large / 75 / max(1.0, np.sqrt(len(places) / 400)))
    reach = int(np.ceil(radius))
    columns, rows = (np.clip(places * large, 0, large - 1).astype(int)).T
    for down in range(-reach, reach + 1):
        for across in range(-reach, reach + 1):
            if down**2 + across**2 <= radius**2:
                canvas[np.clip(rows + down, 0, large - 1), np.clip(columns + across, 0, large - 1)] = colours
    return np.asarray(PIL.Image.fromarray(canvas).resize((side, side), PIL.Image.Resampling.BOX))


def _ringed(pen: PIL.ImageDraw.ImageDraw, at: np.ndarray, side: int) -> None:
    radius = side / 75
    pen.ellipse((*(at - radius), *(at + radius)), outline="white", width=max(1, side // 280))


def _put(
    drawing: PIL.Image.Image,
    pen: PIL.ImageDraw.ImageDraw,
    one: Called,
    thumbnail: np.ndarray,
    at: np.ndarray,
    dot: np.ndarray,
    width: float,
) -> None:
    """Draw a called thumbnail with its frame, its letter, and a line to its dot."""
    wide, line = round(width), max(2, round(width / 20))
    left, top = round(at[0] - wide / 2), round(at[1] - wide / 2)
    pen.line((*at, *dot), fill=one.colour, width=max(1, line // 2))
    pen.ellipse((*(dot - 1.6 * line), *(dot + 1.6 * line)), fill=one.colour)
    small = PIL.Image.fromarray(thumbnail).resize((wide, wide), PIL.Image.Resampling.LANCZOS)
    drawing.paste(small, (left, top))
    pen.rectangle(
        (left - line, top - line, left + wide + line - 1, top + wide + line - 1),
        outline=one.colour,
        width=line,
    )
    if not one.letter:
        return
    points = max(9, wide // 3)
    plate = round(points * 1.15)
    pen.rectangle((left - line, top - line, left - line + plate, top - line + plate), fill=one.colour)
    middle = left - line + plate / 2, top - line + plate / 2
    pen.text(middle, one.letter, STAGE, font(points, True), anchor="mm")
