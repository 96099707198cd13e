"""A model as one flat graph: nested models opened up, a shared layer once for each use."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any

Shape = tuple[int | None, ...]


@dataclass(frozen=True, eq=False)
class Step:
    """One operation of the network at one place.

    Attributes
    ----------
    name : str
        Path of the layer, ``outer/inner`` for a layer of a nested model; a layer used again is ``name#2``.
    op : keras.Operation
        What to call.
    arguments : object
        Keras' record of how the operation was called, or a stand-in with the same ``fill_in``.
    bind : tuple of (int, int)
        (id of the symbolic tensor in `arguments`, number of the value it stands for). The record keeps the
        tensors alive, so that the ids stay theirs.
    outputs : tuple of int
        Numbers of the values it makes.
    shape : tuple or None
        Shape of the first output without the batch axis, None where it varies; None for an opaque model.
    inside : str
        Path of the nested model it belongs to, or empty.
    real : bool
        True if the first output is real numbers, so that it has slopes.
    training : bool
        True if the model's author called a nested model around it in training mode for good.
    """

    name: str
    op: Any
    arguments: Any
    bind: tuple[tuple[int, int], ...]
    outputs: tuple[int, ...]
    shape: Shape | None
    inside: str = ""
    real: bool = True
    training: bool = False

    @property
    def inputs(self) -> tuple[int, ...]:
        """Numbers of the values it takes."""
        return tuple(slot for _, slot in self.bind)

    @cached_property
    def _knows_training(self) -> bool:
        try:
            return "training" in inspect.signature(self.op.call).parameters
        except (TypeError, ValueError):
            return False

    def filled(self, values: Mapping[int, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments of the recorded call, with values by number in place of symbolic tensors."""
        args, kwargs = self.arguments.fill_in({tensor: values[slot] for tensor, slot in self.bind})
        return args, kwargs

    def call(self, values: Mapping[int, Any]) -> list[Any]:
        """Run the operation on values by number; return its outputs as a flat list."""
        import keras

        args, kwargs = self.filled(values)
        if self._knows_training and kwargs.get("training") is None:
            kwargs = {**kwargs, "training": self.training}
        return list(keras.tree.flatten(self.op(*args, **kwargs)))


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
    input_types : dict
        Type of the numbers of each input, by name, e.g. ``float32``.
    """

    steps: list[Step] = field(default_factory=list)
    inputs: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, int] = field(default_factory=dict)
    input_shapes: dict[str, Shape] = field(default_factory=dict)
    output_shapes: dict[str, Shape] = field(default_factory=dict)
    input_types: dict[str, str] = field(default_factory=dict)

    @cached_property
    def makers(self) -> dict[int, Step]:
        """The step that makes each value; inputs have none."""
        return {slot: step for step in self.steps for slot in step.outputs}

    @cached_property
    def takers(self) -> dict[int, list[Step]]:
        """The steps that take each value."""
        made: dict[int, list[Step]] = {}
        for step in self.steps:
            for slot in dict.fromkeys(step.inputs):
                made.setdefault(slot, []).append(step)
        return made

    @cached_property
    def channels_first(self) -> bool:
        """True if its convolutions take (channels, height, width)."""
        formats = [getattr(step.op, "data_format", None) for step in self.steps]
        return "channels_first" in formats and "channels_last" not in formats

    def seen_shape(self, shape: Shape) -> Shape:
        """Return a shape without the batch axis as (height, width, channels) if it is one of maps."""
        return (*shape[1:], shape[0]) if self.channels_first and len(shape) == 3 else shape

    def before(self, slot: int) -> list[Step]:
        """Return the steps that a value needs, in an order in which they can run."""
        needed, wanted = set(), [slot]
        while wanted:
            step = self.makers.get(wanted.pop())
            if step is not None and step not in needed:
                needed.add(step)
                wanted.extend(step.inputs)
        return [step for step in self.steps if step in needed]


class Values(dict[int, Any]):
    """Values of one run by number; those not there yet are computed when they are asked for."""

    def __init__(self, graph: Graph, feed: Mapping[int, Any]) -> None:
        super().__init__(feed)
        self._graph = graph

    def __missing__(self, slot: int) -> Any:
        if slot not in self._graph.makers:
            raise KeyError(slot)
        for step in self._graph.before(slot):
            if not all(made in self for made in step.outputs):
                self.update(zip(step.outputs, step.call(self), strict=False))
        return self[slot]


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
        self._open(model, known, "", False)
        for name, tensor in _named_outputs(model):
            graph.outputs[name] = known[id(tensor)]
            graph.output_shapes[name] = tuple(tensor.shape[1:])
        return graph

    def _open(self, model: Any, known: dict[int, int], path: str, training: bool) -> None:
        """Add the steps of `model`; `known` gives the numbers of its tensors and is added to."""
        for node in _nodes(model):
            if node.is_input or all(id(t) in known for t in node.outputs):
                continue
            name = f"{path}/{node.operation.name}" if path else node.operation.name
            nested = functional(node.operation)
            if nested is not None:
                self._open_nested(nested, node, known, name, training)
            else:
                self._add(node, known, name, path, training)

    def _add(self, node: Any, known: dict[int, int], name: str, path: str, training: bool) -> None:
        bind = tuple({id(t): known[id(t)] for t in node.input_tensors}.items())
        slots = tuple(next(self.numbers) for _ in node.outputs)
        known.update(zip((id(t) for t in node.outputs), slots, strict=True))
        first = node.outputs[0]
        shape, real = tuple(first.shape[1:]), "float" in str(first.dtype)
        name = _untaken(name, self.taken)
        self.graph.steps.append(
            Step(name, node.operation, node.arguments, bind, slots, shape, path, real, training)
        )

    def _open_nested(self, nested: Any, node: Any, known: dict[int, int], name: str, training: bool) -> None:
        """Open a nested model in place: its inputs get the numbers of the values it is called with."""
        given = _ordered_arguments(nested, node)
        inner = {id(own): known[id(outer)] for own, outer in zip(nested.inputs, given, strict=True)}
        self._open(nested, inner, name, training or node.arguments.kwargs.get("training") is True)
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
