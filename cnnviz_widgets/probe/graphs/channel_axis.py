"""Pictures without a channel axis, (height, width): taken and given back with one, which is dropped on the way in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from .graph import Graph, Step

_TAKE_BOTH = ("Flatten", "Reshape")  # they make the same of (28, 28, 1) as of (28, 28)


def with_channel(graph: Graph, image: str, given_back: bool = True) -> Graph:
    """Return the graph with a channel axis at its inputs of the picture's shape, and at outputs of it.

    A `Flatten` or `Reshape` takes the picture with its axis, so that what comes behind is as in a model that has one;
    before any other step the axis is dropped.

    Parameters
    ----------
    graph : Graph
        A network whose input `image` is (height, width).
    image : str
        Name of that input.
    given_back : bool
        False if outputs of that shape are no pictures.
    """
    axis = 1 if graph.channels_first else -1
    shape = graph.input_shapes[image]
    alike = {name: slot for name, slot in graph.inputs.items() if graph.input_shapes[name] == shape}
    free = 1 + max((*graph.inputs.values(), *(slot for step in graph.steps for slot in step.outputs)))
    inputs, outputs, steps = dict(graph.inputs), dict(graph.outputs), list(graph.steps)
    for name, slot in alike.items():
        inputs[name], free = free, free + 1
        steps = [_rebound(step, slot, inputs[name]) for step in steps]
        if any(slot in step.inputs for step in steps) or slot in graph.outputs.values():
            steps.insert(0, _step(f"{name}/without_channel", axis, False, inputs[name], slot))
    for name, slot in graph.outputs.items():
        if given_back and graph.output_shapes[name] == shape:
            outputs[name], free = free, free + 1
            steps.append(_step(f"{name}/with_channel", axis, True, slot, outputs[name]))
    added = (1, *shape) if graph.channels_first else (*shape, 1)
    input_shapes = {name: added if name in alike else own for name, own in graph.input_shapes.items()}
    output_shapes = {
        name: added if outputs[name] != graph.outputs[name] else own
        for name, own in graph.output_shapes.items()
    }
    made = Graph(steps, inputs, outputs, input_shapes, output_shapes, graph.input_types)
    made.closed.update(graph.closed)
    return made


def _rebound(step: Step, slot: int, picture: int) -> Step:
    """Return a step that takes the picture with its channel axis where that makes no difference to it."""
    if slot not in step.inputs or type(step.op).__name__ not in _TAKE_BOTH or None in (step.shape or (None,)):
        return step
    return replace(step, bind=tuple((tensor, picture if own == slot else own) for tensor, own in step.bind))


def _step(name: str, axis: int, add: bool, taken: int, made: int) -> Step:
    """Return a step that adds or drops the axis of one channel; it is no layer, so that it is not listed as one."""
    return Step(name, _operation(axis, add), _Alone(), ((0, taken),), (made,), None, real=True)


def _operation(axis: int, add: bool) -> Any:
    import keras

    class ChannelAxis(keras.Operation):
        """Adds or drops the axis of one channel."""

        def call(self, x: Any) -> Any:
            return keras.ops.expand_dims(x, axis) if add else keras.ops.squeeze(x, axis)

        def compute_output_spec(self, x: Any) -> Any:
            sides = list(x.shape)
            if add:
                sides.insert(len(sides) if axis < 0 else axis, 1)
            else:
                sides.pop(axis)
            return keras.KerasTensor(sides, x.dtype)

    return ChannelAxis(name="channel_axis")


class _Alone:
    """The record of a call with one value and nothing else."""

    keras_tensors: tuple[Any, ...] = ()

    def fill_in(self, values: Mapping[int, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments to call with."""
        return (values[0],), {}
