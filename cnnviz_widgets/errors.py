"""What can go wrong, as a tree; every message ends the reader's search.

::

    CnnvizError
    ├── SettingError(ValueError)          a setting out of its range, of the wrong kind, or at odds with the image
    ├── ImageError(ValueError)            a picture that cannot be opened, or that the model cannot take
    ├── LayerError(LookupError)           a layer the model does not have, or that has no maps to show
    ├── TargetError(ValueError)           an objective that the model does not have or the mathematics does not allow
    ├── ModelError(TypeError)             not a model, one that cannot be looked into, does not run, or answers NaN
    └── MissingPackageError(ImportError)  an optional package that is not installed, with the extra that brings it
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

NEAR = 0.65  # of difflib's ratio: a letter or two apart; names that merely begin alike are no help


class CnnvizError(Exception):
    """Any error that this package raises on purpose."""


class SettingError(CnnvizError, ValueError):
    """A setting that is out of its range, of the wrong kind, or does not fit the image."""


class ImageError(CnnvizError, ValueError):
    """A picture that cannot be opened, or that the model cannot take."""


class LayerError(CnnvizError, LookupError):
    """A layer that the model does not have, or one that has no maps to show."""


class TargetError(CnnvizError, ValueError):
    """An objective that the model does not have, or that does not fit it."""


class ModelError(CnnvizError, TypeError):
    """Not a model, or one that cannot be looked into, does not run, or answers NaN or infinite numbers."""


class MissingPackageError(CnnvizError, ImportError):
    """An optional package is not installed; the message names the extra that brings it."""


def did_you_mean(wrong: object, allowed: Iterable[str]) -> str:
    """Return `` Did you mean 'x'?`` for the nearest allowed name, or an empty string if none is near."""
    near = difflib.get_close_matches(str(wrong), list(allowed), n=1, cutoff=NEAR)
    return f" Did you mean {near[0]!r}?" if near else ""


def listed(names: Iterable[str], most: int = 6) -> str:
    """Return names as one readable list, cut after `most`."""
    every = list(names)
    cut = ", ".join(every[:most])
    return f"{cut}, ... ({len(every)} in all)" if len(every) > most else cut or "none"


def searched(path: Path) -> str:
    """Return, after a space, which folder has no such file or folder, and the nearest name in it.

    Parameters
    ----------
    path : Path
        What is not there. A relative one is looked for in the current working directory.

    Returns
    -------
    str
        E.g. `` The folder '/home/ada', the current working directory, holds no 'cta.png'. Did you mean 'cat.png'?``;
        of several folders that are missing the first is named.
    """
    gone = Path(os.path.abspath(path))
    while not gone.parent.is_dir():
        gone = gone.parent
    if gone.exists():
        return f" {str(gone)!r} is a file, not a folder."
    current = ", the current working directory," if gone.parent == Path.cwd() else ""
    return f" The folder {str(gone.parent)!r}{current} holds no {gone.name!r}.{_similar(gone)}"


def _similar(gone: Path) -> str:
    """Return a question for the nearest name beside a path, small and capital letters taken for the same first."""
    names: list[str] = []
    with suppress(OSError):  # a folder that may not be listed can still be searched
        names = [name for name in os.listdir(gone.parent) if name != gone.name]
    same = [name for name in names if name.casefold() == gone.name.casefold()]
    return did_you_mean(same[0] if same else gone.name, same or names)
