"""An explanation as a PNG that says how it was made, in its caption and in its metadata."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import SettingError
from ..explanation import Explanation, GeneratedImage
from ..render import picture
from ..render.marks import marked
from ..render.panels import bare
from ..style import Style
from .caption import about_scale, details, headline, versions
from .code import code
from .files import as_png, checked_place
from .page import Bar, sheet

_SIDE = 448


def save_png(
    explanation: Explanation,
    path: str | os.PathLike[str],
    style: Style | None = None,
    *,
    size: int | None = None,
    page: int = 0,
    tiles: tuple[int, int] | None = None,
) -> None:
    """Write an explanation as PNG: the picture, its colour bar, and a caption that states how it was made.

    Parameters
    ----------
    explanation : Explanation
        What a method found.
    path : path-like
        Where to write it, ending in ``.png``. A file that is there is replaced.
    style : Style, optional
        Colours and blending.
    size : int, optional
        Longer side of the picture in pixels, without the caption; if None that of the image, at least 448.
    page : int
        Page of a collage, from 0.
    tiles : tuple of int, optional
        (columns, rows) of a page of a collage; at most five by five if None.

    Raises
    ------
    SettingError
        If the name does not end in ``.png``, its folder is not there, or `size` or `tiles` make no sense.
    OSError
        If the file cannot be written.
    """
    png_path(path).write_bytes(png_bytes(explanation, style, size=size, page=page, tiles=tiles))


def png_path(path: str | os.PathLike[str]) -> Path:
    """Return where to write a PNG file.

    Raises
    ------
    SettingError
        If the name promises something else, or its folder is not there.
    """
    if Path(path).suffix.lower() != ".png":
        raise SettingError(f"save writes a PNG file: the name must end in .png; got {os.fspath(path)!r}.")
    return checked_place(path, "save")


def png_bytes(
    explanation: Explanation,
    style: Style | None = None,
    *,
    size: int | None = None,
    page: int = 0,
    tiles: tuple[int, int] | None = None,
) -> bytes:
    """Return what `save_png` writes."""
    style = style or Style()
    side = size or max(_SIDE, *explanation.image.size)
    drawn = picture(explanation, style, size=side, page=page, tiles=tiles)
    drawn = marked(drawn, explanation.marks, style.mode == "side by side")
    lines, bar = details(explanation, style), None
    if not isinstance(explanation, GeneratedImage):
        _, scale, tag = bare(explanation, style, 16, page, tiles)
        bar = Bar(scale.colours, scale.low_text, scale.high_text, explanation.unit, scale.zero)
        lines = (about_scale(explanation, style, scale.words, tag), *lines)
    page_made = sheet(drawn, bar, headline(explanation), tuple(line for line in lines if line))
    return as_png(page_made, _told(explanation, style, page, tiles))


@dataclass(frozen=True, eq=False)
class Displayed:
    """A picture that a notebook shows; in a console it is a sentence."""

    png: bytes = field(repr=False)
    words: str

    def __repr__(self) -> str:
        return self.words

    def _repr_png_(self) -> bytes:
        return self.png

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        """Return the picture and the sentence that stands for it."""
        data = {"image/png": base64.b64encode(self.png).decode("ascii"), "text/plain": self.words}
        return data, {"image/png": {"alt": self.words}}


def displayed(explanation: Explanation, style: Style | None = None, **how: Any) -> Displayed:
    """Return an explanation as an object that a notebook displays; `how` goes to `png_bytes`."""
    style = style or Style()
    words = ". ".join((headline(explanation), *details(explanation, style)))
    return Displayed(png_bytes(explanation, style, **how), words)


def _told(explanation: Explanation, style: Style, page: int, tiles: tuple[int, int] | None) -> dict[str, str]:
    return {
        "Title": headline(explanation),
        "Description": "\n".join(details(explanation, style)),
        "Software": versions(),
        "Recipe": repr(explanation.recipe),
        "Style": repr(style),
        "Code": code(explanation, style, page=page, tiles=tiles),
    }
