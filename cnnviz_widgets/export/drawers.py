"""How results are drawn, saved and shown, by their type; registered when the first of them is."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from ..comparisons.result import Compared
from ..drawable import register_drawer
from ..embeddings.result import Likeness
from ..explanation import Explanation
from ..render import pair_picture, picture
from ..style import Style
from .caption import headline
from .pair import displayed_pair, save_pair
from .png import Displayed, displayed, png_path, save_png
from .table import checked_side, displayed_grid, grid, grid_png
from .table_scales import checked_scale


class ExplanationDrawer:
    """Draws what a method found."""

    def picture(self, result: Explanation, style: Style | None = None, **how: Any) -> np.ndarray:
        """Return the picture, uint8 (H, W, 3); `how` is as for `cnnviz_widgets.render.picture`."""
        return picture(result, style, **how)

    def save(
        self, result: Explanation, path: str | os.PathLike[str], style: Style | None = None, **how: Any
    ) -> None:
        """Write a PNG; `how` is as for `save_png`."""
        save_png(result, path, style, **how)

    def show(self, result: Explanation, style: Style | None = None, **how: Any) -> Displayed:
        """Return what `save` writes as an object that a notebook displays."""
        return displayed(result, style, **how)

    def headline(self, result: Explanation) -> str:
        """Return what is shown, e.g. ``Grad-CAM for "tiger cat" in layer top_conv``."""
        return headline(result)


class PairDrawer:
    """Draws how alike two pictures are."""

    def picture(self, result: Likeness, style: Style | None = None, **how: Any) -> np.ndarray:
        """Return the maps side by side, uint8 (H, W, 3); `how` is as for `cnnviz_widgets.render.pair_picture`."""
        return pair_picture(result, style, **how)

    def save(
        self, result: Likeness, path: str | os.PathLike[str], style: Style | None = None, **how: Any
    ) -> None:
        """Write a PNG; `how` is as for `picture`."""
        save_pair(result, path, style, **how)

    def show(self, result: Likeness, style: Style | None = None, **how: Any) -> Displayed:
        """Return what `save` writes as an object that a notebook displays."""
        return displayed_pair(result, style, **how)

    def headline(self, result: Likeness) -> str:
        """Return the sentence on how alike they are."""
        return result.says


class ComparisonDrawer:
    """Draws explanations in rows and columns."""

    def picture(self, result: Compared, style: Style | None = None, **how: Any) -> np.ndarray:
        """Return heads, cells and scales, uint8 (H, W, 3); `how` is `scale` and `side`, as for `Compared.save`."""
        scale, side = checked_scale(how.get("scale", "own")), checked_side(how.get("side", 168))
        return grid(result, style or Style(), scale, side)

    def save(
        self, result: Compared, path: str | os.PathLike[str], style: Style | None = None, **how: Any
    ) -> None:
        """Write a PNG; `how` is as for `picture`."""
        png_path(path).write_bytes(grid_png(result, style, **how))

    def show(self, result: Compared, style: Style | None = None, **how: Any) -> Displayed:
        """Return what `save` writes as an object that a notebook displays."""
        return displayed_grid(result, style, **how)

    def headline(self, result: Compared) -> str:
        """Return what is compared, in one line."""
        return result.title


register_drawer(Explanation, ExplanationDrawer())
register_drawer(Likeness, PairDrawer())
register_drawer(Compared, ComparisonDrawer())
