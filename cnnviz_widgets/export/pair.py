"""Two pictures with what makes them alike, as a PNG that says how it was made."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..render import pair_picture
from ..render.pair import styles
from ..render.picture import scaled
from ..style import Style
from .caption import drawn_as, shown, versions
from .files import as_png
from .page import Bar, sheet
from .png import Displayed, png_path

if TYPE_CHECKING:
    from ..embeddings.result import Likeness

_SIDE = 324


def save_pair(
    likeness: Likeness, path: str | os.PathLike[str], style: Style | None = None, **how: Any
) -> None:
    """Write a PNG: the pictures, their colour bar, and a caption that states how it was made.

    Parameters
    ----------
    likeness : Likeness
        What was found.
    path : path-like
        Where to, ending in ``.png``.
    style : Style, optional
        Colours and blending.
    **how
        ``size`` and ``place`` as for `pair_picture`.

    Raises
    ------
    SettingError
        If the name does not end in ``.png``, its folder is not there, or a setting makes no sense.
    """
    png_path(path).write_bytes(pair_png(likeness, style, **how))


def displayed_pair(likeness: Likeness, style: Style | None = None, **how: Any) -> Displayed:
    """Return a pair as an object that a notebook displays."""
    words = " ".join((likeness.says, *pair_details(likeness, style or Style())))
    return Displayed(pair_png(likeness, style, **how), words)


def pair_png(likeness: Likeness, style: Style | None = None, **how: Any) -> bytes:
    """Return what `save_pair` writes."""
    style = style or Style()
    size = how.pop("size", None) or max(_SIDE, *likeness.on_a.image.size)
    drawn = pair_picture(likeness, style, size=size, **how)
    scale = scaled(likeness.on_a, styles(likeness, style)[0])[1]
    bar = Bar(scale.colours, scale.low_text, scale.high_text, likeness.on_a.unit, scale.zero)
    lines = pair_details(likeness, style)
    told = {
        "Title": likeness.says,
        "Description": "\n".join(lines),
        "Software": versions(),
        "Recipe": repr(likeness.recipe),
        "Style": repr(style),
    }
    return as_png(sheet(drawn, bar, likeness.says, lines), told)


def pair_details(likeness: Likeness, style: Style) -> tuple[str, ...]:
    """Return the lines under the title."""
    names = " · ".join(
        f"{name} {image.name or 'unnamed'}" for name, image in zip("ABC", likeness.images, strict=False)
    )
    method = getattr(likeness.recipe.by, "label", likeness.recipe.by)
    settings = {"metric": likeness.metric, "pooled": likeness.pooled, "by": method}
    lines = (
        "" if likeness.done >= 1 else f"Unfinished: {likeness.done:.0%} of the work.",
        f"Pictures: {names}",
        f"Codes at {likeness.layer}: "
        + " · ".join(f"{name} {shown(value)}" for name, value in settings.items()),
        likeness.badge,
        f"Drawn as {drawn_as(likeness.on_a, style)}",
        "The bar is that of A; B and C share another one."
        if likeness.on_foil
        else "Both maps have one scale.",
        f"Model: {likeness.model}" if likeness.model else "",
        *likeness.notes,
        versions(),
    )
    return tuple(line for line in lines if line)
