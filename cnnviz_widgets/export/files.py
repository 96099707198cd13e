"""Drawn pages as the content of a PNG, GIF or WebP file that says how they were made, and where it is written."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.PngImagePlugin

from ..errors import SettingError, searched

IMAGE_DESCRIPTION = 0x010E  # of EXIF, in ASCII


def as_png(page: np.ndarray, told: Mapping[str, str]) -> bytes:
    """Return a page, uint8 (H, W, 3), as a PNG file with texts by their names, such as ``Title``."""
    about = PIL.PngImagePlugin.PngInfo()
    for name, text in told.items():
        about.add_itxt(name, text)
    buffer = io.BytesIO()
    PIL.Image.fromarray(page).save(buffer, "PNG", pnginfo=about)
    return buffer.getvalue()


def as_gif(pages: Sequence[PIL.Image.Image], times: Sequence[int], words: str = "") -> bytes:
    """Return pages that follow each other, each for its time in ms, as a GIF file that begins anew at its end.

    Pages without a palette get one each from Pillow; `words` become the file's comment.
    """
    return _moving(pages, times, "GIF", comment=words.encode(), disposal=1)


def as_webp(pages: Sequence[PIL.Image.Image], times: Sequence[int], words: str = "") -> bytes:
    """Return pages that follow each other, each for its time in ms, as a WebP file that begins anew at its end.

    `words` become the description among the file's EXIF entries.
    """
    exif = PIL.Image.Exif()
    exif[IMAGE_DESCRIPTION] = words.encode("ascii", "replace").decode()
    return _moving(pages, times, "WEBP", quality=88, method=3, exif=exif.tobytes())


def _moving(pages: Sequence[PIL.Image.Image], times: Sequence[int], kind: str, **how: Any) -> bytes:
    buffer = io.BytesIO()
    first, *others = pages
    first.save(buffer, kind, save_all=True, append_images=others, duration=list(times), loop=0, **how)
    return buffer.getvalue()


def checked_place(path: str | os.PathLike[str], call: str) -> Path:
    """Return where to write a file, ``~`` resolved, or raise `SettingError` if its folder is not there.

    `call` is who writes.
    """
    place = Path(path).expanduser()
    folder = place.parent
    if folder.is_dir():
        return place
    wrong, name = f"{call} cannot write {os.fspath(path)!r}.", str(folder)
    if folder.exists():
        raise SettingError(f"{wrong} {name!r} is a file: give a folder.")
    raise SettingError(f"{wrong}{searched(folder)} Make the folder first: import os; os.makedirs({name!r})")
