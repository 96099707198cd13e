"""Which explanations can be checked, and how one orders the places of its picture."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import SettingError
from ..explanation import ColourMap, Explanation, Heatmap
from ..method import Method, methods
from ..resampling import resized

INSIDE = "Inside"
FLAT = "The map is flat: it orders no places."


def checkable(explanation: Any) -> Heatmap | ColourMap:
    """Return the explanation if it is one finished map that claims something of a target.

    Raises
    ------
    SettingError
        If it is not; the message says what to give.
    """
    if not isinstance(explanation, Explanation):
        raise SettingError(
            "explanation must be the result of a method, such as GradCAM()(model, image); "
            f"got {type(explanation).__name__}."
        )
    check_family(type(explanation.recipe))
    if not isinstance(explanation, Heatmap | ColourMap):
        raise SettingError(
            f"{explanation.recipe.label} gives {type(explanation).__name__}, not one map, and cannot be checked."
        )
    if explanation.done < 1:
        raise SettingError(
            f"explanation must be finished to be checked; {explanation.done:.0%} of this one is done."
        )
    return explanation


def check_family(method: type[Method]) -> None:
    """Raise `SettingError` for a method that shows what is inside a network and claims nothing of a target."""
    if method.family != INSIDE:
        return
    ranked = ", ".join(label for label, kind in methods().items() if kind.family != INSIDE)
    raise SettingError(
        f"{method.label} shows what is inside the network; it says nothing of a target that could be checked. "
        f"These do: {ranked}."
    )


def is_flat(values: np.ndarray) -> bool:
    """Return True if all values are the same, up to a millionth."""
    low, high = float(values.min()), float(values.max())
    return high - low <= 1e-6 * max(abs(low), abs(high))


def single(explanation: Heatmap | ColourMap) -> np.ndarray:
    """Return one number a place, (h, w); a colour map counts with the sum over its channels."""
    values = explanation.values
    return values.sum(axis=2) if values.ndim == 3 else values


def cells(explanation: Heatmap | ColourMap) -> tuple[int, int]:
    """Return how many cells the map is made of, down and across.

    They are a layer's cells, patches that cover the picture (a setting called ``patch``), the steps that the values
    come in (`Heatmap.grain`), the cells of random masks (a setting called ``cells``), or the pixels.
    """
    height, width = explanation.image.size
    side = getattr(explanation.recipe, "patch", None) or getattr(explanation, "grain", 0.0)
    own = getattr(explanation.recipe, "cells", None)
    if explanation.values.shape[:2] != (height, width):
        return explanation.values.shape[0], explanation.values.shape[1]
    if side:
        return max(1, round(height / side)), max(1, round(width / side))
    return (own, own) if isinstance(own, int) else (height, width)


def order_of(values: np.ndarray, ties: np.ndarray) -> np.ndarray:
    """Return the place of every pixel in the order from the highest value down, int (H, W).

    Pixels of one value come in the order of `ties`, also (H, W): a map that is 0 over half of the picture does not
    say which part of that half comes first, and neither should the rows.
    """
    in_order = np.lexsort((-ties.reshape(-1), -values.reshape(-1)))
    place = np.empty(values.size, np.intp)
    place[in_order] = np.arange(values.size)
    return place.reshape(values.shape)


def random_map(shape: tuple[int, int], size: tuple[int, int], seed: tuple[int, ...]) -> np.ndarray:
    """Return a map of random cells, enlarged to the picture's size as every map is, float32 (H, W)."""
    return resized(np.random.default_rng(seed).random(shape, np.float32), size)
