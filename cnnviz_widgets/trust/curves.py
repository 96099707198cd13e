"""Deletion and insertion: how the score goes as places are taken away, or put in, in the order of a map."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from ..explanation import ColourMap, Heatmap
from ..occlusion.fill import filled
from ..probe import Probe
from ..resampling import laid
from .finding import Finding
from .maps import FLAT, cells, is_flat, order_of, random_map, single
from .value import reader

BATCH = 32
LEAST_FALL = (
    0.2  # share of the probability that has to go with the whole picture, for its parts to say anything
)
MARGIN = 0.01
Kind = Literal["deletion", "insertion"]


@dataclass(frozen=True, eq=False)
class Curve(Finding):
    """The score along the order of a map and along random orders.

    Attributes
    ----------
    kind : str
        ``deletion`` or ``insertion``.
    shares : numpy.ndarray
        float64 (n + 1,), shares of the pixels deleted or inserted, from 0 to 1.
    values : numpy.ndarray
        float64 (n + 1,), the score at each share in the order of the map; NaN where not measured yet.
    random : numpy.ndarray
        float64 (orders, n + 1), the same for each random order.
    measured : str
        What the score is, in words.
    scaled : bool
        False if it is a probability; True if it is a target's own value, brought to 1 for the picture and 0 for the
        picture that is filled all over.
    fill : str
        What is put in the place of what is deleted, or what the picture is inserted into.
    """

    kind: Kind = "deletion"
    shares: np.ndarray = field(default_factory=lambda: np.zeros(0), repr=False)
    values: np.ndarray = field(default_factory=lambda: np.zeros(0), repr=False)
    random: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)), repr=False)
    measured: str = ""
    scaled: bool = False
    fill: str = ""

    @property
    def area(self) -> float | None:
        """Area under the curve by trapezoids, the share of pixels from 0 to 1; None if not all of it is known."""
        return None if self.reason or np.isnan(self.values).any() else _area(self.values, self.shares)

    @property
    def random_areas(self) -> tuple[float, ...]:
        """The areas of the random orders known so far."""
        known = [] if self.reason else [row for row in self.random if not np.isnan(row).any()]
        return tuple(_area(row, self.shares) for row in known)

    @property
    def random_area(self) -> float | None:
        """Mean area of the random orders."""
        return float(np.mean(self.random_areas)) if self.random_areas else None

    @property
    def random_spread(self) -> float | None:
        """Standard deviation of the random orders' areas, with one less than their number below."""
        return float(np.std(self.random_areas, ddof=1)) if len(self.random_areas) > 1 else None

    @property
    def beaten(self) -> int:
        """How many random orders the map beats by 0.01: with a smaller area on deletion, a larger one on insertion."""
        sign = 1 if self.kind == "deletion" else -1
        own = self.area
        return 0 if own is None else sum(sign * (one - own) > MARGIN for one in self.random_areas)

    def said(self) -> str:
        """Return how the order of the map does against random ones; nothing if the filled picture does as well."""
        whole, blank = self.values[[0, -1]] if self.kind == "deletion" else self.values[[-1, 0]]
        if whole - blank < LEAST_FALL * whole:
            return (
                f"Nothing can be said by {self.kind}: {self.measured} is {whole:.0%} for the picture, and {blank:.0%} "
                f"for one that is all {self.fill}. Try another fill: TrustOptions has {self.kind}."
            )
        figures = f"area {self.area:.3f} against {self.random_area:.3f} ± {self.random_spread:.3f}"
        doing, goes = ("Deleting", "falls") if self.kind == "deletion" else ("Inserting", "rises")
        every = len(self.random_areas)
        if self.beaten == every:
            how, so = f"faster than in any of {every} random orders", "the map finds what it hangs on"
        elif self.beaten == 0:
            how, so = f"no faster than in {every} random orders", "the map does not find what it hangs on"
        else:
            how, so = "about as fast as in a random order", "the map says little of what it hangs on"
        return f"{doing} the strongest places first, {self.measured} {goes} {how} ({figures}): {so}."


def look(
    probe: Probe, explanation: Heatmap | ColourMap, kind: Kind, fill: str, steps: int, orders: int, seed: int
) -> Iterator[Curve]:
    """Yield the curves of a map after every batch of pictures, the map's own first.

    The order is that of the map at the picture's size, enlarged as it is drawn, the highest values first: for a
    signed map those that speak for the target. A random order is that of a map of random cells, as many as the
    map under test has, enlarged in the same way. It so takes away blotches as large as the map's own; single pixels,
    scattered, ruin a picture much sooner, and any coarse map would look bad against them.
    """
    if is_flat(explanation.values):
        yield Curve(reason=FLAT, kind=kind)
        return
    read, measured, is_chance = reader(probe, explanation.recipe.target)
    places = _orders(explanation, orders, seed)
    pixels = places[0].size
    steps = min(steps, pixels)
    counts = np.round(np.arange(steps + 1) * (pixels / steps)).astype(int)
    ends = explanation.image.pixels, filled(explanation.image, fill, seed)
    before, after = ends if kind == "deletion" else ends[::-1]
    plan = [(0, 0), (0, steps), *((row, k) for row in range(1 + orders) for k in range(1, steps))]
    raw = np.full((1 + orders, steps + 1), np.nan)
    for begin in range(0, len(plan), BATCH):
        part = plan[begin : begin + BATCH]
        pictures = [np.where((places[row] < counts[k])[..., None], after, before) for row, k in part]
        raw[tuple(np.transpose(part))] = read(np.stack(pictures))
        raw[:, [0, -1]] = raw[0, [0, -1]]  # the ends are the same in every order
        values, reason = (raw.copy(), "") if is_chance else _scaled(raw, kind)
        done = 1.0 if reason else min(1.0, (begin + BATCH) / len(plan))
        yield Curve(done, reason, kind, counts / pixels, values[0], values[1:], measured, not is_chance, fill)
        if reason:
            return


def _orders(explanation: Heatmap | ColourMap, orders: int, seed: int) -> list[np.ndarray]:
    """Return the place of every pixel in the order of the map, and in each random one."""
    shape, size = cells(explanation), explanation.image.size
    ties, *others = (random_map(shape, size, (seed, number)) for number in range(1 + orders))
    own = order_of(laid(single(explanation), size, explanation.extent), ties)
    return [own, *(order_of(made, made) for made in others)]


def _scaled(raw: np.ndarray, kind: Kind) -> tuple[np.ndarray, str]:
    """Return values as shares of the way from the filled picture to the whole one, or why there is no way."""
    whole, blank = raw[0, [0, -1]] if kind == "deletion" else raw[0, [-1, 0]]
    if whole == blank:
        same = f"The filled picture has the score of the picture itself, {whole:.4g}"
        return raw.copy(), f"{same}: {kind} shows nothing."
    return (raw - blank) / (whole - blank), ""


def _area(values: np.ndarray, shares: np.ndarray) -> float:
    return float(np.trapezoid(values, shares))
