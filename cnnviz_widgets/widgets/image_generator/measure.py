"""How the scores of a climb are counted on the screen: a class by its logit or log-odds, a match by what is missed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...explanation import GeneratedImage
from ...methods.activation_matching import ActivationMatching
from ...objective import ClassScore, LayerEnergy, Objective, ReconstructionError, Several, Unit
from ...render import as_text
from .shelf import Score

LOGIT, LOG_ODDS, PROBABILITY, MISSED = "logit", "log-odds", "probability", "missed"
SCORE = "score"
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

    name: str = SCORE

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
    return Measure("error" if isinstance(target, ReconstructionError) else SCORE)


def measures(made: GeneratedImage) -> tuple[Measure, ...]:
    """Return how the scores of each picture of a result are counted."""
    if isinstance(made.recipe, ActivationMatching):
        return (Measure(MISSED),)
    target = getattr(made.recipe, "target", None)
    if isinstance(target, Several):
        return tuple(map(measure_of, target.objectives))
    return (measure_of(target),) * max(made.curve.shape[1], 1)
