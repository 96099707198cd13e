"""What kind of answer a network gives: classes, numbers, an embedding, a picture, classes at places, rows of boxes."""

from __future__ import annotations

from typing import Any, Literal, get_args

from ..errors import SettingError, did_you_mean, listed
from .graph import Graph, Shape
from .head import Head

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
    places = len(made) - 1
    wrong = (
        (task in OF_CLASSES and places > 0 and any(n != 1 for n in made[:-1]))
        or (task == "binary" and made[-1] not in (1, 2, None))
        or (task in ("sequence", "detection", "segmentation") and places < 1)
        or (task == "image" and places < 2)
    )
    if wrong:
        raise SettingError(f"task {task!r} needs {_NEEDS[task]}; the output has the shape {made}.")
    return task  # type: ignore[no-any-return]


_NEEDS = {
    "multiclass": "one row of class scores, (classes,)",
    "multilabel": "one row of class scores, (classes,)",
    "binary": "one number, or two",
    "segmentation": "class scores at places, (height, width, classes)",
    "sequence": "class scores at steps, (steps, classes)",
    "detection": "rows of boxes, (boxes, 4 coordinates and class scores)",
    "image": "maps, (height, width, channels)",
}


def find_task(graph: Graph, shape: Shape, made: Shape, head: Head) -> Task:
    """Return the kind of answer that a network gives."""
    if len(made) <= 1:
        return _of_a_row(made, head)
    if len(made) == 2:
        return "sequence"
    same = (
        not (head.squash == "softmax" and made[-1] != 1)
        and len(made) == 3
        and len(shape) == 3
        and all(a is None or b is None or a == b for a, b in zip(made, shape, strict=True))
    )
    return "image" if same else "segmentation"


def _of_a_row(made: Shape, head: Head) -> Task:
    one = not made or made[-1] == 1
    if head.squash == "sigmoid":
        return "binary" if one else "multilabel"
    if head.squash == "softmax":
        return "multiclass"
    return "regression" if one else "multiclass"


def class_count(task: Task, numbers: int) -> int:
    """Return how many classes there are where an output ends in that many numbers; one number is yes or no."""
    return 2 if numbers == 1 and task in ("binary", "segmentation", "sequence") else numbers
