"""All that is known of how far one map can be trusted, as a frozen value that grows."""

from __future__ import annotations

from dataclasses import dataclass

from ..explanation import Explanation
from ..occlusion.fill import FILLS
from ..settings import Settings, choice, whole
from .completeness import Completeness
from .curves import Curve
from .finding import Finding
from .flat import Flat
from .randomised import Randomised
from .saturation import Saturation


@dataclass(frozen=True)
class TrustOptions(Settings):
    """How thoroughly a map is checked."""

    steps: int = whole(32, low=2, high=1000, control_high=128, help="steps of deletion and insertion")
    deletion: str = choice("grey", FILLS, help="what deleted places are filled with", label="Deleted with")
    insertion: str = choice(
        "blur", FILLS, help="the picture that places are inserted into", label="Inserted into"
    )
    orders: int = whole(3, low=2, high=100, control_high=20, help="random orders to compare with")
    cascade: int = whole(8, low=1, high=1000, control_high=32, help="steps of shuffling the weights")
    seed: int = whole(
        0, low=0, high=2**31 - 1, control_high=20, help="seed of orders and shuffles", advanced=True
    )


@dataclass(frozen=True, eq=False)
class Trust:
    """What the checks of one map have found so far.

    Attributes
    ----------
    explanation : Explanation
        The map.
    options : TrustOptions
        How it was checked.
    flat, saturation, completeness, deletion, insertion, randomised : Finding or None
        What each check found; None if it was not asked for or has not begun.
    done : float
        How much of the work this holds, 0 to 1.
    progress : str
        Which check is running, and how far.
    """

    explanation: Explanation
    options: TrustOptions
    flat: Flat | None = None
    saturation: Saturation | None = None
    completeness: Completeness | None = None
    deletion: Curve | None = None
    insertion: Curve | None = None
    randomised: Randomised | None = None
    done: float = 0.0
    progress: str = ""

    def __repr__(self) -> str:
        said = " ".join(self.words) or "nothing found yet"
        return f"Trust({self.explanation.recipe.label}, {self.done:.0%} done): {said}"

    @property
    def findings(self) -> dict[str, Finding]:
        """What there is, by the name of the check."""
        every = {
            "flat": self.flat,
            "saturation": self.saturation,
            "completeness": self.completeness,
            "deletion": self.deletion,
            "insertion": self.insertion,
            "randomised": self.randomised,
        }
        return {name: found for name, found in every.items() if found is not None}

    @property
    def words(self) -> tuple[str, ...]:
        """One or two sentences for each finished check that has something to say."""
        return tuple(found.words for found in self.findings.values() if found.words)
