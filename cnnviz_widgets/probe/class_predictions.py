"""What a network says of a picture: its classes, for the whole picture or at each place of the output."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import numpy as np

from ..errors import TargetError
from ..images.image import Image
from . import targets
from .cache import Memory
from .engine import Engine
from .output.tasks import OF_CLASSES, PLACED


class Classes:
    """The part of a `Probe` that reads classes from the output."""

    name: str
    task: str
    squash: str
    classes: int
    first_class: int
    labels: tuple[str, ...] | None
    engine: Engine
    memory: Memory

    @property
    def gives_classes(self) -> bool:
        """True if the answer is one row of class scores for the whole picture."""
        return self.task in OF_CLASSES

    def top(self, image: Any, count: int = 5) -> list[tuple[int, str, float]]:
        """Return the most probable classes of one picture as (index, label, probability), best first.

        A model that ends in plain numbers is read as if a softmax followed. Empty for a model without classes,
        or of one plain number.
        """
        if not self.gives_classes or self.classes < 2:
            return []
        with self.memory.current():
            best = self._best(self.fit(image), count)
        return [(index, self.label(index), chance) for index, chance in best]

    def chances(self, image: Any) -> np.ndarray:
        """Return the probability of each class of one picture, float32 (..., classes), at each place if there are such.

        Raises
        ------
        TargetError
            If the model gives no classes.
        """
        if self.task == "detection" and not self.squash:
            raise TargetError(
                f"{self.name} gives rows of boxes, whose scores are not known to be probabilities. Use class_scores."
            )
        output = self._of_classes(image)
        if self.task == "detection":
            return targets.of_classes(output, self.first_class, self.classes, self.squash)
        return targets.probabilities(output, self.squash, self.task)

    def class_scores(self, image: Any) -> np.ndarray:
        """Return the numbers of the output that are class scores, as they come out: float32 (..., classes).

        A yes-or-no score is two numbers, of no and of yes: probabilities where the network gives such, else minus the
        score and the score.

        Raises
        ------
        TargetError
            If the model gives no classes.
        """
        return targets.of_classes(self._of_classes(image), self.first_class, self.classes, self.squash)

    def _of_classes(self, image: Any) -> np.ndarray:
        """Return the output for one picture, a row of class scores as one."""
        if not self.gives_classes and self.task not in PLACED:
            raise TargetError(f"{self.name} gives no classes: its task is {self.task}.")
        with self.memory.current():
            output = self._output(self.fit(image))
        return output.reshape(-1) if self.gives_classes else output

    def predicted(self, image: Any) -> np.ndarray:
        """Return the class that wins at each place of the output for one picture, int32 (...); () for one row.

        Where each class has a probability of its own, as in several masks with a sigmoid, it is -1 at the places where
        none of them reaches one half.

        Raises
        ------
        TargetError
            If the model gives no classes.
        """
        apart = self.squash == "sigmoid" and self.task == "segmentation"
        return targets.winners(self.class_scores(image), apart)

    def label(self, index: int) -> str:
        """Return the name of a class."""
        return self.labels[index] if self.labels else f"class {index}"

    def _output(self, image: Image) -> np.ndarray:
        """Return the output for a fitted picture, kept with the memory's lock held."""
        found = self.memory.output(image, lambda: self.engine.predict(self._as_batch(image))[0])
        self.check_finite(found, image)
        return found

    def _best(self, image: Image, count: int) -> list[tuple[int, float]]:
        """Return the most probable classes of a fitted picture, best first."""
        chances = targets.probabilities(self._output(image).reshape(-1), self.squash, self.task)
        best = np.argsort(-chances, kind="stable")[:count]
        return [(int(k), float(chances[k])) for k in best]

    @abstractmethod
    def fit(self, image: Any) -> Image:
        """Return the picture as the model takes it."""

    @abstractmethod
    def check_finite(self, numbers: Any, image: Any, target: Any = None, layer: str | None = None) -> None:
        """Raise a `ModelError` for numbers that are not finite."""

    @abstractmethod
    def _as_batch(self, images: Any) -> Any:
        """Return the pictures as the network gets them."""
