"""Whatever a user gives as pictures, as a list of images."""

from __future__ import annotations

import os
from typing import Any

from .errors import ImageError
from .image import Image


def loaded(images: Any) -> list[Image]:
    """Return pictures for anything a user may give; one picture is a list of one.

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
            made.append(Image.load(image))
        except ImageError as error:
            raise ImageError(f"images[{k}]: {error}" if not single else str(error)) from error
    return made
