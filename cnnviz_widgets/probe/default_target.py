"""What an author would ask of a picture first: the target that is explained when none is named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import TargetError
from ..objectives import ClassScore, LayerEnergy, Objective, Output, Unit
from ..regions import Mask
from .runnable_model import RunnableModel
from .volumes.volume import Volume

# What authors call the class of places that are nothing.
BACKGROUNDS = ("background", "bg", "void", "unlabeled", "unlabelled", "none", "ignore")


def natural(probe: RunnableModel, image: Any) -> Objective:
    """Return the target to begin with for a network that gives no row of classes.

    Segmentation: the class that covers most and is not called background, where it is predicted. A sequence: the
    surest step that is no blank. Rows of boxes: the best score of the best row. Plain numbers: the first. An
    embedding: its largest number, or the channel that answers loudest. Pictures: the energy of the code, or the
    middle pixel if there is none.

    Raises
    ------
    TargetError
        If it depends on the picture and there is none.
    """
    if probe.task == "image":
        code = probe.bottleneck
        return LayerEnergy(code.name) if code is not None else _middle(probe, image)
    if image is None and None in probe.output_shape:
        raise TargetError(
            f"what is asked of {probe.name} first depends on the picture: give one, or a target."
        )
    if probe.task == "regression" and probe.volume is not None and len(probe.output_shape) == 4:
        return _middle_of_slice(probe.volume, probe.output_shape)
    if probe.task == "regression" or image is None:
        return Output(*[0] * max(1, len(probe.output_shape)))
    if probe.task == "embedding":
        return _loudest(probe, image)
    scores = probe.class_scores(image)
    if not scores.shape[-1]:
        return Output(*[0] * len(probe.output_shape))
    return {"segmentation": _most, "sequence": _surest, "detection": _best}[probe.task](probe, image, scores)


def _most(probe: RunnableModel, image: Any, scores: np.ndarray) -> Objective:
    """Return the class that covers most where it wins, a thing before a background; of yes and no yes, if it wins."""
    won = probe.predicted(image)
    covered = np.bincount(won[won >= 0].ravel(), minlength=scores.shape[-1])
    if not covered.any():  # no mask has anything in it: the class that comes nearest, over all places
        return ClassScore(int(np.unravel_index(int(scores.argmax()), scores.shape)[-1]))
    nothing = [k for k, name in enumerate(probe.labels or ()) if str(name).lower() in BACKGROUNDS]
    if covered.sum() > covered[nothing].sum():
        covered[nothing] = 0
    index = int(covered.argmax())
    if probe.outputs == 1:
        index = int(won.any())
    return ClassScore(index, at=Mask(won == index, "predicted"))


def _surest(probe: RunnableModel, image: Any, scores: np.ndarray) -> Objective:
    """Return the class of the step where the network is surest; a blank that wins most steps is passed over.

    Of a video with a step for each frame it is the step of the frame that is the picture.
    """
    rows = scores.reshape(-1, scores.shape[-1])
    if probe.volume is not None and len(rows) == probe.volume.count:
        step = probe.volume.index
        return ClassScore(int(rows[step].argmax()), at=_place(step, scores.shape[:-1]))
    won, sure = rows.argmax(axis=-1), rows.max(axis=-1)
    usual = int(np.bincount(won).argmax())
    blank = usual in (0, rows.shape[-1] - 1) and 2 * np.count_nonzero(won == usual) > len(won)
    able = won != usual if blank and (won != usual).any() else np.ones(len(won), bool)
    step = int(np.where(able, sure, -np.inf).argmax())
    return ClassScore(int(won[step]), at=_place(step, scores.shape[:-1]))


def _best(probe: RunnableModel, image: Any, scores: np.ndarray) -> Objective:
    """Return the best score of all rows."""
    *place, index = np.unravel_index(int(scores.argmax()), scores.shape)
    return ClassScore(int(index), at=tuple(int(n) for n in place) if len(place) > 1 else int(place[0]))


def _place(number: int, shape: tuple[int, ...]) -> Any:
    place = tuple(int(n) for n in np.unravel_index(number, shape))
    return place if len(place) > 1 else place[0]


def _loudest(probe: RunnableModel, image: Any) -> Objective:
    """Return the largest number of an embedding; of one with places the channel whose mean is largest."""
    output = probe.predict(probe.fit(image))[0]
    probe.check_finite(output, image)
    maker = probe.output_layer
    if output.ndim > 1 and maker is not None and max(output.shape[:-1]) > 1:
        means = np.abs(output).reshape(-1, output.shape[-1]).mean(axis=0)
        return Unit(maker, int(means.argmax()))
    return Output(*(int(n) for n in np.unravel_index(int(output.argmax()), output.shape)))


def _middle_of_slice(volume: Volume, shape: Sequence[int | None]) -> Objective:
    """Return the first number in the middle of the slice, of an answer for each place of a volume."""
    place = [(n or 1) // 2 for n in shape[:3]]
    place[volume.axis] = volume.index * (shape[volume.axis] or volume.count) // volume.count
    return Output(*place, 0)


def _middle(probe: RunnableModel, image: Any) -> Objective:
    shape = probe.output_shape
    if None in shape:
        if image is None:
            raise TargetError(
                f"the middle pixel of {probe.name} depends on the picture: give one, or a target."
            )
        shape = tuple(probe.predict(probe.fit(image))[0].shape)
    return Output(*((n or 1) // 2 for n in shape))
