"""The one line to begin with."""

from __future__ import annotations

from typing import Any

from .explorer import Explorer


def explore(model: Any, images: Any = None, **settings: Any) -> Explorer:
    """Look into a network, a classifier or an autoencoder, in a notebook.

    Parameters
    ----------
    model : keras.Model, Probe or path
        The network.
    images : sequence, one picture, or one volume
        Paths, arrays, PIL images or `Image` objects; for a model of volumes or videos one of them.
    **settings
        As for `Explorer`: labels, preprocess, value_range, method, layer, target, style, size, renderer, and
        name, by which running a cell again closes the Explorer before.

    Returns
    -------
    Explorer

    Examples
    --------
    >>> import cnnviz_widgets as cnnviz
    >>> cnnviz.explore(cnnviz.demo.photo_classifier(), cnnviz.demo.photos())  # doctest: +SKIP
    """
    return Explorer(model, images, **settings)
