"""A layer of a network of volumes: where its maps of the slice lie that is the picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Slices:
    """How the slices of a volume lie in a layer (N, a, b, c, channels), and which place is that of the picture.

    Attributes
    ----------
    axis : int
        Which of the three axes counts the slices, 0 to 2.
    place : int
        The place on that axis whose middle is nearest to the slice that is the picture.
    shape : tuple
        The shape of the layer's whole output, without the batch axis.
    """

    axis: int
    place: int
    shape: Shape

    @property
    def map_shape(self) -> Shape:
        """Shape of the maps of the slice, (height, width, channels)."""
        return self.shape[: self.axis] + self.shape[self.axis + 1 :]

    @property
    def count(self) -> int | None:
        """How many places there are along the slices."""
        return self.shape[self.axis]

    def maps(self, values: Any) -> Any:
        """Return the maps of the slice, (N, height, width, channels), of the layer's values, a tensor or an array."""
        key = (slice(None),) * (self.axis + 1)
        return values[(*key, self.place)]
