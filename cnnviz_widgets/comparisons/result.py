"""Explanations side by side, as a frozen value: what the rows are, what the columns are, and what is in each cell."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from ..drawable import Drawable
from ..explanation import ColourMap, Heatmap
from ..images.image import Image

if TYPE_CHECKING:
    from ..style import Style

Place = tuple[int, int]
Kind = Literal["method", "layer", "target", "picture"]


@dataclass(frozen=True)
class Axis:
    """What differs from row to row, or from column to column.

    Attributes
    ----------
    kind : str
        ``method``, ``layer``, ``target`` or ``picture``.
    heads : tuple of str
        What stands at each row or column.
    """

    kind: Kind
    heads: tuple[str, ...]

    @property
    def count(self) -> str:
        """How many there are, in words: ``1 method``, ``8 pictures``."""
        return f"{len(self.heads)} {self.kind}{'s' * (len(self.heads) > 1)}"


@dataclass(frozen=True, eq=False)
class Compared(Drawable):
    """Explanations in rows and columns.

    Attributes
    ----------
    rows, columns : Axis
        What differs.
    images : tuple of Image
        The pictures, at the size the model takes.
    cells : mapping of (int, int) to Heatmap or ColourMap
        What was found, by (row, column); cells that are not computed are missing.
    refused : mapping of (int, int) to str
        Cells that cannot be made, and why, in a sentence.
    verdicts : mapping of int to str
        What the network says of each picture, by its index, e.g. ``tiger cat 39 %``; empty without classes.
    model : str
        Name of the model.
    asked : mapping of str to tuple
        The methods, layers and targets compared, by these three names; empty ones were left to each method.
    """

    rows: Axis
    columns: Axis
    images: tuple[Image, ...]
    cells: Mapping[Place, Heatmap | ColourMap] = field(default_factory=dict, repr=False)
    refused: Mapping[Place, str] = field(default_factory=dict, repr=False)
    verdicts: Mapping[int, str] = field(default_factory=dict, repr=False)
    model: str = ""
    asked: Mapping[str, tuple[Any, ...]] = field(default_factory=dict, repr=False)

    def __getitem__(self, place: Place) -> Heatmap | ColourMap:
        """Return the explanation at (row, column)."""
        return self.cells[place]

    @property
    def places(self) -> tuple[Place, ...]:
        """Every (row, column), row by row."""
        return tuple((r, c) for r in range(len(self.rows.heads)) for c in range(len(self.columns.heads)))

    def at(self, place: Place) -> str:
        """Return what a place stands at, e.g. ``Grad-CAM, chelsea``."""
        return f"{self.rows.heads[place[0]]}, {self.columns.heads[place[1]]}"

    def picture_at(self, place: Place) -> int:
        """Return the index of the picture that is explained at a place."""
        axes = (self.rows.kind, self.columns.kind)
        return place[axes.index("picture")] if "picture" in axes else 0

    @property
    def sharing(self) -> Literal["row", "column", "all"]:
        """Which cells can share a scale: methods count in different units, so sharing stays within each of them."""
        if self.rows.kind == "method":
            return "row"
        return "column" if self.columns.kind == "method" else "all"

    def companions(self, place: Place) -> tuple[Place, ...]:
        """Return the places that share a scale with one, itself too."""
        axis = {"row": 0, "column": 1}.get(self.sharing)
        return tuple(p for p in self.places if axis is None or p[axis] == place[axis])

    @property
    def title(self) -> str:
        """What is compared, e.g. ``4 methods × 8 pictures``."""
        axes = [axis for axis in (self.rows, self.columns) if len(axis.heads) > 1] or [self.columns]
        methods = self.asked.get("methods", ())
        parts = [methods[0].label if len(methods) == 1 else "", " × ".join(axis.count for axis in axes)]
        if len(self.images) == 1:
            parts.append(self.images[0].name)
        return " · ".join(part for part in parts if part)

    def picture(self, style: Style | None = None, *, scale: str = "own", side: int = 168) -> np.ndarray:
        """Return heads, cells and scales as uint8 (H, W, 3); the settings are those of `save`."""
        return self.drawer.picture(self, style, scale=scale, side=side)

    def save(
        self, path: str | os.PathLike[str], style: Style | None = None, *, scale: str = "own", side: int = 168
    ) -> None:
        """Write one figure as PNG, with heads, scales, and a caption that says how it was made.

        Parameters
        ----------
        path : path-like
            Where to, ending in ``.png``.
        style : Style, optional
            Colours and blending.
        scale : str
            ``own``: each cell has a scale of its own; ``shared``: cells that count in the same units share one.
        side : int
            Longer side of a cell in pixels, 48 to 1024.

        Raises
        ------
        SettingError
            If the name does not end in ``.png``, or there is no such scale or side.
        """
        self.drawer.save(self, path, style, scale=scale, side=side)
