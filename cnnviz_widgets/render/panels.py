"""What the canvas shows of one explanation: pictures large and small, and the words on them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..explanation import ActivationMaps, ColourMap, Explanation, FilteredPixels, Heatmap, Kernels, LabelMap
from ..resampling import resized
from ..style import Style
from . import collage, labels
from .blend import Paint, as_picture, ground
from .picture import fitting, own_map, picture, scaled
from .scale import Scale

TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True, eq=False)
class Panels:
    """Pictures and words of a canvas; every picture keeps its own shape, and the canvas centres it.

    Attributes
    ----------
    hero : numpy.ndarray
        uint8, longer side as asked for: the map on the picture, or the collage.
    photo : numpy.ndarray
        uint8, the picture alone.
    map : numpy.ndarray
        uint8, the map alone, each cell a square.
    bar : numpy.ndarray
        uint8 (256, 3), the colours of the scale from low to high.
    low, high : str
        What the ends of the scale are.
    unit : str
        What the numbers are, in a word; may be empty.
    zero : float or None
        Where zero lies on the bar, 0 to 1, if it has to be marked.
    tag : str
        What the map is, e.g. its size in cells, or at how many places it was measured.
    flat : str
        A sentence if all values are the same, else empty.
    words : str
        What to mind about the scale, in sentences; holds `flat`.
    """

    hero: np.ndarray
    photo: np.ndarray
    map: np.ndarray
    bar: np.ndarray
    low: str
    high: str
    unit: str
    zero: float | None
    tag: str
    flat: str
    words: str = ""


def panels(
    explanation: Explanation, style: Style | None = None, hero: int = 448, tile: int = 200, page: int = 0
) -> Panels:
    """Draw all that the canvas shows of an explanation.

    Parameters
    ----------
    explanation : Explanation
        What a method found.
    style : Style, optional
        Colours and blending.
    hero, tile : int
        Longer side of the large and of the small pictures in pixels.
    page : int
        Page of a collage, from 0.
    """
    style = style or Style()
    large = picture(explanation, style, size=hero, page=page)
    if max(large.shape[:2]) > hero:
        large = picture(explanation, style, size=max(1, hero * hero // large.shape[1]), page=page)
    small, scale, tag = bare(explanation, style, tile, page)
    photo = ground(explanation.image, fitting(explanation.image.size, tile)).photo
    return Panels(
        hero=large,
        photo=photo,
        map=small,
        bar=scale.colours,
        low=scale.low_text,
        high=scale.high_text,
        unit=explanation.unit,
        zero=scale.zero,
        tag=tag,
        flat=scale.flat,
        words=scale.words,
    )


def bare(
    explanation: Explanation, style: Style, side: int, page: int = 0, tiles: tuple[int, int] | None = None
) -> tuple[np.ndarray, Scale, str]:
    """Draw the map alone, cell by cell, and return it with its scale and a tag."""
    at = fitting(explanation.image.size, side)
    match explanation:
        case ActivationMaps():
            channel = collage.layout(explanation, side, page, tiles).channels[0]
            _, scale = collage.scaled(explanation, style, channel)
            drawn = collage.tile(explanation, style, at, channel, smooth=False)
            what = "kernel" if isinstance(explanation, Kernels) else "channel"
            return drawn, scale, f"{what} {channel}, {_cells(explanation.values)}"
        case LabelMap():
            count = len(explanation.legend)
            drawn = resized(labels.flat(explanation).astype(np.float32), at, smooth=False).astype(np.uint8)
            return drawn, labels.bands(explanation), f"{count} label{'s' if count > 1 else ''}"
        case FilteredPixels():
            _, scale = scaled(explanation, style)  # of the answer; the layer's map is in one of its own
            return own_map(explanation, style, at), scale, f"the layer's map {_cells(explanation.own)}"
        case Heatmap() | ColourMap():
            values, scale = scaled(explanation, style)
            paint = Paint(resized(scale.heat(values), at, smooth=False), scale.colours, scale.signed)
            soft = ", softened" if style.soften else ""
            return as_picture(paint.planes()), scale, f"{_measured(explanation)}{soft}"
    kind = type(explanation).__name__
    raise TypeError(f"panels draws a Heatmap, ActivationMaps, a LabelMap or a ColourMap; got {kind}.")


def _measured(explanation: Heatmap | ColourMap) -> str:
    """Return how fine a map is: at how many places it was measured, else its cells."""
    places = explanation.places if isinstance(explanation, Heatmap) else None
    return (
        f"map {_cells(explanation.values)}" if places is None else f"{places[0]} {TIMES} {places[1]} places"
    )


def _cells(values: np.ndarray) -> str:
    return f"{values.shape[0]} {TIMES} {values.shape[1]}"
