"""Opening by calling on symbolic tensors: Keras itself records which layers and operations are called."""

from __future__ import annotations

from typing import Any

from .around import around
from .names import CallNames
from .record import Call, Opened
from .untouched import forget, nodes_after

# Operations that are given a function: what it calls, and with which weights, is not in the record.
_WITH_FUNCTIONS = {
    "Map", "VectorizedMap", "Scan", "AssociativeScan", "WhileLoop", "ForiLoop", "Cond", "Switch", "CustomGradient",
}  # fmt: skip


class NotSymbolic(Exception):
    """What is called does something that symbolic tensors do not show."""


def symbolic(op: Any, given: Any, training: bool | None) -> Opened:
    """Call a model's or layer's own `call` on symbolic tensors of the arguments' shapes; return what was recorded.

    Parameters
    ----------
    op : keras.Layer
        What is opened. Records of the calls are taken away; the rest is up to `untouched`.
    given : Called or Keras' own record
        The arguments of the call that is opened.
    training : bool or None
        The training flag that the call is under, if any.

    Raises
    ------
    Exception
        Whatever `call` raises on symbolic tensors; `NotSymbolic` if they do not show all that it does.
    """
    import keras

    own = {id(t): keras.Input(batch_shape=t.shape, dtype=t.dtype) for t in given.keras_tensors}
    args, kwargs = given.fill_in(own)
    inputs = list(own.values())
    flag = kwargs.pop("training", None) if training is None else training
    reads = _Reads()
    try:
        with reads:
            made = around(op, flag, symbolic=True)(*args, **kwargs)
        nodes = nodes_after(inputs)
    finally:
        forget(nodes_after(inputs))
    if reads.eager:
        raise NotSymbolic("a weight is read outside of a layer's call")
    outputs = keras.tree.flatten(made)
    return Opened(inputs, _ordered(nodes, inputs, outputs, training, CallNames(op)), outputs, made)


def _Reads() -> Any:
    """Return a scope that drops what layers write to their weights, and notes whether a weight is read in it.

    Layers that are called on symbolic tensors compute in a scope of their own, so what is read in this one is read by
    code between the layers and would be frozen into the record as a number.
    """
    import keras

    class Reads(keras.StatelessScope):
        eager = False

        def get_current_value(self, variable: Any) -> Any:
            self.eager = True
            return super().get_current_value(variable)

    return Reads()


def _ordered(
    nodes: list[Any], inputs: list[Any], outputs: list[Any], training: bool | None, names: CallNames
) -> list[Call]:
    """Return the calls that the outputs need, in an order in which they can run."""
    makers = {id(tensor): node for node in nodes for tensor in node.outputs}
    done: dict[int, Any] = {}
    known = {id(tensor) for tensor in inputs}
    waiting = [makers[id(t)] for t in reversed(outputs) if id(t) in makers]
    while waiting:
        node = waiting[-1]
        ahead = [
            makers[id(t)] for t in node.input_tensors if id(t) not in known and id(makers[id(t)]) not in done
        ]
        if ahead and id(node) not in done:
            waiting.extend(reversed(ahead))
            continue
        waiting.pop()
        done.setdefault(id(node), node)
    if any(id(t) not in makers and id(t) not in known for t in outputs):
        raise NotSymbolic("what comes out is not made of what goes in")
    hiding = [
        node.operation.name for node in done.values() if type(node.operation).__name__ in _WITH_FUNCTIONS
    ]
    if hiding:
        raise NotSymbolic(f"{hiding[0]} calls a function")
    return [_call(node, training, names) for node in done.values()]


def _call(node: Any, training: bool | None, names: CallNames) -> Call:
    recorded = node.arguments.kwargs.get("training")
    return Call(
        names.of(node.operation),
        node.operation,
        node.arguments,
        list(node.outputs),
        training if recorded is None else None,
    )
