"""An explanation as a picture; its type decides how it is drawn."""

from __future__ import annotations

import numpy as np

from ..colours import table
from ..errors import SettingError
from ..explanation import (
    ActivationMaps,
    ColourMap,
    Explanation,
    FilteredPixels,
    GeneratedImage,
    Heatmap,
    LabelMap,
)
from ..resampling import laid, resized, softened
from ..style import Style
from . import collage, labels
from .blend import Paint, as_picture, beside, blend, ground
from .scale import Scale, scale_of

_SMALLEST = 224
_LARGEST = 8192
_MOST_TILES = 64


def picture(
    explanation: Explanation,
    style: Style | None = None,
    *,
    size: int | None = None,
    page: int = 0,
    tiles: tuple[int, int] | None = None,
) -> np.ndarray:
    """Draw an explanation.

    Parameters
    ----------
    explanation : Explanation
        What a method found: a heat map is laid on the picture, activation maps become a collage.
    style : Style, optional
        Colours and blending; the default style if None.
    size : int, optional
        Longer side in pixels; if None that of the image, at least 224. In the mode ``side by side`` it is the
        longer side of each half: picture and overlay, or a kernel's answer and the layer's own map.
    page : int
        Which page of a collage, from 0; the last one if there are fewer.
    tiles : tuple of int, optional
        (columns, rows) of a page of a collage; at most five by five if None.

    Returns
    -------
    numpy.ndarray
        uint8 (H, W, 3).

    Raises
    ------
    SettingError
        If `size` is not a whole number from 1 to 8192, or `tiles` not two from 1 to 64.
    TypeError
        If there is no way to draw what came.
    """
    style = style or Style()
    side = _side(explanation, size)
    match explanation:
        case GeneratedImage():
            return collage.drawn(explanation, side)
        case ActivationMaps():
            return collage.collage(explanation, style, side, page, _grid(tiles))
        case LabelMap():
            return labels.drawn(explanation, style, fitting(explanation.image.size, side))
        case FilteredPixels() if style.mode == "side by side":
            at = fitting(explanation.image.size, side)
            return beside(
                _laid_on(explanation, style.replace(mode="map"), at), own_map(explanation, style, at)
            )
        case Heatmap() | ColourMap():
            return _laid_on(explanation, style, fitting(explanation.image.size, side))
    kind = type(explanation).__name__
    raise TypeError(
        f"picture draws a Heatmap, ActivationMaps, a LabelMap, a ColourMap or a GeneratedImage; got {kind}."
    )


def _laid_on(explanation: Heatmap | ColourMap, style: Style, at: tuple[int, int]) -> np.ndarray:
    """Blend a map with the picture, (height, width) pixels; it is smoothed over its grain."""
    drawn, scale = scaled(explanation, style)
    grain = getattr(explanation, "grain", 0.0)
    heat = laid(softened(scale.heat(drawn), 50 * grain / max(drawn.shape[:2])), at, explanation.extent)
    return blend(ground(explanation.image, at), Paint(heat, scale.colours, scale.signed), style)


def own_map(explanation: FilteredPixels, style: Style, at: tuple[int, int]) -> np.ndarray:
    """Draw the layer's own map beside a kernel's answer, cell by cell, in a scale of its own."""
    own = scale_of(explanation.own, bool((explanation.own < 0).any()), style, whole=True)
    paint = Paint(resized(own.heat(explanation.own), at, smooth=False), own.colours, own.signed)
    return as_picture(paint.planes())


def thumbnail(explanation: Explanation, style: Style | None = None, side: int = 140) -> np.ndarray:
    """Draw a small picture, uint8, longer side `side`; activation maps show their first channel."""
    style = (style or Style()).replace(soften=0.0)
    if style.mode == "side by side":
        style = style.replace(mode="overlay")
    if isinstance(explanation, ActivationMaps):
        return collage.tile(explanation, style, fitting(explanation.image.size, side))
    return picture(explanation, style, size=side)


def scaled(explanation: Heatmap | ColourMap | LabelMap, style: Style) -> tuple[np.ndarray, Scale]:
    """Return a map, softened as the style wants it, and the scale it is drawn in."""
    if isinstance(explanation, LabelMap):
        return explanation.values, labels.bands(explanation)
    values = np.asarray(explanation.values, np.float32)
    if isinstance(explanation, ColourMap) and values.shape[2] != 3:
        values = np.repeat(values.mean(axis=2, keepdims=True), 3, axis=2)
    if style.soften:
        values = softened(np.where(np.isfinite(values), values, 0), style.soften)
    scale = scale_of(values, explanation.signed, style)
    if isinstance(explanation, ColourMap):
        scale = Scale(scale.low, scale.high, scale.zero, table("gray"), scale.words, scale.flat)
    return values, scale


def fitting(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return (height, width) of the same shape whose longer side is `side`."""
    longer = max(size)
    return max(1, round(size[0] * side / longer)), max(1, round(size[1] * side / longer))


def _side(explanation: Explanation, size: int | None) -> int:
    if size is None:
        return max(_SMALLEST, *explanation.image.size)
    if isinstance(size, bool) or not hasattr(size, "__index__") or not 1 <= int(size) <= _LARGEST:
        raise SettingError(f"size must be a whole number of px from 1 to {_LARGEST}; got {size!r}.")
    return int(size)


def _grid(tiles: tuple[int, int] | None) -> tuple[int, int] | None:
    if tiles is None:
        return None
    sides = tuple(tiles)
    if len(sides) != 2 or any(type(n) is not int or not 1 <= n <= _MOST_TILES for n in sides):
        raise SettingError(
            f"tiles must be (columns, rows), whole numbers from 1 to {_MOST_TILES}; got {tiles!r}."
        )
    return sides[0], sides[1]
