"""What is looked up beside a climb: what the network says of it, and which photographs excite the target most."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ...errors import CnnvizError
from ...explanation import GeneratedImage
from ...images.image import Image
from ...jobs import Worker, worker
from ...methods.activation_maximization import ActivationMaximization
from ...objectives import ClassScore, Objective, Several, words
from . import text as say
from .ranking import Excited, PhotoRanking, Score
from .score_plot import LOGIT, measure_of
from .state import GeneratorHost

REST_SECONDS = 0.1
SEEN = 0.5  # a probability from which a network that says yes or no to each class says yes
aside = Worker()  # a climb holds its worker for long; this one looks between two of its steps


@dataclass(frozen=True, eq=False)
class Found:
    """What was found of one target.

    Attributes
    ----------
    target : Objective
        What pictures are compared by.
    real : tuple of Excited
        The photographs, the most exciting first.
    most : float or None
        The highest score of a photograph, counted as the curve of the climb is; None without photographs.
    """

    target: Objective
    real: tuple[Excited, ...]
    most: float | None


class References:
    """Looks up, on a worker of its own, the latest picture first.

    Parameters
    ----------
    host : GeneratorHost
        The generator whose pictures they are.
    told : callable
        Called, with the widget's lock held, once something is known.

    Attributes
    ----------
    chosen : int
        Which picture of a grid is looked at.
    top : list of (int, str, float)
        What the network says of it.
    words : str
        How it compares with the photographs, in a sentence; empty while that is not known.
    """

    def __init__(self, host: GeneratorHost, told: Callable[[], None]) -> None:
        self._host, self._told = host, told
        self._shelf = PhotoRanking(host.probe)
        self._asked = (
            0  # what is found for an earlier number is of another climb, or of another picture of a grid
        )
        self._grid: Any = None
        self._found: Found | None = None
        self._seen: GeneratedImage | None = None
        self.chosen = 0
        self.top: list[tuple[int, str, float]] = []
        self.words = ""

    def look(self, made: GeneratedImage) -> None:
        """Look a picture up, unless another one follows at once."""
        asked = self._asked
        aside.submit(self, lambda _: self._look(made, asked), rest=REST_SECONDS)

    def forget(self) -> None:
        """Let go of what is known of a picture, since another one is looked at, or made."""
        aside.cancel(self)
        self._asked += 1
        self.top, self.words = [], ""

    def meet(self, made: GeneratedImage) -> None:
        """Take the first picture of a climb: the choice in a grid stays where the grid is the same."""
        grid = getattr(made.recipe, "target", None), len(made.values)
        if grid != self._grid:
            self._grid, self.chosen = grid, 0
        self.forget()

    def choose(self, number: int) -> None:
        """Look at another picture of a grid."""
        self.chosen = number
        self.forget()
        made, asked = self._host.explanation, self._asked
        if made is not None:
            worker.submit(self, lambda _: self._glance(made, asked))
            self.look(made)

    def wait(self, timeout: float | None) -> bool:
        """Wait for what is being looked up; False if `timeout` seconds pass first."""
        return worker.wait(self, timeout) and aside.wait(self, timeout)

    def close(self) -> None:
        """Look nothing up any more."""
        for one in (worker, aside):
            one.cancel(self)
            one.wait(self, 10)

    def found(self, made: GeneratedImage) -> Found | None:
        """Return how photographs compare by the target of a picture; None while that is not known."""
        found = self._found
        return found if found is not None and found.target == self.target_of(made) else None

    def rival(self, made: GeneratedImage) -> tuple[str, Score] | None:
        """Return the class that the network sees in a finished picture in the place of the one that it was made for.

        None if there is none, and while that is not known. A class that the network says yes to is no miss.
        """
        target = self._raised(made)
        climbed = isinstance(made.recipe, ActivationMaximization) and made.done >= 1 and len(made.values) == 1
        if self._seen is not made or not self.top or not climbed or not isinstance(target, ClassScore):
            return None
        index, _, chance = self.top[0]
        own = {one: share for one, _, share in self.top}.get(target.number, self.top[-1][2])
        if index == target.number or own >= SEEN:
            return None
        return words(ClassScore(index), self._host.probe.labels), Score(chance, True)

    def target_of(self, made: GeneratedImage) -> Objective | None:
        """Return what pictures are compared by: a class by its probability. None where a photograph is matched."""
        target = self._raised(made)
        return replace(target, of="probability") if isinstance(target, ClassScore) else target

    def _raised(self, made: GeneratedImage) -> Objective | None:
        """Return what the picture that is looked at raises."""
        target: Objective | None = getattr(made.recipe, "target", None)
        if isinstance(target, Several):
            return target.objectives[min(self.chosen, len(target.objectives) - 1)]
        return target

    def _glance(self, made: GeneratedImage, asked: int) -> None:
        """Ask what the network says of a picture between two steps of the climb, beside which it would take long."""
        with suppress(CnnvizError):
            top = self._host.probe.top(made.images[min(self.chosen, len(made.images) - 1)])
            if not self.top:
                self._tell(asked, made, top)

    def _look(self, made: GeneratedImage, asked: int) -> None:
        host = self._host
        with host.lock:
            photographs, target, raised = list(host.images), self.target_of(made), self._raised(made)
            picture = made.images[min(self.chosen, len(made.images) - 1)]
        found, told, top = None, "", []
        try:
            top = host.probe.top(picture)
            # beside a climb the photographs take seconds; who has just clicked need not wait for them
            if not self.top:
                self._tell(asked, made, top)
            if target is not None:
                found = self._compare(photographs, target, raised)
                told = self._worded(picture, found, len(photographs))
        except CnnvizError as error:
            told = str(error)
        self._tell(asked, made, top, told, found)

    def _tell(
        self,
        asked: int,
        made: GeneratedImage,
        top: list[tuple[int, str, float]],
        told: str = "",
        found: Found | None = None,
    ) -> None:
        """Keep what is known, unless something else is looked at by now."""
        with self._host.lock:
            if asked == self._asked and not self._host.closed:
                self._seen, self.top, self.words = made, top, told
                self._found = found or self._found
                self._told()

    def _compare(self, photographs: list[Image], target: Objective, raised: Objective | None) -> Found:
        real = self._searched(photographs, target)
        counted = measure_of(raised)
        if not real:
            return Found(target, (), None)
        score = real[0].score.value
        if counted.name == LOGIT and raised is not None:
            score = self._searched(photographs, raised)[0].score.value
        return Found(target, real, counted.of_photograph(score))

    def _searched(self, photographs: list[Image], target: Objective) -> tuple[Excited, ...]:
        return tuple(self._shelf.search(photographs, target, lambda: self._host.closed))

    def _worded(self, picture: Image, found: Found, count: int) -> str:
        if not found.real:
            return say.without_photographs()
        probe = self._host.probe
        score = Score.of(found.target, float(probe.scores([probe.fit(picture)], found.target)[0]))
        return say.compared(score, found.real, count)
