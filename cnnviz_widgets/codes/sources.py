"""Many pictures, opened one at a time: a list of anything that is a picture, or a folder of files."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from .. import picture_files
from ..errors import ImageError
from ..image import Image
from ..intake import is_one, loaded

MOST = 10_000  # pictures taken of a generator or a data set, which may have no end


@dataclass(frozen=True)
class Skipped:
    """A picture that could not be opened: which one, and why in a sentence."""

    name: str
    why: str


@dataclass(frozen=True, eq=False)
class Sources:
    """Where pictures come from; none is held unless it was given as pixels.

    Attributes
    ----------
    given : sequence
        Images, arrays, paths, addresses or file bytes.
    names : tuple of str
        What each is called; a file in a folder by its path below it, without the ending.
    """

    given: Sequence[Any] = field(repr=False)
    names: tuple[str, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.given)

    def image(self, index: int) -> Image:
        """Open a picture."""
        return self.opened(index)[1]()

    def opened(self, index: int) -> tuple[str, Callable[[], Image]]:
        """Return a name for the content of a picture, and what makes an `Image` of it.

        Raises
        ------
        ImageError
            If there is no such file; decoding a damaged one raises it too.
        """
        source, name = self.given[index], self.names[index]
        if isinstance(source, str | os.PathLike):
            content = picture_files.fetched(os.fspath(source))
            return _digest(content), lambda: Image.load(content, name)
        if isinstance(source, bytes | bytearray | memoryview):
            return _digest(bytes(source)), lambda: Image.load(source, name)
        image = Image.load(source, name)
        return image.digest, lambda: image


def sources_of(images: Any) -> Sources:
    """Return pictures as something that opens them one at a time.

    Parameters
    ----------
    images : sequence, or path of a folder
        Anything that `Image.load` opens, an array (N, H, W, C), or a folder, whose picture files are taken in the order
        of their names, those in folders below it too.

    Raises
    ------
    ImageError
        If there is no picture, or no such folder or file.
    """
    if isinstance(images, Sources):
        return images
    if isinstance(images, str | os.PathLike) and Path(images).expanduser().is_dir():
        return _folder(Path(images).expanduser())
    _check_there(images)
    given = [images] if is_one(images) else _listed(images)
    if not len(given):
        raise ImageError("images is empty: give at least one picture, a path, an array or a folder.")
    return Sources(given, tuple(_name(source, k) for k, source in enumerate(given)))


def check_any(sources: Sources) -> None:
    """Raise `ImageError` if none of the pictures can be opened; it looks no further than the first that can."""
    first = ""
    for index in range(len(sources)):
        try:
            sources.image(index)
        except ImageError as error:
            first = first or str(error)
        else:
            return
    raise ImageError(f"none of the {len(sources)} pictures could be opened. The first: {first}")


def _check_there(images: Any) -> None:
    """Raise `ImageError` if one path was given and nothing is there; an address is looked up later."""
    if isinstance(images, os.PathLike) or (isinstance(images, str) and ":/" not in images):
        path = Path(images).expanduser()
        if not path.exists():
            raise ImageError(f"there is no folder or file {str(path)!r}.")


def _listed(images: Any) -> Any:
    return images if isinstance(images, list | tuple | np.ndarray) else loaded(images, most=MOST)


def _folder(folder: Path) -> Sources:
    found = picture_files.in_folder(folder, below=True)
    return Sources(found, tuple(path.relative_to(folder).with_suffix("").as_posix() for path in found))


def _name(source: Any, index: int) -> str:
    if isinstance(source, str | os.PathLike):
        return picture_files.stem(os.fspath(source))
    return (source.name if isinstance(source, Image) else "") or f"picture {index + 1}"


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=12).hexdigest()
