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
    one = isinstance(images, Image | str | bytes | os.PathLike) or getattr(images, "ndim", 0) in (2, 3)
    single = one or not hasattr(images, "__iter__")
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


def _named(image: Image, name: str) -> Image:
    return image if image.name else Image(image.pixels, image.range, name)
