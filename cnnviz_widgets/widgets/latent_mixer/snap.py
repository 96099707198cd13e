"""Values that a slider on the page can hold, and those that it only rounds."""

from __future__ import annotations


def is_rounded(told: float, value: float, step: float) -> bool:
    """Return whether a slider tells of nothing but the rounding of the value that it was set to.

    A slider on the page moves to the nearest of its steps when it is set, and reports that as if it had been moved.
    """
    return abs(told - value) < step / 2 * (1 - 1e-9)
