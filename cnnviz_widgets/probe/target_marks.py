"""Where in the picture a target lies: the mask of its class, and the place or the box that is explained."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ..explanation import Mark, MaskLine, Outline, Ring
from ..images.image import Image
from ..objectives import ClassScore, Objective, Output, words
from ..regions import Box, Mask

if TYPE_CHECKING:
    from .probe import Probe


def marks_of(probe: Probe, target: Objective | None, image: Image) -> tuple[Mark, ...]:
    """Return what is marked on a picture for a target; nothing for one that has no place in it.

    Parameters
    ----------
    probe : Probe
        The network.
    target : Objective or None
        What is explained, with every part of it chosen.
    image : Image
        The picture, fitted.
    """
    if probe.task == "segmentation" and isinstance(target, ClassScore):
        return _class_marks(probe, target, image)
    if probe.task == "image" and isinstance(target, Output) and len(target.indices) == 3:
        shape = probe.output_shape
        if None in shape:
            shape = probe.predict([image])[0].shape
        return (_ring(target.indices[:2], shape),)
    return ()


def _class_marks(probe: Probe, target: ClassScore, image: Image) -> tuple[Mark, ...]:
    at, given = target.at, isinstance(target.at, Mask) and target.at.name != "predicted"
    won = at.places if isinstance(at, Mask) else probe.predicted(image) == target.number
    if won.ndim != 2:
        return ()
    marks, extent = list[Mark](), probe.output_extent(image.size)
    if won.any() and not won.all():
        named = "" if given else f" of {words(ClassScore(target.number), probe.labels)}"
        marks.append(MaskLine(Mask(won), f"White line: the mask{named}.", extent))
    (top, left, height, width), (rows, columns) = extent or (0.0, 0.0, 1.0, 1.0), won.shape
    if isinstance(at, tuple) and len(at) == 2:
        inside = _ring(at, won.shape)
        marks.append(replace(inside, x=left + inside.x * width, y=top + inside.y * height))
    if isinstance(at, Box):
        down, across = height / rows, width / columns
        marks.append(
            Outline(left + at.left * across, top + at.top * down, at.width * across, at.height * down)
        )
    return tuple(marks)


def _ring(place: tuple[int, ...], shape: tuple[int | None, ...]) -> Ring:
    rows, columns = (n or 1 for n in shape[:2])
    return Ring((place[1] + 0.5) / columns, (place[0] + 0.5) / rows)
