"""Patches answered by windows on networks that people use: the same as whole pictures."""

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore
from cnnviz_widgets.probe.incremental import network
from cnnviz_widgets.probe.incremental.cost import Rates

CLOSE = 1e-5  # of the range of the answers
SIDE = 112
NETWORKS = ("VGG16", "ResNet50V2", "MobileNetV2", "InceptionV3", "DenseNet121", "EfficientNetB0")


@pytest.fixture(scope="module", autouse=True)
def windows_wherever_possible() -> Iterator[None]:
    """Let windows seem to cost nothing, so that every layer that can runs on them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "machine_rates", lambda: Rates(windows=1e-9, shape=0.0))
        yield


def alive(name: str) -> keras.Model:
    """Return a network with random weights whose batch normalisations know their own activations."""
    keras.utils.set_random_seed(0)
    model = getattr(keras.applications, name)(
        weights=None, input_shape=(SIDE, SIDE, 3), classes=10, classifier_activation=None
    )
    source = np.random.default_rng(0)
    for layer in model.layers:
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


def assert_the_same(probe: cnnviz.Probe, image: cnnviz.Image, patch: int, questions: list[Any]) -> None:
    """Compare the answers, and the scores of one class by their own range."""
    places = places_in(image.size[0], patch)
    patched = probe.patched(image, questions, places, (patch, patch))
    patches = patched.patches(np.full_like(image.pixels, np.mean(image.range)))
    whole_pictures = np.repeat(image.pixels[None], len(places), axis=0)
    for whole, part, (top, left) in zip(whole_pictures, patches, places, strict=True):
        whole[top : top + patch, left : left + patch] = part
    expected = probe.logits(whole_pictures)
    logits, scores = patched.answers(patches)
    np.testing.assert_allclose(logits, expected, rtol=0, atol=CLOSE * np.ptp(expected))
    np.testing.assert_allclose(scores, expected[:, 1], rtol=0, atol=CLOSE * np.ptp(expected))


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_network_of_keras_applications_gives_what_whole_pictures_give(name: str) -> None:
    probe = cnnviz.Probe(alive(name))
    bytes_ = "Efficient" in name
    image = cnnviz.Image(pictures(1, bytes_)[0], (0, 255) if bytes_ else (-1, 1))
    for patch in (16, 37):
        assert_the_same(probe, image, patch, ["logits", ClassScore(1)])


@pytest.mark.slow
def test_the_photo_classifier_gives_what_whole_pictures_give() -> None:
    probe = cnnviz.Probe(cnnviz.demo.photo_classifier())
    image = probe.fit(cnnviz.demo.photos()[0])
    for patch in (16, 37):
        assert_the_same(probe, image, patch, ["logits", ClassScore(1)])
