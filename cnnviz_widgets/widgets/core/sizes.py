"""Which size of canvas suits a column, and how many tiles beside it."""

from __future__ import annotations

from ..canvas.layout import Sheet

SIDE_ROOM = 292
FROM_THE_HERO_ALONE = 560
LEAST_ALONE = 160


def size_for(width: int) -> str | int:
    """Return a named size, or a number of pixels for the picture alone, for a column of `width` CSS pixels."""
    if width >= 660 + SIDE_ROOM:
        return "L"
    if width >= 576 + SIDE_ROOM:
        return "M"
    if width >= 660:
        return "L"
    return min(FROM_THE_HERO_ALONE, max(LEAST_ALONE, width - 8))


MOST_COLUMN = 1040  # the widget grows no wider; see look.css
GAP, BETWEEN = 22, 28
LEAST, MOST, ALONE = 180, 300, 420
TWO_COLUMNS = 2 * 260 + BETWEEN
UNKNOWN = 270  # fits beside every picture


def beside(size: str | int, column: int) -> int:
    """Return the side of the second canvas in CSS pixels, for a widget's size in a column of some width.

    Parameters
    ----------
    size : str or int
        Named size of the widget, or the width of its picture alone.
    column : int
        Width of the column in CSS pixels; 0 while it is not known.
    """
    main, wide = Sheet.of(size).width, min(column, MOST_COLUMN)
    if isinstance(size, int) and wide < TWO_COLUMNS:
        return max(LEAST, min(main, ALONE))
    if not column:
        return UNKNOWN
    if size == "XL":
        return ALONE
    if wide >= main + SIDE_ROOM and not isinstance(size, int):
        return min(wide - main - GAP, MOST)
    return max(LEAST, min((wide - BETWEEN) // 2, MOST))
