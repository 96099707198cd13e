"""What the pixel methods share: numbers by pixel and channel, brought to one number a pixel."""

# No postponed annotations: fields that are inherited must be readable in modules that do not import their types.
from abc import abstractmethod
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Any, ClassVar

import numpy as np

from ..explanation import ColourMap, Explanation, Heatmap
from ..images.image import Image
from ..method import Method
from ..objectives import Objective
from ..probe import Gradient, Probe, as_probe
from ..settings import choice, objective

REDUCTIONS = ("max", "sum", "mean", "l2", "signed", "colour")
FLAT = "Flat: the score does not react to any pixel. All values are 0."


def reduction(default: str) -> Any:
    """Declare how the channels of a pixel become one number."""
    return choice(
        default, REDUCTIONS, help="how the colour channels of a pixel become one number", label="Per pixel"
    )


@dataclass(frozen=True)
class PixelMap(Method):
    """A number for every pixel, read from numbers for its channels."""

    family: ClassVar[str] = "Pixels"
    unit: ClassVar[str] = "slope"
    flat: ClassVar[str] = FLAT

    def drawn(self, probe: Probe, image: Image, values: np.ndarray, **more: Any) -> Explanation:
        """Return numbers (H, W, C) as a `Heatmap`, or a `ColourMap` for the reduction ``colour``.

        The numbers are for the channels that go into the network; the colours are the picture's own. Why all numbers
        are 0 is noted as `flat`, unless a note that begins with "Flat" tells already.
        """
        how = getattr(self, "reduction", "signed")
        common = {**self.about(probe, image), "unit": self.unit, **more}
        noted = common.get("notes", ())
        if not values.any() and not any(note.startswith("Flat") for note in noted):
            common["notes"] = (self.flat, *noted)
        if how == "colour" and values.shape[2] == 3:
            order = probe.channel_order or (0, 1, 2)
            return ColourMap(**common, values=values[..., list(order)].astype(np.float32))
        if how == "colour":
            note = "The picture has no three colours; the signed sum is shown."
            common["notes"] = (*common.get("notes", ()), note)
        signed = how in ("signed", "colour")
        return Heatmap(**common, values=reduced(values, how).astype(np.float32), signed=signed)


@dataclass(frozen=True)
class SlopeMap(PixelMap):
    """A pixel map that follows from one slope of the score by the pixels."""

    reduction: str = reduction("max")
    target: Objective | int | None = objective(help="what is explained; the top class if empty")

    @abstractmethod
    def read(self, gradient: Gradient) -> np.ndarray:
        """Return numbers (H, W, C) from the pixels and their slopes."""

    def explain(self, probe: Probe, image: Image) -> Iterator[Explanation]:
        """Yield one result."""
        yield self.from_gradient(probe, image, probe.gradient(image, self.target))

    def batch(self, model: Any, images: Iterable[Any]) -> list[Any]:
        """Run over several pictures, in batches if the target is given; see `Method.batch`."""
        probe = as_probe(model)
        fitted = [probe.fit(image) for image in images]
        ready = [self.resolved(probe, image) for image in fitted]
        if self.target is None or len({image.size for image in fitted}) != 1:
            return [method(probe, image) for method, image in zip(ready, fitted, strict=True)]
        scores, slopes = probe.slopes(fitted, ready[0].target)
        pixels = probe.prepared(fitted)
        found = (Gradient(*one) for one in zip(pixels, slopes, map(float, scores), strict=True))
        return [m.from_gradient(probe, i, g) for m, i, g in zip(ready, fitted, found, strict=True)]

    def from_gradient(self, probe: Probe, image: Image, gradient: Gradient) -> Explanation:
        """Return the map that a gradient of the score by the pixels gives."""
        return self.drawn(probe, image, self.read(gradient), scores={"score": gradient.score})


def reduced(slope: np.ndarray, how: str) -> np.ndarray:
    """Return one number a pixel, (H, W), for numbers (H, W, C)."""
    channels = np.moveaxis(slope, 2, 0)
    if how in ("signed", "colour"):
        return np.asarray(sum(channels[1:], channels[0].copy()))
    if how == "l2":
        return np.asarray(np.sqrt(sum(channel**2 for channel in channels)))
    magnitudes = [np.abs(channel) for channel in channels]
    if how == "max":
        return reduce(np.maximum, magnitudes)
    total = sum(magnitudes[1:], magnitudes[0])
    return np.asarray(total if how == "sum" else total / np.float32(len(magnitudes)))
