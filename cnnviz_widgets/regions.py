"""Where in an output a score is read: a rectangle, or any set of places."""

from __future__ import annotations

from dataclasses import dataclass
from operator import index
from typing import Any

import numpy as np

from .errors import TargetError


@dataclass(frozen=True)
class Box:
    """A rectangle of an output's places.

    Parameters
    ----------
    top, left : int
        Row and column of its first place, from 0.
    height, width : int
        How many rows and columns it has, at least 1.

    Raises
    ------
    TargetError
        If a number is not whole or too small.
    """

    top: int
    left: int
    height: int
    width: int

    def __post_init__(self) -> None:
        for name, least in (("top", 0), ("left", 0), ("height", 1), ("width", 1)):
            object.__setattr__(self, name, whole(f"Box.{name}", getattr(self, name), least))


@dataclass(frozen=True, eq=False)
class Mask:
    """A set of an output's places, such as those where a class wins; equal to another of the same places.

    Parameters
    ----------
    places : array_like of bool
        True where a place belongs to it: (height, width) for an output of maps, (steps,) for a sequence or rows.
    name : str
        What it is called on the screen, e.g. ``the sky``; ``predicted`` if it is where a class wins. Two masks of the
        same places are equal, whatever they are called.

    Raises
    ------
    TargetError
        If it is not an array of True and False, or no place belongs to it.
    """

    places: np.ndarray
    name: str = ""

    def __post_init__(self) -> None:
        places = np.array(self.places)
        if places.dtype != bool or places.ndim < 1:
            raise TargetError(
                "Mask must be an array of True and False, one for each place of the output; "
                f"got {places.dtype} of shape {places.shape}. Compare first, e.g. Mask(array > 0.5)."
            )
        if not places.any():
            raise TargetError("Mask is empty: at least one place must be True.")
        places.setflags(write=False)
        object.__setattr__(self, "places", places)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Mask) and np.array_equal(self.places, other.places)

    def __hash__(self) -> int:
        return hash((self.places.shape, self.places.tobytes()))

    def __repr__(self) -> str:
        sides = " x ".join(map(str, self.places.shape))
        return f"Mask({np.count_nonzero(self.places)} of {sides} places)"


Place = int | tuple[int, ...] | Box | Mask | str


def checked_place(owner: str, at: Any) -> Place | None:
    """Return where a score is read, checked; a bare array of True and False is turned into a `Mask`.

    Raises
    ------
    TargetError
        If it is no place; the message lists what is one.
    """
    if at is None or isinstance(at, Box | Mask):
        return at
    if isinstance(at, str):
        if at == "predicted":
            return at
    elif isinstance(at, np.ndarray) and at.dtype == bool and at.ndim:
        return Mask(at)
    elif isinstance(at, tuple | list | np.ndarray) and np.ndim(at) == 1 and len(at):
        return tuple(whole(owner, n) for n in at)
    elif is_whole(at):
        return whole(owner, at)
    raise TargetError(
        f"{owner} must be a step, a place (row, column), Box(top, left, height, width), a Mask or array of True and "
        f"False, 'predicted', or None for all places; got {at!r}."
    )


def whole(where: str, value: Any, least: int = 0) -> int:
    """Return a whole number that is large enough; raises `TargetError` for anything else."""
    if not is_whole(value) or int(value) < least:
        raise TargetError(f"{where} must be a whole number, at least {least}; got {value!r}.")
    return int(value)


def is_whole(value: Any) -> bool:
    """Return True for a whole number of any kind; True and False are none."""
    try:
        index(value)
    except TypeError:
        return False
    return not isinstance(value, bool | np.bool_)
