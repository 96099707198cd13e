"""Whether a map changes when what the network has learnt is shuffled away, layer by layer from the top."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from ..errors import ModelError
from ..explanation import ColourMap, Heatmap
from ..probe.randomised import RandomisedCopy
from .finding import Finding
from .maps import FLAT, is_flat
from .ranks import spearman

ALIKE, PARTLY = 0.5, 0.2
HARDLY = 0.8


@dataclass(frozen=True, eq=False)
class Randomised(Finding):
    """How alike the map stays to itself as the weights are shuffled.

    Attributes
    ----------
    layers : tuple of str
        For each step the lowest layer shuffled; all above it are, too.
    shuffled : tuple of int
        For each step how many layers are shuffled.
    correlations : numpy.ndarray
        float64 (steps,), rank correlation with the map as it was; NaN where not known yet, or where the new map is flat
        or not finite.
    magnitudes : numpy.ndarray or None
        The same for the magnitudes of a signed map.
    """

    layers: tuple[str, ...] = ()
    shuffled: tuple[int, ...] = ()
    correlations: np.ndarray = field(default_factory=lambda: np.zeros(0), repr=False)
    magnitudes: np.ndarray | None = field(default=None, repr=False)

    @property
    def alike(self) -> np.ndarray:
        """What is judged: the magnitudes of a signed map, whose signs change readily, else the values."""
        return self.correlations if self.magnitudes is None else self.magnitudes

    @property
    def top(self) -> float | None:
        """How alike with the topmost layer shuffled; None if not known."""
        return _known(self.alike[:1])

    @property
    def all(self) -> float | None:
        """How alike with all layers shuffled; None if not known."""
        return _known(self.alike[-1:])

    def said(self) -> str:
        """Return whether the map depends on what was learnt."""
        of = "rank correlation" if self.magnitudes is None else "rank correlation of magnitudes"
        if self.all is None:
            return f"With all {self.shuffled[-1]} layers shuffled the map is flat: nothing of it is left."
        found = f"({of} {self.all:.2f})"
        if abs(self.all) > ALIKE:
            text = (
                f"With all weights shuffled the map stays alike {found}: it shows the picture rather than what the "
                "network has learnt."
            )
        elif abs(self.all) > PARTLY:
            text = f"With all weights shuffled part of the map stays {found}."
        else:
            text = f"With all weights shuffled it is another map {found}: it depends on what the network has learnt."
        if self.top is None or self.top <= HARDLY or len(self.layers) == 1:
            return text
        return (
            f"{text} Shuffling the topmost layer alone, {self.layers[0]}, hardly changes it ({self.top:.2f})."
        )


def look(
    explanation: Heatmap | ColourMap, make_copy: Callable[[], RandomisedCopy], steps: int
) -> Iterator[Randomised]:
    """Yield the correlations after every step of shuffling, and whenever the method itself yields.

    Layers that the target does not depend on are left out; the first step shuffles the topmost layer alone, and the
    others are spread evenly over the rest. Recipe, target and layer are those of the map under test.
    """
    if is_flat(explanation.values):
        yield Randomised(reason=FLAT)
        return
    try:
        copy = make_copy()
    except ModelError as error:
        yield Randomised(reason=str(error))
        return
    layers = copy.layers(explanation.recipe.target)
    if not layers:
        yield Randomised(reason=f"No layer with weights comes before {explanation.target}.")
        return
    counts = tuple(int(n) for n in np.unique(np.round(np.linspace(1, len(layers), steps))))
    unknown = np.full(len(counts), np.nan)
    found = Randomised(
        0.0, "", tuple(layers[n - 1] for n in counts), counts, unknown,
        unknown.copy() if explanation.signed else None,
    )  # fmt: skip
    copy.restore()
    for step, (begin, end) in enumerate(zip((0, *counts), counts, strict=False)):
        for layer in layers[begin:end]:
            copy.shuffle(layer)
        for made in explanation.recipe.explain(copy.probe, explanation.image):
            if made.done < 1:
                yield replace(found, done=(step + made.done) / len(counts))
        found = _with_step(found, step, explanation.values, made.values)
        yield found


def _with_step(found: Randomised, step: int, before: np.ndarray, after: np.ndarray) -> Randomised:
    values, sizes = found.correlations.copy(), found.magnitudes
    values[step] = spearman(before, after)
    if sizes is not None:
        sizes = sizes.copy()
        sizes[step] = spearman(np.abs(before), np.abs(after))
    return replace(found, done=(step + 1) / len(values), correlations=values, magnitudes=sizes)


def _known(values: np.ndarray) -> float | None:
    return None if not values.size or math.isnan(values[0]) else float(values[0])
