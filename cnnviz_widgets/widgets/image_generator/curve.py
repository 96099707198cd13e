"""The score at every step so far, drawn small: it shows whether the picture still gains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ...render.fonts import font
from .shelf import Score

FINE = 3  # lines are drawn larger and then shrunk, so that they are smooth
LINE, FAINT, RULE, DIM, BRIGHT = (
    (255, 171, 107), (120, 92, 70), (90, 94, 102), (160, 166, 176), (236, 237, 240),
)  # fmt: skip
GROUND = (32, 35, 41)
CALM = 16  # the strong line is the mean over this part of all steps
LEFT, RIGHT, TOP, LOW, VALUE, LEGEND = 0.06, 0.94, 0.34, 0.86, 0.25, 0.08  # of the side


@dataclass(frozen=True, eq=False)
class Curve:
    """What the drawing shows.

    Parameters
    ----------
    scores : numpy.ndarray
        (steps, N), each picture's score.
    shown : int
        Steps of the picture that is shown; a line marks it.
    total : int
        Steps that there will be.
    real : float, optional
        A score to compare with, drawn as a level line: the highest of any photograph.
    share : bool
        Whether scores are probabilities, to be read in per cent.
    """

    scores: np.ndarray
    shown: int
    total: int = 0
    real: float | None = None
    share: bool = False

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest score in the drawing."""
        known = self.scores[np.isfinite(self.scores)]
        known = known if self.real is None else np.append(known, self.real)
        return float(known.min()), float(known.max())

    @property
    def steps(self) -> int:
        """How many steps the drawing has room for."""
        return max(self.total, len(self.scores), 2)

    def at(self, step: int, score: float) -> tuple[float, float]:
        """Return where a score at a step, from 0, is drawn, as shares of the side."""
        low, high = self.ends
        height = (score - low) / (high - low) if high > low else 0.5
        return LEFT + (RIGHT - LEFT) * step / (self.steps - 1), LOW - (LOW - TOP) * height

    def step_at(self, x: float) -> int | None:
        """Return the step, from 0, at a share of the width; None where there is none."""
        step = round((x - LEFT) / (RIGHT - LEFT) * (self.steps - 1))
        return step if 0 <= step < len(self.scores) else None

    def drawn(self, side: int) -> np.ndarray:
        """Return the drawing, uint8 (side, side, 3)."""
        made = PIL.Image.new("RGB", (side * FINE, side * FINE), GROUND)
        if not np.isfinite(self.scores).any():
            return np.asarray(made.resize((side, side)))
        pen = PIL.ImageDraw.Draw(made)
        self._draw_lines(pen, side * FINE)
        small = made.resize((side, side), PIL.Image.Resampling.LANCZOS)
        self._write(PIL.ImageDraw.Draw(small), side)
        return np.asarray(small)

    def _draw_lines(self, pen: PIL.ImageDraw.ImageDraw, big: int) -> None:
        def place(step: int, score: float) -> tuple[float, float]:
            x, y = self.at(step, score)
            return x * big, y * big

        if self.real is not None:
            y = place(0, self.real)[1]
            for left in np.arange(LEFT * big, RIGHT * big, 12 * FINE):
                pen.line([(left, y), (left + 6 * FINE, y)], DIM, FINE)
        for k in reversed(range(self.scores.shape[1])):
            raw = self.scores[:, k]
            lines = (
                ((raw, FAINT, FINE), (_calmed(raw), LINE, 2 * FINE))
                if k == 0
                else ((_calmed(raw), FAINT, FINE),)
            )
            for values, colour, width in lines:
                line = [place(n, float(v)) for n, v in enumerate(values) if np.isfinite(v)]
                pen.line(line, colour, width, joint="curve")
        if self._now is not None:
            x, y = place(self.shown - 1, self._now)
            pen.line([(x, TOP * big), (x, LOW * big)], RULE, FINE)
            r = 3.5 * FINE
            pen.ellipse((x - r, y - r, x + r, y + r), fill=LINE)

    def _write(self, pen: PIL.ImageDraw.ImageDraw, side: int) -> None:
        small, large = font(max(9, round(0.055 * side))), font(max(12, round(0.085 * side)))
        if self._now is not None:
            pen.text(
                (LEFT * side, VALUE * side), str(Score(self._now, self.share)), BRIGHT, large, anchor="ls"
            )
        pen.text((LEFT * side, 0.955 * side), "1", DIM, small, anchor="ls")
        pen.text((RIGHT * side, 0.955 * side), f"{self.steps} steps", DIM, small, anchor="rs")
        if self.real is not None:
            words = f"- - your best {Score(self.real, self.share)}"
            pen.text((RIGHT * side, LEGEND * side), words, DIM, small, anchor="rs")

    @property
    def _now(self) -> float | None:
        if not 0 < self.shown <= len(self.scores):
            return None
        score = float(self.scores[self.shown - 1, 0])
        return score if np.isfinite(score) else None


def _calmed(scores: np.ndarray) -> np.ndarray:
    """Return the mean of the scores about each step, over a sixteenth of the steps, less at the ends."""
    reach = len(scores) // CALM // 2
    sums = np.concatenate([[0.0], np.cumsum(scores, dtype=float)])
    steps = np.arange(len(scores))
    around = np.minimum(reach, np.minimum(steps, len(scores) - 1 - steps))
    made: np.ndarray = (sums[steps + around + 1] - sums[steps - around]) / (2 * around + 1)
    return made
