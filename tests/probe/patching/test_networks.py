"""Patches answered by windows on networks that people use: the same as whole pictures."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore

CLOSE = 1e-5  # of the range of the answers
SIDE = 80
# Sides of the patch. Each network of other layers is compiled for each, which is what takes the time.
NETWORKS = {
    "VGG16": (16, 37),
    "ResNet50V2": (16,),
    "MobileNetV2": (37,),
    "DenseNet121": (16,),
    "EfficientNetB0": (37,),
}
pytestmark = pytest.mark.usefixtures("windows_wherever_possible")


def alive(name: str) -> keras.Model:
    """Return a network with random weights whose batch normalisations know their own activations.

    Kernels are made to ignore a constant, as trained ones mostly do: else each layer's signal is a small difference of
    large numbers, and any two ways to run the network, in batches of another size for one, differ by more than here.
    """
    keras.utils.set_random_seed(0)
    model = getattr(keras.applications, name)(
        weights=None, input_shape=(SIDE, SIDE, 3), classes=10, classifier_activation=None
    )
    source = np.random.default_rng(0)
    for layer in model.layers:
        if type(layer) is layers.Conv2D and layer.kernel.shape[2] > 1:
            kernel = layer.kernel.numpy()
            layer.kernel.assign(kernel - kernel.mean(axis=(0, 1, 2)))
        if isinstance(layer, layers.BatchNormalization):
            layer.momentum = 0.0
            if layer.scale:
                layer.gamma.assign(source.uniform(0.5, 1.5, layer.gamma.shape))
            layer.beta.assign(source.uniform(-0.5, 0.5, layer.beta.shape))
    model(pictures(16, "Efficient" in name), training=True)
    return model


def pictures(count: int, bytes_: bool) -> np.ndarray:
    """Return random pictures, float32 (count, side, side, 3), from -1 to 1 or 0 to 255."""
    made = np.random.default_rng(1).uniform(-1, 1, (count, SIDE, SIDE, 3)).astype(np.float32)
    return (made + 1) * 127.5 if bytes_ else made


def places_in(side: int, patch: int) -> np.ndarray:
    last = side - patch
    return np.array([(0, 0), (last, last), (last // 2, last // 3), (5, last - 3), (last // 2 + 1, 0)])


def covered(image: cnnviz.Image, patches: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the picture with each patch put in, (N, H, W, C)."""
    made = np.repeat(image.pixels[None], len(places), axis=0)
    for whole, part, (top, left) in zip(made, patches, places, strict=True):
        whole[top : top + part.shape[0], left : left + part.shape[1]] = part
    return made


def in_double_precision(model: keras.Model) -> keras.Model:
    """Return the same network in float64."""
    config = model.get_config()
    for layer in config["layers"]:
        layer["config"]["dtype"] = "float64"
    made = type(model).from_config(config)
    made.set_weights([weight.astype(np.float64) for weight in model.get_weights()])
    return made


def assert_the_same(probe: cnnviz.Probe, image: cnnviz.Image, patch: int, questions: list[Any]) -> None:
    """Compare the answers, and the scores of one class by their own range."""
    places = places_in(image.size[0], patch)
    patched = probe.patched(image, questions, places, (patch, patch))
    patches = patched.patches(np.full_like(image.pixels, np.mean(image.range)))
    whole_pictures = covered(image, patches, places)
    expected = probe.logits(whole_pictures)
    logits, scores = patched.answers(patches)
    np.testing.assert_allclose(logits, expected, rtol=0, atol=CLOSE * np.ptp(expected))
    np.testing.assert_allclose(scores, expected[:, 1], rtol=0, atol=CLOSE * np.ptp(expected))


@pytest.mark.slow
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[] if name == "MobileNetV2" else [pytest.mark.long]) for name in NETWORKS],
)
def test_a_network_of_keras_applications_gives_what_whole_pictures_give(name: str) -> None:
    probe = cnnviz.Probe(alive(name))
    bytes_ = "Efficient" in name
    image = cnnviz.Image(pictures(1, bytes_)[0], (0, 255) if bytes_ else (-1, 1))
    for patch in NETWORKS[name]:
        assert_the_same(probe, image, patch, ["logits", ClassScore(1)])


@pytest.mark.slow
@pytest.mark.long
def test_where_rounding_grows_windows_are_as_near_to_double_precision_as_whole_pictures() -> None:
    model = alive("InceptionV3")
    probe, image = cnnviz.Probe(model), cnnviz.Image(pictures(1, False)[0], (-1, 1))
    patched = probe.patched(image, ["logits"], places_in(SIDE, 16), (16, 16))
    patches = patched.patches(np.zeros_like(image.pixels))
    whole_pictures = covered(image, patches, patched.places)
    exact = np.asarray(in_double_precision(model)(whole_pictures.astype(np.float64), training=False))
    (found,) = patched.answers(patches)
    own, whole = (
        np.abs(logits - exact).max() / np.ptp(exact) for logits in (found, probe.logits(whole_pictures))
    )
    assert own < max(CLOSE, 2 * whole)
    assert own < 1e-4


@pytest.mark.slow
def test_the_photo_classifier_gives_what_whole_pictures_give() -> None:
    probe = cnnviz.Probe(cnnviz.demo.photo_classifier())
    image = probe.fit(cnnviz.demo.photos()[0])
    for patch in (16, 37):
        assert_the_same(probe, image, patch, ["logits", ClassScore(1)])
