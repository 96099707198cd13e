"""A network of pictures of any size as one of pictures of one size, which the user states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ...errors import SettingError
from ..opening import ClosedError
from .flatten import flatten
from .graph import Graph, Shape, Values


def checked_size(size: Any) -> tuple[int, int] | None:
    """Return a height and a width, None for none; raises `SettingError` for anything else."""
    if size is None:
        return None
    sides = list(size) if isinstance(size, Sequence) and not isinstance(size, str) else []
    if len(sides) == 2 and all(isinstance(n, int) and not isinstance(n, bool) and n > 0 for n in sides):
        return sides[0], sides[1]
    raise SettingError(f"Probe.size must be (height, width) in pixels, such as (224, 224); got {size!r}.")


def of_size(model: Any, graph: Graph, image: str, size: tuple[int, int]) -> Graph:
    """Return a network for pictures of one size; shapes of its layers are those that they have then.

    Parameters
    ----------
    model : keras.Model
        The model: one that is written as a class is opened anew where what was opened is of another size.
    graph : Graph
        The same, as it was opened.
    image : str
        Name of the input that is the picture.
    size : tuple of int
        Height and width.

    Raises
    ------
    SettingError
        If the network takes no pictures of that size.
    """
    for made in (graph, _opened(model, size)):
        shape = None if made is None else made.seen_shape(made.input_shapes.get(image, ()))
        if made is None or shape is None or len(shape) != 3:
            continue
        if shape[:2] == size:
            return made
        if all(n in (None, wanted) for n, wanted in zip(shape, size, strict=False)):
            return _told(model, made, image, size)
    taken = graph.seen_shape(graph.input_shapes[image])
    raise SettingError(f"Probe.size must be {_words(taken)}, for {model.name} takes no other; got {size}.")


def _opened(model: Any, size: tuple[int, int]) -> Graph | None:
    try:
        return flatten(model, size)
    except ClosedError:
        return None


def _words(shape: Shape) -> str:
    if len(shape) != 3:
        return "left out"
    return "({}, {})".format(*("any" if n is None else n for n in shape))


def _told(model: Any, graph: Graph, image: str, size: tuple[int, int]) -> Graph:
    """Return the same network with the shapes that its values have for pictures of a size, found in a trace."""
    sides = {name: _sides(graph, shape, name == image, size) for name, shape in graph.input_shapes.items()}
    try:
        shapes = _traced(graph, sides)
    except Exception as error:
        told = str(error).strip().splitlines()
        raise SettingError(
            f"Probe.size {size} is none that {model.name} takes: {(told[0] if told else type(error).__name__)[:300]}"
        ) from error
    steps = [
        replace(step, shape=None if step.shape is None else shapes[step.outputs[0]]) for step in graph.steps
    ]
    outputs = {name: shapes[slot] for name, slot in graph.outputs.items()}
    return replace(graph, steps=steps, input_shapes=sides, output_shapes=outputs, first=None)


def _sides(graph: Graph, shape: Shape, told: bool, size: tuple[int, int]) -> Shape:
    if not told:
        return shape
    return (shape[0], *size) if graph.channels_first else (*size, *shape[2:])


def _traced(graph: Graph, sides: dict[str, Shape]) -> dict[int, Shape]:
    """Return the shape of every value without the batch axis."""
    import keras
    import tensorflow as tf

    found: dict[int, Shape] = {}
    names = list(graph.inputs)
    specs = [tf.TensorSpec((graph.batch, *sides[name]), graph.input_types[name]) for name in names]

    @tf.function(input_signature=specs, autograph=False)
    def run(*given: Any) -> Any:
        with keras.StatelessScope():
            feed = dict(zip((graph.inputs[name] for name in names), given, strict=True))
            values = Values(graph, feed)
            made = [values[slot] for slot in (*graph.makers, *graph.outputs.values())]
            found.update((slot, tuple(value.shape[1:])) for slot, value in values.items())
        return [tf.identity(tensor) for tensor in made if tf.is_tensor(tensor)]

    run.get_concrete_function()
    return found
