"""What a latent mixer says: what is mixed, what is changed, and what to mind of it."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from ...images.image import Image
from ...probe import LayerInfo, Probe
from ...render import as_text
from ..core.elements import heading
from .mixture import Cell, CodeEdit, Mixed, Mixture

TIMES = "\N{MULTIPLICATION SIGN}"
MINUS = "\N{MINUS SIGN}"


def sentence(mixed: Mixed) -> str:
    """Return, as HTML, what the large picture is decoded from."""
    return f"{_walk(mixed.recipe)}{_sum(mixed.recipe)}{_changes(mixed.recipe.edits)}."


def plain_title(mixture: Mixture) -> str:
    """Return what is mixed, as a headline, e.g. ``30 % of the way from A "bag 3" to B "coat 1"``."""
    (first, one), (second, other) = mixture.parts[:2]
    ends = f'from A "{first.name}" to B "{second.name}"'
    share = other / (one + other) if one + other else 0.0
    return f"{percent(share)} of the way {ends} {_terms(mixture)}".rstrip()


def also(mixture: Mixture) -> str:
    """Return what goes with the pictures of a whole walk, e.g. ``+ 1 × "mine" · channel 3 set to 0``; perhaps empty."""
    changes = [f"{named(edit)} {done(edit)}" for edit in mixture.edits]
    return " · ".join(part for part in (_terms(mixture), *changes) if part)


def _terms(mixture: Mixture) -> str:
    return " ".join(
        f'{"+" if weight > 0 else MINUS} {as_text(abs(weight))} {TIMES} "{image.name}"'
        for image, weight in mixture.parts[2:]
        if weight
    )


def percent(share: float) -> str:
    """Return a share for the screen, e.g. ``30 %``."""
    return f"{share * 100:.0f} %"


def _walk(mixture: Mixture) -> str:
    (first, one), (second, other) = mixture.parts[:2]
    if not other or first == second:
        return f"<b>“{html.escape(first.name)}”</b>, decoded from its code"
    if not one:
        return f"<b>“{html.escape(second.name)}”</b>, decoded from its code"
    names = (html.escape(image.name) for image in (first, second))
    return f"<b>{percent(other)} of the way</b> from “{next(names)}” to “{next(names)}”"


def _sum(mixture: Mixture) -> str:
    """Return what else is added or taken away."""
    terms = [
        f"{'plus' if weight > 0 else 'minus'} {as_text(abs(weight))} {TIMES} “{html.escape(image.name)}”"
        for image, weight in mixture.parts[2:]
        if weight
    ]
    return f", {', '.join(terms)}" if terms else ""


def _changes(edits: Sequence[CodeEdit]) -> str:
    if not edits:
        return ""
    if len(edits) > 1:
        return f", with {len(edits)} changes of the code"
    return f", with {named(edits[0])} {done(edits[0])}"


def named(edit: CodeEdit) -> str:
    """Return what an edit changes, e.g. ``channel 3`` or ``cell 1, 2 of channel 3``."""
    where = "" if edit.cell is None else f"cell {edit.cell[0]}, {edit.cell[1]} of "
    return f"{where}channel {edit.channel}"


def done(edit: CodeEdit) -> str:
    """Return what is done to it, e.g. ``times 0.5 plus 2``."""
    if edit.scale == 0 and edit.add == 0:
        return "set to 0"
    times = "" if edit.scale == 1 else f"times {as_text(edit.scale)}"
    more = "" if not edit.add else f"{'plus' if edit.add > 0 else 'minus'} {as_text(abs(edit.add))}"
    return " ".join(part for part in (times, more) if part) or "as it is"


def about_channel(edit: CodeEdit) -> str:
    """Return the heading over the sliders."""
    return heading(named(edit).capitalize(), "" if edit.idle else done(edit))


def shape(layer: LayerInfo) -> str:
    """Return the shape of a code for the screen, e.g. ``4 × 4 × 16``."""
    return f" {TIMES} ".join("?" if n is None else str(n) for n in layer.shape)


def change_tag(mixed: Mixed) -> str:
    """Return the label of the map of what changed."""
    if (mixed.output == mixed.before).all():
        return "nothing changed"
    return "change by the edits" if mixed.recipe.edits else "change since A"


def focus_tag(channel: int | None, cell: Cell | None) -> str:
    """Return the label of the map of where the code looks, or a channel or a cell of it."""
    if channel is None:
        return "where the code looks"
    return f"where {named(CodeEdit(channel, cell=cell))} looks"


def remarks(probe: Probe, mixed: Mixed, declared: bool) -> tuple[str, ...]:
    """Return what to mind of a decoded picture."""
    low, high = mixed.picture.range
    found = list(_about_layer(probe, mixed.recipe.layer, mixed.picture))
    if mixed.beyond >= 0.005:
        found.append(
            f"{percent(mixed.beyond)} of the numbers lie beyond {as_text(low)} to {as_text(high)}; "
            "they are drawn at its ends."
        )
    if not declared and _looks_scaled(mixed):
        found.append(
            f"The network gives values from {as_text(float(mixed.output.min()))} to "
            f"{as_text(float(mixed.output.max()))} where pictures have {as_text(low)} to {as_text(high)}. "
            "If it gives back pictures in another range, name it, such as output_range=(0, 1)."
        )
    return tuple(found)


def _looks_scaled(mixed: Mixed) -> bool:
    low, high = mixed.picture.range
    return bool(high - low > 10 and abs(mixed.output).max() <= 1.5)


def _about_layer(probe: Probe, layer: str, image: Image) -> tuple[str, ...]:
    size = code_size(probe.layer(layer))
    pixels = image.pixels.size
    if size is None or size < pixels:
        return ()
    return (
        f"{layer} is no bottleneck: it holds {size} numbers, the picture {pixels}. "
        "Mixing it may come near mixing pixels.",
    )


def code_size(layer: LayerInfo) -> int | None:
    """Return how many numbers a code holds, or None if that varies."""
    return None if None in layer.shape else math.prod(n for n in layer.shape if n is not None)
