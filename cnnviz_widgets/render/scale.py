"""Which value gets which colour, and what is written at the ends of the colour bar."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..colours import table
from ..style import Style

MINUS = "\N{MINUS SIGN}"
FEW = 1000  # maps of up to so many values are drawn unclipped: there, an extreme is a finding


@dataclass(frozen=True, eq=False)
class Scale:
    """From values to colours.

    Attributes
    ----------
    low, high : float
        Values of the first and the last colour. Values beyond are drawn in them.
    zero : float or None
        Where zero lies on the bar, 0 to 1, for signed maps.
    colours : numpy.ndarray
        uint8 (256, 3).
    words : str
        What to mind: that the map is flat, that some values are not numbers, that some lie beyond the scale.
    flat : str
        A sentence if all values are the same, else empty.
    """

    low: float
    high: float
    zero: float | None = None
    colours: np.ndarray = field(default_factory=lambda: table("heat"), repr=False)
    words: str = ""
    flat: str = ""

    @property
    def signed(self) -> bool:
        """True if the colours are centred on zero."""
        return self.zero is not None

    @property
    def low_text(self) -> str:
        """The lowest value, for the colour bar."""
        return as_text(self.low)

    @property
    def high_text(self) -> str:
        """The highest value, for the colour bar."""
        return as_text(self.high)

    def heat(self, values: np.ndarray) -> np.ndarray:
        """Return float32 values as heat: 0 to 1, or -1 to 1 where signed; never NaN."""
        if not self.high:
            return np.zeros(values.shape, np.float32)
        heat = finite(values) / np.float32(self.high)
        return np.clip(heat, -1 if self.signed else 0, 1, out=heat)


def scale_of(values: np.ndarray, signed: bool, style: Style, whole: bool = False) -> Scale:
    """Return the scale of a map.

    Maps from 0 up run from 0 to their highest value; signed ones run as far below zero as above. The ends are
    the map's own unless `style.limit` sets them.

    Parameters
    ----------
    values : numpy.ndarray
        The map, any shape.
    signed : bool
        Whether values below zero mean something.
    style : Style
        Colours, clip and limit.
    whole : bool
        Whether the colours start at their dark end, as on feature maps.
    """
    numbers = finite(values)
    size = np.abs(numbers) if signed else np.maximum(numbers, 0)
    limit = style.limit or _limit(size, style.clip)
    colours = table(style.signed_colormap, signed=True) if signed else table(style.colormap, whole=whole)
    flat = _flat(numbers)
    words = " ".join(filter(None, (flat, _broken(values), _beyond(size, limit))))
    return Scale(-limit if signed else 0.0, limit, 0.5 if signed else None, colours, words, flat)


def finite(values: np.ndarray) -> np.ndarray:
    """Return a float32 copy in which whatever is not a number is 0."""
    return np.nan_to_num(np.array(values, np.float32), copy=False, nan=0.0, posinf=0.0, neginf=0.0)


def as_text(value: float) -> str:
    """Write a number with three significant digits, as short as they allow."""
    rounded = float(f"{value:.3g}")
    if rounded == 0:
        return "0"
    if 1e-3 <= abs(rounded) < 1e6:
        text = np.format_float_positional(rounded, trim="-")
    else:
        mantissa, exponent = f"{rounded:.2e}".split("e")
        text = f"{float(mantissa):g}e{int(exponent)}"
    return text.replace("-", MINUS)


def _limit(size: np.ndarray, clip: float) -> float:
    most = float(size.max(initial=0))
    if size.size <= FEW or clip >= 1:
        return most
    # A map that is zero nearly everywhere has its quantile at 0; what little there is must still be seen.
    return float(np.quantile(size, clip)) or most


def _flat(numbers: np.ndarray) -> str:
    low, high = float(numbers.min(initial=np.inf)), float(numbers.max(initial=-np.inf))
    return f"Flat: all values are {as_text(high)}." if high - low <= 1e-6 * max(abs(high), abs(low)) else ""


def _broken(values: np.ndarray) -> str:
    broken = values.size - int(np.count_nonzero(np.isfinite(values)))
    return f"{broken} of {values.size} values are not numbers and are drawn as 0." if broken else ""


def _beyond(size: np.ndarray, limit: float) -> str:
    beyond = int(np.count_nonzero(size > limit * (1 + 1e-6)))
    share = f"{as_text(100 * beyond / size.size)} %" if size.size else ""
    return f"{share} of the values lie beyond the scale and are drawn in its last colour." if beyond else ""
