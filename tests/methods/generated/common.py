"""What the tests of made pictures share: small networks, and quick settings of each method."""

import keras
from keras import layers

import cnnviz_widgets as cnnviz

STILL = {"jitter": 0, "rotation": 0, "zoom": 0, "blur": 0}
METHODS = cnnviz.generators()
UNIT = (0.0, 1.0)


def seeing(side: int = 64) -> keras.Model:
    """Return a classifier of pictures of one size, with convolutions that take any."""
    keras.utils.set_random_seed(1)
    image = keras.Input((side, side, 3), name="image")
    x = layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="conv_1")(image)
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu", name="conv_2")(x)
    return keras.Model(
        image, layers.Dense(3, name="classes")(layers.GlobalAveragePooling2D()(x)), name="seeing"
    )


def same() -> cnnviz.Probe:
    """Return a network whose output is the picture."""
    image = keras.Input((8, 8, 1))
    return cnnviz.Probe(keras.Model(image, layers.Activation("linear", name="same")(image)), value_range=UNIT)


def quick(label: str, **more: object) -> cnnviz.Method:
    own = {"steps": 3, "octaves": 2} if label == "DeepDream" else {"steps": 12, "preset": "fast"}
    return METHODS[label](**{**own, **more})
