"""What is looked up beside a climb: what the network says of it, and which photographs excite the target most."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...errors import CnnvizError
from ...explanation import GeneratedImage
from ...image import Image
from ...jobs import Job, Worker
from ...objective import ClassScore, Objective, Several
from . import words as say
from .shelf import Excited, Score, Shelf

if TYPE_CHECKING:
    from .generator import ImageGenerator

REST_SECONDS = 0.1
aside = Worker()  # a climb holds its worker for long; this one looks between two of its steps


@dataclass(frozen=True, eq=False)
class Found:
    """What was found of one picture.

    Attributes
    ----------
    made : GeneratedImage
        The result that the picture is from.
    score : Score
        What it reaches as it is, not moved.
    real : tuple of Excited
        The photographs, the most exciting first.
    """

    made: GeneratedImage
    score: Score
    real: tuple[Excited, ...]


class Beside:
    """Looks up, on a worker of its own, the latest picture first.

    Parameters
    ----------
    owner : ImageGenerator
        Whose pictures they are.
    told : callable
        Called, with the owner's lock held, once something is known.

    Attributes
    ----------
    chosen : int
        Which picture of a grid is looked at.
    top : list of (int, str, float)
        What the network says of it.
    found : Found or None
        How it compares with the photographs; None while that is not known, or if there is no target.
    words : str
        That in a sentence.
    """

    def __init__(self, owner: ImageGenerator, told: Callable[[], None]) -> None:
        self._owner, self._told = owner, told
        self._shelf = Shelf(owner.probe)
        self.chosen = 0
        self.top: list[tuple[int, str, float]] = []
        self.found: Found | None = None
        self.words = ""

    def look(self, made: GeneratedImage) -> None:
        """Look a picture up, unless another one follows at once."""
        aside.submit(self, lambda job: self._look(job, made), rest=REST_SECONDS)

    def choose(self, number: int) -> None:
        """Look at another picture of a grid."""
        self.chosen = number
        if self._owner.explanation is not None:
            self.look(self._owner.explanation)

    def wait(self, timeout: float | None) -> bool:
        """Wait for what is being looked up; False if `timeout` seconds pass first."""
        return aside.wait(self, timeout)

    def close(self) -> None:
        """Look nothing up any more."""
        aside.cancel(self)
        aside.wait(self, 10)

    def target_of(self, made: GeneratedImage) -> Objective | None:
        """Return what pictures are compared by: a class by its probability. None where a photograph is matched."""
        target = getattr(made.recipe, "target", None)
        if isinstance(target, Several):
            target = target.objectives[min(self.chosen, len(target.objectives) - 1)]
        if isinstance(target, ClassScore) and target.of == "log-probability":
            return ClassScore(target.index, "probability")
        return target

    def _look(self, job: Job, made: GeneratedImage) -> None:
        owner = self._owner
        with owner._lock:
            photographs, target = list(owner.images), self.target_of(made)
        picture = made.images[min(self.chosen, len(made.images) - 1)]
        found, words = None, ""
        try:
            top = owner.probe.top(picture)
            if target is not None:
                found = self._compare(job, made, picture, photographs, target)
                words = self._worded(found, len(photographs))
        except CnnvizError as error:
            top, words = [], str(error)
        with owner._lock:
            if not owner._closed and not (job.cancelled and found is None):
                self.top, self.found, self.words = top, found, words
                self._told()

    def _compare(
        self, job: Job, made: GeneratedImage, picture: Image, photographs: list[Image], target: Objective
    ) -> Found:
        probe = self._owner.probe
        score = Score.of(target, float(probe.scores([probe.fit(picture)], target)[0]))
        real = self._shelf.search(photographs, target, lambda: self._owner._closed)
        return Found(made, score, tuple(real))

    def _worded(self, found: Found, count: int) -> str:
        return say.compared(found.score, found.real, count) if found.real else say.without_photographs()
