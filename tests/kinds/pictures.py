"""Models of pictures that are not (height, width, channels)."""

from collections.abc import Callable

import keras
from keras import layers


def without_channel() -> keras.Model:
    """A classifier of grey pictures (12, 12) to which it adds the channel itself."""
    keras.utils.set_random_seed(21)
    return keras.Sequential(
        [
            keras.Input((12, 12)),
            layers.Reshape((12, 12, 1)),
            layers.Conv2D(4, 3, activation="relu", name="maps"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ],
        name="without_channel",
    )


KINDS: dict[str, Callable[[], keras.Model]] = {"picture without a channel axis": without_channel}
