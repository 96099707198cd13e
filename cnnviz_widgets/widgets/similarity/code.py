"""The lines that compare a pair again without the widget."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ...codes import SimilarityMaps
from ...codes.sources import Sources
from ...decomposition import Place
from ...demo import Gallery
from ...export.code import Written, described, quoted, script
from ...likeness import Likeness
from ...render import Style
from .state import Picture

NAMES = ("a", "b", "foil")
GALLERY = "images["


def pair_code(
    found: Likeness,
    style: Style,
    place: Place | None = None,
    probe: Mapping[str, Any] | None = None,
    rows: Sequence[str] = (),
    images: str = "",
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
    rows : sequence of str
        What A, B and C are in Python, such as ``images[7]``; empty for one that the reader has to define.
    images : str
        What makes the gallery, if the reader need not define it.
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
    named = zip(NAMES, rows or [""] * len(NAMES), found.images, strict=False)
    taken = [(name, row, image.name) for name, row, image in named]
    pictures = described(
        {row if row.startswith(GALLERY) else name: called for name, row, called in taken},
        found.on_a.image.size,
    )
    known = [(name, row) for name, row, _ in taken if row]
    lines = (
        *([f"images = {images}"] if images and any(row.startswith(GALLERY) for _, row in known) else ()),
        *(
            [f"{', '.join(name for name, _ in known)} = {', '.join(row for _, row in known)}"]
            if known
            else ()
        ),
        f"found = cnnviz.similarity(probe, a, b, {', '.join(given)})",
        f"found.show({', '.join(shown)})",
    )
    return script(written, found.model, pictures, probe, lines)


def row_in(sources: Sources, picture: Picture) -> str:
    """Return what a picture is in Python: a row of the gallery, or the path of its file; empty for the reader's own."""
    if not isinstance(picture, int):
        return ""
    given = sources.given[picture]
    return quoted(os.fspath(given)) if isinstance(given, str | os.PathLike) else f"{GALLERY}{picture}]"


def gallery_in(images: Any) -> str:
    """Return what makes the demo's gallery; empty for another, which the reader has."""
    return "cnnviz.demo.gallery().images" if isinstance(images, Gallery) else ""
