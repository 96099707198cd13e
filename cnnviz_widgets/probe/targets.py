"""Objectives checked against a model: names, numbers and places that it has; and scores read as probabilities."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from ..errors import LayerError, TargetError, did_you_mean, listed
from ..images.image import Image
from ..objectives import (
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
from ..regions import Box, Mask, Place
from .runnable_model import RunnableModel

_NO_CLASSES = {
    "image": "a picture",
    "embedding": "an embedding",
    "regression": "plain numbers",
}


def checked_class(probe: RunnableModel, target: ClassScore, image: Any) -> Objective:
    """Return the score of a class with its number and a place that the output has.

    A plain number of a row, such as that of a regression, is an `Output`.

    Raises
    ------
    TargetError
        If the model gives no classes, or has no such class or place.
    """
    if isinstance(target.index, str):
        target = replace(target, index=class_named(probe, target.index, image))
    if probe.task in _NO_CLASSES:
        return _as_number(probe, target)
    if not probe.classes:
        raise TargetError(
            f"{probe.name} gives boxes without class scores: {probe.output_shape}. Use Output(row, column)."
        )
    if probe.task == "detection" and target.of != "logit" and not probe.squash:
        raise TargetError(
            f"ClassScore.of must be 'logit' for {probe.name}, whose rows of boxes hold scores that are not known to be "
            f"probabilities; got {target.of!r}."
        )
    if target.number >= probe.classes:
        raise TargetError(
            f"ClassScore.index must be from 0 to {probe.classes - 1}, the classes of {probe.name}; got {target.index}."
        )
    if target.of == "logit" and probe.scale != "logit":
        target = replace(target, of=probe.scale)
    return target if target.at is None else replace(target, at=_checked_at(probe, target, image))


def _as_number(probe: RunnableModel, target: ClassScore) -> Objective:
    what = _NO_CLASSES[probe.task]
    if probe.task == "image":
        raise TargetError(
            f"{probe.name} gives {what}, not classes. Use Output(row, column, channel), LayerEnergy, Unit, Similarity "
            "or ReconstructionError; or say Probe(task='segmentation') if it does give classes."
        )
    if target.at is not None or len(probe.output_shape) > 1:
        raise TargetError(
            f"{probe.name} gives {what}, not classes. Name one by its indices in {probe.output_shape}: Output."
        )
    if target.of != "logit":
        raise TargetError(
            f"{probe.name} gives {what}, not classes, so there is no {target.of} of one. Use Output({target.index})."
        )
    return checked_output(probe, Output(target.number), None)


def checked_output(probe: RunnableModel, target: Output, image: Any) -> Output:
    """Return a number of the output, checked against its shape.

    Raises
    ------
    TargetError
        If the output has no such number.
    """
    shape = _shape(probe, image)
    shape = shape or (1,)
    if len(target.indices) != len(shape):
        raise TargetError(
            f"Output needs one index an axis of the output of {probe.name}, which is {shape}: {len(shape)}; "
            f"got {len(target.indices)}."
        )
    for axis, (index, most) in enumerate(zip(target.indices, shape, strict=True)):
        if most is not None and index >= most:
            raise TargetError(
                f"Output's index {axis} must be from 0 to {most - 1}, for the output of {probe.name} is {shape}; "
                f"got {index}."
            )
    return target


def class_named(probe: RunnableModel, name: str, image: Any) -> int:
    """Return the class of a name: the one that is called exactly so, else the only one in other letters' case.

    Raises
    ------
    TargetError
        If there is none, or several.
    """
    labels = probe.labels or ()
    if not labels:
        raise TargetError(
            f"target {name!r}: the classes have no names. Give Probe(labels=...), or the class index."
        )
    exact = [k for k, label in enumerate(labels) if label == name]
    found = exact or [k for k, label in enumerate(labels) if label.casefold() == name.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        among = listed(f"{labels[k]!r} (class {k})" for k in found)
        raise TargetError(
            f"Several classes are called {name!r}: {among}. Give the class index, or the exact name."
        )
    near = _with_word(probe, name, image)
    hint = f" With that word: {listed(map(repr, near))}." if near else did_you_mean(name, labels)
    raise TargetError(f"There is no class {name!r} among {len(labels)}.{hint}")


def _with_word(probe: RunnableModel, word: str, image: Any) -> list[str]:
    """Return the class names that have a word in them, the most probable of a picture first if it is one."""
    labels = probe.labels or ()
    if isinstance(image, Image):
        labels = tuple(label for _, label, _ in probe.top(image, len(labels))) or labels
    whole = re.compile(rf"(?<!\w){re.escape(word.strip())}(?!\w)", re.IGNORECASE)
    return [label for label in labels if word.strip() and whole.search(label)]


def _checked_at(probe: RunnableModel, target: ClassScore, image: Any) -> Place:
    """Return where a score is read; ``predicted`` becomes a `Mask`, and so does a place that is not one of two axes."""
    shape = _shape(probe, image)[:-1]
    at = target.at
    if all(n == 1 for n in shape):
        raise TargetError(
            f"ClassScore.at is for an output with places; {probe.name} gives one row of scores for the whole picture. "
            "Leave it out."
        )
    match at:
        case "predicted":
            return _where_it_wins(probe, target, image)
        case Box():
            _check_box(probe, at, shape)
        case Mask(places=places):
            if len(places.shape) != len(shape) or any(
                n not in (None, m) for n, m in zip(shape, places.shape, strict=True)
            ):
                raise TargetError(
                    f"ClassScore.at: the mask must have the size of the output's places, {shape}; got {places.shape}."
                )
        case int() | tuple():
            _check_place(probe, (at,) if isinstance(at, int) else at, shape)
            return at[0] if isinstance(at, tuple) and len(at) == 1 else at
    assert at is not None
    return at


def _check_box(probe: RunnableModel, box: Box, shape: tuple[int | None, ...]) -> None:
    if len(shape) != 2:
        raise TargetError(
            f"ClassScore.at: a Box needs an output of maps; {probe.name} gives {len(shape)} axis of places, {shape}. "
            "Use a step, or a Mask of them."
        )
    for begin, size, most, axis in (
        (box.top, box.height, shape[0], "rows"),
        (box.left, box.width, shape[1], "columns"),
    ):
        if most is not None and begin + size > most:
            raise TargetError(
                f"ClassScore.at: the box must lie in the output's {most} {axis}; "
                f"got {box!r}, which ends at {begin + size}."
            )


def _check_place(probe: RunnableModel, place: tuple[int, ...], shape: tuple[int | None, ...]) -> None:
    if len(place) != len(shape):
        kinds = {1: "a step or row, one whole number", 2: "(row, column)"}
        raise TargetError(
            f"ClassScore.at must be {kinds.get(len(shape), f'{len(shape)} whole numbers')} for the output of "
            f"{probe.name}, whose places are {shape}; got {place if len(place) > 1 else place[0]}."
        )
    for index, most in zip(place, shape, strict=True):
        if most is not None and index >= most:
            raise TargetError(
                f"ClassScore.at must lie in the output's places, {shape}, counted from 0; "
                f"got {place if len(place) > 1 else place[0]}."
            )


def _where_it_wins(probe: RunnableModel, target: ClassScore, image: Any) -> Mask:
    one = image[0] if isinstance(image, list | tuple) and len(image) == 1 else image
    if not isinstance(one, Image):
        raise TargetError(
            "ClassScore.at='predicted' needs the picture, one Image: use probe.target(target, image), or a Mask."
        )
    won = probe.predicted(one) == target.number
    if not won.any():
        raise TargetError(
            f"No place is predicted as {probe.label(target.number)!r} in this picture. "
            "Leave ClassScore.at out to explain its mean over all places, or name a place."
        )
    return Mask(won, "predicted")


def _shape(probe: RunnableModel, image: Any) -> tuple[int | None, ...]:
    """Return the output's shape, that for the picture if it varies and one is given."""
    shape = probe.output_shape
    if None in shape and isinstance(image, Image):
        return tuple(probe.predict(probe.fit(image))[0].shape)
    return shape


def resolve(probe: RunnableModel, target: Objective | int | str | None, image: Any) -> Objective:
    """Return the objective meant, checked; see `Probe.target`."""
    meant = as_objective(target)
    return probe.natural_target(image) if meant is None else _checked(probe, meant, image)


def _checked(probe: RunnableModel, target: Objective, image: Any) -> Objective:
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


def _checked_direction(probe: RunnableModel, target: Direction) -> Direction:
    name = _layer(probe, target.layer)
    channels = probe.layer(name).shape[-1]
    if channels is not None and len(target.vector) != channels:
        raise TargetError(
            f"Direction.vector must have one number a channel of {name}, {channels}; got {len(target.vector)}."
        )
    return Direction(name, target.vector)


def _layer(probe: RunnableModel, name: str) -> str:
    try:
        return probe.layer(name).name
    except LayerError as error:
        raise TargetError(str(error)) from error


def _checked_unit(probe: RunnableModel, target: Unit) -> Unit:
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
