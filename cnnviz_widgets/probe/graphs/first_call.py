"""What a model that is written as a class takes, as far as its first call told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..opening import Called

Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Given:
    """A call of a model on symbolic tensors.

    Attributes
    ----------
    call : Called
        Its arguments.
    names : list of str
        A name for each of the tensors, in order.
    """

    call: Called
    names: list[str]


def given_inputs(model: Any, sides: tuple[int | None, int | None] | None = None) -> Given | None:
    """Return how a model was called when it was built, for any number of pictures; None if it has not been.

    With `sides` it is for pictures of that height and width, None for any.
    """
    import keras

    recorded = getattr(
        model, "_inputs_struct", None
    )  # of a functional model whose `call` is its author's own
    shapes = input_shapes(model) if recorded is None else recorded
    if shapes is None:
        return None
    names: dict[int, str] = {}

    def tensors(part: Any, name: str) -> Any:
        if isinstance(part, Mapping):
            return {key: tensors(inner, str(key)) for key, inner in part.items()}
        if _is_shape(part) or isinstance(part, keras.KerasTensor):
            shape, kind = (part, "float32") if _is_shape(part) else (part.shape, part.dtype)
            told = (*sides, *shape[3:]) if sides and len(shape) == 4 else shape[1:]
            tensor = keras.KerasTensor((None, *told), kind)
            names[id(tensor)] = name
            return tensor
        return type(part)(tensors(inner, f"input_{k}") for k, inner in enumerate(part))

    call = Called((tensors(shapes, "image"),), {})
    return Given(call, [names[id(tensor)] for tensor in call.keras_tensors])


def input_shapes(model: Any) -> Any:
    """Return the shapes that a model was built with, batch axis included, in its inputs' structure; None if unknown."""
    built = (model.get_build_config() or {}).get("input_shape") if model.built else None
    shapes = getattr(model, "_build_shapes_dict", None) or {}
    return built or (next(iter(shapes.values())) if len(shapes) == 1 else None)


def _is_shape(part: Any) -> bool:
    return isinstance(part, list | tuple) and all(n is None or isinstance(n, int) for n in part)
