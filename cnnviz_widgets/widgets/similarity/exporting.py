"""What leaves the notebook of a similarity explorer: a PNG of the pair with its caption, and its name."""

from __future__ import annotations

from ...embeddings.decomposition import Place
from ...embeddings.result import Likeness
from ...errors import ImageError
from ...export import pair_png
from ...style import Style

SAVED_SIDE = 480


def pair_snapshot(found: Likeness | None, style: Style, place: Place | None) -> bytes:
    """Return the pictures with their maps and a caption as a PNG file."""
    if found is None:
        raise ImageError("there is no picture yet: call wait() first.")
    return pair_png(found, style, size=max(SAVED_SIDE, *found.on_a.image.size), place=place)


def pair_file_name(found: Likeness | None) -> str:
    """Return a file name that says what the pictures are, e.g. ``shirt-3-like-coat-7.png``."""
    if found is None:
        return "picture.png"
    a, b = (image.name or "picture" for image in found.images[:2])
    return "".join(c if c.isalnum() or c == "_" else "-" for c in f"{a} like {b}".lower()) + ".png"
