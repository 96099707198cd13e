"""What an occlusion explorer says: what the patch does where it lies, and what the sweep cost."""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np

from ...explanation import Explanation, LabelMap
from ...objective import ClassScore, Objective
from ...render import Style, as_text, label_colours, panels, picture
from ...render.labels import drawn
from ...render.picture import fitting
from ...sweeps import Swept, served_maps
from .. import wording
from ..canvas import Scene
from ..parts import data_url

ALONE = 320  # side of a map that has no tile
ARROW = "\N{RIGHTWARDS ARROW}"
HEADS = {
    "fall": "fall of {target}",
    "probability": "probability of {target}",
    "label": "what it says instead",
    "activity": "fall of the strongest map",
    "code distance": "how far the code moves",
    "reconstruction error": "reconstruction error",
}

BESIDE = {
    "fall": ("label", "code distance", "activity"),
    "probability": ("label",),
    "label": ("fall",),
    "activity": ("label", "fall"),
    "code distance": ("reconstruction error", "fall"),
    "reconstruction error": ("code distance", "fall"),
}


def effect(seen: Swept, target: Objective) -> str:
    """Return in a few words what the patch does at one place, e.g. ``45 → 4 %``."""
    if isinstance(target, ClassScore) and seen.probe.classes > 1 and seen.probe.task != "image":
        now, before = seen.chances()[:, target.index]
        digits = 0 if round(before * 100) != round(now * 100) else 1
        return f"{before * 100:.{digits}f} {ARROW} {now * 100:.{digits}f} %"
    if seen.probe.task == "image":
        moved, error = _autoencoder(seen)
        return f"{moved}error {error}"
    now, before = seen.values(target)
    return f"{as_text(float(before))} {ARROW} {as_text(float(now))}"


def says(seen: Swept) -> str:
    """Return the label that wins behind the patch; empty for a network without classes."""
    if seen.probe.task not in ("classifier", "scores") or seen.probe.classes < 2:
        return ""
    return seen.probe.label(int(seen.chances()[0].argmax()))


def covered_here(seen: Swept, target: Objective) -> str:
    """Return, as HTML, the sentence about the patch where it lies."""
    said = says(seen)
    bold = f"<b>Covered here: {html.escape(effect(seen, target))}.</b>"
    if not said:
        return bold
    before = seen.probe.label(int(seen.chances()[-1].argmax()))
    verb = "It still says" if said == before else "Now it says"
    return f"{bold} {verb} “{html.escape(said)}”."


def pinned(seen: Swept, target: Objective) -> str:
    """Return what stands beside a pin's number in the list."""
    said = says(seen)
    return effect(seen, target) + (f", says {said}" if said else "")


def head(explanation: Explanation) -> str:
    """Return the small label on a map."""
    return HEADS[explanation.recipe.map].format(target=explanation.target)


def tiles(first: Explanation, second: Explanation | None, style: Style, side: int) -> Scene:
    """Return the two maps in tiles, longer side `side`, over the scale of the first; the hero is a placeholder."""
    shown = panels(first, style, side, side)
    small = [None if one is None else _small(one, style, side) for one in (first, second)]
    unit = "" if isinstance(first, LabelMap) else shown.unit
    heads = head(first), "" if second is None else head(second)
    return Scene(shown.hero, small[0], small[1], shown.bar, shown.low, shown.high, unit, heads, shown.zero)


def alone(explanation: Explanation, style: Style) -> str:
    """Return, as HTML, a map as a picture of its own, for where there is no room for tiles."""
    address = data_url(_small(explanation, style, ALONE))
    return f'<img class="cv-alone" src="{address}" alt="{html.escape(head(explanation))}">'


def _small(explanation: Explanation, style: Style, side: int) -> np.ndarray:
    """Draw a map without a legend, which stands beside."""
    if isinstance(explanation, LabelMap):
        return drawn(explanation, style, fitting(explanation.image.size, side), legend=False)
    return picture(explanation, style, size=side)


def legend(maps: Sequence[Explanation | None]) -> str:
    """Return, as HTML, the labels with their colours; empty if there is no label map among the maps."""
    labels = next((one for one in maps if isinstance(one, LabelMap)), None)
    if labels is None:
        return ""
    entries = "".join(
        f'<span class="cv-key"><i style="background:rgb{colour}"></i>{html.escape(name)}</span>'
        for name, colour in label_colours(labels)
    )
    return f'<div class="cv-legend">{entries}</div>'


def cost(explanation: Explanation | None, passes: int, seconds_each: float | None, took: float) -> str:
    """Return what the sweep will cost or, once it is done, what it cost."""
    scores = {} if explanation is None or explanation.done < 1 else explanation.scores
    gain = scores.get("gain over whole pictures")
    if gain is None:
        if explanation is not None and explanation.done == 1 and took:
            return f"{passes} places, {wording.duration(took)}."
        return f"{wording.forecast(passes, seconds_each)}. Coarse map first, then sharper."
    off = as_text(scores["largest difference from them"])
    return (
        f"{passes} places, {wording.duration(took)}. About {gain:.1f} times as fast as whole pictures, "
        f"largest difference {off}."
    )


def paused(seconds: float) -> str:
    """Return, as HTML, that a long sweep waits for the reader."""
    return f"<b>Coarse map.</b> The rest would take about {wording.duration(seconds)}: Run again computes it."


def _autoencoder(seen: Swept) -> tuple[str, str]:
    error, moved = seen.reconstruction_error().scores, ""
    if "code distance" in served_maps(seen.probe):
        moved = f"the code moves by {as_text(seen.code_distance().scores['highest'])}, "
    return moved, f"{as_text(error['error'])} {ARROW} {as_text(error['highest'])}"
