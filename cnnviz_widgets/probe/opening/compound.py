"""Opening one model or layer: symbolically, and checked against its own answer."""

from __future__ import annotations

from typing import Any

from .check import differs
from .record import Opened
from .symbolic import symbolic
from .untouched import untouched


class ClosedError(Exception):
    """A model or layer cannot be opened; the text says why, as the end of a sentence."""


def opened(op: Any, given: Any, training: bool | None) -> Opened:
    """Return the inside of a model or layer that was called in some way.

    Parameters
    ----------
    op : keras.Layer
        What is opened. It comes back as it was.
    given : Called or Keras' own record
        The arguments of the call.
    training : bool or None
        The training flag that the call is under, if any.

    Raises
    ------
    ClosedError
        If it cannot be opened, or answers otherwise when it is.
    """
    try:
        with untouched(op):
            made = symbolic(op, given, training)
            off = differs(op, given, made, training)
    except Exception as error:
        raise ClosedError(str(error).strip().partition("\n")[0][:200]) from error
    import keras

    if not any(isinstance(call.op, keras.Layer) for call in made.calls):
        raise ClosedError("no layer is called outside of loops")
    if off:
        raise ClosedError(off)
    return made
