"""What the tests of the latent mixer share: a network of averages, grey pictures, and the level of what is shown."""

from collections.abc import Callable

import keras
import numpy as np
from keras import layers

from cnnviz_widgets import Image, LatentMixer
from tests.models import SIDE

PATIENCE = 60
Make = Callable[..., LatentMixer]


def averaging(side: int | None = SIDE, loud: float = 1.0) -> keras.Model:
    """Return an autoencoder whose code is the mean of 2 x 2 pixels, m, as (m, 2 m), and that gives back `loud` m.

    Half of what is given back comes of either channel.
    """
    image = keras.Input((side, side, 1), name="image")
    code = layers.Conv2D(2, 1, use_bias=False, name="encoded")(
        layers.AveragePooling2D(2, name="means")(image)
    )
    made = layers.Conv2D(1, 1, use_bias=False, name="made")(code)
    model = keras.Model(image, layers.UpSampling2D(name="wide")(made), name="averaging")
    model.get_layer("encoded").set_weights([np.array([[[[1, 2]]]], np.float32)])
    model.get_layer("made").set_weights([np.array([[[[0.5], [0.25]]]], np.float32) * loud])
    return model


def grey(level: float, name: str) -> Image:
    return Image(np.full((SIDE, SIDE, 1), level, np.float32), (0, 1), name)


def pictures() -> list[Image]:
    return [grey(0.2, "dark"), grey(0.8, "light"), grey(0.5, "middle"), grey(0.1, "black")]


def settled(mixer: LatentMixer) -> LatentMixer:
    assert mixer.wait(PATIENCE)
    return mixer


def level(mixer: LatentMixer) -> float:
    """Return the one value that the decoded picture has everywhere."""
    values = settled(mixer).mixed.picture.pixels
    assert np.ptp(values) < 1e-5
    return float(values.mean())
