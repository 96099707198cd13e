"""A model as one flat graph: nested models opened up, shared layers once for each use, several inputs and outputs."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Step:
    """One operation of the network at one place.

    Attributes
    ----------
    name : str
        Path of the layer, ``outer/inner`` for a layer of a nested model; a layer used again is ``name#2``.
    op : keras.Operation
        What to call.
    arguments : object or None
        Keras' record of how the operation was called; None for an input and for a whole opaque model.
    bind : tuple of (int, int)
        (id of the symbolic tensor in `arguments`, number of the value it stands for). The record keeps the tensors
        alive, so that the ids stay theirs.
    outputs : tuple of int
        Numbers of the values it makes.
    shape : tuple
        Shape of the first output without the batch axis; None where it varies.
    inside : str
        Path of the nested model it belongs to, or empty.
    real : bool
        True if the first output is real numbers, so that it has slopes.
    """

    name: str
    op: Any
    arguments: Any
    bind: tuple[tuple[int, int], ...]
    outputs: tuple[int, ...]
    shape: tuple[int | None, ...] | None
    inside: str = ""
    real: bool = True

    @property
    def inputs(self) -> tuple[int, ...]:
        """Numbers of the values it takes."""
        return tuple(slot for _, slot in self.bind)

    def call(self, values: Mapping[int, Any], op: Any = None) -> list[Any]:
        """Run the operation, or `op` in its place, on values by number; return its outputs as a flat list."""
        import keras

        args, kwargs = self.arguments.fill_in({tensor: values[slot] for tensor, slot in self.bind})
        target = op or self.op
        if _takes_training(target) and kwargs.get("training") is None:
            kwargs = {**kwargs, "training": False}
        return list(keras.tree.flatten(target(*args, **kwargs)))


@dataclass
class Graph:
    """Steps in an order in which they can run.

    Attributes
    ----------
    steps : list of Step
        Without the inputs.
    inputs : dict of str to int
        Number of the value of each model input, by name.
    outputs : dict of str to int
        Number of the value of each model output, by name.
    input_shapes, output_shapes : dict
        Shapes without the batch axis, by name.
    """

    steps: list[Step] = field(default_factory=list)
    inputs: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, int] = field(default_factory=dict)
    input_shapes: dict[str, tuple[int | None, ...]] = field(default_factory=dict)
    output_shapes: dict[str, tuple[int | None, ...]] = field(default_factory=dict)

    def maker(self, slot: int) -> Step | None:
        """Return the step that makes a value, or None for an input."""
        return next((s for s in self.steps if slot in s.outputs), None)

    def run(self, feed: Mapping[int, Any]) -> dict[int, Any]:
        """Run every step on the values of the inputs; return all values by number."""
        values = dict(feed)
        for step in self.steps:
            values.update(zip(step.outputs, step.call(values), strict=False))
        return values


def flatten(model: Any) -> Graph | None:
    """Return the flat graph of a functional or Sequential model; None for a subclassed one, which has no graph."""
    inner = functional(model)
    if inner is None:
        return None
    graph, known, numbers = Graph(), {}, iter(range(10**9))
    for tensor, name in zip(inner.inputs, _input_names(inner), strict=True):
        known[id(tensor)] = graph.inputs[name] = next(numbers)
        graph.input_shapes[name] = tuple(tensor.shape[1:])
    _open(inner, known, "", graph, numbers, set())
    for name, tensor in _named_outputs(inner):
        graph.outputs[name] = known[id(tensor)]
        graph.output_shapes[name] = tuple(tensor.shape[1:])
    return graph


def opaque(model: Any, shape: tuple[int | None, ...]) -> Graph:
    """Return a graph of one step, the model itself, for a model that cannot be looked into.

    The model is called once, on an empty picture of `shape` (64 where it varies), to learn what it returns.
    """
    import keras
    import numpy as np

    empty = np.zeros((1, *(n or 64 for n in shape)), np.float32)
    answer = model(empty, training=False)
    flat = keras.tree.flatten(answer)
    keyed = answer.items() if isinstance(answer, Mapping) else enumerate(flat)
    named = {str(key) if isinstance(answer, Mapping) else f"output_{key}": tensor for key, tensor in keyed}
    outputs = {name: 1 + next(k for k, v in enumerate(flat) if v is tensor) for name, tensor in named.items()}
    step = Step(model.name, model, Direct(), ((0, 0),), tuple(range(1, 1 + len(flat))), None, real=False)
    shapes = {name: tuple(tensor.shape[1:]) for name, tensor in named.items()}
    return Graph([step], {"image": 0}, outputs, {"image": shape}, shapes)


class Direct:
    """The record of a call with one picture and nothing else."""

    def fill_in(self, values: Mapping[int, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments to call with."""
        return (values[0],), {}


def functional(op: Any) -> Any:
    """Return the functional model behind a model or a built Sequential, or None."""
    import keras

    if isinstance(op, keras.Sequential):
        return op._functional if type(op).call is keras.Sequential.call else None
    plain: Any = next((c for c in type(op).__mro__ if c.__name__ == "Functional"), None)
    return op if plain is not None and type(op).call is plain.call else None


def _open(
    model: Any, known: dict[int, int], path: str, graph: Graph, numbers: Iterator[int], taken: set[str]
) -> None:
    """Add the steps of `model` to `graph`; `known` gives the numbers of its tensors and is added to."""
    for node in _nodes(model):
        if node.is_input or all(id(t) in known for t in node.outputs):
            continue
        name = f"{path}/{node.operation.name}" if path else node.operation.name
        nested = functional(node.operation)
        if nested is not None:
            _open_nested(nested, node, known, name, graph, numbers, taken)
            continue
        bind = tuple({id(t): known[id(t)] for t in node.input_tensors}.items())
        slots = tuple(next(numbers) for _ in node.outputs)
        known.update(zip((id(t) for t in node.outputs), slots, strict=True))
        first = node.outputs[0]
        real = "float" in str(first.dtype)
        graph.steps.append(
            Step(
                _untaken(name, taken),
                node.operation,
                node.arguments,
                bind,
                slots,
                tuple(first.shape[1:]),
                path,
                real,
            )
        )


def _open_nested(
    nested: Any,
    node: Any,
    known: dict[int, int],
    name: str,
    graph: Graph,
    numbers: Iterator[int],
    taken: set[str],
) -> None:
    """Open a nested model in place: its own tensors get the numbers of the values that it is called with."""
    given = _ordered_arguments(nested, node)
    inner_known = {id(own): known[id(outer)] for own, outer in zip(nested.inputs, given, strict=True)}
    _open(nested, inner_known, name, graph, numbers, taken)
    for outer, own in zip(node.outputs, nested.outputs, strict=True):
        known[id(outer)] = inner_known[id(own)]


def _ordered_arguments(nested: Any, node: Any) -> list[Any]:
    """Return the tensors that a nested model was called with, in the order of its own inputs."""
    import keras

    first = node.arguments.args[0] if node.arguments.args else node.arguments.kwargs.get("inputs")
    if isinstance(first, Mapping) and not isinstance(nested._inputs_struct, Mapping):
        return [first[name] for name in _input_names(nested)]
    flat = [t for t in keras.tree.flatten(first) if t is not None]
    return flat if len(flat) == len(nested.inputs) else list(node.input_tensors)


def _nodes(model: Any) -> Iterator[Any]:
    for depth in sorted(model._nodes_by_depth, reverse=True):
        yield from model._nodes_by_depth[depth]


def _input_names(model: Any) -> list[str]:
    return [str(t.name) for t in model.inputs]


def _named_outputs(model: Any) -> Sequence[tuple[str, Any]]:
    struct = getattr(model, "_outputs_struct", None)
    if isinstance(struct, Mapping):
        return [(str(key), tensor) for key, tensor in struct.items()]
    names: set[str] = set()
    history = [getattr(t, "_keras_history", None) for t in model.outputs]
    return [
        (_untaken(str(h.operation.name) if h else f"output_{k}", names), t)
        for k, (h, t) in enumerate(zip(history, model.outputs, strict=True))
    ]


def _untaken(name: str, taken: set[str]) -> str:
    free, count = name, 1
    while free in taken:
        count += 1
        free = f"{name}#{count}"
    taken.add(free)
    return free


def _takes_training(op: Any) -> bool:
    try:
        return "training" in inspect.signature(op.call).parameters
    except (TypeError, ValueError):
        return False
