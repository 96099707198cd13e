"""What a similarity explorer says: how alike the pair is, what a place adds, why B rather than C."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Sequence

from ...embeddings.encoding import Skipped
from ...embeddings.gallery import Codes
from ...embeddings.result import Likeness, cosine_text
from ...render import Scale, as_text
from ...render.pair import styles
from ...render.picture import scaled
from ...style import Style
from ..controls.colour_bar import ramp
from ..core.elements import data_url
from ..core.text import duration, shown_sentence

READING = {
    "patches": "Each cell shows what it adds to the similarity; all cells sum to it. A cell of a deep layer has seen "
    "more of the picture than it covers.",
    "gradient": "The warm pixels are those whose change would move the similarity most.",
    "occlusion": "Red places make the pictures less alike when they are covered, blue ones more.",
}
CONTRAST = {
    "patches": "Each cell shows what it adds to the likeness to B, less what it adds to that to C; "
    "all cells sum to the difference.",
    "gradient": "Slope times pixel: what each pixel, made stronger, does to the likeness to B, less that to C.",
    "occlusion": "Covering a red place takes more from the likeness to B than from that to C, a blue one less.",
}
LAID_OUT = (
    "This code is places side by side, so a place of A adds only with the same place of B. "
    "Lit is where the other picture is more like the place chosen than on average."
)
BY_ALL = "Lit is what each place adds with the place chosen; all pairs of places sum to the similarity."
BOTH = " in A and B "
FOILED = "B and C show what in each makes it like A, each in a scale of its own."
FAR = "A distance is minus what sets two pictures apart: cells of B and C that do so are blue."
MOST_LISTED = 100
CODE = re.compile(r" \(by=[^)]*\)")  # what a button's name stands for in Python
COLOURED = ("overlay", "map", "side by side")
LOW = {"PuOr_r": "purple", "grey": "dark"}  # colours of what is below zero, where not blue


def number(value: float, metric: str) -> str:
    """Return a similarity as text: a distance is above 0."""
    if metric == "cosine":
        return cosine_text(value)
    return as_text(-value if metric == "euclidean" else value)


def shown(found: Likeness, style: Style) -> str:
    """Return, as HTML, the sentence about a pair: its first part bold, the places named as the style draws them."""
    low = LOW.get(style.signed_colormap, "blue") if style.mode in COLOURED else ""
    first, _, rest = found.says.partition(". ")
    if found.foil_value is not None:
        b, c = number(found.value, found.metric), number(found.foil_value, found.metric)
        first = f"{'Apart' if found.metric == 'euclidean' else 'Alike'}: B {b}, C {c}"
        rest = "{places} of A speak for B, " + (f"{low} ones for C." if low else "or for C.")
    elif rest.endswith("set A and B apart."):
        rest = f"{low.capitalize()} places set A and B apart." if low else "{places} set A and B apart."
    elif BOTH in rest:
        rest = "{places}" + BOTH + rest.partition(BOTH)[2]
    named = dataclasses.replace(found.on_a, says=rest, notes=())
    return f"<b>{html.escape(first)}.</b> {shown_sentence(named, style, '')}"


def shown_place(found: Likeness, place: tuple[int, int], turned: bool) -> str:
    """Return, as HTML, the sentence about a cell of A, or of B if the pair is turned, and its likes."""
    assert found.parts is not None
    parts = found.parts.turned() if turned else found.parts
    own, other = ("B", "A") if turned else ("A", "B")
    adds, whole = float(parts.on_a[place]), parts.total
    if found.metric == "euclidean":
        said = (
            f"Cell {place[0]}, {place[1]} of {own} sets them apart by {as_text(-adds)} of {as_text(-whole)}"
        )
    else:
        said = f"Cell {place[0]}, {place[1]} of {own} adds {as_text(adds)} to {number(whole, found.metric)}"
    best = parts.matches(place, 1)[0]
    row, column = best.place
    like = f"Most like it in {other}: cell {row}, {column}, cosine {best.likeness:.2f}."
    if best.likeness <= 0:
        like = f"Nothing in {other} is like it."
    return f"<b>{said}.</b> {like}".replace(" -", " \N{MINUS SIGN}")


def gathering(given: int, layer: str) -> str:
    """Return, as HTML, what is going on while codes are computed and nothing is there to be seen."""
    return f"<b>Computing the codes</b> of {counted(given)} in {html.escape(layer)}."


def gathered(codes: Codes | None, given: int, seconds_left: float | None) -> str:
    """Return how far the codes are, e.g. ``codes 120 of 400 · 3 s``."""
    left = f" · {duration(seconds_left)}" if seconds_left is not None and seconds_left >= 1 else ""
    return f"codes {codes.progress if codes is not None else f'0 of {given}'}{left}"


def stopped(codes: Codes | None, given: int) -> str:
    """Return, as HTML, what there is after Cancel."""
    known = 0 if codes is None else len(codes)
    return f"<b>Stopped.</b> Neighbours are sought among {known} of {counted(given)}."


def near(codes: Codes | None, first: int, shown_count: int, ranked: int) -> str:
    """Return which neighbours are shown, e.g. ``1 to 8 of 399 others``."""
    if codes is None:
        return ""
    if not shown_count:
        return "there is no other picture" if codes.done >= 1 and len(codes) == 1 else ""
    others = max(len(codes) - 1, ranked)
    so_far = "" if codes.done >= 1 else " so far"
    return f"{first + 1} to {first + shown_count} of {others} others{so_far}"


def foil(found: Likeness, pixels: object, name: str) -> str:
    """Return, as HTML, the picture that B is set against, and how the two compare."""
    assert found.foil_value is not None
    b, c = number(found.value, found.metric), number(found.foil_value, found.metric)
    address = data_url(pixels)  # type: ignore[arg-type]
    plain = html.escape(name)
    what = "apart" if found.metric == "euclidean" else "alike"
    return (
        f'<div class="cv-foiled"><img src="{address}" alt="C, {plain}: what in it makes it like A">'
        f"<p><b>C: {plain}</b><br>A and C {what}: {c}<br>A and B {what}: {b}</p></div>"
    )


def notes(found: Likeness, style: Style, codes: Codes | None, place: bool) -> str:
    """Return, as HTML, the scale of the maps, how to read them, what to mind, and what could not be opened."""
    by = found.recipe.by if isinstance(found.recipe.by, str) else ""
    texts = [(READING if found.on_foil is None else CONTRAST).get(by, "")]
    if place and found.parts is not None:
        texts.append(LAID_OUT if found.parts.aligned else BY_ALL)
    if found.on_foil is not None:
        texts += [FOILED, FAR if found.metric == "euclidean" and found.exact else ""]
    texts += [*(CODE.sub("", note) for note in found.notes), *(codes.notes if codes is not None else ())]
    lines = "<br>".join(html.escape(text) for text in dict.fromkeys(texts) if text)
    return f'{bars(found, style)}<div class="cv-read">{lines}{skipped(codes)}</div>'


def bars(found: Likeness, style: Style) -> str:
    """Return, as HTML, the scale of A and B, or beside a foil one for each picture."""
    if found.on_foil is None:
        return bar(scaled(found.on_a, styles(found, style)[0])[1], "A and B in one scale", found.on_a.unit)
    named = zip("ABC", found.maps, strict=True)
    return "".join(bar(scaled(one, style)[1], letter, one.unit) for letter, one in named)


def bar(scale: Scale, whose: str, unit: str) -> str:
    """Return, as HTML, the colours with what their ends are worth; empty if all values are 0."""
    if not scale.high:
        return ""
    numbers = (scale.low_text, "0", scale.high_text) if scale.signed else (scale.low_text, scale.high_text)
    return ramp(scale.colours, numbers, f"{whose}; unit: {unit}" if unit else whose)


def skipped(codes: Codes | None) -> str:
    """Return, as HTML, the pictures that could not be opened, folded; empty if there are none."""
    if codes is None or not codes.skipped:
        return ""
    count = len(codes.skipped)
    listed = "".join(f"<li>{html.escape(why_not(one))}</li>" for one in codes.skipped[:MOST_LISTED])
    said = f"{counted(count)} could not be opened and {'are' if count > 1 else 'is'} left out"
    return f"<details><summary>{said}</summary><ul>{listed}</ul></details>"


def counted(count: int) -> str:
    """Return how many pictures, e.g. ``1 picture`` or ``12 pictures``."""
    return f"{count} picture{'' if count == 1 else 's'}"


def unknown(text: str, suggestions: Sequence[str]) -> str:
    """Return that no picture has a name, and those that come near it."""
    near_by = f" Did you mean {suggestions[0]!r}?" if suggestions else ""
    return f"No picture is called {text!r}: give a name or a number.{near_by}"


def taken(name: str, letter: str) -> str:
    """Return that a picture cannot be B and C at once."""
    wanted = "B" if letter == "C" else "C"
    free = ", or remove C" if letter == "C" else ""
    return f"{name} is {letter} already: take another picture as {wanted}{free}."


def none_opened(codes: Codes) -> str:
    """Return that no picture of the gallery could be opened, and why not the first."""
    which = "The only picture could not" if codes.given == 1 else f"None of the {codes.given} pictures could"
    return f"{which} be opened. {why_not(codes.skipped[0])}"


def why_not(one: Skipped) -> str:
    """Return which picture could not be opened, and why."""
    return one.why if one.why.startswith(one.name) else f"{one.name}: {one.why}"
