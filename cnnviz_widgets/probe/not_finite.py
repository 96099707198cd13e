"""Where in a network NaN or infinite numbers appear first: in a layer's output, in the target, or in its gradient."""

from __future__ import annotations

from typing import Any

import numpy as np

from .engine import Engine
from .graphs.graph import Graph, Step, Values
from .run_errors import plainly
from .scores import Score

ANEW = "Load weights from before that, or train again with a smaller learning rate."


def why_not_finite(
    engine: Engine,
    name: str,
    picture: np.ndarray,
    score: Score | None,
    graph: Graph,
    layer: str | None = None,
    answered: bool = False,
) -> str:
    """Return a sentence that names the first layer whose numbers are not finite; empty if all of them are.

    The network is run once, step by step, forward and, for a score, backward. No steps are made into one meanwhile:
    a convolution with a ReLU behind it, run as one, gives 0 for NaN on some processors.

    Parameters
    ----------
    engine : Engine
        The network.
    name : str
        What to call it.
    picture : numpy.ndarray
        What it is given, (H, W, C).
    score : Score or None
        The target whose gradient is looked at too.
    graph : Graph
        Its steps, or those under a rule of backward flow.
    layer : str, optional
        The layer that was asked, where it was not the output.
    answered : bool
        The answer as it came was finite: only where it is not so step by step is anything said.
    """
    import keras
    import tensorflow as tf

    images = tf.constant(picture[None])
    recorded = tf.GradientTape(watch_accessed_variables=False)
    with engine.lock, plainly(name), keras.StatelessScope(), recorded as tape:
        engine.calls += 1
        tape.watch(images)
        run, values = engine.run(images, set(), graph)
        output = run.output if layer is None else run.layer(layer)
        value = None if score is None else score.compute(run, score.feed)
    if answered and not _kind(output) and not _kind(value):
        return ""
    said = _of_values(graph, values) or _of_value("its output", output)
    if said:
        return f"{name} does not answer this picture with finite numbers: {said}"
    if value is None:
        return ""
    said = _of_value("the target", value)
    if said:
        return f"{said[0].upper()}{said[1:]}"
    return _of_gradient(graph, values, images, value, tape)


def _of_values(graph: Graph, values: Values) -> str:
    for step in graph.steps:
        for slot in step.outputs:
            kind = _kind(values[slot]) if slot in values else ""
            if kind:
                verb = "appears" if kind == "NaN" else "appear"
                return f"{kind} {verb} first in the output of {step.name!r}{_why(step, values)}"
    return ""


def _why(step: Step, values: Values) -> str:
    """Return why a layer is the first whose output is not finite: its weights, an overflow, or its mathematics."""
    found = held(step)
    if found:
        return f"; its weights hold {found}. {ANEW}"
    given = [values[slot] for slot in step.inputs if slot in values]
    made = (values[slot] for slot in step.outputs if slot in values)
    if "float16" in {getattr(step.op, "compute_dtype", ""), *(tensor.dtype.name for tensor in made)}:
        return (
            "; its weights and its input are finite, so it overflows float16, which ends at 65504. "
            "Run the model in float32 or bfloat16."
        )
    ends = [_ends(tensor) for tensor in given if _is_real(tensor)]
    if not ends:
        return "; its weights are finite."
    low, high = min(low for low, _ in ends), max(high for _, high in ends)
    return f"; its weights are finite, and so is its input, which reaches from {low:.4g} to {high:.4g}."


def held(step: Step) -> str:
    """Return how many NaN and infinite numbers the weights of a step hold, in words; empty if none."""
    nan = infinite = 0
    for weight in getattr(step.op, "weights", None) or ():
        tensor = weight if callable(weight.value) else weight.value
        if _is_real(tensor):
            numbers = _numbers(tensor)
            if np.isfinite(numbers.sum()):
                continue
            nan += int(np.isnan(numbers).sum())
            infinite += int(np.isinf(numbers).sum())
    infinite_words = "1 infinite number" if infinite == 1 else f"{infinite} infinite numbers"
    return " and ".join([f"{nan} NaN"] * bool(nan) + [infinite_words] * bool(infinite))


def broken_weights(graph: Graph) -> str:
    """Return a sentence on weights that are NaN or infinite though the answers need not be; empty if there are none."""
    found = {step.name.partition("#")[0]: words for step in graph.steps if (words := held(step))}
    if not found:
        return ""
    first, words = next(iter(found.items()))
    more = f", and those of {len(found) - 1} more layers hold some" if len(found) > 1 else ""
    return (
        f"The weights of {first!r} hold {words}{more}: where answers are finite all the same, a later layer took NaN "
        "for a number."
    )


def _of_value(what: str, tensor: Any) -> str:
    kind = _kind(tensor)
    verb = "is" if kind == "NaN" else "holds"
    return f"{what} {verb} {kind}, although the output of every layer is finite." if kind else ""


def _of_gradient(graph: Graph, values: Values, images: Any, value: Any, tape: Any) -> str:
    """Return behind which layer, from the target back, the gradient is not finite first."""
    slots = [slot for slot, tensor in values.items() if _is_real(tensor)]
    whole, *inner = tape.gradient(value, [images, *(values[slot] for slot in slots)])
    known = dict(zip(slots, inner, strict=True))
    for step in reversed(graph.steps):
        kind = next((k for slot in step.inputs if (k := _kind(known.get(slot)))), "")
        if kind and not any(_kind(known.get(slot)) for slot in step.outputs):
            came = f"{kind} {'appears' if kind == 'NaN' else 'appear'}"
            return (
                f"The gradient of the target is not finite, although the output of every layer is: {came} first "
                f"on the way back through {step.name!r}. A root, a norm or a logarithm has no gradient at 0: add a "
                "small number before it is taken, or use Occlusion, which needs no gradient."
            )
    kind = _kind(whole) or next((k for gradient in inner if (k := _kind(gradient))), "")
    return f"The gradient of the target by the network's own output is {kind}." if kind else ""


def _is_real(tensor: Any) -> bool:
    return bool(getattr(getattr(tensor, "dtype", None), "is_floating", False))


def _kind(tensor: Any) -> str:
    """Return ``NaN`` or ``infinite numbers`` if a tensor holds such, else an empty string."""
    if tensor is None or not _is_real(tensor):
        return ""
    numbers = _numbers(tensor)
    if np.isfinite(numbers).all():
        return ""
    return "NaN" if np.isnan(numbers).any() else "infinite numbers"


def _ends(tensor: Any) -> tuple[float, float]:
    numbers = _numbers(tensor)
    return (float(numbers.min()), float(numbers.max())) if numbers.size else (0.0, 0.0)


def _numbers(tensor: Any) -> np.ndarray:
    """Return numbers in a type that NumPy knows; a gradient by the rows of a table comes in slices."""
    import tensorflow as tf

    return np.asarray(tf.cast(tf.convert_to_tensor(tensor), tf.float64))
