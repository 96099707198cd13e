"""Classes checked against a model: the name, the number, and where in an output with places the score is read."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ..errors import TargetError, did_you_mean, listed
from ..image import Image
from ..objective import Box, ClassScore, Mask, Objective, Output, Place

if TYPE_CHECKING:
    from .probe import Probe

_NO_CLASSES = {
    "image": "a picture",
    "embedding": "an embedding",
    "regression": "plain numbers",
}


def checked_class(probe: Probe, target: ClassScore, image: Any) -> Objective:
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


def _as_number(probe: Probe, target: ClassScore) -> Objective:
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


def checked_output(probe: Probe, target: Output, image: Any) -> Output:
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


def class_named(probe: Probe, name: str, image: Any) -> int:
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


def _with_word(probe: Probe, word: str, image: Any) -> list[str]:
    """Return the class names that have a word in them, the most probable of a picture first if it is one."""
    labels = probe.labels or ()
    if isinstance(image, Image):
        labels = tuple(label for _, label, _ in probe.top(image, len(labels))) or labels
    whole = re.compile(rf"(?<!\w){re.escape(word.strip())}(?!\w)", re.IGNORECASE)
    return [label for label in labels if word.strip() and whole.search(label)]


def _checked_at(probe: Probe, target: ClassScore, image: Any) -> Place:
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


def _check_box(probe: Probe, box: Box, shape: tuple[int | None, ...]) -> None:
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


def _check_place(probe: Probe, place: tuple[int, ...], shape: tuple[int | None, ...]) -> None:
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


def _where_it_wins(probe: Probe, target: ClassScore, image: Any) -> Mask:
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


def _shape(probe: Probe, image: Any) -> tuple[int | None, ...]:
    """Return the output's shape, that for the picture if it varies and one is given."""
    shape = probe.output_shape
    if None in shape and isinstance(image, Image):
        return tuple(probe.predict(probe.fit(image))[0].shape)
    return shape
