"""Whether the size of a model's first call was only that of its first picture: it answers to larger ones as well."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..opening import answer, distance, random_values
from ..opening.record import Called
from ..opening.untouched import untouched


@dataclass(frozen=True)
class Larger:
    """What a model itself answers to random pictures twice as high and as wide as those of its first call.

    Attributes
    ----------
    values : list
        The pictures, and what goes in with them.
    answers : list
        What comes out, flat.
    draws : bool
        Whether it answers otherwise when it is asked again.
    """

    values: list[Any]
    answers: list[Any]
    draws: bool

    def agrees(self, run: Callable[[list[Any]], list[Any]]) -> bool:
        """Return whether an opened model answers to them as the model does."""
        return self.draws or not distance(run(self.values), self.answers)


def larger(model: Any, call: Called, training: bool | None, first: tuple[int, int]) -> Larger | None:
    """Ask a model for larger pictures; None if it does not take them or cuts them up into several.

    Parameters
    ----------
    model : keras.Model
        The model. It comes back as it was.
    call : Called
        How it is called on pictures of any size.
    training : bool or None
        The training flag that is handed to it.
    first : tuple of int
        Height and width of the pictures of its first call.
    """
    values = random_values(call.keras_tensors, (2 * first[0], 2 * first[1]))
    try:
        with untouched(model):
            made, again = (answer(model, call, training, values) for _ in range(2))
    except Exception:  # it needs the size that it was called with
        return None
    rows = {tensor.shape[0] for tensor in values}
    if any(not tensor.shape or tensor.shape[0] not in rows for tensor in made):
        return None
    return Larger(values, made, bool(distance(again, made)))
