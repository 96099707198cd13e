"""From a Keras model to its flat graph: nested models opened up, a shared layer once for each use."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any

from ..keras_internals import calls_in_order, input_structure, maker_of, output_structure
from ..opening import (
    UNKNOWN_SIDE,
    Call,
    Called,
    ClosedError,
    Opened,
    functional,
    is_compound,
    opened,
    random_values,
)
from .any_size import larger
from .first_call import Given, given_inputs
from .graph import Graph, Step, Values
from .integer_inputs import cut_to, takes_any


def flatten(model: Any, size: tuple[int, int] | None = None) -> Graph | None:
    """Return the flat graph of a model.

    A functional or Sequential model has a record of its layers. One that is written as a class is opened, as are the
    layers in a model that are made of others; `Graph.closed` says what could not be.

    Parameters
    ----------
    model : keras.Model
        The model.
    size : tuple of int, optional
        Height and width of the pictures that a model written as a class is opened for; any, or those of its first call,
        if left out.

    Returns
    -------
    Graph or None
        None for a model whose inputs are not known, because it has not been called.

    Raises
    ------
    ClosedError
        If a model that is written as a class cannot be opened; the text says why.
    """
    inner = functional(model)
    if inner is not None:
        return _Opener().recorded(inner)
    given = given_inputs(model, size) if is_compound(model) else None
    if given is None:
        return None
    graph = _Opener().written_as_class(model, given)
    return _of_any_size(model, graph) if size is None else graph


def _of_any_size(model: Any, graph: Graph) -> Graph:
    """Return the graph for pictures of any size, if the model takes them: its first call pins none.

    What is opened for any size has to answer as the model does, to pictures of the first size and to larger ones.
    """
    pinned = [shape for shape in graph.input_shapes.values() if len(shape) == 3 and None not in shape]
    maps = all(len(shape) == 3 for shape in graph.output_shapes.values())
    rows = len(graph.inputs) == 1 and all(len(shape) in (1, 3) for shape in graph.output_shapes.values())
    if not pinned or not (maps or rows) or input_structure(model) is not None:
        return graph
    first = pinned[0][0] or 0, pinned[0][1] or 0
    given = given_inputs(model, (None, None))
    found = None if given is None else larger(model, given.call, _flag(model), first)
    if given is None or found is None:
        return graph
    try:
        free = _Opener(first).written_as_class(model, given)
        agrees = found.agrees(lambda values: _run(free, values))
    except Exception:  # its layers do not mind the size, but something between them does
        return graph
    sides = [shape[:2] for shape in free.output_shapes.values() if len(shape) == 3]
    known = all(None not in shape for shape in free.output_shapes.values() if len(shape) != 3)
    free.first = first
    kept = free.closed.keys() == graph.closed.keys()
    return free if agrees and known and kept and set(sides) <= {(None, None)} else graph


def _run(graph: Graph, values: list[Any]) -> list[Any]:
    """Return what comes out, flat, for values of the inputs."""
    import keras

    with keras.StatelessScope():
        made = Values(graph, dict(zip(graph.inputs.values(), values, strict=True)))
        return [made[slot] for slot in graph.outputs.values()]


def _flag(model: Any) -> bool | None:
    """Return what `predict` says of training: nothing to a model whose `call` does not ask."""
    return False if getattr(model, "_call_has_training_arg", True) else None


class _Opener:
    """Walks through a model and its nested models, and numbers the values."""

    def __init__(self, size: tuple[int, ...] = (UNKNOWN_SIDE, UNKNOWN_SIDE)) -> None:
        self.graph, self.numbers = Graph(), count()
        self.size = size  # of the pictures that openings are checked with, where any will do
        self.taken: set[str] = set()
        self.makers: dict[int, Step] = {}
        self._made_here: list[Any] = []  # kept, so that the ids of their tensors stay theirs
        self.fixed: set[int] = set()  # values that depend on no input
        self.sample: dict[
            int, Any
        ] = {}  # values of a random picture, as far as openings are checked with them

    def recorded(self, model: Any) -> Graph:
        """Return the graph of a functional model."""
        graph, known = self.graph, dict[int, int]()
        self._begin(_input_names(model), model.inputs, known)
        graph.batch = next((tensor.shape[0] for tensor in model.inputs if tensor.shape[0]), None)
        self._open(_nodes(model, False), known, "")
        self._end(_named_outputs(model), known)
        return graph

    def written_as_class(self, model: Any, given: Given) -> Graph:
        """Return the graph of a model whose `call` is its author's own."""
        tensors = given.call.keras_tensors
        found, _ = opened(model, given.call, _flag(model), lambda: random_values(tensors, self.size))
        self.graph.hidden += found.hidden
        known: dict[int, int] = {}
        self._begin(given.names, found.inputs, known)
        self._open(found.calls, known, "")
        self._end(_named(found), known)
        return self.graph

    def _begin(self, names: list[str], tensors: list[Any], known: dict[int, int]) -> None:
        graph = self.graph
        for tensor, name in zip(tensors, names, strict=True):
            known[id(tensor)] = graph.inputs[name] = next(self.numbers)
            graph.input_shapes[name] = tuple(tensor.shape[1:])
            graph.input_types[name] = str(tensor.dtype)
        self._begun = [(known[id(tensor)], tensor) for tensor in tensors]

    def _sampled(self, slots: list[int]) -> list[Any]:
        """Return values for a random picture, by number; those not there yet are computed."""
        import keras

        if not self.sample:
            made = random_values([tensor for _, tensor in self._begun], self.size)
            self.sample = {slot: value for (slot, _), value in zip(self._begun, made, strict=True)}
        waiting = list(slots)
        with keras.StatelessScope():
            while waiting:
                step = self.makers.get(waiting[-1])
                ahead = [] if step is None else [slot for slot in step.inputs if slot not in self.sample]
                if waiting[-1] not in self.sample and step is not None:
                    waiting += ahead
                    if ahead:
                        continue
                    self.sample.update(zip(step.outputs, step.call(self.sample), strict=False))
                waiting.pop()
        return [self.sample[slot] for slot in slots]

    def _end(self, named: list[tuple[str, Any]], known: dict[int, int]) -> None:
        for name, tensor in named:
            self.graph.outputs[name] = known[id(tensor)]
            self.graph.output_shapes[name] = tuple(tensor.shape[1:])

    def _open(self, calls: Iterable[Call], known: dict[int, int], path: str) -> None:
        """Add the steps of some calls; `known` gives the numbers of their tensors and is added to."""
        for call in calls:
            if all(id(t) in known for t in call.outputs):
                continue
            name = f"{path}/{call.path}" if path else call.path
            nested = functional(call.op)
            if nested is not None:
                self._open_nested(nested, call, known, name)
            elif not (is_compound(call.op) and self._open_compound(call, known, name)):
                self._add(call, known, name)

    def _add(self, call: Call, known: dict[int, int], name: str) -> None:
        bind = tuple({id(t): known[id(t)] for t in call.arguments.keras_tensors}.items())
        slots = tuple(next(self.numbers) for _ in call.outputs)
        known.update(zip((id(t) for t in call.outputs), slots, strict=True))
        first = call.outputs[0]
        shape, real = tuple(first.shape[1:]), "float" in str(first.dtype)
        if all(slot in self.fixed for _, slot in bind):  # made of weights alone, such as embedded positions
            self.fixed.update(slots)
            real = False
        inside = name.rpartition("/")[0]
        name = _untaken(name, self.taken)
        step = Step(name, call.op, call.arguments, bind, slots, shape, inside, real, call.training)
        self.graph.steps.append(step)
        self.makers.update(dict.fromkeys(slots, step))

    def _open_nested(self, nested: Any, call: Call, known: dict[int, int], name: str) -> None:
        """Open a nested model in place: its inputs get the numbers of the values it is called with."""
        given = _ordered_arguments(nested, call)
        inner = {
            id(own): self._cut(nested, own, outer, known, name)
            for own, outer in zip(nested.inputs, given, strict=True)
        }
        training = call.training
        if training is None:
            training = call.arguments.kwargs.get("training")
        self._open(_nodes(nested, training), inner, name)
        for outer, own in zip(call.outputs, nested.outputs, strict=True):
            known[id(outer)] = inner[id(own)]

    def _cut(self, nested: Any, own: Any, outer: Any, known: dict[int, int], name: str) -> int:
        """Return the number of what an inner model takes: real numbers are cut where its input is of whole ones."""
        kind = str(own.dtype)
        if "float" not in str(outer.dtype) or "int" not in kind:
            return known[id(outer)]
        takers = [
            node.op for node in _nodes(nested, None) if any(t is own for t in node.arguments.keras_tensors)
        ]
        op = cut_to(kind, all(takes_any(taker) for taker in takers))
        made = op.compute_output_spec(outer)
        self._made_here.append(made)
        self._add(Call(str(op.name), op, Called((outer,), {}), [made], None), known, f"{name}/{op.name}")
        return known[id(made)]

    def _open_compound(self, call: Call, known: dict[int, int], name: str) -> bool:
        """Open a layer that is made of others in place; return whether that could be done."""
        slots = list({id(t): known[id(t)] for t in call.arguments.keras_tensors}.values())
        try:
            found, answers = opened(call.op, call.arguments, call.training, lambda: self._sampled(slots))
        except ClosedError as error:
            self.graph.closed[name] = str(error)
            return False
        self.graph.hidden += [f"{name}/{hidden}" for hidden in found.hidden]
        inner = {id(own): slot for own, slot in zip(found.inputs, slots, strict=True)}
        self._open(found.calls, inner, name)
        for outer, own, made in zip(call.outputs, found.outputs, answers, strict=True):
            known[id(outer)] = inner[id(own)]
            self.sample[inner[id(own)]] = made
        return True


def _ordered_arguments(nested: Any, call: Call) -> list[Any]:
    """Return the tensors that a nested model was called with, in the order of its own inputs."""
    import keras

    arguments = call.arguments
    first = arguments.args[0] if arguments.args else arguments.kwargs.get("inputs")
    if isinstance(first, Mapping) and not isinstance(input_structure(nested), Mapping):
        return [first[name] for name in _input_names(nested)]
    return [t for t in keras.tree.flatten(first) if t is not None]


def _nodes(model: Any, training: bool | None) -> Iterator[Call]:
    for node in calls_in_order(model):
        op = node.operation
        yield Call(str(op.name), op, node.arguments, list(node.outputs), training)


def _input_names(model: Any) -> list[str]:
    struct = input_structure(model)
    if isinstance(struct, Mapping):
        names = {id(tensor): str(key) for key, tensor in struct.items()}
        return [names.get(id(t), str(t.name)) for t in model.inputs]
    return [str(t.name) for t in model.inputs]


def _named_outputs(model: Any) -> list[tuple[str, Any]]:
    struct = output_structure(model)
    if isinstance(struct, Mapping) and len(struct) == len(model.outputs):
        return [(str(key), tensor) for key, tensor in struct.items()]
    names: set[str] = set()
    makers = [maker_of(t) for t in model.outputs]
    return [
        (_untaken(str(op.name) if op is not None else f"output_{k}", names), t)
        for k, (op, t) in enumerate(zip(makers, model.outputs, strict=True))
    ]


def _named(found: Opened) -> list[tuple[str, Any]]:
    """Return the outputs of a model written as a class by name: its keys, or where they stand."""
    if isinstance(found.structure, Mapping):
        return [(str(key), tensor) for key, tensor in found.structure.items()]
    return [(f"output_{k}", tensor) for k, tensor in enumerate(found.outputs)]


def _untaken(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free in taken:
        number += 1
        free = f"{name}#{number}"
    taken.add(free)
    return free
