"""Whatever a user gives as pictures, as a list of images."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ImageError
from . import arrays
from . import files as picture_files
from .image import Image

MOST = 100  # pictures taken of what has no end, or is opened only while it is gone through
_MOST_CHANNELS = 4  # an array (a, b, c) with more in the end is taken for several grey pictures
_PICTURE_KEYS = ("image", "images", "picture", "pixels", "x")
_LABEL_KEYS = ("label", "labels", "class", "y")


def loaded(
    images: Any,
    before: int = 0,
    channels: int | None = None,
    labels: Sequence[str] | None = None,
    *,
    most: int = MOST,
) -> list[Image]:
    """Return pictures for anything a user may give; one picture is a list of one.

    Parameters
    ----------
    images : anything
        One picture: what `Image.load` opens. Several: a list of them; an array (N, H, W, C), or (N, H, W) of grey ones;
        a mapping from names to pictures; a folder, in the order of names, or one of folders, each a class; a
        ``tf.data.Dataset``, a generator or a Keras data set, of pictures or batches, with labels or without; arrays
        (pictures, labels). One that cannot be opened in a folder is left out with a warning. Of what has no end, is
        opened while it is gone through, or lies in class folders, the first 100 are taken, and a warning says so.
    before : int
        How many pictures there are already: those without a name are numbered after them, e.g. ``picture 3``.
    channels : int, optional
        How many channels the model takes, which tells (28, 28, 8) from eight grey pictures.
    labels : sequence of str, optional
        Names of the classes, for labels that are numbers.
    most : int
        How many are taken of what may have no end.

    Raises
    ------
    ImageError
        If there are none, or one cannot be opened; the message says which.
    """
    files = _files(images)
    if files is not None:
        return _opened(files, before)
    single = is_one(images, channels)
    given = [(images, "", "")] if single else _several(images, channels, _names_of(images, labels), most)
    made = []
    for k, (picture, name, label) in enumerate(given):
        try:
            made.append(_called(Image.load(picture), name, label, before + k + 1))
        except ImageError as error:
            where = f"images[{name!r}]" if isinstance(images, Mapping) else f"images[{k}]"
            raise ImageError(str(error) if single else f"{where}: {error}") from None
    if not made:
        raise ImageError("images is empty: give at least one picture, a path or an array.")
    return made


def row_name(index: int, rows: int) -> str:
    """Return what a widget's picture is called in its lines, where the first `rows` came in one list.

    That is ``images[2]``, or a name to define: ``image`` of a picture given alone, ``added_1`` of one added later.
    """
    if index < rows:
        return f"images[{index}]"
    first = max(rows, 1)
    return "image" if index < first else f"added_{index - first + 1}"


def rows_of(images: Any, channels: int | None = None) -> int:
    """Return how many pictures can be written as ``images[k]``; 0 if no list was given."""
    if is_one(images, channels) or isinstance(images, Mapping) or _labelled_arrays(images):
        return 0
    return len(images) if isinstance(images, list | tuple) or hasattr(images, "shape") else 0


def is_one(images: Any, channels: int | None = None) -> bool:
    """Return whether this is a single picture, not several."""
    if isinstance(images, Image | str | bytes | os.PathLike):
        return True
    sides = getattr(images, "ndim", 0)
    if sides == 3:
        last = int(arrays.as_array(images).shape[2])
        return last <= _MOST_CHANNELS or last == channels
    return sides == 2 or not (hasattr(images, "__iter__") or hasattr(images, "__getitem__"))


Given = tuple[Any, str, str]  # a picture, its name and its label, empty where there is none


def _several(images: Any, channels: int | None, names: Sequence[str], most: int) -> Iterator[Given]:
    """Yield the pictures of anything that holds several."""
    if isinstance(images, Mapping):
        for key, held in images.items():
            alone = is_one(held, channels) or not (isinstance(held, list | tuple) or hasattr(held, "shape"))
            yield from [(held, str(key), "")] if alone else ((one, "", str(key)) for one in held)
    elif _labelled_arrays(images):
        yield from _of_batch(arrays.as_array(images[0]), arrays.as_array(images[1]), names)
    elif isinstance(images, list | tuple):
        for one in images:
            yield from _of_element(one, channels, names) if _holds_label(one) else [(one, "", "")]
    elif hasattr(images, "shape"):
        yield from ((one, "", "") for one in arrays.as_array(images))
    else:
        every = chain.from_iterable(_of_element(one, channels, names) for one in _elements(images))
        yield from _first(every, most)


def _elements(images: Any) -> Iterable[Any]:
    """Return the elements of a data set of TensorFlow, of Keras, or of anything that can be gone through."""
    if hasattr(images, "as_numpy_iterator"):
        return iter(images.as_numpy_iterator())
    if hasattr(images, "__len__") and hasattr(images, "__getitem__"):  # Keras' own go round for ever
        return (images[k] for k in range(len(images)))
    return iter(images)


def _first(given: Iterator[Given], most: int) -> Iterator[Given]:
    """Yield no more than `most`, and warn if there are more."""
    yield from islice(given, most)
    if next(given, None) is not None:
        warnings.warn(
            f"the first {most} pictures are taken of what may have no end; give a list for more, e.g. "
            f"list(itertools.islice(images, {2 * most})).",
            stacklevel=4,
        )


def _of_element(element: Any, channels: int | None, names: Sequence[str]) -> Iterator[Given]:
    """Yield the pictures of one element of a data set: a picture or a batch, alone or with labels."""
    picture, labels = element, None
    if isinstance(element, Mapping):
        picture = next((element[key] for key in _PICTURE_KEYS if key in element), None)
        if picture is None:
            raise ImageError(
                f"an element has no picture under {', '.join(_PICTURE_KEYS)}; it has {', '.join(map(str, element))}."
            )
        labels = next((element[key] for key in _LABEL_KEYS if key in element), None)
    elif isinstance(element, tuple | list) and element:
        picture, labels = element[0], element[1] if len(element) > 1 else None
    if is_one(picture, channels) or isinstance(picture, Mapping):
        yield picture, "", _label(labels, names)
    else:
        array = arrays.as_array(picture)
        yield from _of_batch(array, None if labels is None else labels, names)


def _of_batch(array: np.ndarray, labels: Any, names: Sequence[str]) -> Iterator[Given]:
    fits = labels is not None and hasattr(labels, "__len__") and len(labels) == len(array)
    for k, picture in enumerate(array):
        yield picture, "", _label(labels[k], names) if fits else ""


def _holds_label(one: Any) -> bool:
    """Return whether an element of a list is a picture with its label, (picture, label), or a mapping of both."""
    if isinstance(one, Mapping):
        return True
    if not (isinstance(one, tuple) and len(one) == 2):
        return False
    picture, label = one
    drawn = isinstance(picture, Image | str | os.PathLike) or hasattr(picture, "getbands")
    drawn = drawn or getattr(picture, "ndim", 0) in (2, 3)
    return drawn and (isinstance(label, str) or np.ndim(label) == 0)


def _labelled_arrays(images: Any) -> bool:
    """Return whether this is (pictures, labels), as ``mnist.load_data()`` gives them."""
    if not (isinstance(images, tuple) and len(images) == 2):
        return False
    sides = [getattr(part, "ndim", 0) for part in images]
    return sides[0] in (3, 4) and sides[1] in (1, 2) and len(images[0]) == len(images[1])


def _names_of(images: Any, labels: Sequence[str] | None) -> Sequence[str]:
    """Return the class names that a data set brings itself, else those of the model."""
    own = getattr(images, "class_names", None)
    if isinstance(own, list | tuple):
        return own
    indices = getattr(images, "class_indices", None)
    if isinstance(indices, Mapping):
        return [str(name) for name, _ in sorted(indices.items(), key=lambda item: item[1])]
    return labels or ()


def _label(label: Any, names: Sequence[str]) -> str:
    """Return a label in words: a class's name or number, the strongest of a row of scores, a number; else nothing."""
    if label is None or isinstance(label, Mapping):
        return ""
    if isinstance(label, bytes):
        return label.decode("utf-8", "replace")
    if isinstance(label, str):
        return label
    try:
        row = arrays.as_array(label)
    except ImageError:
        return ""
    if row.dtype.kind in "SU" or row.dtype == object:
        return _label(row.reshape(-1)[0], names) if row.size == 1 and row.ndim else ""
    if row.ndim > 1 or not row.size:
        return ""
    if row.size > 1:
        return _class(int(row.argmax()), names) if np.isclose(row.sum(), 1) and row.min() >= 0 else ""
    number = float(row.reshape(-1)[0])
    return _class(int(number), names) if number == int(number) and number >= 0 else f"{number:g}"


def _class(index: int, names: Sequence[str]) -> str:
    return names[index] if index < len(names) else f"class {index}"


def _called(image: Image, name: str, label: str, number: int) -> Image:
    """Return an image with a name: its own, the one given, or its number, with its label behind."""
    called = name or image.name or f"picture {number}"
    if label and called != label and not called.endswith(f"({label})"):
        called = f"{called} ({label})"
    return (
        image if (called, label or image.label) == (image.name, image.label) else image.named(called, label)
    )


def _files(images: Any) -> list[tuple[Path, str]] | None:
    """Return the picture files of a folder with their classes; None if this is not the path of one."""
    if not isinstance(images, str | os.PathLike) or not os.path.isdir(os.path.expanduser(images)):
        return None
    folder = Path(images).expanduser()
    try:
        return [(path, "") for path in picture_files.in_folder(folder)]
    except ImageError:
        below = [path for path in sorted(folder.iterdir()) if path.is_dir()]
        classes = [[(path, one.name) for path in _held(one)] for one in below]
        if not any(classes):
            raise
    # in turn, so that every class is there
    found = [pair for row in zip_longest(*classes) for pair in row if pair is not None]
    if len(found) > MOST:
        warnings.warn(
            f"the first {MOST} of the {len(found)} pictures in {folder.name!r} are taken, of each class alike; "
            "give a list of paths for others.",
            stacklevel=3,
        )
    order = {one.name: k for k, one in enumerate(below)}
    return sorted(found[:MOST], key=lambda pair: (order[pair[1]], pair[0]))


def _held(folder: Path) -> list[Path]:
    try:
        return picture_files.in_folder(folder, below=True)
    except ImageError:
        return []


def _opened(files: list[tuple[Path, str]], before: int) -> list[Image]:
    """Open files; one that cannot be opened is left out with a warning."""
    made: list[Image] = []
    for path, label in files:
        try:
            made.append(_called(Image.load(path), "", label, before + len(made) + 1))
        except ImageError as error:
            warnings.warn(f"left out: {error}", stacklevel=3)
    if not made:
        raise ImageError(f"the folder {str(files[0][0].parent)!r} holds no picture that can be read.")
    return made
