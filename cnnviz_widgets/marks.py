"""What is marked on the picture of an explanation: the line round a mask, a place, a rectangle."""

from __future__ import annotations

from dataclasses import dataclass

from .objective import Mask


@dataclass(frozen=True)
class MaskLine:
    """A white line where a mask ends.

    Attributes
    ----------
    mask : Mask
        (h, w) places.
    says : str
        What the line is, as a sentence.
    extent : tuple of float or None
        (top, left, height, width) of the places in shares of the picture; None if they are spread over all of it.
    """

    mask: Mask
    says: str = "White line: the mask."
    extent: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Ring:
    """A ring about a place.

    Attributes
    ----------
    x, y : float
        Its middle, from 0 to 1 of the picture's width and height.
    says : str
        What the place is, as a sentence.
    """

    x: float
    y: float
    says: str = "Ring: the place that is explained."


@dataclass(frozen=True)
class Outline:
    """A rectangle.

    Attributes
    ----------
    x, y, width, height : float
        Its upper left corner and its sides, from 0 to 1 of the picture's width and height.
    says : str
        What the rectangle is, as a sentence.
    """

    x: float
    y: float
    width: float
    height: float
    says: str = "Frame: the box that is explained."


Mark = MaskLine | Ring | Outline
