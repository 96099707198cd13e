"""What a method is that makes pictures step by step and goes on from any of them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from ..errors import SettingError
from ..explanation import GeneratedImage
from ..images.image import Image
from ..method import GENERATED, Method
from ..probe import Probe, as_probe


@dataclass(frozen=True)
class GoingOn(Method):
    """A method that makes pictures step by step; each holds where it stands.

    Class variables
    ---------------
    stands : type
        What `GeneratedImage.state` is of the pictures that it makes.
    """

    family: ClassVar[str] = GENERATED
    unit: ClassVar[str] = "pixel"
    stands: ClassVar[type] = object

    @abstractmethod
    def climb(self, probe: Probe, image: Image, before: Any = None) -> Iterator[GeneratedImage]:
        """Yield the pictures every few steps, from the start or from an earlier state; all settings are filled in."""

    @abstractmethod
    def steps_left(self, before: GeneratedImage) -> int:
        """Return how many steps there are to make from an earlier picture of this method on; 0 if it has them all.

        Raises
        ------
        SettingError
            If it was made with settings that a climb cannot change on its way.
        """

    def explain(self, probe: Probe, image: Image) -> Iterator[GeneratedImage]:
        """Yield the pictures every few steps."""
        yield from self.climb(probe, image)

    def go_on(self, model: Any, before: GeneratedImage) -> Iterator[GeneratedImage]:
        """Yield on from an earlier result of this method, up to this method's number of steps.

        With the settings that the result was made with, it ends as a run that never stopped, bit for bit.

        Raises
        ------
        SettingError
            If the result is not one to go on from, or has all its steps.
        """
        name = type(self).__name__
        if not isinstance(before, GeneratedImage) or not isinstance(before.state, self.stands):
            raise SettingError(f"{name}.go_on takes a result that this method made; got {before!r}.")
        probe = as_probe(model)
        ready = self.resolved(probe, before.image)
        if not ready.steps_left(before):
            raise SettingError(
                f"{name}.go_on: this result has all its steps, {len(before.curve)}. Raise steps to go on from it."
            )
        yield from ready.climb(probe, before.image, before.state)
