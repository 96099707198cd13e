"""How alike two pictures are to a network, and which places make them so, as a frozen value."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ..drawable import Drawable
from ..errors import LayerError
from ..explanation import ColourMap, Heatmap
from ..images.image import Image
from .decomposition import Decomposition, Match, Place

if TYPE_CHECKING:
    from ..style import Style

HARDLY = 0.3  # cosines below are called hardly alike
ROUNDING = 1e-6  # a cosine in float32 is no more precise
EXACT = ("patches", "Patch similarity")  # ways to make the maps that are the exact terms


@dataclass(frozen=True, eq=False)
class Likeness(Drawable):
    """What in A makes it like B, and in B like A; with a foil, what in A makes it more like B than like C.

    Attributes
    ----------
    on_a, on_b : Heatmap or ColourMap
        The maps of A and of B, each at its method's own resolution; ``on_a.image`` and ``on_b.image`` are the
        pictures as the network takes them. With a foil, `on_a` is the map of the contrast: above 0 speaks for B,
        below for the foil.
    value : float
        Similarity of the two codes, as the network gives it.
    layer : str
        The layer that holds the code.
    metric : str
        ``cosine``, ``dot`` or ``euclidean`` (minus the distance).
    pooled : bool
        True if the code is the mean of the layer's maps over all places.
    recipe : SimilarityMaps
        The settings, all filled in; ``recipe(probe, a, b)`` makes this again.
    parts : Decomposition or None
        The exact terms of the similarity, for every pair of places; None if the code has none, `notes` say why.
    on_foil : Heatmap, ColourMap or None
        The map of the foil: what in it makes it like A.
    foil_value : float or None
        Similarity of A and the foil.
    foil_parts : Decomposition or None
        The exact terms of that similarity.
    notes : tuple of str
        What to mind.
    model : str
        Name of the model.
    done : float
        How much of the work this holds, 0 to 1.
    progress : str
        Where the work stands, e.g. ``40 of 98``.
    """

    on_a: Heatmap | ColourMap
    on_b: Heatmap | ColourMap
    value: float
    layer: str
    metric: str
    pooled: bool
    recipe: Any
    parts: Decomposition | None = field(default=None, repr=False)
    on_foil: Heatmap | ColourMap | None = None
    foil_value: float | None = None
    foil_parts: Decomposition | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()
    model: str = ""
    done: float = 1.0
    progress: str = ""

    @property
    def maps(self) -> tuple[Heatmap | ColourMap, ...]:
        """The maps of A, of B and, if there is one, of the foil."""
        return tuple(one for one in (self.on_a, self.on_b, self.on_foil) if one is not None)

    @property
    def images(self) -> tuple[Image, ...]:
        """A, B and, if there is one, the foil."""
        return tuple(one.image for one in self.maps)

    @property
    def summed(self) -> float | None:
        """The sum of all terms, to be read beside `value`; None if there is no exact decomposition."""
        return None if self.parts is None else self.parts.total

    @property
    def agrees(self) -> bool:
        """True if the terms sum to the value, up to rounding in float32."""
        return self.parts is not None and abs(self.parts.total - self.value) <= self.parts.slack

    @property
    def says(self) -> str:
        """The sentence for under the pictures: how alike they are, and what the colours tell."""
        colour = "Red" if self.on_a.signed else "Warm"
        if self.foil_value is not None:
            both = f"{_named(self.value, self.metric)}; to the foil {_number(self.foil_value, self.metric)}"
            if not self.on_a.signed:
                return f"{both}. Warm places in A tell B from the foil."
            return f"{both}. Red places in A speak for B, blue ones for the foil."
        if not np.any(self.on_a.values) and not np.any(self.on_b.values):
            return f"{_named(self.value, self.metric)}. No place speaks for it."
        if self.metric == "euclidean" and self.exact:
            return f"{_named(self.value, self.metric)}. Blue places set A and B apart."
        alike = "are the little they share" if self._hardly else "make them alike"
        return f"{_named(self.value, self.metric)}. {colour} places in A and B {alike}."

    @property
    def _hardly(self) -> bool:
        return self.metric == "cosine" and self.value < HARDLY

    @property
    def exact(self) -> bool:
        """True if the maps are the exact terms, so that they sum to the similarity."""
        by = getattr(self.recipe, "by", "")
        return self.parts is not None and getattr(by, "label", by) in EXACT

    @property
    def badge(self) -> str:
        """What the exact maps add up to, e.g. ``cells sum to 0.37 ✓``; what other maps show, for they have no sum."""
        if self.parts is None or not self.exact:
            return f"map: {self._drawn_by}"
        if self.foil_value is not None and self.foil_parts is not None:
            return self._contrast_badge(self.parts.total, self.foil_parts)
        mark = "\N{CHECK MARK}" if self.agrees else f"\N{NOT EQUAL TO} {_number(self.value, self.metric)}"
        return f"cells sum to {_number(self.parts.total, self.metric)} {mark}"

    def _contrast_badge(self, total: float, foil: Decomposition) -> str:
        """Return what the map of a contrast sums to: likeness to B less that to C."""
        assert self.foil_value is not None
        agree = self.agrees and abs(foil.total - self.foil_value) <= foil.slack
        difference = _number(total - foil.total, "" if self.metric == "euclidean" else self.metric)
        mark = "\N{CHECK MARK}" if agree else "\N{NOT EQUAL TO} B \N{MINUS SIGN} C"
        return f"cells of A sum to {difference} {mark}"

    @property
    def _drawn_by(self) -> str:
        """What the maps show where they are not the exact terms."""
        by = getattr(self.recipe, "by", "")
        if by == "gradient":
            return "slope at each pixel" if self.foil_value is None else "slope times pixel"
        return "fall when covered" if by == "occlusion" else str(getattr(by, "label", by))

    def terms(self, place: Place) -> np.ndarray:
        """Return what a cell of A adds to the similarity with each cell of B, float32 (h, w)."""
        return self._known_parts().terms(place)

    def matches(self, place: Place, count: int = 5) -> tuple[Match, ...]:
        """Return the cells of B that are most like a cell of A, best first; see `Match`."""
        return self._known_parts().matches(place, count)

    def picture(self, style: Style | None = None, **how: Any) -> np.ndarray:
        """Return the maps side by side as uint8 (H, W, 3); `how` goes to `cnnviz_widgets.render.pair_picture`."""
        return self.drawer.picture(self, style, **how)

    def save(self, path: str | os.PathLike[str], style: Style | None = None, **how: Any) -> None:
        """Write a PNG with a caption that says how it was made; `how` is as for `picture`."""
        self.drawer.save(self, path, style, **how)

    def _known_parts(self) -> Decomposition:
        if self.parts is None:
            raise LayerError(next((n for n in self.notes if "exact" in n), "there are no exact parts."))
        return self.parts


def cosine_text(value: float) -> str:
    """Write a cosine with two digits after the point, or with two that count where those would be 0."""
    small = ROUNDING < abs(value) < 0.01
    text = f"{value:.2g}" if small else f"{value if abs(value) > ROUNDING else 0.0:.2f}"
    return text.replace("-", "\N{MINUS SIGN}")


def _named(value: float, metric: str) -> str:
    if metric == "cosine":
        return f"{'Hardly alike' if value < HARDLY else 'Alike'}: {_number(value, metric)} of 1"
    return f"{'Alike' if metric == 'dot' else 'Apart'}: {_number(value, metric)}"


def _number(value: float, metric: str) -> str:
    """Write a similarity as a reader would: a distance is above 0."""
    if metric == "cosine":
        return cosine_text(value)
    return f"{-value if metric == 'euclidean' else value:.4g}".replace("-", "\N{MINUS SIGN}")
