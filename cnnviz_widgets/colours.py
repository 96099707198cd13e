"""Colour tables: which maps may be used, and their 256 colours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import matplotlib
import numpy as np

from .errors import SettingError, did_you_mean, listed
from .settings import Spec

STAGE = (21, 23, 27)  # the dark ground of the canvas, the same in both themes
ENTRIES = 256
NAMED = {
    "heat": ("inferno", 0.28),
    "green": ("viridis", 0.12),
    "violet": ("plasma", 0.0),
    "grey": ("gray", 0.0),
}
# berlin came with Matplotlib 3.10; in grey, zero is the middle, as it is in pictures of kernels.
SIGNED = (*(name for name in ("RdBu_r", "PuOr_r", "berlin") if name in matplotlib.colormaps), "grey")
RAINBOWS = frozenset(
    {"jet", "turbo", "rainbow", "gist_rainbow", "hsv", "nipy_spectral", "gist_ncar", "prism", "flag"}
)


@lru_cache(maxsize=64)
def table(name: str, signed: bool = False, whole: bool = False) -> np.ndarray:
    """Return the colours of a map, uint8 (256, 3), read-only.

    Parameters
    ----------
    name : str
        One of this package's names (heat, green, violet, grey) or a Matplotlib name.
    signed : bool
        True puts the middle of the map at entry 128, so that zero has a colour of its own; entries 1
        to 255 are then symmetric about it.
    whole : bool
        True starts a named map at its dark end, for maps that are seen without a photograph.
    """
    source, start = NAMED.get(name, (name, 0.0))
    if signed:
        at = np.clip(0.5 + (np.arange(ENTRIES) - 128) / 254, 0, 1)
    else:
        at = np.linspace(0.0 if whole else start, 1.0, ENTRIES)
    colours = np.round(matplotlib.colormaps[source](at)[:, :3] * 255).astype(np.uint8)
    colours.setflags(write=False)
    return colours


def runs_from_zero_both_ways(name: str) -> bool:
    """Tell whether both ends of a map are clearly lighter, or both clearly darker, than its middle."""
    low, middle, high = (table(name)[[0, 128, 255]] / 255) @ np.array([0.2126, 0.7152, 0.0722])
    return bool(min(low - middle, high - middle) > 0.12 or max(low - middle, high - middle) < -0.12)


@dataclass(frozen=True)
class ColourSpec(Spec):
    """A setting that takes the name of a colour map: its `choices`, or another even one of Matplotlib's."""

    signed: bool = False

    def check(self, owner: str, name: str, value: Any) -> Any:
        """Return the name, or raise `SettingError` saying what is wrong with it."""
        where, instead = f"{owner}.{name}", listed(self.choices, 12)
        known = isinstance(value, str) and (value in self.choices or value in matplotlib.colormaps)
        if not known:
            near = did_you_mean(value, (*self.choices, *matplotlib.colormaps))
            raise SettingError(f"{where} must be one of {instead} or {self.pattern}; got {value!r}.{near}")
        if value in self.choices:
            return value
        if value.removesuffix("_r") in RAINBOWS:
            raise SettingError(
                f"{where} cannot be {value!r}: a rainbow's lightness rises and falls, which draws edges that "
                f"are not in the map and hides some that are. Use {instead}."
            )
        if self.signed and not runs_from_zero_both_ways(value):
            raise SettingError(
                f"{where} must be a diverging map, with ends unlike its middle, so that zero shows; "
                f"got {value!r}. Use {instead}."
            )
        return value
