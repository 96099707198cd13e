"""Colours are the picture's own where a network takes them in another order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets.probe.preprocessing.channel_order import channel_order
from tests import models

PICTURE = models.picture(high=255.0)
MEANS = np.array([103.939, 116.779, 123.68], np.float32)


def network(before: Callable[[Any], Any] = lambda x: x, *, turned: bool = False) -> keras.Model:
    """Return a network; with `turned` its first kernels are for colours in the other order."""
    keras.utils.set_random_seed(3)
    image = keras.Input((8, 8, 3))
    conv = layers.Conv2D(2, 3, activation="relu", name="conv")
    x = conv(before(image))
    model = keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)))
    if turned:
        kernel, bias = conv.get_weights()
        conv.set_weights([kernel[:, :, ::-1], bias])
    return model


def bgr(batch: np.ndarray) -> np.ndarray:
    return np.asarray(batch[..., ::-1] - MEANS)


def rgb(batch: np.ndarray) -> np.ndarray:
    return np.asarray(batch - MEANS[::-1])


def by_preprocess() -> cnnviz.Probe:
    return cnnviz.Probe(network(turned=True), preprocess=bgr, value_range=(0, 255))


def by_the_graph() -> cnnviz.Probe:
    model = network(lambda x: x[..., ::-1], turned=True)
    return cnnviz.Probe(model, preprocess=rgb, value_range=(0, 255))


@pytest.fixture(scope="module", params=[by_preprocess, by_the_graph])
def probes(request: pytest.FixtureRequest) -> tuple[cnnviz.Probe, cnnviz.Probe]:
    """Return a probe of a network that takes BGR, and that of the same network as it takes RGB."""
    return request.param(), cnnviz.Probe(network(), preprocess=rgb, value_range=(0, 255))


@pytest.mark.parametrize(
    "method",
    [
        cnnviz.Saliency(reduction="colour", target=1),
        cnnviz.GuidedBackprop(reduction="colour", target=1),
        cnnviz.IntegratedGradients(reduction="colour", target=1, steps=4),
    ],
)
def test_a_colour_map_has_the_pictures_own_colours(
    method: cnnviz.Method, probes: tuple[cnnviz.Probe, cnnviz.Probe]
) -> None:
    turned, plain = (method(probe, PICTURE) for probe in probes)
    assert isinstance(turned, cnnviz.ColourMap)
    np.testing.assert_allclose(turned.values, plain.values, rtol=1e-4, atol=1e-6)


def test_filters_have_the_pictures_own_colours(probes: tuple[cnnviz.Probe, cnnviz.Probe]) -> None:
    turned, plain = (cnnviz.Filters()(probe, PICTURE) for probe in probes)
    np.testing.assert_array_equal(turned.colours, plain.colours)


def test_a_filter_is_laid_on_the_pictures_own_colours(probes: tuple[cnnviz.Probe, cnnviz.Probe]) -> None:
    turned, plain = (cnnviz.FilterResponse()(probe, PICTURE) for probe in probes)
    np.testing.assert_allclose(turned.values, plain.values, rtol=1e-5)


@pytest.mark.parametrize(
    ("run", "order"),
    [
        (lambda x: x, (0, 1, 2)),
        (lambda x: x[..., ::-1] / 127.5 - 1, (2, 1, 0)),
        (lambda x: x[..., [1, 2, 0]], (2, 0, 1)),
        (lambda x: x - x.mean(axis=(1, 2, 3), keepdims=True), (0, 1, 2)),
        (lambda x: x.mean(axis=-1, keepdims=True) * np.ones(3), None),
        (lambda x: x[..., :2], None),
        (lambda x: x * np.nan, None),
        (lambda x: x.no_such_thing, None),
    ],
)
def test_the_order_is_told_by_changing_one_channel_at_a_time(run: Any, order: tuple[int, ...] | None) -> None:
    assert channel_order(run, (6, 6, 3), (0.0, 255.0)) == order
