"""Opening one model or layer: symbolically or else by watching a trace, and checked against its own answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .check import answer, differs, distance
from .cutting import cut, is_layer
from .record import Opened
from .symbolic import symbolic
from .untouched import untouched
from .watching import watched


class ClosedError(Exception):
    """A model or layer cannot be opened; the text says why, as the end of a sentence."""


def opened(
    op: Any, given: Any, training: bool | None, values: Callable[[], list[Any]]
) -> tuple[Opened, list[Any]]:
    """Return the inside of a model or layer that was called in some way, and its own answers to some values.

    Parameters
    ----------
    op : keras.Layer
        What is opened. It comes back as it was.
    given : Called or Keras' own record
        The arguments of the call.
    training : bool or None
        The training flag that the call is under, if any.
    values : callable
        Returns a value for each distinct tensor among the arguments: what the opening is checked with.

    Raises
    ------
    ClosedError
        If it cannot be opened, or answers otherwise when it is.
    """
    reason = ""
    with untouched(op):
        for way in (symbolic, _watched):
            try:
                made = way(op, given, training)
                if not any(is_layer(call.op) for call in made.calls):
                    reason = "no layer is called outside of loops"
                    continue
                known = values()
                expected = answer(op, given, training, known)
                off = differs(made, known, expected)
                # one that answers differently each time cannot be compared, and is taken as it was recorded
                if not off or distance(answer(op, given, training, known), expected):
                    return made, expected
                reason = f"opened, it is off by {off:.1g} of its range"
            except Exception as error:
                reason = _said(error)
    raise ClosedError(reason)


def _watched(op: Any, given: Any, training: bool | None) -> Opened:
    return cut(op, watched(op, given, training))


def _said(error: Exception) -> str:
    """Return what an error says, in one line, without what Keras puts around it and its colours."""
    lines = [line.strip() for line in re.sub(r"\x1b\[\d*m", "", str(error)).splitlines()]
    told = [line for line in lines if line and not line.startswith("Exception encountered when calling")]
    return (told[0] if told else type(error).__name__)[:200].rstrip(".")
