"""Where a file or a folder was looked for that is not there, and what is there of a similar name."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from .errors import did_you_mean


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
