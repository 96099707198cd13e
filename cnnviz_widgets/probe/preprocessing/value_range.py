"""Which pixel values a network was made for, found from what it does to the picture before it looks at it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from ..graphs.graph import Graph, Step

Range = tuple[float, float]

# ranges that pictures come in: unit, bytes, 10, 12, 14 and 16 bits, the 17 greys of small digits, and -1..1
_KNOWN: tuple[Range, ...] = (
    (0.0, 1.0), (0.0, 255.0), (0.0, 65535.0), (0.0, 4095.0), (0.0, 1023.0), (0.0, 16383.0), (0.0, 16.0), (-1.0, 1.0),
)  # fmt: skip
# what a network brings them to, by the range they came in
_UNIT: tuple[Range, ...] = ((0.0, 1.0), (-1.0, 1.0), (-0.5, 0.5))
_BYTES: tuple[Range, ...] = ((0.0, 255.0),)
_TYPES: dict[str, Range] = {"uint8": (0.0, 255.0), "uint16": (0.0, 65535.0), "bool": (0.0, 1.0)}
_ROUNDING = 0.012  # of the width: 1/256 and 1/128 stand for 1/255 and 1/127.5 in many models
_UNKNOWN_SIDE = 32
_MOST_NUMBERS = 40_000_000


def found_range(graph: Graph, image: str) -> Range | None:
    """Return the range of pixel values that a network takes, or None if what it does to the picture does not tell.

    The steps from the picture to the first layer with weights that are trained are run on plain pictures of one
    value, so that it does not matter how they are written: `Rescaling`, `Normalization`, operations, a `Lambda`, a
    `preprocess_input`, behind augmentation and resizing, inside nested models. The first place where a known range
    becomes a usual one tells: 0..1, -1..1 or -0.5..0.5, or a mean and a spread that only pictures of one range have.

    Parameters
    ----------
    graph : Graph
        The network.
    image : str
        Name of the input that is the picture.

    Returns
    -------
    tuple of float or None
        (low, high), e.g. (0, 255); None if nothing tells, or two branches tell different things.
    """
    slot = graph.inputs[image]
    if graph.input_types[image] in _TYPES:
        return _TYPES[graph.input_types[image]]
    if not any(_bare(step) for step in graph.takers.get(slot, ())):
        return None
    values, pictures = _plain_pictures(graph.input_shapes[image])
    if pictures is None:
        return None
    with np.errstate(over="ignore"):  # half floats end at 65504
        pictures = pictures.astype(graph.input_types[image])
    found = set(_told(graph, slot, values, pictures))
    return found.pop() if len(found) == 1 else None


def range_of_function(preprocess: Callable[[np.ndarray], Any], shape: tuple[int | None, ...]) -> Range | None:
    """Return the range that a user's `preprocess` brings to a usual one, or None if it does not tell."""
    values, pictures = _plain_pictures(shape)
    if pictures is None:
        return None
    try:
        return _range_told(values, np.asarray(preprocess(pictures.copy()), np.float32))
    except Exception:  # what fails on a real picture is told there, in words
        return None


def _plain_pictures(shape: tuple[int | None, ...]) -> tuple[np.ndarray, np.ndarray | None]:
    """Return values, (V,), and a picture full of each, (V, ...); None for pictures that are too large for that."""
    values = np.unique([at for low, high in _KNOWN for at in (low, (low + high) / 2, high)]).astype(
        np.float32
    )
    sides = tuple(n or _UNKNOWN_SIDE for n in shape)
    if len(values) * int(np.prod(sides)) > _MOST_NUMBERS:
        return values, None
    full = np.broadcast_to(values.reshape(-1, *(1,) * len(sides)), (len(values), *sides))
    return values, full.astype(np.float32)


def _told(graph: Graph, image: int, values: np.ndarray, pictures: np.ndarray) -> Iterator[Range]:
    """Yield what each branch tells, at the first place where it does."""
    import keras
    import tensorflow as tf

    known: dict[int, Any] = {image: tf.constant(pictures)}
    with keras.StatelessScope():
        for step in graph.steps:
            if not step.inputs or not _bare(step) or any(slot not in known for slot in step.inputs):
                continue
            try:
                made = step.call(known)
            except Exception:  # a step that a plain picture does not suit tells nothing
                continue
            for slot, tensor in zip(step.outputs, made, strict=False):
                answer = np.asarray(tensor, np.float32) if tensor.dtype.is_floating else None
                if answer is None or len(answer) != len(values):
                    continue
                told = _range_told(values, answer)
                if told is not None:
                    yield told
                elif _follows(values, answer):
                    known[slot] = tensor


def _bare(step: Step) -> bool:
    """Return whether an operation has no weights that are trained; statistics of a Normalization are none."""
    return not getattr(step.op, "trainable_variables", None) and not (
        getattr(step.op, "variables", None)
        and type(step.op).__name__ != "Normalization"
        and _holds_weights(step)
    )


def _holds_weights(step: Step) -> bool:
    """Return whether variables of real numbers are there; the state of a random generator is of whole ones."""
    return any("float" in str(variable.dtype) for variable in step.op.variables)


def _range_told(values: np.ndarray, answer: np.ndarray) -> Range | None:
    """Return the one known range that (V, ...) answers to plain pictures of V values fit, or None."""
    levels = _levels(answer)
    found = [known for known in _KNOWN if _fits(known, values, levels)]
    return found[0] if len(found) == 1 else None


def _levels(answer: np.ndarray) -> np.ndarray:
    """Return the answers in the middle of the picture, (V, channels): padding lies at its rim."""
    middle = tuple(slice(None) if n <= 4 else n // 2 for n in answer.shape[1:])
    return answer[(slice(None), *middle)].reshape(len(answer), -1)


def _follows(values: np.ndarray, answer: np.ndarray) -> bool:
    """Return whether an answer still is the picture's values, scaled and moved, within one of the known ranges."""
    levels = _levels(answer)
    return any(_line(known, values, levels) is not None for known in _KNOWN)


def _line(known: Range, values: np.ndarray, levels: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Return what the ends of a range become, (channels,) each, if what lies between becomes what lies between."""
    low, high = known
    ends = [levels[int(np.argmin(np.abs(values - at)))] for at in (low, (low + high) / 2, high)]
    if not np.all(np.isfinite(ends)):
        return None
    width = np.abs(ends[2] - ends[0])
    if not np.all(width > 0):
        return None
    straight = np.abs(ends[1] - (ends[0] + ends[2]) / 2) <= 5e-3 * width  # whole numbers halve to whole ones
    return (ends[0], ends[2]) if straight.all() else None


def _fits(known: Range, values: np.ndarray, levels: np.ndarray) -> bool:
    line = _line(known, values, levels)
    if line is None or _is(line, known):
        return False
    usual = _BYTES if known[1] == 1.0 else ()
    usual += _UNIT if known != (-1.0, 1.0) else ((0.0, 1.0),)
    if any(_is(line, goal) or _is(line[::-1], goal) for goal in usual):
        return True
    return known in ((0.0, 1.0), (0.0, 255.0)) and _standardised(known[1], *line)


def _is(line: tuple[np.ndarray, np.ndarray], goal: Range) -> bool:
    slack = _ROUNDING * (goal[1] - goal[0])
    return all(bool(np.all(np.abs(end - want) <= slack)) for end, want in zip(line, goal, strict=True))


def _standardised(high: float, first: np.ndarray, last: np.ndarray) -> bool:
    """Return whether a mean was taken away, and perhaps a spread divided by, that only values from 0 to `high` have.

    Of numbers from 0 to 1 with mean m the variance is at most m (1 - m) (Bhatia and Davis, 2000).
    """
    slope = (last - first) / high
    mean = -first / slope / high
    if not np.all((mean >= 0.1) & (mean <= 0.9)):
        return False
    if np.allclose(slope, 1.0, rtol=1e-4):
        return True
    spread = 1 / slope / high
    return bool(np.all((spread >= 0.02) & (spread**2 <= mean * (1 - mean) * 1.01)))
