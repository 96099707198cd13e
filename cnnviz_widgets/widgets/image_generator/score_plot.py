"""The score at every step so far, what it is measured in, and its small plot."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ...explanation import GeneratedImage
from ...methods.activation_matching import ActivationMatching
from ...objectives import ClassScore, LayerEnergy, Objective, ReconstructionError, Several, Unit
from ...render import as_text
from ...render.text import font
from .ranking import Score

LOGIT, LOG_ODDS, PROBABILITY, MISSED = "logit", "log-odds", "probability", "missed"
SCORE_NAME = "score"
LEAST = 6e-8  # what a probability lacks to 1, at least: single precision tells no less apart
MOST = 700.0  # exp of more is not finite


@dataclass(frozen=True)
class Measure:
    """The kind of number that a curve is of.

    Attributes
    ----------
    name : str
        What it is called.
    """

    name: str = SCORE_NAME

    def of_climb(self, scores: np.ndarray) -> np.ndarray:
        """Return the scores of a climb, counted this way."""
        if self.name == LOG_ODDS:  # they are the logarithms of probabilities
            short = np.clip(-np.asarray(scores, np.float64), LEAST, MOST)
            return np.asarray(-np.log(np.expm1(short)))
        return -scores if self.name == MISSED else scores

    def of_photograph(self, score: float) -> float:
        """Return the score of a photograph, counted this way; that of a class is a probability, or its logit."""
        if self.name != LOG_ODDS:
            return score
        return float(self.of_climb(np.log(np.array([max(score, np.finfo(np.float32).tiny)])))[0])

    def text(self, value: float) -> str:
        """Return a number of this kind."""
        if self.name == MISSED:
            return f"{as_text(float(f'{100 * value:.2g}'))} %"
        return str(Score(value, True)) if self.name == PROBABILITY else as_text(value)

    def words(self, value: float) -> str:
        """Return a number of this kind with what it is called."""
        return f"{self.text(value)} {self.name}" if self.name == MISSED else f"{self.name} {self.text(value)}"


def measure_of(target: Objective | None) -> Measure:
    """Return how the scores of a climb for a target are counted."""
    if isinstance(target, ClassScore):
        return Measure(LOG_ODDS if target.of == "log-probability" else target.of)
    if isinstance(target, Unit):
        return Measure("activation")
    if isinstance(target, LayerEnergy):
        return Measure("energy")
    return Measure("error" if isinstance(target, ReconstructionError) else SCORE_NAME)


def measures(made: GeneratedImage) -> tuple[Measure, ...]:
    """Return how the scores of each picture of a result are counted."""
    if isinstance(made.recipe, ActivationMatching):
        return (Measure(MISSED),)
    target = getattr(made.recipe, "target", None)
    if isinstance(target, Several):
        return tuple(map(measure_of, target.objectives))
    return (measure_of(target),) * max(made.curve.shape[1], 1)


FINE = 3  # lines are drawn larger and then shrunk, so that they are smooth
LINE, FAINT, RULE, DIM, BRIGHT = (
    (255, 171, 107), (138, 108, 84), (90, 94, 102), (160, 166, 176), (236, 237, 240),
)  # fmt: skip
GROUND = (32, 35, 41)
CALM = 16  # the strong line is the mean over this part of all steps
LEFT, RIGHT, TOP, LOW, VALUE, LEGEND, FOOT = 0.06, 0.94, 0.4, 0.86, 0.22, 0.32, 0.955  # of the side
MOST_NAMED = 9  # lines with a number at their end
APART = 0.062  # of the side, between two such numbers
SCORE = Measure()


@dataclass(frozen=True, eq=False)
class ScorePlot:
    """What the drawing shows.

    Parameters
    ----------
    scores : numpy.ndarray
        (steps, N), each picture's score, counted by its measure.
    shown : int
        Steps of the picture that is shown; a line marks it.
    total : int
        Steps that there will be.
    real : float, optional
        A score to compare the chosen one with, drawn as a level line: the highest of any photograph.
    chosen : int
        Whose line is strong.
    measures : tuple of Measure
        What the scores are, one a picture. Where they differ, each line has a range of its own.
    begins : tuple of int
        Steps at which another size of the picture begins.
    """

    scores: np.ndarray
    shown: int
    total: int = 0
    real: float | None = None
    chosen: int = 0
    measures: tuple[Measure, ...] = (SCORE,)
    begins: tuple[int, ...] = ()

    @property
    def measure(self) -> Measure:
        """How the chosen line is counted."""
        return self.measures[min(self.chosen, len(self.measures) - 1)]

    @property
    def mixed(self) -> bool:
        """Whether the lines are of several kinds of numbers, each drawn in a range of its own."""
        return len(set(self.measures)) > 1

    @property
    def tag(self) -> str:
        """What is drawn, in a few words."""
        return "each score in its own range" if self.mixed else f"{self.measure.name} by step"

    def ends(self, k: int) -> tuple[float, float]:
        """Return the lowest and the highest score that a picture's line has room for."""
        known = self.scores[:, k] if self.mixed else self.scores
        known = known[np.isfinite(known)]
        if self.real is not None and (k == self.chosen or not self.mixed):
            known = np.append(known, self.real)
        return (float(known.min()), float(known.max())) if known.size else (0.0, 0.0)

    @property
    def steps(self) -> int:
        """How many steps the drawing has room for."""
        return max(self.total, len(self.scores), 2)

    def at(self, step: int, score: float, k: int) -> tuple[float, float]:
        """Return where a picture's score at a step, from 0, is drawn, as shares of the side."""
        low, high = self.ends(k)
        height = (score - low) / (high - low) if high > low else 0.5
        return self._across(step), LOW - (LOW - TOP) * height

    def step_at(self, x: float) -> int | None:
        """Return the step, from 0, at a share of the width; None where there is none."""
        step = round((x - LEFT) / (RIGHT - LEFT) * (self.steps - 1))
        return step if 0 <= step < len(self.scores) else None

    def size_at(self, step: int) -> int:
        """Return at which size of the picture a step, from 0, was made, from 1."""
        return 1 + sum(begin <= step for begin in self.begins)

    def words_at(self, x: float) -> str | None:
        """Return what the chosen line is at a share of the width, in words; None where there is none."""
        step = self.step_at(x)
        if step is None:
            return None
        size = f", size {self.size_at(step)} of the picture" if self.begins else ""
        value = self.measure.words(float(self.scores[step, self.chosen]))
        return f"step {step + 1}{size}: {value}, as it was moved then"

    def drawn(self, side: int) -> np.ndarray:
        """Return the drawing, uint8 (side, side, 3)."""
        made = PIL.Image.new("RGB", (side * FINE, side * FINE), GROUND)
        if not np.isfinite(self.scores).any():
            return np.asarray(made.resize((side, side)))
        pen = PIL.ImageDraw.Draw(made)
        self._draw_rules(pen, side * FINE)
        self._draw_lines(pen, side * FINE)
        small = made.resize((side, side), PIL.Image.Resampling.LANCZOS)
        self._write(PIL.ImageDraw.Draw(small), side)
        return np.asarray(small)

    def _across(self, step: float) -> float:
        return LEFT + (RIGHT - LEFT) * step / (self.steps - 1)

    def _draw_rules(self, pen: PIL.ImageDraw.ImageDraw, big: int) -> None:
        """Draw what stands behind the lines: where sizes begin, and the best of the photographs."""
        for begin in self.begins:
            x = self._across(begin - 0.5) * big
            for top in np.arange(TOP * big, LOW * big, 6 * FINE):
                pen.line([(x, top), (x, top + 2 * FINE)], RULE, FINE)
        if self.real is not None:
            y = self.at(0, self.real, self.chosen)[1] * big
            for left in np.arange(LEFT * big, RIGHT * big, 12 * FINE):
                pen.line([(left, y), (left + 6 * FINE, y)], DIM, FINE)

    def _draw_lines(self, pen: PIL.ImageDraw.ImageDraw, big: int) -> None:
        def draw(k: int, values: np.ndarray, colour: tuple[int, int, int], width: int) -> None:
            places = [self.at(n, float(v), k) for n, v in enumerate(values) if np.isfinite(v)]
            pen.line([(x * big, y * big) for x, y in places], colour, width, joint="curve")

        for k in set(range(self.scores.shape[1])) - {self.chosen}:
            draw(k, _calmed(self.scores[:, k], self.begins), FAINT, FINE)
        raw = self.scores[:, self.chosen]
        draw(self.chosen, raw, FAINT, FINE)
        draw(self.chosen, _calmed(raw, self.begins), LINE, 2 * FINE)
        if self._now is not None:
            x, y = (share * big for share in self.at(self.shown - 1, self._now, self.chosen))
            pen.line([(x, TOP * big), (x, LOW * big)], RULE, FINE)
            r = 3.5 * FINE
            pen.ellipse((x - r, y - r, x + r, y + r), fill=LINE)

    def _write(self, pen: PIL.ImageDraw.ImageDraw, side: int) -> None:
        small, large = font(max(9, round(0.055 * side))), font(max(12, round(0.085 * side)))
        left, right = LEFT * side, RIGHT * side
        if self._now is not None:
            value = self.measure.text(self._now)
            pen.text((left, VALUE * side), value, BRIGHT, large, anchor="ls")
            beside = left + pen.textlength(value, large) + 0.03 * side
            pen.text((beside, VALUE * side), self.measure.name, DIM, small, anchor="ls")
        if self.real is not None:
            words = f"- - your best {self.measure.text(self.real)}"
            pen.text((left, LEGEND * side), words, DIM, small, anchor="ls")
        pen.text((left, FOOT * side), "1", DIM, small, anchor="ls")
        sizes = f", {len(self.begins) + 1} sizes" if self.begins else ""
        pen.text((right, FOOT * side), f"{self.steps} steps{sizes}", DIM, small, anchor="rs")
        for k, (x, y) in self._numbers().items():
            colour = LINE if k == self.chosen else DIM
            pen.text((x * side + 3, y * side), str(k + 1), colour, small, anchor="lm")

    def _numbers(self) -> dict[int, tuple[float, float]]:
        """Return where the number of each line stands, as shares of the side: at its end, none on another."""
        count = self.scores.shape[1]
        if not 1 < count <= MOST_NAMED:
            return {}
        calmed = [_calmed(self.scores[:, k], self.begins) for k in range(count)]
        known = [k for k in range(count) if np.isfinite(calmed[k][-1])]
        places = {k: self.at(len(self.scores) - 1, float(calmed[k][-1]), k) for k in known}
        heights = _apart({k: y for k, (_, y) in places.items()})
        return {k: (places[k][0], heights[k]) for k in known}

    @property
    def _now(self) -> float | None:
        if not 0 < self.shown <= len(self.scores):
            return None
        score = float(self.scores[self.shown - 1, self.chosen])
        return score if np.isfinite(score) else None


def _calmed(scores: np.ndarray, begins: tuple[int, ...] = ()) -> np.ndarray:
    """Return the mean of the scores about each step, over a sixteenth of the steps, less at the ends of each size."""
    reach = len(scores) // CALM // 2
    return np.concatenate([_mean(part, reach) for part in np.split(scores, begins)])


def _mean(scores: np.ndarray, reach: int) -> np.ndarray:
    """Return the mean of the scores up to `reach` steps around each, less at the ends."""
    sums = np.concatenate([[0.0], np.cumsum(scores, dtype=float)])
    steps = np.arange(len(scores))
    around = np.minimum(reach, np.minimum(steps, len(scores) - 1 - steps))
    made: np.ndarray = (sums[steps + around + 1] - sums[steps - around]) / (2 * around + 1)
    return made


def _apart(heights: dict[int, float]) -> dict[int, float]:
    """Return heights in the same order, so far apart that numbers there do not cover each other."""
    order = sorted(heights, key=lambda k: heights[k])
    placed: list[float] = []
    for k in order:
        placed.append(max(heights[k], placed[-1] + APART) if placed else heights[k])
    if not placed:
        return {}
    back = min((sum(placed) - sum(heights.values())) / len(placed), placed[0] - TOP)
    return {k: y - back for k, y in zip(order, placed, strict=True)}
