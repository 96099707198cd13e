"""What was recorded of the inside of a model or layer: its calls of other layers, in an order to run them in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True, eq=False)
class Called:
    """The arguments of a call, symbolic tensors in the place of values; it can stand for Keras' own record of one.

    Attributes
    ----------
    args, kwargs : tuple, dict
        What was given, `keras.KerasTensor` for each tensor.
    """

    args: tuple[Any, ...]
    kwargs: dict[str, Any]

    @cached_property
    def keras_tensors(self) -> list[Any]:
        """The symbolic tensors among the arguments, in order; one that was given twice stands there twice."""
        import keras

        flat = keras.tree.flatten((self.args, self.kwargs))
        return [given for given in flat if isinstance(given, keras.KerasTensor)]

    def fill_in(self, values: Mapping[int, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments with values, by the id of the symbolic tensor, in their places."""
        import keras

        def value(given: Any) -> Any:
            return values[id(given)] if isinstance(given, keras.KerasTensor) else given

        args, kwargs = keras.tree.map_structure(value, (self.args, self.kwargs))
        return args, kwargs


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a layer or operation.

    Attributes
    ----------
    path : str
        Names of the layers around it, from the opened one on, and its own: ``block/dense``.
    op : keras.Operation
        What was called.
    arguments : Called or Keras' own record
        With what.
    outputs : list of keras.KerasTensor
        What came out, flat.
    training : bool or None
        What is handed to it as the training flag; None leaves what was recorded.
    """

    path: str
    op: Any
    arguments: Any
    outputs: list[Any]
    training: bool | None


@dataclass(frozen=True, eq=False)
class Opened:
    """The inside of a model or layer.

    Attributes
    ----------
    inputs : list of keras.KerasTensor
        A symbolic tensor for each distinct one among the arguments, in order.
    calls : list of Call
        In an order in which they can run.
    outputs : list of keras.KerasTensor
        What comes out, flat.
    structure : object
        The outputs in the structure in which they come out.
    hidden : tuple of str
        Names of layers that are called in it where they cannot be had, such as in a loop.
    """

    inputs: list[Any]
    calls: list[Call]
    outputs: list[Any]
    structure: Any
    hidden: tuple[str, ...] = ()

    def run(self, given: list[Any]) -> list[Any]:
        """Return the outputs, flat, for values of the inputs."""
        import keras

        values = {id(own): value for own, value in zip(self.inputs, given, strict=True)}
        for call in self.calls:
            args, kwargs = call.arguments.fill_in(values)
            if call.training is not None and "training" in getattr(call.op, "_call_context_args", ()):
                kwargs = {**kwargs, "training": call.training}
            made = keras.tree.flatten(call.op(*args, **kwargs))
            values.update(zip(map(id, call.outputs), made, strict=True))
        return [values[id(tensor)] for tensor in self.outputs]
