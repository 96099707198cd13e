"""Whether an opened model or layer answers as it does itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from .record import Opened

UNKNOWN_SIDE = 64
FEW_PIXELS = 128 * 128


def answer(op: Any, given: Any, training: bool | None, values: list[Any]) -> list[Any]:
    """Return what a model or layer answers itself, flat, for values of the distinct tensors of a recorded call."""
    import keras

    symbols = {id(t): t for t in given.keras_tensors}
    args, kwargs = given.fill_in(dict(zip(symbols, values, strict=True)))
    if training is not None and "training" in getattr(op, "_call_context_args", ()):
        kwargs = {**kwargs, "training": training}
    with keras.StatelessScope():
        return list(keras.tree.flatten(op(*args, **kwargs)))


def differs(opened: Opened, values: list[Any], expected: list[Any]) -> float:
    """Return how far an opened model or layer is off, as a share of the largest number; 0 if by rounding alone."""
    import keras

    with keras.StatelessScope():
        made = opened.run(values)
    return distance(made, expected)


def distance(made: list[Any], expected: list[Any]) -> float:
    """Return the largest distance between answers, as a share of the largest number; 0 if it is that of rounding."""
    if [tuple(t.shape) for t in made] != [tuple(t.shape) for t in expected]:
        return float("inf")
    worst = 0.0
    for found, true in zip(made, expected, strict=True):
        loose = 2e-2 if true.dtype.name in ("float16", "bfloat16") else 1e-4
        a, b = (np.nan_to_num(_numbers(tensor).astype(np.float64)) for tensor in (found, true))
        if a.size:
            off = float(np.abs(a - b).max()) / (float(np.abs(b).max()) or 1.0)
            worst = max(worst, off if off > loose else 0.0)
    return worst


def _numbers(tensor: Any) -> np.ndarray:
    import keras

    return np.asarray(keras.ops.convert_to_numpy(keras.ops.cast(tensor, "float32")))


def random_values(tensors: list[Any], free: tuple[int, ...] = (UNKNOWN_SIDE, UNKNOWN_SIDE)) -> list[Any]:
    """Return numbers from 0 to 1 of the shapes of symbolic tensors, ones for whole numbers and for yes or no.

    Two rows, one of a large picture, where their number is free; height and width that are free are those of `free`.
    """
    import keras

    made = []
    for seed, tensor in enumerate(tensors):
        sides = [n or (free[k] if k < len(free) else UNKNOWN_SIDE) for k, n in enumerate(tensor.shape[1:])]
        rows = 2 if np.prod(sides[:2], dtype=int) <= FEW_PIXELS else 1
        sizes = (tensor.shape[0] or rows, *sides) if tensor.shape else ()
        if "float" in str(tensor.dtype):
            numbers = np.random.default_rng(seed).uniform(0, 1, sizes).astype(np.float32)
            made.append(keras.ops.cast(keras.ops.convert_to_tensor(numbers), tensor.dtype))
        else:
            made.append(keras.ops.ones(sizes, tensor.dtype))
    return made
