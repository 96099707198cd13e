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
from collections.abc import Iterable

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
