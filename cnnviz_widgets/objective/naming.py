"""Objectives in words, and the plain ones that they are made of."""

from __future__ import annotations

import numpy as np

from .made import Direction, Matching, Mixture, Several
from .places import Box, Mask, Place
from .plain import (
    ClassScore,
    Contrast,
    Custom,
    LayerEnergy,
    Objective,
    Output,
    ReconstructionError,
    Similarity,
    Unit,
    as_objective,
)


def parts(target: Objective | None) -> tuple[Objective, ...]:
    """Return the objectives that a target is made of; a `Contrast` has two."""
    if isinstance(target, Contrast):
        return parts(as_objective(target.plus)) + parts(as_objective(target.minus))
    if isinstance(target, Mixture | Several):
        return tuple(part for one in target.objectives for part in parts(one))
    return () if target is None else (target,)


def words(target: Objective | None, labels: tuple[str, ...] | None = None) -> str:
    """Return the objective as a reader would name it, e.g. ``"tiger cat"`` or ``channel 12 of conv_1``."""
    if isinstance(target, ClassScore):
        return _class_words(target, labels)
    if isinstance(target, Output):
        return _output_words(target, labels)
    if isinstance(target, Unit):
        return _unit_words(target)
    if isinstance(target, LayerEnergy):
        return f"the energy of {target.layer}"
    if isinstance(target, ReconstructionError):
        return "the reconstruction error"
    if isinstance(target, Similarity):
        return f"likeness to {target.reference.name or 'the reference'} in {target.layer}"
    if isinstance(target, Contrast):
        plus, minus = (
            words(as_objective(t), labels) if t is not None else "0" for t in (target.plus, target.minus)
        )
        return f"{plus} rather than {minus}"
    if isinstance(target, Direction):
        return f"a direction of {target.layer}"
    if isinstance(target, Matching):
        return f"{target.reference.name or 'the reference'} as {target.layer} has it"
    if isinstance(target, Mixture | Several):
        between = " and " if isinstance(target, Mixture) else ", "
        return between.join(words(one, labels) for one in target.objectives)
    return target.name if isinstance(target, Custom) else "the model's natural target"


def _class_words(target: ClassScore, labels: tuple[str, ...] | None) -> str:
    if isinstance(target.index, str):
        name = f"“{target.index}”"
    else:
        named = labels is not None and target.index < len(labels)
        name = f"“{labels[target.index]}”" if named and labels else f"class {target.index}"
    return name + _place_words(target.at) + (f" ({target.of})" if target.of != "logit" else "")


def _output_words(target: Output, labels: tuple[str, ...] | None) -> str:
    first, *more = target.indices
    named = f" (“{labels[first]}”)" if labels and not more and 0 <= first < len(labels) else ""
    return f"output {', '.join(map(str, target.indices))}{named}"


def _place_words(at: Place | None) -> str:
    match at:
        case None:
            return ""
        case int():
            return f" at {at}"
        case tuple():
            return f" at {', '.join(map(str, at))}"
        case Box(top=top, left=left, height=height, width=width):
            return f" in {height} × {width} at {top}, {left}"
        case Mask(name="predicted"):
            return " where it is predicted"
        case Mask(name=name) if name:
            return f" at {name}"
        case Mask(places=places):
            count = int(np.count_nonzero(places))
            return f" at {count} place{'s' * (count != 1)}"
    return " where it is predicted"


def _unit_words(unit: Unit) -> str:
    place = f"cell {unit.position[0]}, {unit.position[1]}" if unit.position else ""
    channel = f"channel {unit.channel}" if unit.channel is not None else ""
    what = " at ".join(p for p in (channel, place) if p) or "the mean"
    return f"{what} of {unit.layer}"
