"""Finds files of optional packages without importing them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from ..errors import MissingPackageError


def packaged_file(package: str, inside: str, shown: str | None = None) -> Path:
    """Return the path of a file that an installed package brings.

    The package is looked up, not imported: scikit-learn alone would take longer than all of the photographs.

    Parameters
    ----------
    package : str
        Name to import.
    inside : str
        Path below the package's folder, with forward slashes.
    shown : str, optional
        Name to install, where it differs.

    Raises
    ------
    MissingPackageError
        If the package, or the file in it, is not there.
    """
    found = importlib.util.find_spec(package)
    for folder in (found.submodule_search_locations or ()) if found else ():
        path = Path(folder, inside)
        if path.is_file():
            return path
    lack = f"has no file {inside} in the installed version" if found else "is not installed"
    raise MissingPackageError(
        f'the package {shown or package} {lack}. The demo needs it: pip install "cnnviz_widgets[demo]"'
    )
