"""The one line to begin with."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from .explorer import Explorer

# weak: a closed one is not kept, and an open one is held by ipywidgets
_named: weakref.WeakValueDictionary[str, Explorer] = weakref.WeakValueDictionary()
_lock = threading.Lock()


def explore(model: Any, images: Any, *, name: str | None = None, **settings: Any) -> Explorer:
    """Look into a network, a classifier or an autoencoder, in a notebook.

    Parameters
    ----------
    model : keras.Model, Probe or path
        The network.
    images : sequence, or one picture
        Paths, arrays, PIL images or `Image` objects.
    name : str, optional
        An earlier Explorer of the same name is closed first, so that running a cell again leaves nothing behind.
    **settings
        As for `Explorer`: labels, preprocess, value_range, method, layer, target, style, size, renderer.

    Returns
    -------
    Explorer

    Examples
    --------
    >>> import cnnviz_widgets as cnnviz
    >>> cnnviz.explore(cnnviz.demo.photo_classifier(), cnnviz.demo.photos())  # doctest: +SKIP
    """
    made = Explorer(model, images, **settings)
    if name is not None:
        with _lock:
            before = _named.get(name)
            _named[name] = made
        if before is not None:
            before.close()
    return made
