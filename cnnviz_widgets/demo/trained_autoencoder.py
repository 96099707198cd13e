"""The trained autoencoder of the demo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..probe.loading import keras_module
from .checksum import checked_bytes

if TYPE_CHECKING:
    import keras

WEIGHTS = Path(__file__).parent / "data" / "autoencoder.weights.h5"
WEIGHTS_SHA256 = "7fe458c4a56628ecdcc4f4fd77be91972a0c37e19aae2df7cafbdb735b7bb011"


def autoencoder() -> keras.Model:
    """Return a convolutional autoencoder of clothes: 64x64x1, values 0 to 1, to its reconstruction of them.

    Its code is the layer ``encoded``, 4x4 cells of 16 channels: 256 numbers for 4096 pixels. The encoder's
    convolutions are ``conv_0_e`` to ``conv_3_e``, the decoder's ``conv_0_d`` to ``conv_2_d`` and
    ``conv_decoded``. Its attribute ``value_range`` is (0, 1), for `Probe`. Every call makes a new model.

    Raises
    ------
    ModelError
        If the weights file is not the one whose checksum is known; it is not read then.
    """
    checked_bytes(WEIGHTS, WEIGHTS_SHA256)
    keras_module()
    from .autoencoder_network import autoencoder_network

    model = autoencoder_network()
    model.load_weights(WEIGHTS)
    model.value_range = (0.0, 1.0)
    return model
