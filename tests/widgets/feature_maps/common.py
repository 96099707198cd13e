"""What the tests of the feature map browser share: small networks, and what stands on the wall."""

import re
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

from cnnviz_widgets import FeatureMapBrowser

PATIENCE = 60
Make = Callable[..., FeatureMapBrowser]


def network(
    channels: int = 8, shape: tuple[int, int, int] = (8, 8, 3), kernel: int = 3, name: str = "maps"
) -> keras.Model:
    """Return one convolution of some channels with a ReLU, and a classifier on it."""
    keras.utils.set_random_seed(5)
    image = keras.Input(shape, name="image")
    x = layers.Conv2D(channels, kernel, padding="same", name=name)(image)
    x = layers.ReLU(name="positive")(x)
    x = layers.Conv2D(30, 3, strides=2, padding="same", activation="relu", name="deep")(x)
    x = layers.Conv2D(4, 1, name="mixed")(x)
    one = layers.GlobalAveragePooling2D(keepdims=True, name="one")(x)
    return keras.Model(image, layers.Dense(3, activation="softmax")(layers.Flatten()(one)), name="network")


def settled(browser: FeatureMapBrowser) -> FeatureMapBrowser:
    assert browser.wait(PATIENCE)
    return browser


def looks(browser: FeatureMapBrowser) -> tuple[str, bytes]:
    """Return what the wall and the large picture look like."""
    return browser.view.tiles._style.value, browser.canvas.png()


def tiles(browser: FeatureMapBrowser) -> list[Any]:
    return [made for made in browser.view.tiles.buttons.made if made.layout.display != "none"]


def pressed(browser: FeatureMapBrowser) -> list[str]:
    return [made.description for made in tiles(browser) if "cv-on" in made._dom_classes]


def about(browser: FeatureMapBrowser) -> str:
    return re.sub(r"<[^>]+>", "", browser.view._about.value)


def kernel(browser: FeatureMapBrowser) -> tuple[str, list[str]]:
    """Return the words beside and below the kernel, and the captions of its pictures."""
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", browser.view._kernel.value)
    heading = re.sub(r"<[^>]+>", "", browser.view._kernel_title.value)
    words = re.findall(r'"cv-read">(.*?)</div>', browser.view._kernel.value)
    return " | ".join([heading, *words]), captions


def weighed(values: np.ndarray, bias: np.ndarray) -> keras.Model:
    """Return a model of one 1x1 convolution (C, K) on 8 x 8 pixels."""
    image = keras.Input((8, 8, values.shape[0]))
    convolution = layers.Conv2D(values.shape[1], 1, name="maps")
    model = keras.Model(image, layers.GlobalAveragePooling2D()(convolution(image)), name="weighed")
    convolution.set_weights([values[None, None], bias])
    return model
