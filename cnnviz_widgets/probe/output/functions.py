"""What a function of numbers computes, found by running it on a few of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

End = Literal["softmax", "sigmoid", "linear", "log_softmax", "log_sigmoid", ""]

SPREAD = 3.0  # of the numbers tried: wide enough to tell a sigmoid from its straight-line stand-ins
GRID = np.linspace(-8.0, 9.25, 70, dtype=np.float32)  # of no mean 0, so that taking off a mean is seen


def end_of(function: Callable[[Any], Any], shape: tuple[int, ...], axis: int = -1) -> End:
    """Return which known end of a network a function is, to rounding; empty if none or if it cannot be run.

    Parameters
    ----------
    function : callable
        Takes and returns a tensor.
    shape : tuple of int
        Of the tensor to try, batch axis included.
    axis : int
        That of the classes, over which a softmax must go.
    """
    given = np.random.default_rng(0).normal(0.0, SPREAD, shape).astype(np.float32)
    made = tried(function, given)
    if made is None or made.size != given.size:
        return ""
    if _alike(made.reshape(-1), given.reshape(-1)):
        return "linear"
    if made.shape != given.shape:
        return ""
    sigmoid = 1 / (1 + np.exp(-given))
    raised = np.exp(given - given.max(axis=axis, keepdims=True))
    softmax = raised / raised.sum(axis=axis, keepdims=True)
    known: dict[End, np.ndarray] = {"sigmoid": sigmoid}
    if shape[axis] > 1:
        known["softmax"] = softmax
    known.update({"log_sigmoid": np.log(sigmoid), "log_softmax": np.log(softmax)})
    return next((name for name, wanted in known.items() if _alike(made, wanted)), "")


def keeps_chances(function: Callable[[Any], Any], shape: tuple[int, ...]) -> bool:
    """Return True for a function that leaves numbers between 0 and 1 as they are, such as a clip to that range."""
    given = np.random.default_rng(0).uniform(0.01, 0.99, shape).astype(np.float32)
    made = tried(function, given)
    return made is not None and made.shape == given.shape and _alike(made, given)


def has_gradient(function: Callable[[Any], Any], shape: tuple[int, ...]) -> bool:
    """Return False for a function that nothing comes back through, such as an argmax or a rounding."""
    import keras
    import tensorflow as tf

    given = tf.constant(np.random.default_rng(0).normal(0.0, SPREAD, shape).astype(np.float32))
    try:
        with keras.StatelessScope(), tf.GradientTape() as tape:
            tape.watch(given)
            made = function(given)
        return bool(made.dtype.is_floating) and tape.gradient(made, given) is not None
    except Exception:  # a function that does not take these numbers tells nothing
        return True


def relu_of(function: Callable[[Any], Any], rank: int = 2) -> str:
    """Return which member of the ReLU family a function is, e.g. ``LeakyReLU``; empty if none.

    Parameters
    ----------
    function : callable
        Takes and returns a tensor.
    rank : int
        Number of axes of the tensor to try.
    """
    given = GRID.reshape(*(1,) * (rank - 1), -1)
    made = tried(function, given)
    if made is None or made.shape != given.shape:
        return ""
    return _member(made.reshape(-1))


def tried(function: Callable[[Any], Any], given: np.ndarray) -> np.ndarray | None:
    """Return what a function makes of numbers, float32; None if it fails or makes something else than one tensor.

    Whatever a layer would write to its own state is dropped.
    """
    import keras
    import tensorflow as tf

    try:
        with keras.StatelessScope():
            made = function(tf.constant(given))
        return (
            np.asarray(tf.cast(made, tf.float32)) if tf.is_tensor(made) and made.dtype.is_floating else None
        )
    except Exception:  # a function that does not take these numbers is none of the known ones
        return None


def _member(made: np.ndarray) -> str:
    x = GRID
    positive, negative = made[x > 0], made[x < 0]
    if _alike(negative, 0 * negative):
        top = float(made.max())
        if not _alike(made, np.clip(x, 0, top)) or top <= 1:
            return _smooth(made)
        return "ReLU6" if abs(top - 6) < 1e-3 else "ReLU"
    slope = float(made[0] / x[0])
    if _alike(positive, x[x > 0]) and 0 < slope < 1 and _alike(negative, slope * x[x < 0]):
        return "LeakyReLU"
    return _smooth(made)


def _smooth(made: np.ndarray) -> str:
    """Return which of Keras' own relatives of the ReLU a curve over the grid is."""
    import keras

    own = keras.activations
    known: dict[str, tuple[Callable[[Any], Any], ...]] = {
        "ELU": (own.elu,),
        "SiLU": (own.silu,),
        "GELU": (own.gelu, lambda x: own.gelu(x, approximate=True)),
        "SELU": (own.selu,),
        "Mish": (own.mish,),
        "hard SiLU": (own.hard_silu,),
    }
    for name, functions in known.items():
        for function in functions:
            if _alike(made, np.asarray(function(GRID))):
                return name
    return ""


def _alike(made: np.ndarray, wanted: np.ndarray) -> bool:
    """Return True if two arrays agree to rounding; that is coarser for numbers of half precision."""
    if made.size == 0 or not np.isfinite(made).all():
        return False
    error = float(np.abs(made - wanted).max()) / max(1.0, float(np.abs(wanted).max()))
    return error < 2e-5 or (error < 1e-2 and _is_half(made))


def _is_half(made: np.ndarray) -> bool:
    """Return True for numbers that float16 or bfloat16 can write, but not all of them whole or simple fractions."""
    simple = np.array_equal(made * 64, np.round(made * 64))
    short = not (np.ascontiguousarray(made).view(np.uint32) & 0xFFFF).any()
    return not simple and (short or np.array_equal(made, made.astype(np.float16).astype(np.float32)))
