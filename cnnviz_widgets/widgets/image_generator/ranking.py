"""The photographs that excite a target most, found by looking at each, and drawn side by side with their scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ...colours import STAGE
from ...images.image import Image
from ...objectives import ClassScore, Objective
from ...probe import Probe
from ...render import as_text
from ...render.text import font
from ..core.elements import square

AT_ONCE = 8
MOST = 4
MOST_TARGETS = 16  # whose scores are kept
GAP = 0.02  # of the side


@dataclass(frozen=True, order=True)
class Score:
    """How much a picture excites a target.

    Attributes
    ----------
    value : float
        The score.
    share : bool
        Whether it is a probability, to be read in per cent.
    """

    value: float
    share: bool = False

    @classmethod
    def of(cls, target: Objective, value: float) -> Score:
        """Return the value of a target as a score."""
        return cls(value, isinstance(target, ClassScore) and target.of == "probability")

    def __str__(self) -> str:
        if not self.share:
            return as_text(self.value)
        percent = round(100 * self.value, 1)
        return f"{percent:.0f} %" if 1 <= percent <= 99 or percent in (0, 100) else f"{percent:.1f} %"


@dataclass(frozen=True, eq=False)
class Excited:
    """A photograph and how much it excites a target."""

    image: Image
    score: Score

    @property
    def words(self) -> str:
        """Name and score."""
        return f"{self.image.name}: {self.score}"


class PhotoRanking:
    """Scores of the photographs, kept by target.

    Parameters
    ----------
    probe : Probe
        The network.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._scores: dict[Objective, list[float]] = {}
        self._images: list[Image] = []

    def search(
        self, images: Sequence[Image], target: Objective, cancelled: Callable[[], bool]
    ) -> list[Excited]:
        """Return the photographs, the most exciting first; some are missing if it was cancelled."""
        if self._images != list(images)[: len(self._images)]:
            self._scores.clear()
        self._images = list(images)
        if target not in self._scores and len(self._scores) >= MOST_TARGETS:
            self._scores.pop(next(iter(self._scores)))
        known = self._scores.setdefault(target, [])
        while len(known) < len(images) and not cancelled():
            some = [self._probe.fit(image) for image in images[len(known) : len(known) + AT_ONCE]]
            known.extend(float(score) for score in self._probe.scores(some, target))
        scored = ((image, value) for image, value in zip(images, known, strict=False) if math.isfinite(value))
        found = [Excited(image, Score.of(target, value)) for image, value in scored]
        return sorted(found, key=lambda one: one.score, reverse=True)


def shelf_picture(found: Sequence[Excited], side: int) -> np.ndarray | None:
    """Draw up to four photographs in a square with their scores, uint8 (side, side, 3); None without any."""
    if not found:
        return None
    made = PIL.Image.new("RGB", (side, side), STAGE)
    pen, (columns, gap) = PIL.ImageDraw.Draw(made), _grid(len(found), side)
    each = (side - gap * (columns - 1)) // columns
    face = font(max(9, round(side * (0.055 if columns > 1 else 0.07))))
    for k, one in enumerate(found[:MOST]):
        x, y = (k % columns) * (each + gap), (k // columns) * (each + gap)
        made.paste(PIL.Image.fromarray(square(one.image.rgb(), each)), (x, y))
        text = str(one.score)
        box = pen.textbbox((x + 5, y + each - 4), text, face, anchor="ls")
        pen.rectangle((x, box[1] - 3, box[2] + 5, y + each), fill=STAGE)
        pen.text((x + 5, y + each - 4), text, "white", face, anchor="ls")
    return np.asarray(made)


def at(found: Sequence[Excited], x: float, y: float) -> Excited | None:
    """Return the photograph at a place given as shares of the sides; None beside them."""
    columns, _ = _grid(len(found), 100)
    k = min(int(y * columns), columns - 1) * columns + min(int(x * columns), columns - 1)
    return found[k] if k < min(len(found), MOST) else None


def _grid(count: int, side: int) -> tuple[int, int]:
    """Return how many photographs stand in a row, and the gap between them."""
    return (2, round(side * GAP)) if count > 1 else (1, 0)
