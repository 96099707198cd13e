"""Asks a network one question after the other on the worker thread, and holds every answer."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Iterator
from typing import Any

from ...comparisons.plan import Plan
from ...comparisons.result import Compared, Place
from ...explanation import ColourMap, Heatmap
from ...jobs import Job, worker
from ...probe import Probe
from ...session import Session, one_sentence
from ..canvas.scene import nothing
from .pace import Pace


class ComparisonSession(Session):
    """A talk with a network about the cells of a plan.

    Attributes
    ----------
    cells : dict of (int, int) to Heatmap or ColourMap
        What is found so far, perhaps still sharpening.
    refused : dict of (int, int) to str
        Cells that cannot be made, and why.
    verdicts : dict of int to str
        What the network says of each picture.
    changed : callable
        Called on the worker, with the lock held, with the cell that has changed.
    """

    def __init__(self, probe: Probe, lock: Any = None) -> None:
        super().__init__(probe, lock)
        self.cells: dict[Place, Heatmap | ColourMap] = {}
        self.refused: dict[Place, str] = {}
        self.verdicts: dict[int, str] = {}
        self.changed: Callable[[Place], None] = nothing
        self._weights: dict[Place, int] = {}
        self._steps: Iterator[bool] = iter(())
        self._job: Job
        self._pace: Pace | None = None
        self._before: int | None = None

    def ask_all(self, plan: Plan) -> None:
        """Compute what is not whole yet, the cheap cells first; returns at once."""
        with self.lock:
            if self._pace is None or self._pace.plan is not plan:
                self._pace = Pace(plan, time.monotonic)
            self._pace.end()
            self._weights = {place: 1 + plan.passes(place) for place in plan.frame.places}
            todo = [place for place in plan.order() if not self.whole(place)]
            self.fresh = self._open = True
            self._steps, self._before = self._walk(plan, todo), None
            self._job = worker.submit(self, self._step, urgent=False)

    def compared(self, plan: Plan) -> Compared:
        """Return what is found so far as a value."""
        with self.lock:
            found = dict(self.cells), dict(self.refused), dict(self.verdicts)
        return dataclasses.replace(plan.frame, cells=found[0], refused=found[1], verdicts=found[2])

    def whole(self, place: Place) -> bool:
        """Return whether nothing is left to do for a cell."""
        return place in self.refused or (place in self.cells and self.cells[place].done >= 1)

    @property
    def finished(self) -> int:
        """How many cells are whole."""
        return sum(self.whole(place) for place in self._weights)

    @property
    def seconds_left(self) -> float | None:
        """Predicted time until all cells are whole; None while it would rest on nothing."""
        with self.lock:
            if self.state != "computing" or self._pace is None:
                return None
            return self._pace.left(place for place in self._weights if not self.whole(place))

    def close(self) -> None:
        """Let go of whom it tells."""
        self.changed = nothing

    def _step(self, job: Job) -> None:
        """Take one step and ask for the next, so that a question of another widget need not wait for the whole."""
        self._job = job
        try:
            if self._before is None:
                self._begun, self._before = time.monotonic(), self.probe.calls
                self._set(job, progress=self._share(), state="computing")
            going = next(self._steps, False)
        except (
            BaseException
        ) as error:  # a user's code may raise SystemExit: the widget must not wait for ever
            with self.lock:
                if not job.cancelled:
                    self.fresh = False
                    self._show(error)
            return
        with self.lock:
            if job.cancelled:
                return
            if going:
                worker.submit(self, self._step, urgent=False)
            else:
                seconds = self.seconds + time.monotonic() - self._begun
                self._conclude(job, seconds, self.calls + self.probe.calls - self._before)

    def _walk(self, plan: Plan, todo: list[Place]) -> Iterator[bool]:
        """Fill one cell after the other, yielding True after every step."""
        for place in todo:
            self._start(place)
            try:
                for explanation in plan.answers(place):
                    self._tell(place, explanation)
                    yield True
            except Exception as error:  # a cell says what is wrong with it; the others go on
                self._tell(place, one_sentence(error))
            self._say_verdict(plan, place)

    def _start(self, place: Place) -> None:
        with self.lock:
            if self._pace is not None and not self._job.cancelled:
                self._pace.begin(place)

    def _tell(self, place: Place, found: Heatmap | ColourMap | str) -> None:
        """Keep what was found of a cell, unless it is coarser than what there is."""
        with self.lock:
            if self._job.cancelled:
                return
            if self._pace is not None:
                self._pace.end() if isinstance(found, str) else self._pace.step(found.done)
            if isinstance(found, str):
                self.refused[place] = found
                self.cells.pop(place, None)
            elif place not in self.cells or found.done >= self.cells[place].done:
                self.cells[place] = found
            self._answered.set()
            self.progress = self._share()
            self.changed(place)

    def _say_verdict(self, plan: Plan, place: Place) -> None:
        index = plan.frame.picture_at(place)
        if index not in self.verdicts:
            verdict = plan.verdict(index)
            with self.lock:
                if not self._job.cancelled:
                    self.verdicts[index] = verdict
                    self.changed(place)

    def _share(self) -> float:
        """Return the share of the work that is done, each cell counted by what it costs."""
        done = sum(
            weight * (1.0 if self.whole(place) else self._part(place))
            for place, weight in self._weights.items()
        )
        return min(1.0, done / max(1, sum(self._weights.values())))

    def _part(self, place: Place) -> float:
        return self.cells[place].done if place in self.cells else 0.0
