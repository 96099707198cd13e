"""A network of volumes as one of pictures: the slice that is explained is put into a volume that is held."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...errors import SettingError
from ..graphs.graph import Graph, Step


def volume_name(image: str) -> str:
    """Return what the input is called that holds the other slices."""
    return f"{image}/volume"


def with_slice(graph: Graph, image: str, axis: int, index: int, count: int) -> Graph:
    """Return a network of volumes as one of pictures, with the volume as another input.

    Parameters
    ----------
    graph : Graph
        A network whose input `image` has three axes and channels.
    image : str
        Name of that input.
    axis : int
        Which of the three axes counts the slices.
    index, count : int
        Which slice is the picture, and how many there are.
    """
    whole = graph.input_shapes[image]
    if whole[axis] not in (None, count):
        raise SettingError(
            f"volume must have {whole[axis]} slices, as the model takes {whole} and slice_axis is {axis}; got {count}. "
            "Give one volume; of several, one at a time: volume=volumes[0]."
        )
    used = (*graph.inputs.values(), *(slot for step in graph.steps for slot in step.outputs))
    picture, volume = max(used) + 1, max(used) + 2
    step = Step(
        f"{image}/with_slice", _operation(axis + 1, index), _Both(), ((0, picture), (1, volume)),
        (graph.inputs[image],), None,
    )  # fmt: skip
    name = volume_name(image)
    sides = {image: whole[:axis] + whole[axis + 1 :], name: (*whole[:axis], count, *whole[axis + 1 :])}
    made = Graph(
        [step, *graph.steps], {**graph.inputs, image: picture, name: volume}, dict(graph.outputs),
        {**graph.input_shapes, **sides}, graph.output_shapes,
        {**graph.input_types, name: graph.input_types[image]},
    )  # fmt: skip
    made.closed.update(graph.closed)
    return made


def at_slice(graph: Graph, axis: int, index: int) -> Graph:
    """Return what `with_slice` made, with another slice as the picture; nothing is known of how its values lie."""
    first = replace(graph.steps[0], op=_operation(axis + 1, index))
    return replace(graph, steps=[first, *graph.steps[1:]], tokens={}, lost=set(), slices={})


def _operation(axis: int, index: int) -> Any:
    import keras

    class WithSlice(keras.Operation):
        """Puts a picture in the place of one slice of a volume."""

        def call(self, picture: Any, volume: Any) -> Any:
            count = volume.shape[axis]
            before, _, after = keras.ops.split(volume, [index, index + 1], axis=axis)
            parts = [keras.ops.expand_dims(picture, axis)]
            parts = ([before] if index else []) + parts + ([after] if index + 1 < count else [])
            return keras.ops.concatenate(parts, axis=axis)

        def compute_output_spec(self, picture: Any, volume: Any) -> Any:
            return keras.KerasTensor(volume.shape, volume.dtype)

    return WithSlice(name="with_slice")


class _Both:
    """The record of a call with two values."""

    keras_tensors: tuple[Any, ...] = ()

    def fill_in(self, values: Mapping[int, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments to call with."""
        return (values[0], values[1]), {}
