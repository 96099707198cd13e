"""Codes kept on disk in a NumPy file: which model, layer and pictures they are of, checked when it is read."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import SettingError

FORMAT = "cnnviz_widgets codes 1"
FIELDS = ("format", "key", "digests", "codes")


def checked_path(keep: str | os.PathLike[str]) -> Path:
    """Return where codes are kept, or raise `SettingError` if the name promises something else."""
    path = Path(keep).expanduser()
    if path.suffix != ".npz":
        raise SettingError(f"keep must be the name of a file that ends in .npz; got {os.fspath(keep)!r}.")
    if not path.absolute().parent.is_dir():
        raise SettingError(
            f"keep: there is no folder {path.absolute().parent.name!r} to write {path.name} to."
        )
    return path


def kept(path: Path, key: str) -> tuple[dict[str, np.ndarray], str]:
    """Return the codes of a file by the digest of their picture, and a note if they could not be used.

    Nothing in the file is executed: pickles are refused.

    Parameters
    ----------
    path : Path
        The file; none is no error.
    key : str
        What the codes must be of: model, layer, and how pictures are brought into it.

    Raises
    ------
    SettingError
        If the file is something else, which would be lost.
    """
    if not path.exists():
        return {}, ""
    try:
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in FIELDS}
            sound = str(found["format"]) == FORMAT and _is_sound(found["digests"], found["codes"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise SettingError(
            f"keep: {path.name} is there already and holds no codes. Choose another name, or delete it."
        ) from error
    if not sound:
        raise SettingError(
            f"keep: {path.name} holds no codes that can be read. Choose another name, or delete it."
        )
    if str(found["key"]) != key:
        return {}, f"{path.name} held the codes of another model or layer; they are computed anew."
    return dict(zip(map(str, found["digests"]), found["codes"], strict=True)), ""


def keep(path: Path, key: str, digests: Sequence[str], codes: np.ndarray) -> None:
    """Write codes to a file, all at once: a file that was there stays whole until it is replaced."""
    named = np.array(digests, "U24")
    handle, name = tempfile.mkstemp(suffix=".npz", prefix=path.stem, dir=path.absolute().parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, format=np.array(FORMAT), key=np.array(key), digests=named, codes=codes)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _is_sound(digests: np.ndarray, codes: np.ndarray) -> bool:
    """Return True if these are as many digests as codes, and the codes are numbers."""
    shaped = (
        digests.ndim == 1 and digests.dtype.kind == "U" and codes.ndim == 2 and len(codes) == len(digests)
    )
    return shaped and codes.dtype == np.float32 and bool(np.isfinite(codes).all())
