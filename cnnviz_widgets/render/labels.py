"""Classes as colours on the photograph, with a legend that names them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ..colours import ENTRIES, STAGE
from ..explanation import LabelMap
from ..resampling import resized
from ..style import Style
from .blend import beside, ground
from .scale import Scale
from .text import font

OWN = (122, 128, 140)
OTHERS = (
    (77, 157, 232), (238, 146, 50), (96, 196, 104), (180, 120, 226),
    (232, 92, 128), (226, 204, 64), (56, 190, 186), (166, 118, 84),
)  # fmt: skip
REST = (214, 214, 214)  # of the ninth other label and all that follow
SMALLEST = 200  # a picture must have this longer side to hold a legend
LONGEST = 22

Colour = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class Bands(Scale):
    """A band of colour for each label instead of numbers.

    Attributes
    ----------
    names : tuple of str
        The labels, in the order of the bands.
    """

    names: tuple[str, ...] = ("",)

    @property
    def low_text(self) -> str:
        """The first label."""
        return _short(self.names[0])

    @property
    def high_text(self) -> str:
        """The last label."""
        return _short(self.names[-1])


def label_colours(explanation: LabelMap) -> list[tuple[str, Colour]]:
    """Return name and colour of every label, in the order of the legend; the bare picture's is grey."""
    colours = (OWN, *OTHERS)
    return [
        (name, colours[k] if k < len(colours) else REST) for k, name in enumerate(explanation.legend.values())
    ]


def flat(explanation: LabelMap) -> np.ndarray:
    """Return the labels as colours alone, uint8 (H, W, 3)."""
    indices = np.array(list(explanation.legend))
    colours = np.array([colour for _, colour in label_colours(explanation)], np.uint8)
    order = np.argsort(indices)
    return colours[order[np.searchsorted(indices, explanation.values, sorter=order)]]


def bands(explanation: LabelMap) -> Bands:
    """Return the colours as bands of a bar."""
    named = label_colours(explanation)
    colours = np.array([colour for _, colour in named], np.uint8)
    bar = colours[np.arange(ENTRIES) * len(colours) // ENTRIES]
    one = f"Flat: it says {named[0][0]} wherever it is covered." if len(named) == 1 else ""
    return Bands(0.0, 0.0, None, bar, one, one, tuple(name for name, _ in named))


def drawn(explanation: LabelMap, style: Style, at: tuple[int, int], legend: bool = True) -> np.ndarray:
    """Draw the labels on the photograph, uint8 (H, W, 3): colour where another one wins than on the bare picture.

    The mode ``map`` shows the colours alone, ``side by side`` the photograph at their left; all others are the same.
    A picture that is large enough holds the `legend`, if that is wanted.
    """
    photo = ground(explanation.image, at)
    colours = resized(flat(explanation).astype(np.float32), at, smooth=False)
    if style.mode != "map":
        bare = explanation.values == next(iter(explanation.legend))
        other = resized((~bare).astype(np.float32), at, smooth=False)[..., None]
        muted = np.stack(photo.muted, axis=-1)
        share = np.float32(style.opacity) * (other + (1 - other) * np.float32(0.2))
        colours = muted + share * (colours - muted)
    made = np.clip(colours + 0.5, 0, 255).astype(np.uint8)
    if legend and max(at) >= SMALLEST:
        made = _with_legend(made, label_colours(explanation))
    return beside(photo.photo, made) if style.mode == "side by side" else made


def _with_legend(picture: np.ndarray, named: list[tuple[str, Colour]]) -> np.ndarray:
    """Write the labels' names at the lower left, on plates, as far as there is room."""
    drawing = PIL.Image.fromarray(picture)
    pen = PIL.ImageDraw.Draw(drawing)
    points = max(11, round(max(picture.shape[:2]) / 36))
    height, letters = round(points * 1.55), font(points)
    shown = named[: max(1, picture.shape[0] // 2 // height)]
    top = picture.shape[0] - height * len(shown) - points // 2
    wide = max(pen.textlength(_short(name), font=letters) for name, _ in shown) + 2.6 * points
    pen.rectangle((points // 2, top, points // 2 + wide, top + height * len(shown)), fill=STAGE)
    for k, (name, colour) in enumerate(shown):
        y = top + k * height + height // 2
        pen.rectangle((points, y - points // 3, points + points * 2 // 3, y + points // 3), fill=colour)
        pen.text((2.1 * points, y), _short(name), "white", letters, anchor="lm")
    return np.array(drawing)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"
