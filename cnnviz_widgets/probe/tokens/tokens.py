"""Tokens that are places of a picture: where they stand among the tokens of a layer, and the maps that they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Tokens:
    """How the tokens of a layer, (N, tokens, C), lie in the picture: row by row, between tokens that are no place.

    Attributes
    ----------
    grid : tuple of int
        (rows, columns) of the tokens that are places of the picture.
    before, after : int
        How many tokens before and after them are no place: a class token, a distillation token, registers.
    patch : tuple of int
        (height, width) in pixels of the patch of the picture that a token is made of, if that is known to be all it
        reads; else (0, 0).
    """

    grid: tuple[int, int]
    before: int = 0
    after: int = 0
    patch: tuple[int, int] = (0, 0)

    @property
    def places(self) -> int:
        """Number of tokens that are places."""
        return self.grid[0] * self.grid[1]

    @property
    def extra(self) -> int:
        """Number of tokens that are none."""
        return self.before + self.after

    @property
    def count(self) -> int:
        """Number of all tokens."""
        return self.places + self.extra

    def maps(self, values: Any) -> Any:
        """Return the places of (N, tokens, C), a tensor or an array, as maps: (N, rows, columns, C)."""
        places = values[:, self.before : self.before + self.places]
        return _reshaped(places, (-1, *self.grid, values.shape[-1]))

    def index(self, row: int, column: int) -> int:
        """Return the number of the token of a place among all tokens of the layer."""
        return self.before + row * self.grid[1] + column

    def on_grid(self, values: np.ndarray) -> np.ndarray:
        """Return the numbers of all tokens along the last axis, (..., tokens), as (..., rows, columns)."""
        places = values[..., self.before : self.before + self.places]
        return places.reshape(*values.shape[:-1], *self.grid)


def _reshaped(values: Any, shape: tuple[int, ...]) -> Any:
    if isinstance(values, np.ndarray):
        return values.reshape(shape)
    import tensorflow as tf

    return tf.reshape(values, shape)
