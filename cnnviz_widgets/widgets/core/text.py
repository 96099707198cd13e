"""The sentences under the picture: what is shown, what is being computed, what went wrong, what a setting will cost."""

from __future__ import annotations

import html

from ...explanation import Explanation
from ...export.caption import score_name
from ...images.image import Image
from ...method import Method
from ...probe import Probe
from ...render import as_text
from ...session import Session
from ...style import Style

_HIGH = {"PuOr_r": "Orange places", "grey": "Light places"}  # colours of what is above zero, where not red
_PLACES = {
    "spotlight": "Lit places",
    "outline": "Places inside the line",
    "mask": "Lit places",
    "map": "Bright places",
}


def shown_sentence(explanation: Explanation, style: Style, flat: str) -> str:
    """Return, as HTML, what the picture shows; a flat map says so instead."""
    note = next((n for n in explanation.notes if n.startswith("Flat")), flat)
    if note:
        return html.escape(note)
    signed = getattr(explanation, "signed", False)
    coloured = signed and style.mode in ("overlay", "map", "side by side")
    high = _HIGH.get(style.signed_colormap, "Red places")
    warm = "Warm places" if style.colormap == "heat" else "Bright places"
    places = high if coloured else _PLACES.get(style.mode, warm)
    bold = f"<b>{html.escape(explanation.target)}</b>"
    text = html.escape(explanation.says or type(explanation.recipe).says)
    said = text.format(places=places, target=bold, layer=html.escape(getattr(explanation, "layer", "")))
    marked = " ".join(html.escape(mark.says) for mark in explanation.marks)
    return f"{said} <small>{marked}</small>" if marked else said


def shown_cost(session: Session) -> str:
    """Return what the answer took, e.g. ``41 ms · no model call``."""
    took = duration(session.seconds)
    calls = session.calls
    return f"{took} · {calls or 'no'} model call{'s' if calls > 1 else ''}"


def computing(explanation: Explanation | None, fresh: bool, label: str, target: str) -> str:
    """Return, as HTML, what is going on; a picture that is still the one before is called so."""
    if fresh and explanation is not None:
        if not explanation.progress:
            return "Drawing."
        doing = (
            "Covering the picture" if getattr(explanation.recipe, "family", "") == "Cover" else "Computing"
        )
        what = (
            "Coarse map shown, getting sharper"
            if _counted(explanation) == "places"
            else "The map so far is shown"
        )
        return f"<b>{doing}.</b> {what}."
    of = f" for <b>{html.escape(target)}</b>" if target else ""
    before = " The picture is the one before." if explanation is not None else ""
    return f"{html.escape(label)}{of} is on its way.{before}"


def computing_progress(explanation: Explanation | None, seconds_left: float | None) -> str:
    """Return how far it is, e.g. ``217 of 529 · 3 s left``."""
    if explanation is None or not explanation.progress:
        return "waiting"
    left = f" · {duration(seconds_left)} left" if seconds_left is not None and seconds_left >= 1 else ""
    return explanation.progress + left


def stopped(explanation: Explanation | None, fresh: bool) -> str:
    """Return, as HTML, what there is after Cancel."""
    if explanation is None:
        return "<b>Stopped.</b> Nothing was drawn yet."
    if fresh and explanation.progress:
        counted = _counted(explanation)
        rest = ", coarse elsewhere" if counted == "places" else ""
        return f"<b>Stopped.</b> The map is from {html.escape(f'{explanation.progress} {counted}')}{rest}."
    return "<b>Stopped.</b> The picture is the one before."


def _counted(explanation: Explanation) -> str:
    """Return what the progress of an explanation counts."""
    return str(getattr(explanation.recipe, "counted", Method.counted))


def forecast(passes: int, seconds_per_image: float | None) -> str:
    """Return what a setting will cost, e.g. ``529 pictures, about 4 s``; empty if it costs nothing."""
    if not passes:
        return ""
    about = f", about {duration(passes * seconds_per_image)}" if seconds_per_image else ""
    return f"{passes} pictures{about}"


def duration(seconds: float) -> str:
    """Return a time for the screen: ``4 ms``, ``1.2 s``, ``3 s``, ``2 min``."""
    if seconds < 0.9995:
        return f"{max(1, round(seconds * 1000))} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s" if seconds < 2.95 else f"{seconds:.0f} s"
    return f"{seconds:.0f} s" if seconds < 119.5 else f"{seconds / 60:.0f} min"


def how_to_read(method: type, link: str, remarks: tuple[str, ...] = ()) -> str:
    """Return, as HTML, two sentences on reading the map, what to mind, and where the method comes from."""
    source = html.escape(getattr(method, "source", ""))
    named = f'<a href="{html.escape(link)}" target="_blank" rel="noopener">{source}</a>' if link else source
    minded = "".join(f"<br>{html.escape(remark)}" for remark in remarks)
    return f'<div class="cv-read">{html.escape(getattr(method, "reading", ""))}{minded}<br><small>{named}</small></div>'


def remarks(probe: Probe, picture: Image, explanation: Explanation) -> tuple[str, ...]:
    """Return what to mind of a map: what the method and the probe note, and what was cut off."""
    told = dict.fromkeys((*explanation.notes, *probe.notes))
    notes = [note for note in told if not note.startswith("Flat")]
    notes = [*_logit(probe, explanation), *notes]
    (height, width), (rows, columns) = picture.size, explanation.image.size
    if abs(height * columns / (width * rows) - 1) > 0.02:
        notes.append(f"Shown is the middle of the picture, which has {height} × {width} pixels.")
    return tuple(notes)


def caution(probe: Probe, picture: Image) -> str:
    """Return what to mind of all that the network says: values that may not be meant; empty if there is nothing."""
    if probe.value_range is None and probe.preprocess is None and picture.range == (0.0, 255.0):
        return "Pictures go in with values 0 to 255. If the network was trained on others, give value_range=(0, 1)."
    return ""


def _logit(probe: Probe, explanation: Explanation) -> list[str]:
    """Return which number of a class is explained, where the model goes on to make a probability of it."""
    score = explanation.scores.get("score")
    if not probe.squash or score is None or score_name(explanation) != "logit":
        return []
    return [f"Explained is the logit, {as_text(score)}, before {probe.squash}."]


def paper_link(source: str) -> str:
    """Return the address of the paper that a source names by its arXiv number, or an empty string."""
    _, found, rest = source.partition("arXiv:")
    number = rest.split(",")[0].split(";")[0].strip() if found else ""
    return f"https://arxiv.org/abs/{number}" if number.replace(".", "").isdigit() else ""
