"""The attention inside of a layer that does not hand it out: the softmax in its call that weighs what is read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar

from ..graphs.graph import Step, Values
from ..opening import inlined

# What leaves numbers as they are, and their axes in their order.
_PASSING = {"Identity", "StopGradient", "Cast", "CheckNumerics", "PreventGradient"}
_PRODUCTS = {"BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "MatMul"}
_BY_HAND = {"RealDiv", "DivNoNan"}  # exp(x) / sum(exp(x))

Found = TypeVar("Found")


@dataclass(frozen=True, eq=False)
class Weighing:
    """Weights with which a layer sums up what it reads, tensors of the run in which it was called.

    Attributes
    ----------
    weights : tensor
        (..., queries, keys), each row of which adds up to 1.
    logits : tensor or None
        What the softmax was taken of; None where it is written out.
    """

    weights: Any
    logits: Any


def inside(step: Step, values: Values, call: Callable[[], Found]) -> tuple[Found, list[Weighing]]:
    """Return what a call of a step's layer makes, and the weights with which values are summed up inside of it.

    It must be called while a graph is traced: the operations that the call adds to it are looked through. What counts
    is a softmax, or else a quotient, that a matrix product sums over its last axis; a softmax that is mixed further
    before it weighs anything, as between heads, does not.

    Parameters
    ----------
    step : Step
        The step.
    values : Values
        The values of the run.
    call : callable
        Calls the layer with them.
    """
    import tensorflow as tf

    graph = tf.compat.v1.get_default_graph()
    for slot in step.inputs:
        values[slot]  # what it needs is not its own
    known = len(graph.get_operations())
    with _in_one_graph(step.op):
        made = call()
    added = graph.get_operations()[known:]
    softmaxes = [Weighing(op.outputs[0], op.inputs[0]) for op in added if op.type == "Softmax"]
    quotients = [Weighing(op.outputs[0], None) for op in added if op.type in _BY_HAND]
    return made, list(_weighing(softmaxes)) or list(_weighing(quotients))


def _in_one_graph(op: Any) -> AbstractContextManager[None]:
    """Return a scope in which a `call` that is a `tf.function` shows what it does."""
    return inlined() if hasattr(getattr(op, "call", None), "python_function") else nullcontext()


def _weighing(found: Sequence[Weighing]) -> Iterator[Weighing]:
    for one in found:
        rank = one.weights.shape.rank
        if rank is not None and 3 <= rank <= 5 and _sums_over(one.weights, rank - 1):
            yield one


def _sums_over(tensor: Any, axis: int) -> bool:
    """Return True if a tensor, its axes perhaps exchanged first, is multiplied and summed over an axis."""
    return any(_read_over(tensor, taker, axis) for taker in tensor.consumers())


def _read_over(tensor: Any, taker: Any, axis: int) -> bool:
    rank, made = tensor.shape.rank, next(iter(taker.outputs), tensor)
    at = next(k for k, given in enumerate(taker.inputs) if given is tensor)
    if taker.type in _PASSING:
        return _sums_over(made, axis)
    if taker.type == "Transpose":
        order = _constant(taker.inputs[1])
        return order is not None and _sums_over(made, list(order).index(axis))
    if taker.type == "Reshape":
        kept = axis == rank - 1 and made.shape.rank is not None
        kept = kept and tensor.shape[-1] is not None and made.shape[-1] == tensor.shape[-1]
        return kept and _sums_over(made, made.shape.rank - 1)
    if taker.type in _PRODUCTS:
        return axis == _summed_by_product(taker, at, rank)
    return taker.type == "Einsum" and _summed_by_einsum(taker, at, axis)


def _summed_by_product(taker: Any, at: int, rank: int) -> int:
    """Return over which axis of an operand a matrix product sums."""
    name = ("transpose_a", "transpose_b") if taker.type == "MatMul" else ("adj_x", "adj_y")
    turned = taker.get_attr(name[at])
    last = turned == bool(at)  # the last of the left one, the last but one of the right one
    return rank - 1 if last else rank - 2


def _summed_by_einsum(taker: Any, at: int, axis: int) -> bool:
    equation = taker.get_attr("equation").decode()
    given, _, made = equation.partition("->")
    operands: list[str] = given.split(",")
    own, others = operands[at], operands[:at] + operands[at + 1 :]
    if "." in equation:  # an ellipsis stands before the axes that are named
        axis -= taker.inputs[at].shape.rank - len(own.replace("...", ""))
        own = own.replace("...", "")
    label = own[axis] if 0 <= axis < len(own) else ""
    return bool(label) and label not in made and any(label in other for other in others)


def _constant(tensor: Any) -> Any:
    import tensorflow as tf

    return tf.get_static_value(tensor)
