"""What guided backpropagation and the deconvnet share: a slope under a rule at the ReLUs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..explanation import Explanation
from ..images.image import Image
from ..probe import Gradient, Probe, Rule
from ._pixel_map import SlopeMap


@dataclass(frozen=True)
class RuledMap(SlopeMap):
    """The slope of the score by the pixels under a rule of backward flow."""

    rule: ClassVar[Rule] = "guided"
    flat: ClassVar[str] = "Flat: nothing positive flows back to the pixels. All values are 0."

    def read(self, gradient: Gradient) -> np.ndarray:
        """Return the slope."""
        return gradient.slope

    def explain(self, probe: Probe, image: Image) -> Iterator[Explanation]:
        """Yield one result."""
        gradient, notes = probe.ruled(image, self.target, self.rule)
        yield self.drawn(probe, image, self.read(gradient), scores={"score": gradient.score}, notes=notes)

    def batch(self, model: Any, images: Iterable[Any]) -> list[Any]:
        """Run picture by picture."""
        return super(SlopeMap, self).batch(model, images)
