"""Whatever a user gives as pictures, as a list of images."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

from . import picture_files
from .errors import ImageError
from .image import Image


def loaded(images: Any, before: int = 0) -> list[Image]:
    """Return pictures for anything a user may give; one picture is a list of one.

    The path of a folder stands for its picture files, in the order of their names; one that cannot be opened is left
    out with a warning. Those without a name are numbered, e.g. ``picture 3``, after as many as there were `before`.

    Raises
    ------
    ImageError
        If there are none, or one cannot be opened; the message says which.
    """
    files = _files(images)
    images, single = (images if files is None else files), files is None and _is_one(images)
    given = [images] if single else list(images)
    if not given:
        raise ImageError("images is empty: give at least one picture, a path or an array.")
    made = []
    for k, image in enumerate(given):
        try:
            made.append(_named(Image.load(image), f"picture {before + k + 1}"))
        except ImageError as error:
            if files is None:
                raise ImageError(str(error) if single else f"images[{k}]: {error}") from None
            warnings.warn(f"left out: {error}", stacklevel=3)
    if not made:
        raise ImageError(f"the folder {str(given[0].parent)!r} holds no picture that can be read.")
    return made


def row_name(index: int, rows: int) -> str:
    """Return what a widget's picture is called in its lines, where the first `rows` came in one list.

    That is ``images[2]``, or a name to define: ``image`` of a picture given alone, ``added_1`` of one added later.
    """
    if index < rows:
        return f"images[{index}]"
    first = max(rows, 1)
    return "image" if index < first else f"added_{index - first + 1}"


def rows_of(images: Any) -> int:
    """Return how many pictures can be written as ``images[k]``; 0 if no list was given."""
    return 0 if _is_one(images) or not hasattr(images, "__getitem__") else len(images)


def _files(images: Any) -> list[Path] | None:
    """Return the picture files of a folder; None if this is not the path of one."""
    if not isinstance(images, str | os.PathLike) or not os.path.isdir(os.path.expanduser(images)):
        return None
    return picture_files.in_folder(Path(images).expanduser())


def _is_one(images: Any) -> bool:
    """Return whether this is a single picture, not several."""
    one = isinstance(images, Image | str | bytes | os.PathLike) or getattr(images, "ndim", 0) in (2, 3)
    return one or not hasattr(images, "__iter__")


def _named(image: Image, name: str) -> Image:
    return image if image.name else Image(image.pixels, image.range, name)
