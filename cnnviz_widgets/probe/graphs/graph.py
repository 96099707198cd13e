"""A network as one flat graph: steps that make numbered values from numbered values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..tokens.tokens import Tokens
from ..volumes.slices import Slices

Shape = tuple[int | None, ...]
_WITH_FUNCTIONS = {
    "Map",
    "VectorizedMap",
    "Scan",
    "AssociativeScan",
    "WhileLoop",
    "ForiLoop",
    "Cond",
    "Switch",
}


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
    training : bool or None
        What `predict` hands to it. A functional model hands False to every layer, whatever its author wrote at the
        call; a model written as a class whose `call` takes no ``training`` hands nothing, None, and a layer then
        goes by what was recorded and by its own default.
    """

    name: str
    op: Any
    arguments: Any
    bind: tuple[tuple[int, int], ...]
    outputs: tuple[int, ...]
    shape: Shape | None
    inside: str = ""
    real: bool = True
    training: bool | None = False

    @property
    def inputs(self) -> tuple[int, ...]:
        """Numbers of the values it takes."""
        return tuple(slot for _, slot in self.bind)

    def filled(self, values: Mapping[int, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments of the recorded call, with values by number in place of symbolic tensors."""
        args, kwargs = self.arguments.fill_in({tensor: values[slot] for tensor, slot in self.bind})
        return args, kwargs

    def given(self, values: Mapping[int, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments with which `predict` calls the operation, with values by number."""
        args, kwargs = self.filled(values)
        if self.training is not None and "training" in getattr(self.op, "_call_context_args", ()):
            kwargs = {**kwargs, "training": self.training}
        return args, kwargs

    def call(self, values: Mapping[int, Any]) -> list[Any]:
        """Run the operation on values by number as `predict` runs it; return its outputs as a flat list."""
        import keras

        args, kwargs = self.given(values)
        run = (
            self.op
            if self.training is None or isinstance(self.op, keras.Layer)
            else _under(self.op, self.training)
        )
        with as_inner(self.op):
            return list(keras.tree.flatten(run(*args, **kwargs)))


def _under(op: Any, training: bool) -> Callable[..., Any]:
    """Return an operation as `predict` calls it: layers that its own function calls, as in a map, see the flag."""
    if type(op).__name__ not in _WITH_FUNCTIONS:
        return op  # type: ignore[no-any-return]
    import keras

    def run(*args: Any, **kwargs: Any) -> Any:
        class Under(keras.Layer):
            """Stands around the operation, whose arguments it is not shown: not all of them are tensors."""

            def __init__(self) -> None:
                super().__init__(autocast=False, name="under")
                self.built = True

            def call(self, _: Any, training: bool | None = None) -> Any:
                return op(*args, **kwargs)

        flat = keras.tree.flatten((args, kwargs))
        return Under()(next(value for value in flat if keras.ops.is_tensor(value)), training=training)

    return run


def as_inner(op: Any) -> AbstractContextManager[Any]:
    """Return a scope for names that lets a layer of a class such as ``_Block`` run outside of its model.

    TensorFlow takes a name that begins with an underscore inside of another scope only.
    """
    import tensorflow as tf

    return tf.name_scope("inner") if str(getattr(op, "name", "")).startswith("_") else nullcontext()


def has_weights(op: Any, seeds: bool = True) -> bool:
    """Return True if an operation, or a function that may be a layer, holds variables; `seeds` says if those count."""
    return len(getattr(op, "variables" if seeds else "weights", None) or ()) > 0


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
    closed : dict of str to str
        Why a model or layer that is written as a class could not be opened, by path.
    hidden : list of str
        Layers of an opened model that it calls inside of loops, where they cannot be had.
    moved : list of str
        What crops, mirrors or moves the picture before the first weights.
    pictures : set of int
        Numbers of the values before the first weights, the picture among them.
    tokens : dict of int to Tokens
        How the tokens of a value lie in the picture, for the values that are tokens, by number.
    lost : set of int
        Numbers of the values that have the shape of maps and are none: their axes are no places of the picture.
    slices : dict of int to Slices
        Where the maps of the slice that is the picture lie, for the values of a network of volumes that have such.
    batch : int or None
        How many pictures it takes at a time, if its author said so; None for any number.
    first : tuple of int or None
        Height and width of the pictures of the first call, for a model that was built by it and takes any.
    """

    steps: list[Step] = field(default_factory=list)
    inputs: dict[str, int] = field(default_factory=dict)
    outputs: dict[str, int] = field(default_factory=dict)
    input_shapes: dict[str, Shape] = field(default_factory=dict)
    output_shapes: dict[str, Shape] = field(default_factory=dict)
    input_types: dict[str, str] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    pictures: set[int] = field(default_factory=set)
    tokens: dict[int, Tokens] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)
    slices: dict[int, Slices] = field(default_factory=dict)
    batch: int | None = None
    first: tuple[int, int] | None = None

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

    def seen(self, slot: int, values: Any) -> Any:
        """Return a value of a run, (N, ...), as it is looked at: maps as (N, height, width, channels), tokens as maps.

        This is the one place where tokens become maps, volumes the maps of a slice, and channels go last; slopes are
        seen like values.
        """
        if slot in self.slices:
            return self.slices[slot].maps(values)
        return self.tokens[slot].maps(values) if slot in self.tokens else self.seen_output(values)

    def seen_output(self, values: Any) -> Any:
        """Return an output of a run as it is looked at: maps with channels last, tokens and boxes as rows."""
        return _channels_last(values) if self.channels_first and len(values.shape) == 4 else values

    @property
    def laid_out(self) -> set[int]:
        """The values that are not looked at as they are: tokens, and volumes of which a slice is seen."""
        return {*self.tokens, *self.slices}

    def before(self, slot: int) -> list[Step]:
        """Return the steps that a value needs, in an order in which they can run."""
        needed, wanted = set(), [slot]
        while wanted:
            step = self.makers.get(wanted.pop())
            if step is not None and step not in needed:
                needed.add(step)
                wanted.extend(step.inputs)
        return [step for step in self.steps if step in needed]


def row_of(shape: Shape) -> Shape:
    """Return the shape of an output without places that are only one, as of (1, 1, classes), which is a row."""
    return shape[-1:] if all(n == 1 for n in shape[:-1]) else shape


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


def _channels_last(values: Any) -> Any:
    import tensorflow as tf

    return tf.transpose(values, (0, 2, 3, 1))
