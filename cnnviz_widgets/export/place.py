"""Where a file is to be written, checked before the work that fills it."""

from __future__ import annotations

import os
from pathlib import Path

from ..errors import SettingError
from ..missing import searched


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
