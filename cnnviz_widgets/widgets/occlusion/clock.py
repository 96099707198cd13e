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
    preparing : bool
        Whether more of that went into getting ready than into the positions.
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
        self._first: tuple[float, float] | None = None
        self.left, self.took, self.preparing = 0.0, None, False

    took: float | None

    def begin(self, sweep: Hashable, patch: int) -> None:
        """Begin with a sweep of a patch of this side; one that is only looked at anew keeps what is known of it."""
        self._first, self._last, self._times, self.left, self._patch = None, None, [], 0.0, patch
        if sweep != self._sweep:
            self._sweep, self.took = sweep, None

    def step(self, done: float, count: int) -> None:
        """Note that a share of a sweep's positions is known."""
        now, known = self._clock(), done * count
        grown = self._last is not None and known > self._last[1]
        if self._last and grown and done < 1:  # the last part holds the comparison with whole pictures, too
            self._times.append((now - self._last[0]) / (known - self._last[1]))
        self._last = now, known
        self._first = self._first or self._last
        steady = self._steady() if len(self._times) >= FEW else None
        if steady is not None:
            self._each[self._patch], self.left = steady, steady * (count - known)

    def end(self, seconds: float) -> None:
        """Note how long the sweep has taken, preparations and all."""
        self.took = seconds
        steady, known = self._steady(), self._last[1] if self._last else 0.0
        self.preparing = steady is not None and seconds > max(2 * steady * known, 1.0)

    def _steady(self) -> float | None:
        """Return the seconds a position took once the first part was there."""
        if len(self._times) >= FEW:  # the middle of several, for one may hold a compilation
            return statistics.median(self._times)
        if self._first is None or self._last is None or self._last[1] <= self._first[1]:
            return None
        return (self._last[0] - self._first[0]) / (self._last[1] - self._first[1])

    @property
    def each(self) -> float | None:
        """Seconds a position takes, by the last sweep with such a patch, or with any; None if none was timed."""
        last = next(reversed(self._each.values()), None)
        return self._each.get(self._patch, last)
