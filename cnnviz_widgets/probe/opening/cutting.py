"""A trace cut into steps: the calls of layers that were seen in it, and traced functions for what is between them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from .names import CallNames
from .record import Call, Called, Opened
from .traced import TracedFunction
from .watching import Seen, Trace

# Operations of TensorFlow that are exactly one of Keras' activations, which methods know.
_ACTIVATIONS = {"Softmax": "softmax", "Sigmoid": "sigmoid", "Relu": "relu", "Tanh": "tanh", "Elu": "elu"}

_TOLD = {"Relu", "Softmax"}  # are steps of their own in the middle of a traced function too


def cut(op: Any, trace: Trace) -> Opened:
    """Return a trace as calls that can be run by themselves, one after the other.

    Parameters
    ----------
    op : keras.Layer
        What was traced.
    trace : Trace
        How.
    """
    import keras
    import tensorflow as tf

    made = _Cutter(op, trace)
    made.follow(trace.calls, "")
    outputs = [made.value(t, "") for t in keras.tree.flatten(trace.outputs) if tf.is_tensor(t)]
    structure = keras.tree.pack_sequence_as(trace.outputs, outputs)
    return Opened(
        [made.known[id(t)] for t in trace.inputs], made.calls, outputs, structure, tuple(trace.hidden)
    )


class _Cutter:
    """Goes through the calls of a trace and gives each tensor that is needed a symbol."""

    def __init__(self, op: Any, trace: Trace) -> None:
        self.calls: list[Call] = []
        self._function, self._graph = trace.function, trace.function.graph
        self.known = {id(t): _symbol(t) for t in trace.inputs}
        self._weights = _weights_by_capture(op, trace)
        self._names = CallNames(op)

    def follow(self, seen: Iterable[Seen], path: str) -> None:
        """Add the calls of layers; one with no layer inside that can be had is a step itself."""
        for call in seen:
            own = self._names.of(call.op)
            name = f"{path}/{own}" if path else own
            known, before = dict(self.known), len(self.calls)
            self.follow(call.inside, name)
            if not any(is_layer(added.op) for added in self.calls[before:]):
                self.known, self.calls[before:] = known, []
                self._add(call, name, path)
            else:
                self._close(call, name)

    def _close(self, call: Seen, name: str) -> None:
        """See to it that what comes out of an opened layer is made in it, and not where it is read."""
        import keras

        for made in keras.tree.flatten(call.made):
            if self._is_here(made):
                self.value(made, name)

    def _add(self, call: Seen, name: str, path: str) -> None:
        import keras

        flat = keras.tree.flatten(call.made)
        fresh = {id(t) for t in flat if self._is_here(t) and id(t) not in self.known}
        given = keras.tree.flatten((call.args, call.kwargs))
        if not fresh or any(_is_symbolic(t) and not self._is_here(t) for t in given):
            return  # it hands on what it was given, or belongs to the graph of a loop
        args, kwargs = keras.tree.map_structure(
            lambda t: self.value(t, path) if self._is_here(t) else t, (tuple(call.args), call.kwargs)
        )
        symbols = [_symbol(t) if self._is_here(t) else keras.KerasTensor(()) for t in flat]
        self.calls.append(Call(name, call.op, Called(args, kwargs), symbols, None))
        self.known.update((id(t), own) for t, own in zip(flat, symbols, strict=True) if id(t) in fresh)

    def value(self, tensor: Any, path: str) -> Any:
        """Return the symbol of a tensor; if it has none, what makes it of those that have one becomes a step."""
        if not self._is_here(tensor):
            raise ValueError("what comes out is not of the trace")
        if id(tensor) not in self.known:
            layer = as_layer(tensor)
            self.known[id(tensor)] = (
                self._piece(tensor, path) if layer is None else self._known_layer(layer, tensor, path)
            )
        return self.known[id(tensor)]

    def _known_layer(self, layer: Any, tensor: Any, path: str) -> Any:
        """Add one of Keras' layers that does what a single operation of TensorFlow does."""
        tensors = [t for t in tensor.op.inputs if t.dtype == tensor.dtype]
        given = [self.value(t, path) for t in tensors]
        name = f"{path}/{layer.name}" if path else layer.name
        made = _symbol(tensor)
        self.calls.append(
            Call(name, layer, Called((given if len(given) > 1 else given[0],), {}), [made], None)
        )
        return made

    def _piece(self, tensor: Any, path: str) -> Any:
        """Add a traced function that makes a tensor of the nearest ones that have symbols."""
        feeds, reads, sealed = self._sources(tensor, path)
        weights = tuple(own for _, own in reads)
        function = self._function.prune([*feeds, *(t for t, _ in reads)], tensor)
        kind = _snake(tensor.op.type)
        made = _symbol(tensor)
        given = tuple(self.known[id(t)] for t in feeds)
        name = f"{path}/{kind}" if path else kind
        self.calls.append(
            Call(name, TracedFunction(kind, function, weights, sealed), Called(given, {}), [made], None)
        )
        return made

    def _sources(self, tensor: Any, path: str) -> tuple[list[Any], list[tuple[Any, Any]], bool]:
        """Return the tensors with symbols that one is made of, the weights read, and whether some cannot be fed."""
        feeds, reads, sealed = dict[int, Any](), dict[int, tuple[Any, Any]](), False
        seen, waiting = set[int](), [tensor]
        while waiting:
            at = waiting.pop()
            if id(at) in seen:
                continue
            seen.add(id(at))
            if at is not tensor and (_is_random(at.op) or at.op.type in _TOLD):
                self.value(at, path)  # what is random is drawn once, whoever reads it
            own = self._weights.get(id(at.op.inputs[0])) if at.op.type == "ReadVariableOp" else None
            if id(at) in self.known:
                feeds[id(at)] = at
            elif own is not None:
                reads[id(at)] = at, own
            else:
                sealed |= id(at) in self._weights
                waiting.extend(reversed(at.op.inputs))
        return list(feeds.values()), list(reads.values()), sealed

    def _is_here(self, tensor: Any) -> bool:
        return _is_symbolic(tensor) and tensor.graph is self._graph


def is_layer(op: Any) -> bool:
    """Return True for a layer, False for an operation or a traced function."""
    import keras

    return isinstance(op, keras.Layer)


def as_layer(tensor: Any) -> Any:
    """Return one of Keras' layers that does what the operation behind a tensor does, or None."""
    import keras
    import tensorflow as tf

    kind, op = tensor.op.type, tensor.op
    if not tensor.dtype.is_floating:
        return None
    policy = {"dtype": tensor.dtype.name}
    if kind in _ACTIVATIONS:
        return keras.layers.Activation(_ACTIVATIONS[kind], name=_ACTIVATIONS[kind], **policy)
    shapes = [t.shape.as_list() if t.shape.rank else [] for t in op.inputs]
    if kind == "AddV2" and shapes[0] == shapes[1] and None in shapes[0][:1]:
        return keras.layers.Add(name="add", **policy)
    if kind == "Mean" and len(shapes[0]) == 4 and tensor.shape.rank == 2:
        axes = tf.get_static_value(op.inputs[1])
        if axes is not None and sorted(int(n) % 4 for n in axes.reshape(-1)) == [1, 2]:
            return keras.layers.GlobalAveragePooling2D(name="mean", data_format="channels_last", **policy)
    return None


def _weights_by_capture(op: Any, trace: Trace) -> dict[int, Any]:
    """Return the weights of real numbers that a trace took in, by the id of the tensor that stands for each in it."""
    handles = {
        id(own.value.handle): own
        for own in _variables(op, trace.calls)
        if "float" in str(own.dtype) and hasattr(own.value, "handle")
    }
    return {
        id(inner): handles[id(outer)]
        for outer, inner in trace.function.graph.captures
        if id(outer) in handles
    }


def _variables(op: Any, seen: Iterable[Seen]) -> list[Any]:
    found = list(getattr(op, "variables", ()))
    for call in seen:
        found += _variables(call.op, call.inside)
    return found


def _symbol(tensor: Any) -> Any:
    import keras

    return keras.KerasTensor(tuple(tensor.shape), tensor.dtype.name)


def _is_symbolic(tensor: Any) -> bool:
    import tensorflow as tf

    return tf.is_symbolic_tensor(tensor)


def _is_random(op: Any) -> bool:
    return "Random" in op.type or op.type in (
        "Multinomial",
        "TruncatedNormal",
        "ParameterizedTruncatedNormal",
    )


def _snake(kind: str) -> str:
    """Return the name of a kind of operation as Python writes it: ``AddV2`` is ``add``, ``BiasAdd`` is ``bias_add``."""
    plain = re.sub(r"V\d+$", "", kind)
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", plain).lower()
