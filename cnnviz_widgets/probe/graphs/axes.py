"""Which axis goes where in an operation that exchanges axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..receptive_field import kind_of


def _order(op: Any, rank: int) -> tuple[int, ...] | None:
    """Return which axis of the input each axis of the output is, for an operation that exchanges axes."""
    kind, axes = kind_of(op), list(range(rank))
    if kind == "Permute":
        return (0, *op.dims)
    if kind == "Transpose":
        return tuple(a % rank for a in op.axes) if op.axes else tuple(reversed(axes))
    if kind == "Swapaxes":
        one, other = op.axis1 % rank, op.axis2 % rank
        axes[one], axes[other] = other, one
        return tuple(axes)
    moved = np.moveaxis(np.empty(axes), op.source, op.destination).shape if kind == "Moveaxis" else None
    return None if moved is None else tuple(moved)  # each axis has its own number as length


def exchanges(op: Any) -> bool:
    """Return True for an operation that exchanges the two axes behind the batch."""
    return _order(op, 3) == (0, 2, 1)


def leads_with_places(op: Any, rank: int) -> bool:
    """Return True for an operation that leaves batch, rows and columns where they are."""
    return (_order(op, rank) or ())[:3] == (0, 1, 2)
