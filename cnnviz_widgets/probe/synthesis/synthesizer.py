"""A climb of a probe's targets, in the value range of the user's own pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from ...errors import ImageError
from ...objectives import Objective
from ..relu_rules import Rule
from ..scores import score_of
from . import parameterization
from .affine_preprocess import outlet_of
from .optimizer import Climb, State
from .settings import Penalties, Shaking, Space

if TYPE_CHECKING:
    from ..probe import Probe

LOUDER = (1, 5, 25)  # how much stronger noise is tried where a unit is silent
WAKING: Rule = "waking"
MOST_WAKING, STRIDE = 64, 8  # steps on slopes that pass through silent ReLUs, at most and at once
WOKEN = "Nothing answered to noise, so the first steps followed slopes that pass through silent ReLUs."


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
        self._scores, self._outlet = scores, outlet_of(probe.preprocess, channels, *value_range)
        self._probe, self.engine = probe, probe.engine
        self._climb = self._made()

    def _made(self, rule: Rule | None = None) -> Climb:
        """Return the climb, compiled once; with a rule, one twice as fast, on the network's slopes with that rule."""
        plan, engine = (
            self.plan if rule is None else replace(self.plan, rate=2 * self.plan.rate),
            self.engine,
        )
        found: Climb = engine.function(
            Climb.key(self._scores, plan, self._outlet, rule),
            lambda: Climb(
                engine, self._scores, plan.space, plan.shaking, plan.penalties, self._outlet,
                plan.optimiser, plan.rate, plan.apart, None if rule is None else engine.ruled(rule).graph,
            ),
        )  # fmt: skip
        return found

    def began(self, picture: np.ndarray | None = None) -> tuple[State, str]:
        """Return the state at which to begin, and what had to be done for a target that was silent, or nothing.

        Where noise leaves a target without any slope, as a unit behind a ReLU that is silent, stronger noise is tried;
        then some steps are made on a slope that passes through ReLUs, until the target answers.

        Parameters
        ----------
        picture : numpy.ndarray, optional
            (H, W, C) in the value range; noise if None.
        """
        if picture is not None:
            state = self._climb.began(self._written(picture))
            self._answers(state)
            return state, ""
        for louder in LOUDER:
            state = self._climb.began(self._noise(louder))
            if self._answers(state):
                said = f"Nothing answered to faint noise, so it began with noise {louder} times as strong."
                return state, said if louder > 1 else ""
        woken = self._woken() if self.engine.ruled(WAKING).kinds else None
        return (state, "") if woken is None else (woken, WOKEN)

    def _noise(self, louder: int) -> np.ndarray:
        space, count = self.plan.space, len(self.targets)
        return parameterization.noise(
            space, count, self._climb.channels, self.seed, parameterization.FAINT * louder
        )

    def _answers(self, state: State) -> bool:
        pulls = self._climb.pulls(state, self._feeds, self.seed)
        for pull, picture, target in zip(pulls, self.pictures(state), self.targets, strict=True):
            self._probe.check_finite(pull, picture[None], target)
        return bool(pulls.all())

    def _woken(self) -> State | None:
        """Return a state at which every target answers, reached on slopes that pass through silent ReLUs."""
        waking = self._made(WAKING)
        state = waking.began(self._noise(1))
        for _ in range(MOST_WAKING // STRIDE):
            state, _ = waking.advance(state, self._feeds, STRIDE, self.seed, np.ones(STRIDE, np.float32))
            begun = self._climb.began(state.numbers)
            if self._answers(begun):
                return begun
        return None

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
        return np.repeat(parameterization.written(self.plan.space, unit[None]), len(self.targets), axis=0)
