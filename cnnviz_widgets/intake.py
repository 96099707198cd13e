"""Whatever a user gives as pictures, as a list of images."""

from __future__ import annotations

import os
from typing import Any

from .errors import ImageError
from .image import Image


def loaded(images: Any, before: int = 0) -> list[Image]:
    """Return pictures for anything a user may give; one picture is a list of one.

    Those without a name are numbered, e.g. ``picture 3``, after as many as there were `before`.

    Raises
    ------
    ImageError
        If there are none, or one cannot be opened; the message says which.
    """
    single = _is_one(images)
    given = [images] if single else list(images)
    if not given:
        raise ImageError("images is empty: give at least one picture, a path or an array.")
    made = []
    for k, image in enumerate(given):
        try:
            made.append(_named(Image.load(image), f"picture {before + k + 1}"))
        except ImageError as error:
            raise ImageError(f"images[{k}]: {error}" if not single else str(error)) from error
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


def _is_one(images: Any) -> bool:
    """Return whether this is a single picture, not several."""
    one = isinstance(images, Image | str | bytes | os.PathLike) or getattr(images, "ndim", 0) in (2, 3)
    return one or not hasattr(images, "__iter__")


def _named(image: Image, name: str) -> Image:
    return image if image.name else Image(image.pixels, image.range, name)
