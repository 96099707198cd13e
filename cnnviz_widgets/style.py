"""How an explanation is drawn, as settings that cost no compute."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from .colours import NAMED, SIGNED, ColourSpec
from .errors import SettingError
from .settings import Settings, choice, number

MODES = ("overlay", "spotlight", "outline", "map", "mask", "add", "side by side")
CHANNELS = ("all", "red", "green", "blue")


def _colours(default: str, choices: tuple[str, ...], pattern: str, **more: Any) -> Any:
    spec = ColourSpec("choice", choices=choices, pattern=pattern, **more)
    return dataclasses.field(default=default, metadata={"setting": spec})


@dataclass(frozen=True)
class Style(Settings):
    """Colours and blending; changing it redraws and computes nothing.

    With `opacity` 0 every mode but ``map`` shows the picture as it is.
    """

    mode: str = choice(
        "overlay",
        MODES,
        label="Blend",
        help="overlay: heat on the picture; spotlight: colour only where hot; outline: contour at half "
        "of the scale; map: the map alone; mask: the picture darkened where cold; add: heat added to the "
        "colour channels; side by side: picture and overlay",
    )
    colormap: str = _colours(
        "heat",
        tuple(NAMED),
        "a Matplotlib colour map that is no rainbow",
        label="Colours",
        help="colours of maps from 0 up; green stands out on orange photographs",
    )
    signed_colormap: str = _colours(
        "RdBu_r",
        SIGNED,
        "a diverging Matplotlib colour map",
        signed=True,
        label="Colours for and against",
        help="colours of maps with two signs; the middle is zero",
    )
    opacity: float = number(
        0.8,
        low=0,
        high=1,
        step=0.05,
        help="how much the map covers the picture; the mode map does not use it",
    )
    clip: float = number(
        0.995,
        low=0.9,
        high=1,
        step=0.005,
        advanced=True,
        help="share of the values within the scale, so that a few extremes do not darken the rest; "
        "maps of up to 1000 values are never clipped",
    )
    soften: float = number(
        0.0,
        low=0,
        high=6,
        step=0.5,
        unit="% of the side",
        advanced=True,
        help="blurs the map before it is coloured",
    )
    channel: str = choice(
        "all", CHANNELS, label="Add to", advanced=True, help="colour channel that the mode add brightens"
    )
    limit: float | None = number(
        None,
        low=0,
        label="Full colour at",
        advanced=True,
        help="value drawn as full colour, the same for all maps; if empty, each map has a scale of its own",
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.limit == 0:
            raise SettingError(
                "Style.limit must be a number above 0, or None for a scale of its own a map; got 0."
            )
