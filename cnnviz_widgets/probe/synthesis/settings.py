"""What a climb is made of, as plain data: how the picture is written down, shaken and kept calm."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Space:
    """How a picture is written down as the numbers that are climbed.

    Attributes
    ----------
    kind : str
        ``"fourier"``: waves, each scaled by its length so that all grow alike, squashed into the value range (Olah et
        al., Distill 2017, doi:10.23915/distill.00007). ``"pixels"``: the pixels themselves, cut off at the ends of
        the value range.
    size : tuple of int
        (height, width) in pixels.
    decorrelated : bool
        True climbs along the axes in which the colours of photographs vary, instead of red, green and blue.
    decay : float
        Power of the wavelength by which waves are scaled: 1 makes all grow as in photographs, more is smoother.
    """

    kind: str = "fourier"
    size: tuple[int, int] = (224, 224)
    decorrelated: bool = True
    decay: float = 1.0


@dataclass(frozen=True)
class Shaking:
    """How the picture is moved before each look of the network; the picture itself stays where it is.

    Attributes
    ----------
    jitter : float
        Most that it is shifted, in pixels.
    rotation : float
        Most that it is turned, in degrees.
    zoom : float
        Most that it grows or shrinks, as a share of its size.
    beyond : str
        What is seen where the picture was moved away: ``"reflect"``, ``"grey"`` or ``"wrap"``.
    """

    jitter: float = 0.0
    rotation: float = 0.0
    zoom: float = 0.0
    beyond: str = "reflect"

    @property
    def still(self) -> bool:
        """True if nothing moves."""
        return not (self.jitter or self.rotation or self.zoom)


@dataclass(frozen=True)
class Penalties:
    """What keeps the picture calm; each pulls with its weight where the score pulls with 1.

    Attributes
    ----------
    variation : float
        Differences of neighbouring pixels (total variation).
    greyness : float
        Distance from the ground, squared (L2).
    extremes : float
        Distance from mid-grey to the power six (L-p), which only very dark and very light pixels feel.
    blur : float
        Distance from the picture's own blurred copy, squared.
    ground : float
        Where greyness pulls to, 0 to 1.
    """

    variation: float = 0.0
    greyness: float = 0.0
    extremes: float = 0.0
    blur: float = 0.0
    ground: float = 0.5

    @property
    def none(self) -> bool:
        """True if nothing is held back."""
        return not (self.variation or self.greyness or self.extremes or self.blur)
