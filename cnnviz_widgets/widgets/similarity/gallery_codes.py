"""The codes of a gallery, computed in the background a batch at a time."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

from ...embeddings.encoding import Sources
from ...embeddings.gallery import Codes
from ...embeddings.pairs import SimilarityMaps
from ...jobs import Job, worker
from ...lru import LRU
from ...probe import Probe
from ..canvas.scene import nothing

KEPT = 3  # layers whose codes are kept, so that going back to one costs nothing
Key = tuple[str, bool]


class GalleryCodes:
    """Codes that become more while the reader looks at those there are.

    Every call comes with the widget's lock held, or takes it.

    Parameters
    ----------
    probe : Probe
        The network.
    sources : Sources
        The pictures.
    keep : path-like or None
        The file that codes are kept in.
    lock : context manager
        The widget's lock.

    Attributes
    ----------
    codes : Codes or None
        What is known so far.
    running : bool
        Whether more are being computed.
    changed : callable
        Called on the worker, with the lock held, after every batch.
    failed : callable
        Called in the same way with what went wrong.
    """

    def __init__(
        self, probe: Probe, sources: Sources, keep: str | os.PathLike[str] | None, lock: Any
    ) -> None:
        self._probe, self._sources, self._keep, self._lock = probe, sources, keep, lock
        self.codes: Codes | None = None
        self.running = False
        self.changed: Callable[[], None] = nothing
        self.failed: Callable[[Exception], None] = nothing
        self._key: Key | None = None
        self._steps: Iterator[Codes] | None = None
        self._old: list[Iterator[Codes]] = []
        self._whole: LRU[Key, Codes] = LRU(KEPT)
        self._begun = (0.0, 0.0)

    @property
    def complete(self) -> bool:
        """Whether every picture has been dealt with."""
        return self.codes is not None and self.codes.done >= 1

    @property
    def stopped(self) -> bool:
        """Whether there are pictures left, and nobody is at them."""
        return self._key is not None and not self.running and not self.complete

    @property
    def seconds_left(self) -> float | None:
        """Predicted time until all codes are there; None if nothing is known."""
        done = self.codes.done if self.codes is not None else 0.0
        since, before = self._begun
        if not self.running or done <= before:
            return None
        return (time.monotonic() - since) * (1 - done) / (done - before)

    def want(self, recipe: SimilarityMaps) -> None:
        """See that the codes of a layer are computed, unless they are; returns at once."""
        key = str(recipe.layer), bool(recipe.pooled)
        if key != self._key:
            self._leave()
            self._key, self.codes = key, self._whole.get(key)
            if self.codes is None:
                steps = Codes.steps(self._probe, self._sources.given, key[0], pooled=key[1], keep=self._keep)
                self._steps = iter(steps)
        if self._steps is not None and not self.running:
            self.running = True
            self._begun = time.monotonic(), self.codes.done if self.codes is not None else 0.0
            worker.submit(self, self._step, urgent=False)

    def stop(self) -> bool:
        """Compute no more; what there is stays. Return whether there was anything to stop."""
        worker.cancel(self)
        stopped, self.running = self.running, False
        return stopped

    def close(self) -> None:
        """Stop for good; what was to be kept on disk is written."""
        self.stop()
        self.changed = self.failed = nothing
        if worker.wait(self, 10):
            self._leave()
            self._end_old()

    def _leave(self) -> None:
        """Put the steps of a layer aside, to be ended where they run."""
        self.stop()
        if self._steps is not None:
            self._old.append(self._steps)
            self._steps = None

    def _end_old(self) -> None:
        while self._old:
            self._old.pop().close()  # type: ignore[attr-defined]

    def _step(self, job: Job) -> None:
        """Take one step and ask for the next, so that the reader's questions go in between."""
        self._end_old()
        steps = self._steps
        if steps is None:
            return
        try:
            found = next(steps, None)
        except Exception as error:
            with self._lock:
                if not job.cancelled:
                    self.running, self._steps, self._key = False, None, None
                    self.failed(error)
            return
        with self._lock:
            if steps is self._steps:
                self._take(job, found)

    def _take(self, job: Job, found: Codes | None) -> None:
        """Hold what a step found, also of one that was to be the last."""
        self.codes = self.codes if found is None else found
        if found is None or found.done >= 1:
            self.running, self._steps = False, None
            if self._key is not None and self.codes is not None:
                self._whole.keep(self._key, self.codes)
        elif not job.cancelled:
            worker.submit(self, self._step, urgent=False)
        self.changed()
