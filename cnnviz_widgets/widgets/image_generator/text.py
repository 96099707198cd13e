"""What an image generator says: what the picture was made for, how far it is, and how it compares with photographs."""

from __future__ import annotations

import html
from collections.abc import Sequence

from ...explanation import NOISE, Explanation, GeneratedImage
from ...export.caption import layer_of
from .ranking import Excited, Score

LOGARITHM = " (log-probability)"  # how a class is climbed tells a reader nothing of what is seen


def target_of(made: Explanation) -> str:
    """Return what the picture raises, in words."""
    return without_logarithm(made.target)


def without_logarithm(target: str) -> str:
    """Return a target in words, a class by its name alone."""
    return target.replace(LOGARITHM, "")


def short(target: str) -> str:
    """Return a target in as few words as tell it from others, to stand on its picture."""
    return without_logarithm(target).strip("“”").removeprefix("the ")


def made_for(made: Explanation) -> str:
    """Return, as HTML, what the picture was made for."""
    target = f"<b>{html.escape(target_of(made))}</b>"
    said = html.escape(made.says or type(made.recipe).says)
    return said.format(places="", target=target, layer=f"<b>{html.escape(layer_of(made))}</b>")


def trouble(made: Explanation) -> str:
    """Return the first sentence of what went wrong on the way; empty if nothing did."""
    told = [note for note in made.notes if note.startswith("Stopped") or "did not move" in note]
    return told[-1].partition(". ")[0].rstrip(".") + "." if told else ""


def shown(made: Explanation, rival: tuple[str, Score] | None = None) -> str:
    """Return, as HTML, the sentence about the picture on the screen; `rival` is the class seen in place of its own."""
    wrong = trouble(made)
    if wrong:
        return f"<b>{html.escape(wrong)}</b>"
    return made_for(made) if rival is None else missed(made, *rival)


def missed(made: Explanation, seen: str, chance: Score) -> str:
    """Return, as HTML, that a finished picture is taken for another class, and what to try."""
    target, other = html.escape(target_of(made)), html.escape(seen)
    cure = "Take another preset, or begin with noise."
    if made.image.name == NOISE:
        cure = "Begin from a picture, or take another preset."
    share = f'<span style="white-space:nowrap">({chance})</span>'
    return f"<b>The network did not get to {target}:</b> it sees <b>{other}</b> in it {share}. {cure}"


def growing(made: Explanation) -> str:
    """Return, as HTML, what is going on while the picture grows."""
    return f"<b>Growing.</b> {made_for(made)}"


def anew(label: str, target: str) -> str:
    """Return, as HTML, that a climb begins; the picture on the screen is not of it."""
    of = f" for <b>{html.escape(target)}</b>" if target else ""
    return f"{html.escape(label)}{of} begins anew. The picture is the one before."


def unused(name: str) -> str:
    """Return, as HTML, why a photograph that was chosen changes nothing."""
    named = f"<b>{html.escape(name)}</b>" if name else "The picture"
    return f"{named} is not used: the climb begins with noise. Set Begin to Picture to climb from it."


def paused(made: GeneratedImage, changed: bool) -> str:
    """Return, as HTML, that the climb waits for the reader."""
    if changed:
        return f"<b>Paused</b> after {len(made.curve)} steps. Play goes on from here with the new settings."
    return f"<b>Paused</b> after {html.escape(made.progress)}. Play goes on from here."


def step_of(made: GeneratedImage) -> str:
    """Return where on its way a picture is, e.g. ``96 of 256 steps``."""
    return made.progress


def compared(score: Score, found: Sequence[Excited], count: int) -> str:
    """Return in words how the picture made compares with the photographs.

    Parameters
    ----------
    score : Score
        What the picture made reaches.
    found : sequence of Excited
        The photographs, the most exciting first; at least one.
    count : int
        How many photographs were looked at.
    """
    best = found[0]
    of = f"The highest of your {count} pictures" if count > 1 else "Your picture"
    said = f"Made: {score}. {of}, {best.image.name}: {best.score}."
    if not score.share and min(best.score.value, score.value) > 0:
        said += f" That is {float(f'{score.value / best.score.value:.2g}'):g} times as much."
    return said


def without_photographs() -> str:
    """Return what to do to see photographs."""
    return "Open pictures above to see which of them excite it most."
