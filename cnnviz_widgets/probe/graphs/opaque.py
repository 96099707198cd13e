"""A model that cannot be looked into, as a graph of one step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..opening.untouched import untouched
from .any_size import larger
from .first_call import given_inputs, input_shapes
from .graph import Graph, Step

UNKNOWN_SIDE = 64


def opaque(model: Any) -> Graph:
    """Return a graph whose one step is the model itself.

    The model is called once, on an empty picture (64 pixels a side where its size varies), to learn what it
    returns.

    Raises
    ------
    ValueError
        If the shape of its input is not known because it has not been called yet.
    """
    import keras

    shape = _input_shape(model)
    empty = np.zeros((1, *(n or UNKNOWN_SIDE for n in shape)), np.float32)
    with untouched(model), keras.StatelessScope():
        answer = model(empty, **_training(model))
    flat = keras.tree.flatten(answer)
    first = None
    if None not in shape and _takes_any(model, shape, flat):
        first, shape = (shape[0] or 0, shape[1] or 0), (None, None, *shape[2:])
    slots = tuple(range(1, 1 + len(flat)))
    named = {
        name: slots[next(k for k, tensor in enumerate(flat) if tensor is wanted)]
        for name, wanted in _named(answer, flat)
    }
    varies = None in shape
    shapes = {name: _shape(flat[slot - 1], varies) for name, slot in named.items()}
    step = Step(
        model.name,
        model,
        _Direct(),
        ((0, 0),),
        slots,
        None,
        real=False,
        training=_training(model).get("training"),
    )
    return Graph([step], {"image": 0}, named, {"image": shape}, shapes, {"image": "float32"}, first=first)


def _takes_any(model: Any, shape: tuple[int | None, ...], flat: list[Any]) -> bool:
    """Return whether the model answers to larger pictures, with larger maps if it gives maps: no size is pinned."""
    given = given_inputs(model, (None, None))
    training = _training(model).get("training")
    found = None if given is None else larger(model, given.call, training, (shape[0] or 0, shape[1] or 0))
    if found is None or len(found.answers) != len(flat):
        return False
    return all(
        tuple(new.shape[1:3]) > tuple(old.shape[1:3])
        if len(new.shape) == 4
        else len(new.shape) == 2 and new.shape[1:] == old.shape[1:]
        for new, old in zip(found.answers, flat, strict=True)
    )


class _Direct:
    """The record of a call with one picture and nothing else."""

    def fill_in(self, values: Mapping[int, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Return the arguments to call with."""
        return (values[0],), {}


def _named(answer: Any, flat: list[Any]) -> list[tuple[str, Any]]:
    if isinstance(answer, Mapping):
        return [(str(key), tensor) for key, tensor in answer.items()]
    return [(f"output_{k}", tensor) for k, tensor in enumerate(flat)]


def _shape(tensor: Any, varies: bool) -> tuple[int | None, ...]:
    """Return an output's shape; for maps of a picture of any size the height and width are not known."""
    shape = tuple(int(n) for n in tensor.shape[1:])
    return (None, None, *shape[2:]) if varies and len(shape) == 3 else shape


def _training(model: Any) -> dict[str, bool]:
    """Return what `predict` says of training: nothing to a model whose `call` does not ask."""
    return {"training": False} if getattr(model, "_call_has_training_arg", True) else {}


def _input_shape(model: Any) -> tuple[int | None, ...]:
    known = input_shapes(model)
    if isinstance(known, list | tuple) and len(known) == 4 and not isinstance(known[1], list | tuple):
        return tuple(known[1:])
    raise ValueError("its input shape is not known")
