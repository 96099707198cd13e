"""A bar of colours with its numbers, as small HTML beside a picture."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np

from ..core.elements import data_url


def ramp(colours: np.ndarray, numbers: Sequence[str], below: str = "") -> str:
    """Return the colours of a scale with numbers under it, as HTML.

    Parameters
    ----------
    colours : numpy.ndarray
        uint8 (n, 3), from the low end to the high one.
    numbers : sequence of str
        Two, for both ends; or three, for the middle too.
    below : str
        A line under them; none if empty.
    """
    strip = data_url(np.repeat(colours[None], 2, axis=0), 95)
    written = "".join(f"<i>{html.escape(number)}</i>" for number in numbers)
    line = f"<small>{html.escape(below)}</small>" if below else ""
    return f'<div class="cv-ramp"><img alt="" src="{strip}"><div>{written}</div>{line}</div>'
