"""The trained segmentation network of the demo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..probe.loading import keras_module
from .checksum import checked_bytes

if TYPE_CHECKING:
    import keras

WEIGHTS = Path(__file__).parent / "data" / "segmenter.weights.h5"
WEIGHTS_SHA256 = "4bec66a7229d7d3ca956d71b5b7ea563e3dbbb285c0c07e8f6c65d389d053cb4"


def segmenter() -> keras.Model:
    """Return a small U-Net that finds clothes: 96x96x3, values 0 to 255, to a class at every pixel.

    Its five classes are background, top, trousers, shoe and bag; `scenes` gives pictures for it. The layer
    ``class_scores`` holds the logits of every pixel. Its attribute ``class_names`` holds the names of the classes.
    Every call makes a new model.

    Raises
    ------
    ModelError
        If the weights file is not the one whose checksum is known; it is not read then.
    """
    checked_bytes(WEIGHTS, WEIGHTS_SHA256)
    keras_module()
    from .scenes import SCENE_CLASSES
    from .segmentation_network import segmentation_network

    model = segmentation_network()
    model.load_weights(WEIGHTS)
    model.class_names = list(SCENE_CLASSES)
    return model
