"""Objectives checked against a model, and scores read as probabilities."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import LayerError, TargetError, did_you_mean, listed
from ..image import Image
from ..objective import (
    ClassScore,
    Contrast,
    Direction,
    LayerEnergy,
    Matching,
    Mixture,
    Objective,
    ReconstructionError,
    Several,
    Similarity,
    Unit,
    as_objective,
)

if TYPE_CHECKING:
    from .probe import Probe


def resolve(probe: Probe, target: Objective | int | str | None, image: Any) -> Objective:
    """Return the objective meant, checked; see `Probe.target`."""
    meant = _class_named(probe, target, image) if isinstance(target, str) else as_objective(target)
    if meant is None:
        return probe.natural_target(image)
    any_size = isinstance(image, Image) and None in probe.input_shape[:2]
    return _checked(probe, meant, image.size if any_size else None)


def _class_named(probe: Probe, name: str, image: Any) -> ClassScore:
    """Return the class of a name; case does not matter."""
    labels = probe.labels or ()
    folded = [label.casefold() for label in labels]
    if name.casefold() in folded:
        return ClassScore(folded.index(name.casefold()))
    if not labels:
        raise TargetError(
            f"target {name!r}: the classes have no names. Give Probe(labels=...), or the class index."
        )
    near = _with_word(probe, name, image)
    hint = f" With that word: {listed(map(repr, near))}." if near else did_you_mean(name, labels)
    raise TargetError(f"There is no class {name!r} among {len(labels)}.{hint}")


def _with_word(probe: Probe, word: str, image: Any) -> list[str]:
    """Return the class names that have a word in them, the most probable of a picture first if it is one."""
    labels = probe.labels or ()
    if isinstance(image, Image):
        labels = tuple(label for _, label, _ in probe.top(image, len(labels))) or labels
    whole = re.compile(rf"(?<!\w){re.escape(word.strip())}(?!\w)", re.IGNORECASE)
    return [label for label in labels if word.strip() and whole.search(label)]


def _checked(probe: Probe, target: Objective, size: tuple[int, int] | None = None) -> Objective:
    """Return the objective checked; `size` is what a reference is brought to where the model takes any size."""
    match target:
        case ClassScore():
            _check_class(probe, target)
        case ReconstructionError() if probe.task != "image":
            raise TargetError(
                f"ReconstructionError needs a model whose output has the picture's shape; "
                f"{probe.name} gives {probe.output_shape}."
            )
        case Unit():
            return _checked_unit(probe, target)
        case LayerEnergy(layer=name):
            return LayerEnergy(_layer(probe, name))
        case Similarity(reference=reference, layer=name, metric=metric, pooled=pooled):
            own = _layer(probe, name)
            reference = reference if size is None else probe.fit(reference).resized(size, "crop")
            return Similarity(reference, own, metric, pooled and len(probe.layer(own).shape) == 3)
        case Contrast(plus=plus, minus=minus):
            sides = (
                None if side is None else _checked(probe, as_objective(side) or ClassScore(0), size)
                for side in (plus, minus)
            )
            return Contrast(*sides)
        case Direction():
            return _checked_direction(probe, target)
        case Matching(reference=reference, layer=name):
            return Matching(reference, _layer(probe, name))
        case Mixture(objectives=objectives, weights=weights):
            return Mixture(tuple(_checked(probe, one) for one in objectives), weights)
        case Several(objectives=objectives):
            return Several(tuple(_checked(probe, one) for one in objectives))
    return target


def _checked_direction(probe: Probe, target: Direction) -> Direction:
    name = _layer(probe, target.layer)
    channels = probe.layer(name).shape[-1]
    if channels is not None and len(target.vector) != channels:
        raise TargetError(
            f"Direction.vector must have one number a channel of {name}, {channels}; got {len(target.vector)}."
        )
    return Direction(name, target.vector)


def _layer(probe: Probe, name: str) -> str:
    try:
        return probe.layer(name).name
    except LayerError as error:
        raise TargetError(str(error)) from error


def _check_class(probe: Probe, target: ClassScore) -> None:
    if probe.task == "image":
        raise TargetError(
            f"{probe.name} gives a picture, not classes. Use LayerEnergy, Unit, Similarity or ReconstructionError."
        )
    if target.index >= probe.classes:
        raise TargetError(
            f"ClassScore.index must be from 0 to {probe.classes - 1}, the classes of {probe.name}; got {target.index}."
        )


def _checked_unit(probe: Probe, target: Unit) -> Unit:
    name = _layer(probe, target.layer)
    shape = probe.layer(name).shape
    channels = shape[-1]
    if target.channel is not None and channels is not None and not 0 <= target.channel < channels:
        raise TargetError(
            f"Unit.channel must be from 0 to {channels - 1}, the channels of {name}; got {target.channel}."
        )
    if target.position is not None:
        if len(shape) != 3:
            raise TargetError(f"Unit.position needs a layer with maps; {name} gives {shape}.")
        for axis, place, most in zip(("row", "column"), target.position, shape[:2], strict=True):
            if place < 0 or (most is not None and place >= most):
                raise TargetError(
                    f"Unit.position {axis} must be from 0 to {(most or 0) - 1} in {name}; got {place}."
                )
    return Unit(name, target.channel, target.position)


def probabilities(output: np.ndarray, squash: str, classes: int) -> np.ndarray:
    """Return one probability a class, (..., n), for outputs of one or more pictures, (..., n).

    Plain numbers are read as if a softmax followed, unless they are shares of 1 already.
    """
    if squash == "sigmoid" and output.shape[-1] == 1 and classes == 2:
        return np.concatenate([1 - output, output], axis=-1, dtype=np.float32)
    sums = np.abs(output.sum(axis=-1) - 1)
    shares = output.shape[-1] > 1 and output.min() >= 0 and float(sums.max()) < 1e-3
    if squash or shares:
        return output
    raised = np.exp(output - output.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float32)
