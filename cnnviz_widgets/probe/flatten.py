"""From a Keras model to its flat graph: nested models opened up, a shared layer once for each use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any

from .graph import Graph, Step


def functional(op: Any) -> Any:
    """Return the functional model behind a model or a built Sequential, or None."""
    import keras

    if isinstance(op, keras.Sequential):
        return op._functional if type(op).call is keras.Sequential.call else None
    plain: Any = next((c for c in type(op).__mro__ if c.__name__ == "Functional"), None)
    return op if plain is not None and type(op).call is plain.call else None


def flatten(model: Any) -> Graph | None:
    """Return the flat graph of a functional or Sequential model; None for a subclassed one, which has no graph."""
    inner = functional(model)
    return None if inner is None else _Opener().opened(inner)


class _Opener:
    """Walks through a model and its nested models, and numbers the values."""

    def __init__(self) -> None:
        self.graph, self.numbers = Graph(), count()
        self.taken: set[str] = set()

    def opened(self, model: Any) -> Graph:
        graph, known = self.graph, {}
        for tensor, name in zip(model.inputs, _input_names(model), strict=True):
            known[id(tensor)] = graph.inputs[name] = next(self.numbers)
            graph.input_shapes[name] = tuple(tensor.shape[1:])
            graph.input_types[name] = str(tensor.dtype)
        self._open(model, known, "")
        for name, tensor in _named_outputs(model):
            graph.outputs[name] = known[id(tensor)]
            graph.output_shapes[name] = tuple(tensor.shape[1:])
        return graph

    def _open(self, model: Any, known: dict[int, int], path: str) -> None:
        """Add the steps of `model`; `known` gives the numbers of its tensors and is added to."""
        for node in _nodes(model):
            if node.is_input or all(id(t) in known for t in node.outputs):
                continue
            name = f"{path}/{node.operation.name}" if path else node.operation.name
            nested = functional(node.operation)
            if nested is not None:
                self._open_nested(nested, node, known, name)
            else:
                self._add(node, known, name, path)

    def _add(self, node: Any, known: dict[int, int], name: str, path: str) -> None:
        bind = tuple({id(t): known[id(t)] for t in node.input_tensors}.items())
        slots = tuple(next(self.numbers) for _ in node.outputs)
        known.update(zip((id(t) for t in node.outputs), slots, strict=True))
        first = node.outputs[0]
        shape, real = tuple(first.shape[1:]), "float" in str(first.dtype)
        name = _untaken(name, self.taken)
        self.graph.steps.append(Step(name, node.operation, node.arguments, bind, slots, shape, path, real))

    def _open_nested(self, nested: Any, node: Any, known: dict[int, int], name: str) -> None:
        """Open a nested model in place: its inputs get the numbers of the values it is called with."""
        given = _ordered_arguments(nested, node)
        inner = {id(own): known[id(outer)] for own, outer in zip(nested.inputs, given, strict=True)}
        self._open(nested, inner, name)
        for outer, own in zip(node.outputs, nested.outputs, strict=True):
            known[id(outer)] = inner[id(own)]


def _ordered_arguments(nested: Any, node: Any) -> list[Any]:
    """Return the tensors that a nested model was called with, in the order of its own inputs."""
    import keras

    first = node.arguments.args[0] if node.arguments.args else node.arguments.kwargs.get("inputs")
    if isinstance(first, Mapping) and not isinstance(nested._inputs_struct, Mapping):
        return [first[name] for name in _input_names(nested)]
    return [t for t in keras.tree.flatten(first) if t is not None]


def _nodes(model: Any) -> Iterator[Any]:
    for depth in sorted(model._nodes_by_depth, reverse=True):
        yield from model._nodes_by_depth[depth]


def _input_names(model: Any) -> list[str]:
    struct = getattr(model, "_inputs_struct", None)
    if isinstance(struct, Mapping):
        names = {id(tensor): str(key) for key, tensor in struct.items()}
        return [names.get(id(t), str(t.name)) for t in model.inputs]
    return [str(t.name) for t in model.inputs]


def _named_outputs(model: Any) -> list[tuple[str, Any]]:
    struct = getattr(model, "_outputs_struct", None)
    if isinstance(struct, Mapping) and len(struct) == len(model.outputs):
        return [(str(key), tensor) for key, tensor in struct.items()]
    names: set[str] = set()
    history = [getattr(t, "_keras_history", None) for t in model.outputs]
    return [
        (_untaken(str(h.operation.name) if h else f"output_{k}", names), t)
        for k, (h, t) in enumerate(zip(history, model.outputs, strict=True))
    ]


def _untaken(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}#{number}"
    taken.add(free)
    return free
