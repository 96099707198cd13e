"""Models and layers that are written as classes, with and without a way to look inside."""

from collections.abc import Callable

import keras

from tests import models

KINDS: dict[str, Callable[[], keras.Model]] = {
    "written as a class, closed": models.closed,
}
