"""The lines that compare a pair again without the widget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...codes import SimilarityMaps
from ...decomposition import Place
from ...export.code import Written, quoted, script
from ...likeness import Likeness
from ...render import Style

NAMES = ("a", "b", "foil")


def pair_code(
    found: Likeness, style: Style, place: Place | None = None, probe: Mapping[str, Any] | None = None
) -> str:
    """Return runnable Python that shows a pair again.

    Parameters
    ----------
    found : Likeness
        What is on the screen.
    style : Style
        Colours and blending.
    place : tuple of int, optional
        The cell of A whose likes are framed.
    probe : mapping, optional
        Settings of the `Probe`.
    """
    written = Written()
    usual = SimilarityMaps()
    settings = {
        name: getattr(found.recipe, name)
        for name in ("layer", "metric", "by", "pooled")
        if getattr(found.recipe, name) != getattr(usual, name)
    }
    given = [f"{name}={written.value(value, name)}" for name, value in settings.items()]
    given += ["foil=foil"] if found.on_foil is not None else []
    shown = [*written.style(style), *([f"place={place!r}"] if place is not None else [])]
    pictures = ", ".join(
        f"{name} {quoted(image.name or 'unnamed')}" for name, image in zip(NAMES, found.images, strict=False)
    )
    lines = (
        f"found = cnnviz.similarity(probe, a, b, {', '.join(given)})",
        f"found.show({', '.join(shown)})",
    )
    return script(written, found.model, f"pictures: {pictures}", probe, lines)
