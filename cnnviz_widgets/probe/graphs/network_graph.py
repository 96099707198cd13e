"""The graph of any model, and in words what of it stays closed."""

from __future__ import annotations

from typing import Any

from ...errors import ModelError, listed
from ..opening import ClosedError
from .flatten import flatten
from .graph import Graph
from .opaque import opaque
from .uncalled_models import has_call, without_call

CURE = "Layers are seen where `call` uses Keras layers and `keras.ops`, outside of loops such as `tf.map_fn`."


def graph_of(model: Any) -> tuple[Graph, str]:
    """Return a model's graph, and why its layers cannot be seen, if so.

    Raises
    ------
    ModelError
        If it has no `call`, if it is not known what it takes, or if it cannot be called on one picture.
    """
    if not has_call(model):
        raise ModelError(without_call(model))
    try:
        graph = flatten(model)
    except ClosedError as error:
        return _closed(model, str(error))
    if graph is not None:
        sealed = any(type(step.op).__name__ == "TFSMLayer" for step in graph.steps)
        return graph, f"{model.name} is a SavedModel, which holds no Keras layers." if sealed else ""
    if type(model).__name__ == "Sequential":
        raise ModelError(
            "the Sequential model has no input shape yet: call it once on a batch, or begin it with keras.Input(shape)."
        )
    return _closed(model, "what it takes is not known")


def _closed(model: Any, reason: str) -> tuple[Graph, str]:
    """Return a model as one step."""
    why = (
        f"{model.name} is written as a class and could not be opened ({reason}); predictions, Saliency and "
        f"Occlusion work. {CURE}"
    )
    try:
        return opaque(model), why
    except Exception as error:
        raise ModelError(
            f"{model.name} could not be called on one picture: {str(error)[:300]}. "
            "Call it once on a batch first."
        ) from error


def notes_of(graph: Graph) -> tuple[str, ...]:
    """Return in words which layers of a model stay closed, and which are called where they cannot be had."""
    notes = []
    if graph.closed:
        reason = next(iter(graph.closed.values()))
        notes.append(f"Not opened, each shown as one layer: {listed(graph.closed)} ({reason}). {CURE}")
    if graph.hidden:
        notes.append(f"Called inside of loops, and not shown: {listed(graph.hidden)}.")
    if graph.moved:
        notes.append(
            f"Before its first weights the network crops, mirrors or moves the picture ({listed(graph.moved)}): the "
            "maps of its layers have other places than the picture. Saliency, Occlusion and RISE show its own."
        )
    return tuple(notes)
