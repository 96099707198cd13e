"""Whether the class is so certain that a slope of its probability would be nearly nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..explanation import ColourMap, Heatmap
from ..objectives import ClassScore
from ..probe import Probe
from .finding import Finding
from .value import reader

SATURATED = 0.99


@dataclass(frozen=True, eq=False)
class Saturation(Finding):
    """How certain the network is of the class explained.

    Attributes
    ----------
    chance : float or None
        Probability of the class; None if what is explained is no class.
    logit : bool
        True if the logit is explained, the score before softmax or sigmoid.
    """

    chance: float | None = None
    logit: bool = True

    @property
    def saturated(self) -> bool:
        """True if the probability is above `SATURATED`."""
        return self.chance is not None and self.chance > SATURATED

    def said(self) -> str:
        """Return what a saturated softmax means here; nothing if it is not."""
        if not self.saturated:
            return ""
        found = f"Softmax saturated (probability {self.chance:.4f})"
        if self.logit:
            return f"{found}: the logit is explained, whose slopes do not vanish."
        return f"{found}: slopes of the probability are nearly 0. Explain the logit instead."


def look(probe: Probe, explanation: Heatmap | ColourMap) -> Iterator[Saturation]:
    """Yield how certain the network is of the class explained."""
    target = getattr(explanation.recipe, "target", None)
    if isinstance(target, ClassScore):
        read, _, is_chance = reader(probe, target)
        if is_chance:
            chance = float(read(explanation.image.pixels[None])[0])
            yield Saturation(chance=chance, logit=target.of == "logit")
            return
    yield Saturation()
