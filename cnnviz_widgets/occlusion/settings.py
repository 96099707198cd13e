"""What is swept over a picture: the patch's size, shape and filling, and how far apart its positions lie."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Self

import numpy as np

from ..errors import SettingError
from ..images.image import Image
from ..settings import Settings, choice, whole
from .fill import FILLS, filled
from .grid import Grid, disc, sweep_grid

SHAPES = ("square", "round")


@dataclass(frozen=True)
class SweepSettings(Settings):
    """A patch and the step from one of its positions to the next."""

    patch: int | None = whole(
        None,
        low=1,
        control_high=112,
        unit="px",
        help="side of the square that covers the picture; a seventh of the side if empty",
    )
    stride: int | None = whole(
        None,
        low=1,
        control_high=56,
        unit="px",
        help="step from one position to the next; half a patch if empty",
    )
    fill: str | Image = choice(
        "grey",
        FILLS,
        help="what the patch is filled with",
        pattern="a colour such as '#ff8800', or an Image to take it from",
        kinds=(Image,),
    )
    shape: str = choice("square", SHAPES, help="shape of the patch", advanced=True)
    seed: int = whole(0, low=0, high=2**31 - 1, control_high=20, help="seed of the noise fill", advanced=True)

    def fitted(self, image: Image) -> Self:
        """Fill in patch and stride from the picture's size, and check that the patch fits."""
        least = min(image.size)
        patch = self.patch or max(1, round(least / 7))
        if patch > least:
            height, width = image.size
            raise SettingError(
                f"Patch {patch} is larger than the picture ({height} × {width}). Choose at most {least}."
            )
        return self.replace(patch=patch, stride=self.stride or max(1, patch // 2))

    def grid(self, image: Image) -> Grid:
        """Return the positions on a picture."""
        ready = self.fitted(image)
        return sweep_grid(image.size, ready.patch or 1, ready.stride or 1)

    def cover(self, image: Image) -> np.ndarray:
        """Return the picture that patches are cut from, float32 (H, W, C)."""
        return filled(image, self.fill, self.seed)

    @property
    def mask(self) -> np.ndarray | None:
        """How far each pixel of the patch covers, (patch, patch); None for all of it."""
        return disc(self.patch or 1) if self.shape == "round" else None

    @property
    def unused(self) -> tuple[str, ...]:
        """The settings that change nothing as the others are."""
        return () if self.fill == "noise" else ("seed",)

    @property
    def look(self) -> Hashable:
        """What a covered place depends on: everything but the stride."""
        return self.patch, self.fill, self.shape, self.seed if self.fill == "noise" else 0
