"""All that is used of Keras' private parts: its record of a model's graph, and what a layer's call does first.

Each function is held to what it promises by `tests/probe/test_keras_internals.py`, which says what a new version
changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

RECORDS = ("_inbound_nodes", "_outbound_nodes")
SEEDS = "global_seed_generator"  # the name under which Keras keeps the one behind keras.random without a seed


def functional_behind(sequential: Any) -> Any:
    """Return the functional model that a Sequential runs; None while it is not built."""
    return sequential._functional


def layers_within(layer: Any, itself: bool = True) -> list[Any]:
    """Return the layers that a layer holds, at any depth, it being the first if `itself`; an operation holds none."""
    if not hasattr(layer, "_flatten_layers"):
        return [layer] if itself else []
    return list(layer._flatten_layers(include_self=itself))


def input_structure(model: Any) -> Any:
    """Return the inputs of a functional model as it was given them: a tensor, a list or a mapping; else None."""
    return getattr(model, "_inputs_struct", None)


def output_structure(model: Any) -> Any:
    """Return the outputs of a functional model as it was given them; None for others."""
    return getattr(model, "_outputs_struct", None)


def calls_in_order(model: Any) -> Iterator[Any]:
    """Yield the records of the calls in a functional model, each after those that it takes from.

    A record has ``operation``, ``arguments``, ``input_tensors`` and ``outputs``.
    """
    for depth in sorted(model._nodes_by_depth, reverse=True):
        for node in model._nodes_by_depth[depth]:
            if not node.is_input:
                yield node


def maker_of(tensor: Any) -> Any:
    """Return the layer or operation that made a symbolic tensor; None for one without a history."""
    history = getattr(tensor, "_keras_history", None)
    return None if history is None else history.operation


def calls_of(operation: Any) -> list[Any]:
    """Return the records of the calls that took what a layer or operation made."""
    return list(operation._outbound_nodes)


def takes_training(layer: Any) -> bool:
    """Return whether a layer's `call` is handed the training flag."""
    return bool(layer._call_has_training_arg)


def call_like(stand_in: Any, layer: Any) -> None:
    """Have a layer take its arguments as another does: cast or as they are, tensors or not."""
    stand_in._allow_non_tensor_positional_args = True
    stand_in._convert_input_args = layer._convert_input_args


@contextmanager
def general_seeds(generator: Any) -> Iterator[None]:
    """Put a generator of seeds in the place of the one of this thread, which serves what has none of its own."""
    try:
        from keras.src.backend.common import global_state
    except ImportError:  # another layout of Keras: its general seeds are then not held
        yield
        return
    before = global_state.get_global_attribute(SEEDS)
    global_state.set_global_attribute(SEEDS, generator)
    try:
        yield
    finally:
        global_state.set_global_attribute(SEEDS, before)
