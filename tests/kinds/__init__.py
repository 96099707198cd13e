"""Small models of the kinds that people bring, a file for each subject, gathered under the names of `docs/models.md`.

A module here holds ``KINDS``: the name of a row of the table -> a function that builds the model. The pictures that a
kind needs to be served, if others than random ones of its input's shape, are for its own tests.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable

import keras

from tests import models


def _gathered() -> dict[str, Callable[[], keras.Model]]:
    found: dict[str, Callable[[], keras.Model]] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__)):
        for name, build in importlib.import_module(f"{__name__}.{module}").KINDS.items():
            assert name not in found, f"two kinds are called {name!r}"
            found[name] = build
    return found


EVERY: dict[str, Callable[[], keras.Model]] = {**models.ZOO, **_gathered()}
