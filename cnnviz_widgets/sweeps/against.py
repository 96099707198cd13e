"""Two maps of one sweep against each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..explanation import Heatmap

ENDS = ("lowest", "highest")  # of each map's own values, in its own unit


def code_or_error(code: Heatmap, error: Heatmap) -> Heatmap:
    """Return the map of the code's distance less that of the error's rise, each as a share of its largest."""
    return replace(
        code,
        recipe=code.recipe.replace(map="code or error"),
        target=f"{code.target} or {error.target}",
        values=_share(code.values) - _share(error.values),
        unit="share",
        signed=True,
        scores={
            name: value for name, value in code.scores.items() if name in error.scores and name not in ENDS
        },
        notes=tuple(dict.fromkeys((*code.notes, *error.notes))),
        says="Red places move the code more than they spoil what is rebuilt; blue ones the other way round.",
    )


def _share(values: np.ndarray) -> np.ndarray:
    """Return values as shares of the largest magnitude; zeros stay."""
    largest = float(np.abs(values).max())
    return values / largest if largest else values
