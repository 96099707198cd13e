"""Whether an opened model or layer answers as it does itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from .record import Opened

UNKNOWN_SIDE = 64
ROWS = 2


def differs(op: Any, given: Any, opened: Opened, training: bool | None) -> str:
    """Return in what an opened model or layer differs from its own answer on random numbers; empty if in nothing.

    One that answers differently each time cannot be compared, and is taken as it was recorded.
    """
    import keras

    values = [_random(tensor, seed) for seed, tensor in enumerate(opened.inputs)]
    own = {id(t): v for t, v in zip(_distinct(given.keras_tensors), values, strict=True)}
    args, kwargs = given.fill_in(own)
    if training is not None and "training" in getattr(op, "_call_context_args", ()):
        kwargs = {**kwargs, "training": training}

    def asked() -> list[Any]:
        with keras.StatelessScope():
            return list(keras.tree.flatten(op(*args, **kwargs)))

    expected = asked()
    with keras.StatelessScope():
        made = opened.run(values)
    if len(made) != len(expected):
        return f"it gives {len(made)} outputs in the place of {len(expected)}"
    for found, true in zip(made, expected, strict=True):
        if tuple(found.shape) != tuple(true.shape):
            return f"its shape is {tuple(found.shape)} in the place of {tuple(true.shape)}"
    off = _distance(made, expected)
    if off and not _distance(asked(), expected):
        return f"it is off by {off:.2g} of its range"
    return ""


def _distance(made: list[Any], expected: list[Any]) -> float:
    """Return the largest distance, as a share of the largest number; 0 if it is that of rounding."""
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


def _random(tensor: Any, seed: int) -> Any:
    """Return numbers from 0 to 1 of a symbolic tensor's shape, ones for whole numbers and for yes or no."""
    import keras

    rows, *shape = tensor.shape or (None,)
    sizes = () if not tensor.shape else (rows or ROWS, *(n or UNKNOWN_SIDE for n in shape))
    if "float" not in str(tensor.dtype):
        return keras.ops.ones(sizes, tensor.dtype)
    numbers = np.random.default_rng(seed).uniform(0, 1, sizes)
    return keras.ops.cast(keras.ops.convert_to_tensor(numbers.astype(np.float32)), tensor.dtype)


def _distinct(tensors: list[Any]) -> list[Any]:
    return list({id(tensor): tensor for tensor in tensors}.values())
