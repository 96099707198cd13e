"""Which size of canvas suits a column: with the controls beside it, under it, or the picture alone."""

from __future__ import annotations

SIDE_ROOM = 292
FROM_THE_HERO_ALONE = 560
LEAST = 160


def size_for(width: int) -> str | int:
    """Return a named size, or a number of pixels for the picture alone, for a column of `width` CSS pixels."""
    if width >= 660 + SIDE_ROOM:
        return "L"
    if width >= 576 + SIDE_ROOM:
        return "M"
    if width >= 660:
        return "L"
    return min(FROM_THE_HERO_ALONE, max(LEAST, width - 8))
