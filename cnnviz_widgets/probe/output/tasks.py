"""What kind of answer a network gives: classes, numbers, an embedding, a picture, classes at places, rows of boxes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from ...errors import SettingError, did_you_mean, listed
from ..graphs.graph import Shape
from ..layer_info import number_count
from .last_steps import Ending

Meant = Literal["classes", "separate classes", "numbers", "mask", "embedding", "steps", ""]

# Words in the names of losses, the telling ones first: a focal or weighted cross-entropy is one too.
_WORDS: tuple[tuple[str, Meant], ...] = (
    (
        "triplet|contrastive|npair|ntxent|infonce|arcface|cosface|cosine|circleloss|metriclearning",
        "embedding",
    ),
    ("ctc", "steps"),
    ("dice|tversky|jaccard|iou|lovasz", "mask"),
    ("binarycrossentropy|binaryfocal|bce|sigmoid|multilabel", "separate classes"),
    ("categorical|crossentropy|softmax|kldivergence|kullbackleibler|focal|hinge", "classes"),
    (
        "meansquared|meanabsolute|mse|mae|mape|msle|rmse|huber|logcosh|smoothl1|wingloss|l1|l2|ssim|psnr|charbonnier|"
        "perceptual|poisson|pinball|quantile",
        "numbers",
    ),
)


def meant_by_loss(model: Any, output: str, outputs: list[str]) -> Meant:
    """Return what the loss of one output says, or an empty string if the model is not compiled or the loss unknown.

    Parameters
    ----------
    model : keras.Model
        The model.
    output : str
        Name of the output looked at.
    outputs : list of str
        Names of all outputs, in their order.
    """
    loss = getattr(model, "loss", None)
    if isinstance(loss, Mapping):
        loss = loss.get(output)
    elif isinstance(loss, list | tuple):
        loss = loss[outputs.index(output)] if len(loss) == len(outputs) else None
    elif len(outputs) > 1 and not isinstance(loss, str):
        loss = None
    return _meaning(loss)


def _meaning(loss: Any) -> Meant:
    if loss is None:
        return ""
    named = loss if isinstance(loss, str) else getattr(loss, "__name__", type(loss).__name__)
    plain = re.sub("[^a-z0-9]", "", named.lower())
    return next((meant for words, meant in _WORDS if re.search(words, plain)), "")


Task = Literal[
    "multiclass",
    "multilabel",
    "binary",
    "regression",
    "embedding",
    "image",
    "segmentation",
    "sequence",
    "detection",
]
TASKS: tuple[Task, ...] = get_args(Task)
OF_CLASSES = ("multiclass", "multilabel", "binary")
PLACED = ("segmentation", "sequence", "detection")
COORDINATES = 4
FEWEST_IN_A_BOX = COORDINATES + 1

_NEEDS = {
    "multiclass": "one row of class scores, (classes,)",
    "multilabel": "one row of class scores, (classes,)",
    "binary": "one number, or two",
    "segmentation": "class scores at places, (height, width, classes)",
    "sequence": "class scores at steps, (steps, classes)",
    "detection": "rows of boxes, (boxes, coordinates and class scores)",
    "image": "maps, (height, width, channels)",
}


@dataclass(frozen=True)
class Answer:
    """What an output was found to be.

    Attributes
    ----------
    task : str
        The kind of answer.
    note : str
        What it was taken for and how to say otherwise, where that could not be known; else empty.
    """

    task: Task
    note: str = ""


def checked_task(task: Any, made: Shape) -> Task | None:
    """Return the task that a user named, or None.

    Raises
    ------
    SettingError
        If there is no such task, or the output has not the shape for it.
    """
    if task is None:
        return None
    if task not in TASKS:
        raise SettingError(
            f"task must be one of {listed(TASKS, 12)}, or None to find it; got {task!r}."
            f"{did_you_mean(str(task), TASKS)}"
        )
    places = made[:-1]
    wrong = (
        (task in OF_CLASSES and any(n != 1 for n in places))
        or (task == "binary" and made and made[-1] not in (1, 2, None))
        or (task in PLACED and not places)
        or (task == "image" and len(places) < 2)
    )
    if wrong:
        raise SettingError(f"task {task!r} needs {_NEEDS[task]}; the output has the shape {made}.")
    return task  # type: ignore[no-any-return]


def find_task(shape: Shape, made: Shape, end: Ending, meant: Meant, labels: int) -> Answer:
    """Return the kind of answer that a network gives.

    What the author said counts first (the loss, class names), then what the output is made by.

    Parameters
    ----------
    shape, made : tuple
        Shapes of picture and output, without the batch axis.
    end : Ending
        How the output is made.
    meant : str
        What the loss says of it.
    labels : int
        How many class names there are.
    """
    if len(made) == 2 and made == shape:
        return Answer("image")
    if len(made) == 1 and made[0] == number_count(shape):
        return Answer("regression")  # a picture that is rebuilt as one row
    if all(n == 1 for n in made[:-1]):
        return _of_a_row(made[-1] if made else 1, end, meant, labels)
    if len(made) == 2:
        return _of_rows(shape, made, end, meant, labels)
    if len(made) == len(shape):
        return _of_maps(shape, made, end, meant, labels)
    return Answer("detection" if (made[-1] or 0) >= FEWEST_IN_A_BOX else "regression")


def class_count(task: Task, numbers: int) -> int:
    """Return how many classes there are where an output ends in that many numbers; one number is yes or no."""
    return 2 if numbers == 1 and task in ("binary", "segmentation", "sequence") else numbers


def class_columns(task: Task, made: Shape, end: Ending, labels: int) -> tuple[int, int, str]:
    """Return the first of the numbers that are class scores, how many they are, and a note if that is a guess.

    Of rows of boxes they are those after the coordinates, unless the network says otherwise: it puts the parts together
    in another order, gives the coordinates by another output, or has as many names.
    """
    numbers = int(made[-1] or 0) if made else 1
    if task != "detection":
        return 0, numbers, ""
    if end.boxes_apart or labels == numbers:
        return (0, numbers, "") if numbers != COORDINATES or labels else (0, 0, "")
    found = _scores_among(end.parts, labels)
    if found is not None:
        return found
    if 0 < labels <= numbers:
        return numbers - labels, labels, ""
    if numbers < FEWEST_IN_A_BOX:
        return 0, 0, ""
    note = (
        f"Of the {numbers} numbers of a box the first {COORDINATES} were taken for coordinates, the others for class "
        "scores. Give Probe(labels=...) if the classes are the last ones; Output names any number."
    )
    return COORDINATES, numbers - COORDINATES, note


def _scores_among(parts: Sequence[tuple[int, bool]], labels: int) -> tuple[int, int, str] | None:
    """Return the part of a box's numbers that are class scores: its first number, its width, a note if it is a guess.

    Each part is how many numbers it has, and whether they are made probabilities. As many as there are names are the
    scores; four beside others are coordinates, squashed or not.
    """
    placed = [(sum(n for n, _ in parts[:k]), width, squashed) for k, (width, squashed) in enumerate(parts)]
    named = [part for part in placed if part[1] == labels]
    others = [part for part in placed if part[1] != COORDINATES]
    likely = named or others or placed
    likely = [part for part in likely if part[2]] or likely
    if len(placed) < 2:
        return None
    start, width, _ = max(likely, key=lambda part: (part[1], part[0]))
    sure = len({part[1] for part in likely}) == len(likely)
    note = (
        f"Of the numbers of a box those from {start} to {start + width - 1} were taken for class scores; others are "
        "as many. Give Probe(labels=...), or name any number by Output."
    )
    return start, width, "" if sure else note


# one row


def _of_a_row(numbers: int | None, end: Ending, meant: Meant, labels: int) -> Answer:
    for rule in (_by_loss, _by_squash, _by_making):
        found = rule(numbers or 0, end, meant, labels)
        if found is not None:
            return found
    return Answer("multiclass", _taken("classes, its numbers for their logits", "regression", "embedding"))


def _by_loss(numbers: int, end: Ending, meant: Meant, labels: int) -> Answer | None:
    if meant == "embedding":
        return Answer("embedding")
    if meant == "numbers" and end.squash != "softmax" and not _named(numbers, end.squash, labels):
        return Answer("regression")
    if meant in ("classes", "separate classes", "mask"):
        if numbers == 1:
            return Answer("binary")
        apart = meant == "separate classes" and end.squash != "softmax"
        return Answer("multilabel" if apart or end.squash == "sigmoid" else "multiclass")
    return None


def _by_squash(numbers: int, end: Ending, meant: Meant, labels: int) -> Answer | None:
    if end.squash == "softmax":
        return Answer("multiclass")
    of_a_box = numbers == COORDINATES and end.called("boxes")
    if end.squash == "sigmoid" and not end.called("numbers") and not of_a_box:
        return Answer("binary" if numbers == 1 else "multilabel")
    if end.squash == "sigmoid":
        return Answer("regression")
    return None


def _by_making(numbers: int, end: Ending, meant: Meant, labels: int) -> Answer | None:
    if end.normalised:
        return Answer("embedding")
    if labels and labels == numbers:
        return Answer("multiclass")
    if numbers == 1:
        return Answer("binary" if labels == 2 else "regression")
    if end.called("code"):
        return Answer("embedding")
    if end.called("numbers"):
        return Answer("regression")
    if end.called("classes"):
        return Answer("multiclass")
    if end.raw or not end.known:
        return None
    if end.features or numbers >= 8:
        return Answer("embedding")
    return Answer("regression", _taken("plain numbers", "multiclass", "embedding"))


def _named(numbers: int, squash: str, labels: int) -> bool:
    return squash == "sigmoid" and labels == (2 if numbers == 1 else numbers) and labels > 0


# rows and steps


def _of_rows(shape: Shape, made: Shape, end: Ending, meant: Meant, labels: int) -> Answer:
    numbers = made[-1] or 0
    if end.boxes_apart or any(width == COORDINATES for width, _ in end.parts):
        return Answer("detection")
    if meant == "embedding":
        return Answer("embedding")
    if meant == "steps" or end.squash == "softmax":
        return Answer("sequence")
    if meant == "numbers":
        return Answer("regression")
    if end.called("boxes"):
        return Answer("detection")
    if end.normalised or end.called("code") or (end.tokens and not end.raw and not end.squash):
        return Answer("embedding")
    if end.stepwise or (meant in ("classes", "separate classes") and numbers < FEWEST_IN_A_BOX):
        return Answer("sequence")
    if numbers < COORDINATES or end.called("numbers") or (end.from_a_row and numbers == COORDINATES):
        return Answer("regression")
    if made[0] == math.prod(n or 0 for n in shape[:2]):
        return Answer("sequence", _taken("classes at places", "embedding"))
    if end.tokens:
        return Answer("sequence", _taken("classes at steps", "embedding", "detection"))
    if labels and labels == numbers:
        return Answer("sequence")
    known = end.from_maps and not end.squash
    return Answer(
        "detection", "" if known else _taken("rows of boxes", "sequence", "regression", "embedding")
    )


# maps


def _of_maps(shape: Shape, made: Shape, end: Ending, meant: Meant, labels: int) -> Answer:
    channels, same = made[-1] or 0, made[-1] == shape[-1]
    for rule in (_maps_by_loss, _maps_by_squash, _maps_by_name):
        found = rule(channels, same, end, meant, labels)
        if found is not None:
            return found
    return _maps_by_making(channels, same, end, shape, made)


def _maps_by_loss(channels: int, same: bool, end: Ending, meant: Meant, labels: int) -> Answer | None:
    if meant == "embedding":
        return Answer("embedding")
    if meant == "numbers":
        return Answer("image")
    if meant in ("classes", "mask"):
        return Answer("segmentation")
    if meant == "separate classes" and not same:
        return Answer("segmentation")
    return None


def _maps_by_squash(channels: int, same: bool, end: Ending, meant: Meant, labels: int) -> Answer | None:
    if end.squash == "softmax" or (labels and labels == (2 if channels == 1 else channels)):
        return Answer("segmentation")
    if end.squash != "sigmoid":
        return None
    if not same:
        return _unless_called(end, "image", Answer("segmentation"))
    if end.called("mask"):
        return Answer("segmentation")
    if channels > 1 and end.skips and not end.called("picture"):
        return Answer("image", _taken("a picture", "segmentation"))
    if channels > 1 or end.called("picture"):
        return Answer("image")
    if end.code and not end.skips:
        return Answer("image")
    if end.narrowed and not end.skips:
        return Answer("image", _taken("a picture that is rebuilt", "segmentation"))
    return Answer("segmentation", "" if end.skips and not meant else _taken("a mask", "image"))


def _maps_by_name(channels: int, same: bool, end: Ending, meant: Meant, labels: int) -> Answer | None:
    if end.normalised or (end.called("code") and not same):
        return Answer("embedding")
    if end.called("boxes"):
        return Answer("detection")
    if end.called("mask") or end.called("classes"):
        return Answer("segmentation")
    return Answer("image") if end.called("picture") or end.bounded else None


def _maps_by_making(channels: int, same: bool, end: Ending, shape: Shape, made: Shape) -> Answer:
    if same:
        doubt = channels > 1 and end.raw and end.skips and made == shape
        return Answer("image", _taken("a picture", "segmentation") if doubt else "")
    if end.from_a_row and channels >= FEWEST_IN_A_BOX:
        return Answer("detection", _taken("boxes at places", "segmentation", "embedding"))
    if not end.raw and end.known:
        return Answer("image") if channels <= 1 else Answer("embedding")
    if channels == 1:
        return Answer("segmentation", _taken("a mask", "image"))
    return Answer("segmentation", _taken("classes at places", "image", "embedding", "detection"))


def _unless_called(end: Ending, task: Task, usual: Answer) -> Answer:
    return Answer(task) if end.called("picture") and not end.called("mask") else usual


def _taken(what: str, *others: str) -> str:
    """Return the note for an output that may be something else."""
    ways = " or ".join(repr(name) for name in others)
    return f"The output was taken for {what}. If it is something else, say so: Probe(model, task={ways})."
