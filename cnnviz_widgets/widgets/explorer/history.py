"""Pictures looked at before, to step back to."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ...method import Method
from ...style import Style

KEPT = 40


@dataclass(frozen=True)
class Moment:
    """What stood on the screen: which picture, which method with its settings, which style.

    Attributes
    ----------
    thumbnail : numpy.ndarray
        uint8 (h, w, 3), not compared.
    slice_index : int
        Which slice of a volume was the picture.
    """

    image: int
    method: Method
    style: Style
    thumbnail: np.ndarray = field(compare=False, repr=False)
    slice_index: int = 0


class History:
    """Moments in order, with a place in them, as in a browser."""

    def __init__(self) -> None:
        self.moments: list[Moment] = []
        self.place = -1
        self._away = False

    def leave(self) -> None:
        """Note that something is asked for whose picture is still to come: one step back is the moment at hand."""
        self._away = self.place >= 0

    def note(self, moment: Moment) -> bool:
        """Add a moment after the present one, dropping those that were undone; return False if nothing is new."""
        self._away = False
        if self.place >= 0 and self.moments[self.place] == moment:
            return False
        self.moments = [*self.moments[: self.place + 1], moment][-KEPT:]
        self.place = len(self.moments) - 1
        return True

    def step(self, by: int) -> Moment | None:
        """Go back (-1) or forward (1); None at the end."""
        to = self.place if self._away and by < 0 else self.place + by
        if not 0 <= to < len(self.moments):
            return None
        self.place, self._away = to, False
        return self.moments[to]

    @property
    def can_undo(self) -> bool:
        """Whether there is an earlier moment."""
        return self.place > 0 or self._away

    @property
    def can_redo(self) -> bool:
        """Whether there is a later one."""
        return self.place < len(self.moments) - 1
