"""Walks from A to B by itself, a small step at a time, until B is reached or someone stops it."""

from __future__ import annotations

import math
from collections.abc import Callable

from ..canvas.encoding import AfterRest
from .state import MixerHost

STEPS, STEP_SECONDS = 32, 0.07


class WalkPlayer:
    """The play button of a mixer.

    Every call comes with the mixer's lock held.

    Parameters
    ----------
    host : MixerHost
        What walks.
    tell : callable
        Called with True when it begins to walk, with False when it stops.
    """

    def __init__(self, host: MixerHost, tell: Callable[[bool], None]) -> None:
        self._host, self._tell = host, tell
        self._clock: AfterRest | None = None

    @property
    def playing(self) -> bool:
        """Whether it walks."""
        return self._clock is not None

    def start(self) -> None:
        """Walk on from where it is; from A if it is at B."""
        if self._host.mix >= 1:
            self._host.mix = 0.0
        self._clock = AfterRest(lambda: self._host.live(self._step), STEP_SECONDS)
        self._tell(True)
        self._clock.ask()

    def stop(self) -> None:
        """Stop where it is."""
        clock, self._clock = self._clock, None
        if clock is not None:
            clock.close()
            self._tell(False)

    def _step(self) -> None:
        if self._clock is None:
            return
        self._host.mix = min(1.0, (math.floor(self._host.mix * STEPS) + 1) / STEPS)
        if self._host.mix >= 1:
            self.stop()
        else:
            self._clock.ask()
