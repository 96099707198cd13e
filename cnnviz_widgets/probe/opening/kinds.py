"""Which models keep a record of their layers, and which layers are made of others without one."""

from __future__ import annotations

from typing import Any

from ..keras_internals import functional_behind, layers_within


def functional(op: Any) -> Any:
    """Return the functional model behind a model or a built Sequential, or None."""
    import keras

    if isinstance(op, keras.Sequential):
        return functional_behind(op) if type(op).call is keras.Sequential.call else None
    plain: Any = next((c for c in type(op).__mro__ if c.__name__ == "Functional"), None)
    return op if plain is not None and type(op).call is plain.call else None


def is_compound(op: Any) -> bool:
    """Return True for a model or layer written as a class by someone other than Keras, with layers of its own.

    Keras' own layers that hold others, such as attention, recurrent and wrapper layers, and what is derived from them,
    are one step each.
    """
    import keras

    if not isinstance(op, keras.Layer) or _is_keras(type(op)) or functional(op) is not None:
        return False
    nearest = next(kind for kind in type(op).__mro__ if _is_keras(kind))
    plain = (keras.Layer, keras.Model, keras.Sequential, keras.layers.Wrapper)
    if nearest not in plain and nearest.__name__ != "Functional":
        return False
    return isinstance(op, keras.Model) or bool(layers_within(op, itself=False))


def _is_keras(kind: type) -> bool:
    return kind.__module__.partition(".")[0] == "keras"
