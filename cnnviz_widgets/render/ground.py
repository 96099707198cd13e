"""The photograph at the size drawn, with what blending needs of it worked out once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import PIL.Image

from ..image import Image

_LUMINANCE = (0.2126, 0.7152, 0.0722)
_GREYED = 0.65
_DIMMED = 0.94


@dataclass(frozen=True, eq=False)
class Ground:
    """A photograph to draw on.

    Attributes
    ----------
    photo : numpy.ndarray
        uint8 (H, W, 3), read-only.
    """

    photo: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.photo.shape[0], self.photo.shape[1]

    @cached_property
    def planes(self) -> tuple[np.ndarray, ...]:
        """The three colours, each float32 (H, W), 0 to 255: planes are several times faster."""
        return tuple(self.photo[..., c].astype(np.float32) for c in range(3))

    @cached_property
    def grey(self) -> np.ndarray:
        """Luminance, float32 (H, W), 0 to 255."""
        red, green, blue = (np.float32(s) * p for s, p in zip(_LUMINANCE, self.planes, strict=True))
        return red + green + blue

    @cached_property
    def muted(self) -> tuple[np.ndarray, ...]:
        """The colours drawn back towards grey, so that heat stands out."""
        return tuple((p * (1 - _GREYED) + self.grey * _GREYED) * np.float32(_DIMMED) for p in self.planes)

    @cached_property
    def light(self) -> np.ndarray:
        """The factor by which light and shade of the photograph show through a colour laid on it."""
        return np.float32(0.2 + 0.8 * 0.35) + np.float32(0.8 * 1.1 / 255) * self.grey


@lru_cache(maxsize=12)
def ground(image: Image, size: tuple[int, int]) -> Ground:
    """Return a picture scaled to (height, width); the last few are kept, by content."""
    photo = image.rgb()
    if photo.shape[:2] != size:
        larger = size[0] * size[1] > photo.shape[0] * photo.shape[1]
        # Lanczos rings where a small picture is enlarged.
        how = PIL.Image.Resampling.BICUBIC if larger else PIL.Image.Resampling.LANCZOS
        photo = np.array(PIL.Image.fromarray(photo).resize(size[::-1], how))
    photo.setflags(write=False)
    return Ground(photo)
