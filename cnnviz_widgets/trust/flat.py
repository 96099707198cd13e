"""Whether a map is the same everywhere, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..explanation import ColourMap, Heatmap
from .finding import Finding
from .maps import is_flat


@dataclass(frozen=True, eq=False)
class Flat(Finding):
    """Whether the map is the same everywhere.

    Attributes
    ----------
    flat : bool
        True if all values are the same, up to a millionth.
    value : float
        The one value of a flat map; its mean otherwise.
    why : str
        The method's own note on it, if it has one.
    """

    flat: bool = False
    value: float = 0.0
    why: str = ""

    def said(self) -> str:
        """Return why the map is flat; nothing if it is not."""
        if not self.flat:
            return ""
        return f"{self.why or f'Flat: all values are {self.value:.4g}.'}"


def look(explanation: Heatmap | ColourMap) -> Iterator[Flat]:
    """Yield whether a map is flat, with the reason that its method noted."""
    values = explanation.values
    flat = is_flat(values)
    why = next((note for note in explanation.notes if note.startswith("Flat")), "") if flat else ""
    yield Flat(flat=flat, value=float(values.mean(dtype=np.float64)), why=why)
