"""Objectives checked against a model, and scores read as probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import LayerError, TargetError
from ..image import Image
from ..objective import (
    ClassScore,
    Contrast,
    Direction,
    LayerEnergy,
    Matching,
    Mixture,
    Objective,
    Output,
    ReconstructionError,
    Several,
    Similarity,
    Unit,
    as_objective,
)
from .placed import checked_class, checked_output

if TYPE_CHECKING:
    from .probe import Probe


def resolve(probe: Probe, target: Objective | int | str | None, image: Any) -> Objective:
    """Return the objective meant, checked; see `Probe.target`."""
    meant = as_objective(target)
    return probe.natural_target(image) if meant is None else _checked(probe, meant, image)


def _checked(probe: Probe, target: Objective, image: Any) -> Objective:
    """Return the objective checked; a reference gets the picture's size where the model takes any."""
    match target:
        case ClassScore():
            return checked_class(probe, target, image)
        case Output():
            return checked_output(probe, target, image)
        case ReconstructionError() if not probe.rebuilds:
            raise TargetError(
                f"ReconstructionError needs a model whose output has the picture's shape; "
                f"{probe.name} gives {probe.output_shape}."
            )
        case ReconstructionError():
            probe.rebuilt_from  # noqa: B018  refuses to compare unlike things
        case Unit():
            return _checked_unit(probe, target)
        case LayerEnergy(layer=name):
            return LayerEnergy(_layer(probe, name))
        case Similarity(reference=reference, layer=name, metric=metric, pooled=pooled):
            own = _layer(probe, name)
            if isinstance(image, Image) and None in probe.input_shape[:2]:
                reference = probe.fit(reference).resized(image.size, "crop")
            return Similarity(reference, own, metric, pooled and len(probe.layer(own).shape) == 3)
        case Contrast(plus=plus, minus=minus):
            sides = (
                None if side is None else _checked(probe, as_objective(side) or ClassScore(0), image)
                for side in (plus, minus)
            )
            return Contrast(*sides)
        case Direction():
            return _checked_direction(probe, target)
        case Matching(reference=reference, layer=name):
            return Matching(reference, _layer(probe, name))
        case Mixture(objectives=objectives, weights=weights):
            return Mixture(tuple(_checked(probe, one, image) for one in objectives), weights)
        case Several(objectives=objectives):
            return Several(tuple(_checked(probe, one, image) for one in objectives))
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


def of_classes(output: np.ndarray, first: int, classes: int, squash: str) -> np.ndarray:
    """Return the class scores in an output, (..., classes); a yes-or-no score becomes that of no and that of yes."""
    if output.shape[-1] == 1 and classes == 2:
        no = 1 - output if squash == "sigmoid" else -output
        return np.concatenate([no, output], axis=-1, dtype=np.float32)
    return output[..., first : first + classes]


def winners(scores: np.ndarray, apart: bool) -> np.ndarray:
    """Return the class with the highest score at each place, int32; -1 where of classes set `apart` none has a half."""
    won = np.asarray(scores.argmax(axis=-1), np.int32)
    return np.where(scores.max(axis=-1) < 0.5, np.int32(-1), won) if apart else won


def probabilities(output: np.ndarray, squash: str, task: str) -> np.ndarray:
    """Return one probability a class, (..., n), for outputs of one or more pictures, (..., n).

    Plain numbers are read as if a softmax followed, those of a task with separate classes as if a sigmoid did, unless
    they are shares of 1 already. One number is the probability of yes.
    """
    if not squash and (output.shape[-1] == 1 or task == "multilabel"):
        output = np.asarray(1 / (1 + np.exp(-np.clip(output, -80, 80))), np.float32)
        squash = "sigmoid"
    if squash == "sigmoid" and output.shape[-1] == 1:
        return np.concatenate([1 - output, output], axis=-1, dtype=np.float32)
    if squash:
        return output
    sums = np.abs(output.sum(axis=-1) - 1)
    if output.min() >= 0 and float(sums.max()) < 1e-3:
        return output
    raised = np.exp(output - output.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True), np.float32)
