"""The trained vision transformer of the demo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..probe.loading import keras_module
from .checksum import checked_bytes
from .clothes import CLOTHES_NAMES

if TYPE_CHECKING:
    import keras

WEIGHTS = Path(__file__).parent / "data" / "transformer.weights.h5"
WEIGHTS_SHA256 = "42bbaca18b2dcf70b30b5199a993ae02a330664ae0ad7bccf4b864719159b019"


def transformer() -> keras.Model:
    """Return a small vision transformer of clothes: 28x28x1, values 0 to 1, to ten kinds; `clothes` has pictures.

    Tokens of 7x7 patches and a class token pass four blocks, ``block_1`` to ``block_4``, of attention with four heads
    (``block_1_attention``, ...); the head reads the class token alone. It is made of Keras' own layers. Its attributes
    are ``value_range``, (0, 1), and ``class_names``. Every call makes a new model.

    Raises
    ------
    ModelError
        If the weights file is not the one whose checksum is known; it is not read then.
    """
    checked_bytes(WEIGHTS, WEIGHTS_SHA256)
    keras_module()
    from .transformer_network import transformer_network

    model = transformer_network()
    model.load_weights(WEIGHTS)
    model.value_range = (0.0, 1.0)
    model.class_names = list(CLOTHES_NAMES)
    return model
