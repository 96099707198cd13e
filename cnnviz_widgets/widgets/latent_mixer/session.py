"""The talk of a latent mixer with its network: the mixture that is half made is shown before the next one is begun."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from ...images.image import Image
from ...jobs import Job, worker
from ...probe import Probe
from ...session import Question, Session
from .mixture import Order


class MixerSession(Session):
    """Asks for one mixture after the other, and never drops one that is half made.

    A session that cancels what is being made shows nothing while questions come faster than answers. Here a question
    waits until the answer before it is on the screen, and only the latest one waits.
    """

    def __init__(self, probe: Probe, lock: Any = None) -> None:
        super().__init__(probe, lock)
        self._next: Question | None = None
        self._job: Job | None = None

    def order(self, image: Image, order: Order) -> None:
        """Ask for a mixture; returns at once."""
        with self.lock:
            self._next = self.question = Question(image, order)
            self.fresh, self._open = False, True
            if self._job is None or self._job.cancelled:
                self._job = worker.submit(self, self._serve)

    def _serve(self, job: Job) -> Generator[None, None, None]:
        while (question := self._taken(job)) is not None:
            yield from self._answer(job, question, None)

    def _taken(self, job: Job) -> Question | None:
        """Return the question that waits; None, and the end of this job, if there is none."""
        with self.lock:
            if job.cancelled:
                return None
            taken, self._next = self._next, None
            if taken is None:
                self._job = None
            return taken
