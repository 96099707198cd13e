"""A climb of a probe's targets, in the value range of the user's own pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ImageError
from ...objective import Objective
from ..score import score_of
from . import spaces
from .climb import Climb, State
from .outlet import outlet_of
from .plan import Penalties, Shaking, Space

if TYPE_CHECKING:
    from ..probe import Probe

LOUDER = (1, 5, 25, 100)  # how much stronger noise is tried where a unit is silent


@dataclass(frozen=True)
class ClimbPlan:
    """How to climb; see `Space`, `Shaking`, `Penalties` and `Climb`."""

    space: Space
    shaking: Shaking = field(default_factory=Shaking)
    penalties: Penalties = field(default_factory=Penalties)
    optimiser: str = "Adam"
    rate: float = 0.05
    apart: tuple[str, float] | None = None


class Climber:
    """Makes pictures that raise the targets of a probe, one picture a target.

    Parameters
    ----------
    probe : Probe
        The network.
    targets : sequence of Objective
        What each picture raises.
    plan : ClimbPlan
        How.
    value_range : tuple of float
        Lowest and highest value of a pixel.
    seed : int
        Seed of the noise and of how the pictures are moved.

    Raises
    ------
    TargetError
        If a target does not fit the model.
    ModelError
        If the probe's `preprocess` does more than weigh and shift colours.
    """

    def __init__(
        self,
        probe: Probe,
        targets: Sequence[Objective],
        plan: ClimbPlan,
        value_range: tuple[float, float],
        seed: int,
    ) -> None:
        channels = probe.input_shape[2] or 3
        self.targets, self.plan, self.seed = tuple(probe.target(target) for target in targets), plan, seed
        self._low, self._span = value_range[0], value_range[1] - value_range[0]
        scores = [score_of(target, probe) for target in self.targets]
        self._feeds = [score.feed for score in scores]
        outlet = outlet_of(probe.preprocess, channels, *value_range)
        key = Climb.key(scores, plan, outlet)
        self._climb: Climb = probe._engine._function(
            key,
            lambda: Climb(
                probe._engine, scores, plan.space, plan.shaking, plan.penalties, outlet,
                plan.optimiser, plan.rate, plan.apart,
            ),
        )  # fmt: skip

    def began(self, picture: np.ndarray | None = None) -> tuple[State, int]:
        """Return the state at which to begin, and how much stronger than faint the noise had to be.

        Parameters
        ----------
        picture : numpy.ndarray, optional
            (H, W, C) in the value range; noise if None. Where noise leaves a target without any slope, as a unit
            behind a ReLU that is silent, stronger noise is tried.
        """
        if picture is not None:
            return self._climb.began(self._written(picture)), 1
        for louder in LOUDER:
            numbers = spaces.noise(
                self.plan.space, len(self.targets), self._climb.channels, self.seed, spaces.FAINT * louder
            )
            state = self._climb.began(numbers)
            if self._climb.pulls(state, self._feeds, self.seed).all():
                return state, louder
        return state, louder

    def advance(self, state: State, steps: int, share: np.ndarray) -> tuple[State, np.ndarray]:
        """Take some steps; return the new state and the scores at each of them, float32 (steps, N)."""
        return self._climb.advance(state, self._feeds, steps, self.seed, share)

    def pictures(self, state: State) -> np.ndarray:
        """Return the pictures of a state: float32 (N, H, W, C) in the value range."""
        return np.asarray(self._climb.pictures(state) * self._span + self._low, np.float32)

    def _written(self, picture: np.ndarray) -> np.ndarray:
        if picture.shape[:2] != self.plan.space.size:
            raise ImageError(
                f"the start picture must be {self.plan.space.size[0]} x {self.plan.space.size[1]} pixels; "
                f"got {picture.shape[0]} x {picture.shape[1]}."
            )
        unit = (picture - self._low) / self._span
        return np.repeat(spaces.written(self.plan.space, unit[None]), len(self.targets), axis=0)
