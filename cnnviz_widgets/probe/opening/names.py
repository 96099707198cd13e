"""What the calls inside an opened layer are called: alike each time it is opened, in every kernel."""

from __future__ import annotations

import re
from typing import Any

from ..keras_internals import layers_within


class CallNames:
    """Names of what is called in a layer.

    What the layer holds has a name for good. What is made by the call itself, such as the operation behind a ``+``,
    is numbered by Keras over all that a kernel has made so far, so it goes by its kind alone.

    Parameters
    ----------
    op : keras.Layer
        The layer that is opened.
    """

    def __init__(self, op: Any) -> None:
        self._own = {id(layer) for layer in layers_within(op)}

    def of(self, op: Any) -> str:
        """Return the name of a layer or operation that is called: ``dense_1``, or ``add`` for ``add_17``."""
        name = str(op.name)
        kind = re.sub(r"_\d+$", "", name)
        numbered = kind.replace("_", "").lower() == type(op).__name__.replace("_", "").lower()
        return kind if numbered and id(op) not in self._own else name
