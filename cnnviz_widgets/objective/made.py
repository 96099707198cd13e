"""Objectives that are put together: a direction, a match with a picture, a weighted sum, several side by side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import isfinite
from typing import Any

from ..errors import TargetError
from ..image import Image
from .plain import Objective, as_objective, check_layer


@dataclass(frozen=True)
class Direction(Objective):
    """How far a layer's answer reaches along a direction of its channels, averaged over its places.

    Parameters
    ----------
    layer : str
        Name of the layer.
    vector : sequence of float
        One number a channel; its length does not matter, only where it points.
    """

    layer: str
    vector: tuple[float, ...]

    def __post_init__(self) -> None:
        check_layer("Direction", self.layer)
        try:
            made = tuple(float(x) for x in self.vector)
        except (TypeError, ValueError):
            raise TargetError(
                f"Direction.vector must be numbers, one a channel; got {self.vector!r}."
            ) from None
        if not all(map(isfinite, made)) or not any(made):
            raise TargetError("Direction.vector must be finite numbers that are not all 0.")
        object.__setattr__(self, "vector", made)


@dataclass(frozen=True)
class Matching(Objective):
    """How closely a layer's answer to the image matches its answer to a reference picture.

    Minus the squared distance of the two answers, as a share of the squared length of the reference's: 0 is a perfect
    match, -1 as far as no answer at all (Mahendran & Vedaldi, CVPR 2015, arXiv:1412.0035, eq. 3).

    Parameters
    ----------
    reference : Image
        The picture matched; an array is taken too.
    layer : str
        Name of the layer.
    """

    reference: Image
    layer: str

    def __post_init__(self) -> None:
        check_layer("Matching", self.layer)
        if not isinstance(self.reference, Image):
            object.__setattr__(self, "reference", Image.load(self.reference))


@dataclass(frozen=True)
class Mixture(Objective):
    """A weighted sum of objectives.

    Parameters
    ----------
    objectives : sequence of Objective or int
        What is added; an int is a class.
    weights : sequence of float, optional
        One an objective; all 1 if left out.
    """

    objectives: tuple[Objective, ...]
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        made = _several("Mixture", self.objectives)
        weights = tuple(float(w) for w in self.weights) or (1.0,) * len(made)
        if len(weights) != len(made):
            raise TargetError(f"Mixture needs one weight an objective, {len(made)}; got {len(weights)}.")
        object.__setattr__(self, "objectives", made)
        object.__setattr__(self, "weights", weights)


@dataclass(frozen=True)
class Several(Objective):
    """Objectives side by side, a picture for each; only methods that make pictures take it.

    Parameters
    ----------
    objectives : sequence of Objective or int
        One a picture; an int is a class.
    """

    objectives: tuple[Objective, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "objectives", _several("Several", self.objectives))


def _several(owner: str, objectives: Any) -> tuple[Objective, ...]:
    """Return the objectives, at least one, none of them a `Several`."""
    if isinstance(objectives, str | Objective) or not isinstance(objectives, Iterable):
        raise TargetError(f"{owner}.objectives must be a list of objectives; got {objectives!r}.")
    made = tuple(found for found in map(as_objective, objectives) if found is not None)
    if not made or any(isinstance(one, Several) for one in made):
        raise TargetError(f"{owner} needs at least one objective, and no Several among them.")
    return made
