"""The lines that compare a pair again without the widget."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from ...demo import Gallery
from ...embeddings.decomposition import Place
from ...embeddings.encoding import Sources
from ...embeddings.pairs import SimilarityMaps
from ...embeddings.result import Likeness
from ...export.code import Written, described, quoted, script
from ...style import Style
from .state import SETTINGS, Picture

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
    named = list(zip(NAMES, rows or [""] * len(NAMES), found.images, strict=False))
    called = {row if row.startswith(GALLERY) else name: image.name for name, row, image in named}
    shown = [*written.style(style), *written.settings({"place": place})]
    lines = (
        *_picture_lines({name: row for name, row, _ in named if row}, images),
        f"found = cnnviz.similarity({', '.join(['probe', 'a', 'b', *_settings(found, written)])})",
        f"found.show({', '.join(shown)})",
    )
    return script(written, found.model, described(called, found.on_a.image.size), probe, lines)


def _picture_lines(rows: Mapping[str, str], images: str) -> list[str]:
    """Return the lines that give the pictures their names, for those whose rows are known."""
    if not rows:
        return []
    named = f"{', '.join(rows)} = {', '.join(rows.values())}"
    listed = images and any(row.startswith(GALLERY) for row in rows.values())
    return [f"images = {images}", named] if listed else [named]


def _settings(found: Likeness, written: Written) -> list[str]:
    """Return ``name=value`` for what is not as usual, and the foil if there is one."""
    recipe, usual = found.recipe, SimilarityMaps()
    names = [name for name in SETTINGS if getattr(recipe, name) != getattr(usual, name)]
    changed = [f"{name}={written.value(getattr(recipe, name), name)}" for name in names]
    return [*changed, *(["foil=foil"] if found.on_foil is not None else [])]


def row_in(sources: Sources, picture: Picture) -> str:
    """Return what a picture is in Python: a row of the gallery, or the path of its file; empty for the reader's own."""
    if not isinstance(picture, int):
        return ""
    given = sources.given[picture]
    return quoted(os.fspath(given)) if isinstance(given, str | os.PathLike) else f"{GALLERY}{picture}]"


def gallery_in(images: Any) -> str:
    """Return what makes the demo's gallery; empty for another, which the reader has."""
    return "cnnviz.demo.gallery().images" if isinstance(images, Gallery) else ""
