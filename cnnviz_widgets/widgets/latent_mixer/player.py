"""Walks from A to B by itself, a small step at a time, until B is reached or someone stops it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..canvas.encoding import AfterRest

if TYPE_CHECKING:
    from .mixer import LatentMixer

STEPS, STEP_SECONDS = 32, 0.07


class Player:
    """The play button of a mixer.

    Every call comes with the mixer's lock held.

    Parameters
    ----------
    owner : LatentMixer
        What walks.
    """

    def __init__(self, owner: LatentMixer) -> None:
        self._owner = owner
        self._clock: AfterRest | None = None

    @property
    def playing(self) -> bool:
        """Whether it walks."""
        return self._clock is not None

    def start(self) -> None:
        """Walk on from where it is; from A if it is at B."""
        if self._owner.mix >= 1:
            self._owner.mix = 0.0
        self._clock = AfterRest(lambda: self._owner._live(self._step), STEP_SECONDS)
        self._owner._desk.playing(True)
        self._clock.ask()

    def stop(self) -> None:
        """Stop where it is."""
        clock, self._clock = self._clock, None
        if clock is not None:
            clock.close()
            self._owner._desk.playing(False)

    def _step(self) -> None:
        if self._clock is None:
            return
        self._owner.mix = min(1.0, (math.floor(self._owner.mix * STEPS) + 1) / STEPS)
        if self._owner.mix >= 1:
            self.stop()
        else:
            self._clock.ask()
