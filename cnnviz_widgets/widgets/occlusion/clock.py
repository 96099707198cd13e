"""How long the positions of a sweep take, as measured: for what it will cost, and for what it has cost."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Hashable

FEW = 3  # times between parts of a sweep, before anything is said of its speed


class SweepClock:
    """Times the parts of a sweep as they come; the speed is that of the steady parts.

    Parameters
    ----------
    clock : callable
        Returns the time in seconds.

    Attributes
    ----------
    left : float
        Seconds until the sweep is done, as far as it is known; 0 if nothing is.
    took : float or None
        Seconds that the sweep has taken; None while nothing of it had to be computed.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._sweep: Hashable = None
        self._patch = 0
        self._last: tuple[float, float] | None = (
            None  # when the last part came, and how many positions it knew
        )
        self._times: list[float] = []
        self._each: dict[int, float] = {}  # seconds a position, by the side of the patch
        self.left, self.took = 0.0, None

    took: float | None

    def begin(self, sweep: Hashable, patch: int) -> None:
        """Begin with a sweep of a patch of this side; one that is only looked at anew keeps what is known of it."""
        self._last, self._times, self.left, self._patch = None, [], 0.0, patch
        if sweep != self._sweep:
            self._sweep, self.took = sweep, None

    def step(self, done: float, count: int) -> None:
        """Note that a share of a sweep's positions is known."""
        now, known = self._clock(), done * count
        grown = self._last is not None and known > self._last[1]
        if self._last and grown and done < 1:  # the last part holds the comparison with whole pictures, too
            self._times.append((now - self._last[0]) / (known - self._last[1]))
        self._last = now, known
        if len(self._times) >= FEW:  # the middle of several, for the first may hold a compilation
            self._each[self._patch] = statistics.median(self._times)
            self.left = self._each[self._patch] * (count - known)

    def end(self, seconds: float) -> None:
        """Note how long the sweep has taken, preparations and all."""
        self.took = seconds

    @property
    def each(self) -> float | None:
        """Seconds a position takes, by the last sweep with such a patch, or with any; None if none was timed."""
        last = next(reversed(self._each.values()), None)
        return self._each.get(self._patch, last)
