"""Whether a network answers by chance, found on copies of one picture, and what is to be said of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..errors import listed
from .cache import Memory
from .engine import BATCH, Engine

COPIES = BATCH


@dataclass(frozen=True)
class Chance:
    """How a network's answers depend on chance.

    Attributes
    ----------
    where : tuple of str
        Steps that draw; empty for a network that answers the same each time.
    held : bool
        True if its seeds can be held, so that the same picture alone gives the same answer each time.
    """

    where: tuple[str, ...] = ()
    held: bool = True

    @property
    def note(self) -> str:
        """What to mind, in a sentence; empty if there is nothing."""
        if not self.where:
            return ""
        draws = f"The network draws at random when it predicts, too, in {listed(self.where)}"
        if self.held:
            return (
                f"{draws}. Here it draws the same for every picture and in every run, so that its answers can be "
                "compared: one draw of many is explained."
            )
        return (
            f"{draws}, and its seeds cannot be held: the same question has another answer each time, and small "
            "differences are chance."
        )


class ChanceWatch:
    """Looks whether a network answers by chance, once for its weights as they are.

    Parameters
    ----------
    engine : Engine
        The network.
    memory : Memory
        What knows whether the weights are still the same.
    """

    def __init__(self, engine: Engine, memory: Memory) -> None:
        self.engine, self.memory = engine, memory
        self._note = ""
        self._looked: tuple[int | None, ...] = ()  # the stamp of the weights that were looked at

    def told(self, notes: tuple[str, ...], picture: Callable[[], np.ndarray]) -> tuple[str, ...]:
        """Return notes with the one on chance, if the network answers so for a picture as it goes in, (H, W, C)."""
        if not self.engine.lots.suspects:
            return notes
        with self.memory.current():
            if self._looked == (self.memory.stamp,):
                return notes
            found = chance_of(self.engine, picture())
            self._looked = (self.memory.stamp,)
            if found.where and self.engine.rows is None:
                self.engine.rows = 1
            before, self._note = self._note, found.note
        kept = tuple(note for note in notes if note != before)
        return (*kept, self._note) if self._note else kept


def chance_of(engine: Engine, picture: np.ndarray) -> Chance:
    """Return how a network's answers depend on chance, from runs on copies of a picture (H, W, C) as it goes in.

    Only a network with operations that can draw is run: on a batch of copies, twice with other seeds, and on the
    picture alone, twice with the same.
    """
    where = engine.lots.drawing()
    if not where:
        return Chance()
    copies = np.repeat(picture[None], engine.rows or COPIES, axis=0)
    with engine.lock:
        first = engine.predict(copies)
        engine.lots.choose(1)
        try:
            other = engine.predict(copies)
        finally:
            engine.lots.choose(0)
        alike = np.concatenate([first, other]).reshape(-1, first[0].size)
        if _same(alike, alike[:1]):
            return Chance()
        once, again = engine.predict(copies[:1]), engine.predict(copies[:1])
    return Chance(where, _same(once, again))


def _same(found: np.ndarray, wanted: np.ndarray) -> bool:
    """Return True if answers agree to rounding, which batches of other sizes may bring in."""
    size = float(np.abs(wanted).max()) or 1.0
    return bool(np.abs(found - wanted).max() <= 1e-5 * size)
