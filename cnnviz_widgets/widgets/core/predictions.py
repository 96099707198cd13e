"""What a network says of a picture, whatever kind of answer it gives: rows with a number each, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ...images.image import Image
from ...objectives import ClassScore, Objective, Output
from ...probe import Probe
from ...render import as_text
from ...render.labels import OTHERS, OWN, REST, Colour

MOST_ROWS = 5
DIGITS = 6  # of a text that still fits beside a name


@dataclass(frozen=True)
class Row:
    """One number that a network gives, and what explains it.

    Attributes
    ----------
    label : str
        What it is the number of.
    value : str
        The number in words, e.g. ``54 % of the picture``.
    target : Objective
        What is explained by a click on it.
    share : float or None
        Length of its bar, 0 to 1; None for a number that is no share, which has no bar.
    colour : tuple of int or None
        Colour of its dot, where a picture shows it in that colour.
    """

    label: str
    value: str
    target: Objective
    share: float | None = None
    colour: Colour | None = None


@dataclass(frozen=True, eq=False)
class Predictions:
    """What a network says of one picture.

    Attributes
    ----------
    image : Image
        The picture, fitted.
    rows : tuple of Row
        What can be explained, what matters most first.
    kind : str
        What kind of answer it is, in a few words, e.g. ``a class at every place``.
    below : str
        A sentence for what has no rows, or what to mind of them.
    classes : numpy.ndarray or None
        int32 (h, w), the class that wins at each place, of a segmentation.
    output : numpy.ndarray or None
        What the network gives, float32, where it is no row of classes.
    """

    image: Image
    rows: tuple[Row, ...]
    kind: str
    below: str = ""
    classes: np.ndarray | None = None
    output: np.ndarray | None = None


def class_colours(count: int) -> tuple[Colour, ...]:
    """Return a colour for each class of a segmentation; the first, mostly the background, is grey."""
    return tuple((OWN, *OTHERS)[k] if k <= len(OTHERS) else REST for k in range(count))


def said(probe: Probe, image: Image, step: int = 0) -> Predictions:
    """Ask a network about a picture, and put the answer into rows.

    Parameters
    ----------
    probe : Probe
        The network.
    image : Image
        The picture, fitted.
    step : int
        Which step of a sequence the rows are about.
    """
    if _is_pair(probe):
        return _pair(probe, image)
    if probe.gives_classes:
        return _classes(probe, image)
    by_task = {
        "segmentation": _segmentation, "regression": _numbers, "embedding": _embedding, "image": _picture,
        "detection": _boxes,
    }  # fmt: skip
    if probe.task == "sequence":
        return _steps(probe, image, step)
    return by_task[probe.task](probe, image)


def kind_of(probe: Probe) -> str:
    """Return what kind of answer a network gives, in a few words."""
    shape = probe.output_shape or (1,)
    if _is_pair(probe):
        return "one answer for two pictures"
    many = {
        "multiclass": f"one of {probe.classes} classes",
        "multilabel": f"yes or no to each of {probe.classes} classes",
        "binary": "yes or no",
        "segmentation": f"{probe.classes} separate masks" if _apart(probe) else "a class at every place",
        "sequence": f"a class at each of {shape[0] or 'its'} steps",
        "detection": f"{shape[0] or ''} rows of numbers, a box each".strip(),
        "regression": "a number" if probe.outputs == 1 else f"{probe.outputs} numbers",
        "embedding": f"an embedding of {probe.outputs} numbers",
        "image": "a picture",
    }
    return many[probe.task]


def _apart(probe: Probe) -> bool:
    """Return whether each class has a mask of its own, so that a place may be of none."""
    return probe.squash == "sigmoid" and probe.outputs > 1


def _is_pair(probe: Probe) -> bool:
    """Return whether a network compares two pictures: it takes both, and gives one number."""
    return bool(probe.pair) and probe.outputs == 1 and len(probe.output_shape) <= 1


def _classes(probe: Probe, image: Image) -> Predictions:
    top = probe.top(image, MOST_ROWS)
    rows = tuple(Row(label, f"{chance * 100:.1f} %", ClassScore(k), chance) for k, label, chance in top)
    return Predictions(image, rows, kind_of(probe))


def _segmentation(probe: Probe, image: Image) -> Predictions:
    classes = probe.predicted(image)
    counts = np.bincount(classes[classes >= 0].ravel(), minlength=probe.classes)
    colours, rows = class_colours(probe.classes), list[Row]()
    for k in np.argsort(-counts, kind="stable")[:MOST_ROWS]:
        if counts[k]:
            share = float(counts[k] / classes.size)
            value = f"{percent(share)} of the picture" if not rows else percent(share)
            rows.append(
                Row(probe.label(int(k)), value, ClassScore(int(k), at="predicted"), share, colours[k])
            )
    below = "" if rows else "No mask has anything in it: no class reaches 50 % at any place."
    return Predictions(image, tuple(rows), kind_of(probe), below, classes=classes)


def _steps(probe: Probe, image: Image, step: int) -> Predictions:
    chances = probe.chances(image)
    at = chances[step]
    best = np.argsort(-at, kind="stable")[:MOST_ROWS]
    rows = tuple(
        Row(probe.label(int(k)), f"{at[k] * 100:.1f} %", ClassScore(int(k), at=step), float(at[k]))
        for k in best
    )
    return Predictions(image, rows, kind_of(probe), output=chances)


def _numbers(probe: Probe, image: Image) -> Predictions:
    output = _output(probe, image)
    flat = output.reshape(-1)
    rows = tuple(
        Row(_named(probe, k), as_text(float(flat[k])), Output(*map(int, np.unravel_index(k, output.shape))))
        for k in range(min(flat.size, MOST_ROWS))
    )
    rest = f"and {flat.size - MOST_ROWS} more: type the number of one." if flat.size > MOST_ROWS else ""
    return Predictions(image, rows, kind_of(probe), rest, output=output)


def _named(probe: Probe, k: int) -> str:
    if probe.labels:
        return probe.label(k)
    return "the number" if probe.outputs == 1 else f"number {k}"


def _embedding(probe: Probe, image: Image) -> Predictions:
    output = _output(probe, image)
    below = (
        "Its numbers mean something only beside those of other pictures: "
        "compare pictures with the SimilarityExplorer."
    )
    return Predictions(image, (), kind_of(probe), below, output=output)


def _picture(probe: Probe, image: Image) -> Predictions:
    output = _output(probe, image)
    height, width = output.shape[:2]
    what = kind_of(probe) if output.shape[:2] == image.size else f"a picture of {height} × {width}"
    return Predictions(image, (), what, output=output)


def _pair(probe: Probe, image: Image) -> Predictions:
    output = _output(probe, image)
    value = float(output.reshape(-1)[0])
    if probe.squash == "sigmoid":
        rows = (Row(probe.label(1), f"{value * 100:.1f} %", ClassScore(1), value),)
    else:
        rows = (Row("distance (output 0)", as_text(value), Output(*(0,) * output.ndim)),)
    other = probe.beside.get(probe.pair)
    below = (
        "" if other is None else f"Beside “{probe.pair}”: {other.name or 'the picture shown by the input'}."
    )
    return Predictions(image, rows, kind_of(probe), below, output=output)


def _boxes(probe: Probe, image: Image) -> Predictions:
    """Return the few rows with the highest class score, with the numbers before the scores, which are their boxes."""
    output, scores = _output(probe, image), probe.class_scores(image)
    if not scores.shape[-1]:
        return _numbers(probe, image)
    by_row, numbers = (made.reshape(-1, made.shape[-1]) for made in (scores, output))
    rows = []
    for k in np.argsort(-by_row.max(axis=1), kind="stable")[:MOST_ROWS]:
        index, place = int(by_row[k].argmax()), [int(n) for n in np.unravel_index(k, scores.shape[:-1])]
        at = place[0] if len(place) == 1 else tuple(place)
        box = " ".join(as_text(float(v)) for v in numbers[k, : min(4, probe.first_class)])
        name = f"row {', '.join(map(str, place))}: {probe.label(index)}"
        value = as_text(float(by_row[k, index]))
        rows.append(Row(f"{name} · {box}" if box else name, value, ClassScore(index, at=at)))
    below = "Of each row its best class, the numbers before the scores, and that score."
    return Predictions(image, tuple(rows), kind_of(probe), below, output=output)


def step_of(target: Objective | None) -> int:
    """Return the step of a sequence that a target is about; the first if none."""
    at = target.at if isinstance(target, ClassScore) else None
    return at if isinstance(at, int) else 0


def percent(share: float) -> str:
    """Return a share as a percentage, with a digit more where that would be 0."""
    return f"{share * 100:.0f} %" if share >= 0.01 else f"{share * 100:.1f} %"


def _output(probe: Probe, image: Image) -> np.ndarray:
    """Return the network's output for a picture, one number alone as a row of one.

    A `ModelError` names the layer where it is NaN or infinite first.
    """
    output = np.atleast_1d(probe.predict([image])[0])
    probe.check_finite(output, image)
    return output
