"""How long the cells of a comparison took, and how long those to come will take by that."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ...comparisons.plan import Plan
from ...comparisons.result import Place


@dataclass(frozen=True)
class Mark:
    """A moment, in seconds, and the share of a cell that was done then."""

    at: float
    done: float


class Pace:
    """Measures cells, and predicts those to come.

    Parameters
    ----------
    plan : Plan
        What is to be computed.
    clock : callable
        Returns the time in seconds.
    """

    def __init__(self, plan: Plan, clock: Callable[[], float]) -> None:
        self.plan, self._clock = plan, clock
        self._whole: dict[tuple[int, ...], float] = {}
        self._steady: dict[tuple[int, ...], float] = {}
        self._running: Place | None = None
        self._marks: list[Mark] = []

    def begin(self, place: Place) -> None:
        """Note that a cell is begun."""
        self._running, self._marks = place, [Mark(self._clock(), 0.0)]

    def step(self, done: float) -> None:
        """Note how much is done of the cell that was begun last."""
        if self._running is None:
            return
        sort = self.plan.sort(self._running)
        self._marks.append(Mark(self._clock(), done))
        begin, first, last = self._marks[0], self._marks[1], self._marks[-1]
        if last.done > first.done:  # the first step is not measured by: it had to prepare the network
            self._steady[sort] = (last.at - first.at) / (last.done - first.done)
        if done >= 1:
            self._whole[sort] = last.at - begin.at
            self._running = None

    def end(self) -> None:
        """Note that the cell that was begun last is left as it is."""
        self._running = None

    def left(self, places: Iterable[Place]) -> float | None:
        """Return the seconds that cells will take from now; None while that of one rests on nothing."""
        total = 0.0
        for place in places:
            whole = self._seconds(place)
            if whole is None:
                return None
            total += self._rest(whole) if place == self._running else whole
        return total

    def _rest(self, whole: float) -> float:
        """Return what is left of the cell at work."""
        last = self._marks[-1]
        return max(0.0, whole * (1 - last.done) - (self._clock() - last.at))

    def _seconds(self, place: Place) -> float | None:
        """Return what a whole cell takes: as long as the last of its sort, or at the speed of its last steps."""
        sort = self.plan.sort(place)
        measured = self._whole.get(sort, self._steady.get(sort))
        if measured is not None:
            return measured
        image = self.plan.probe.seconds_per_image
        return None if image is None else image * (1 + self.plan.passes(place))
