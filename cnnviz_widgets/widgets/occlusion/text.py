"""What an occlusion explorer says: what the patch does where it lies, and what the sweep cost."""

from __future__ import annotations

import html

from ...explanation import Explanation
from ...objectives import ClassScore, Objective
from ...occlusion import Swept, served_maps
from ...render import as_text
from ..core import text as core_text
from .clock import SweepClock

OUTSIDE = "outside for this patch"
ARROW = "\N{RIGHTWARDS ARROW}"


def effect(seen: Swept, target: Objective) -> str:
    """Return in a few words what the patch does at one place, e.g. ``45 → 4 %``."""
    if isinstance(target, ClassScore) and seen.probe.gives_classes:
        now, before = seen.chances()[:, target.number]
        digits = 0 if round(before * 100) != round(now * 100) else 1
        return f"{before * 100:.{digits}f} {ARROW} {now * 100:.{digits}f} %"
    if "reconstruction error" in served_maps(seen.probe):
        moved, error = _autoencoder(seen)
        return f"{moved}error {error}"
    now, before = seen.values(target)
    return f"{as_text(float(before))} {ARROW} {as_text(float(now))}"


def says(seen: Swept) -> str:
    """Return the label that wins behind the patch; empty for a network without classes."""
    if not seen.probe.gives_classes:
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


def cost(explanation: Explanation | None, passes: int, clock: SweepClock) -> str:
    """Return what the sweep will cost or, once it is done, what it cost, and how it compares with whole pictures."""
    if passes == 1:
        return "1 picture: the patch covers all of it."
    if explanation is None or explanation.done < 1:
        return f"{core_text.forecast(passes, clock.each)}.\nCoarse map first, then sharper."
    took, scores = clock.took, explanation.scores
    if took is None:
        return f"{passes} pictures, known from before.\nNothing was run."
    text = f"{passes} pictures in {core_text.duration(took)}"
    text += ", most of it to get ready for such a patch" if clock.preparing else ""
    gain, off = scores.get("gain over whole pictures"), scores.get("largest difference from them")
    if gain is None or off is None:
        why = (
            ""
            if any("whole pictures were run" in note for note in explanation.notes)
            else ": here that is fastest"
        )
        return f"{text}.\nRun whole{why}."
    checked = f"a few checked against them: {as_text(off)} apart at most"
    return f"{text}.\nAbout {gain:.1f} times as fast as whole pictures; {checked}."


def paused(seconds: float) -> str:
    """Return, as HTML, that a long sweep waits for the reader."""
    return (
        f"<b>Coarse map.</b> The rest would take about {core_text.duration(seconds)}: Run again computes it."
    )


def _autoencoder(seen: Swept) -> tuple[str, str]:
    error, moved = seen.reconstruction_error().scores, ""
    if "code distance" in served_maps(seen.probe):
        moved = f"the code moves by {as_text(seen.code_distance().scores['highest'])}, "
    return moved, f"{as_text(error['error'])} {ARROW} {as_text(error['highest'])}"
