"""A run of a network on a few pictures that are made up, to see what it does with them."""

from __future__ import annotations

import numpy as np

from .graph import Graph, Values


def trial_run(graph: Graph, image: str, pictures: np.ndarray) -> Values:
    """Return the values of a network for some pictures; its other inputs are held at 0, or at no text.

    Parameters
    ----------
    graph : Graph
        The network.
    image : str
        Name of the input that is the picture.
    pictures : numpy.ndarray
        (N, height, width, channels), also for a network of channels first.
    """
    import tensorflow as tf

    feed = {
        slot: tf.zeros((len(pictures), *(n or 1 for n in graph.input_shapes[name])), graph.input_types[name])
        for name, slot in graph.inputs.items()
        if name != image
    }
    turned = np.moveaxis(pictures, -1, 1) if graph.channels_first else pictures
    return Values(graph, {**feed, graph.inputs[image]: tf.cast(turned, graph.input_types[image])})
