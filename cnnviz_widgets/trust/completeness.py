"""Whether a map adds up to what its method promises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..explanation import ColourMap, Heatmap
from ..methods.cam import CAM
from ..methods.gradient_times_input import GradientTimesInput
from ..methods.integrated_gradients import IntegratedGradients
from .finding import Finding

CLOSE = 0.05


@dataclass(frozen=True, eq=False)
class Completeness(Finding):
    """What a map adds up to, and what it should.

    Attributes
    ----------
    found : float or None
        What the map adds up to; None if its method has no such law.
    wanted : float or None
        What it should add up to.
    law : str
        Whose sum it is, in words.
    otherwise : str
        What to think of a gap.
    """

    found: float | None = None
    wanted: float | None = None
    law: str = ""
    otherwise: str = ""

    @property
    def gap(self) -> float | None:
        """How much more the map adds up to than it should, in units of the score."""
        return None if self.found is None or self.wanted is None else self.found - self.wanted

    @property
    def relative(self) -> float | None:
        """The size of the gap as a share of what is wanted; None without a law, or if 0 is wanted."""
        return abs(self.gap / self.wanted) if self.gap is not None and self.wanted else None

    def said(self) -> str:
        """Return whether the sum is what it should be."""
        sums = f"{self.law}: {self.found:.4g} against {self.wanted:.4g}"
        if self.relative is None:
            return f"{sums}."
        share = f"a gap of {self.relative:.2g}" if self.relative < 0.01 else f"a gap of {self.relative:.0%}"
        if self.relative <= CLOSE:
            return f"The map adds up. {sums}, {share}."
        return f"The map does not add up. {sums}, {share}. {self.otherwise}"


def look(explanation: Heatmap | ColourMap) -> Iterator[Completeness]:
    """Yield what a map adds up to, or why there is no such law."""
    recipe, scores = explanation.recipe, explanation.scores
    if isinstance(recipe, IntegratedGradients):
        wanted = scores["score"] - scores["baseline's score"]
        yield Completeness(
            found=wanted + scores["completeness gap"], wanted=wanted, law="The sum and the rise from the baseline",
            otherwise="More steps, or a baseline at which the score does not jump, bring the two together.",
        )  # fmt: skip
    elif isinstance(recipe, GradientTimesInput) and recipe.reduction not in ("signed", "colour"):
        yield Completeness(
            reason=f"Only signed values add up to the score; these are reduced by {recipe.reduction!r}."
        )
    elif isinstance(recipe, GradientTimesInput):
        yield Completeness(
            found=_sum(explanation), wanted=scores["score"], law="The sum and the score",
            otherwise="It does where ReLUs and no biases are; Integrated gradients does everywhere.",
        )  # fmt: skip
    elif isinstance(recipe, CAM):
        mean = _sum(explanation) / explanation.values.size
        yield Completeness(
            found=mean + scores["bias"], wanted=scores["score"], law="The mean with the bias and the score",
            otherwise="The network does something else between its maps and its scores.",
        )  # fmt: skip
    else:
        yield Completeness(reason=f"{type(recipe).label} has no law of what its map adds up to.")


def _sum(explanation: Heatmap | ColourMap) -> float:
    return float(explanation.values.sum(dtype=np.float64))
