"""Slopes of many pictures at a time: those of single passes, whatever the number of pictures."""

from typing import Any

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Contrast, LayerEnergy, Similarity, Unit
from tests import models

TARGETS: dict[str, Any] = {
    "logit": ClassScore(1),
    "probability": ClassScore(1, of="probability"),
    "channel at a place": Unit("conv_1", 2, (3, 4)),
    "energy": LayerEnergy("conv_2"),
    "cosine": Similarity(models.picture(seed=9), "conv_2"),
    "contrast": Contrast(ClassScore(0), ClassScore(2)),
}


@pytest.mark.parametrize("kind", TARGETS)
def test_the_slopes_of_a_batch_are_those_of_single_passes(kind: str) -> None:
    probe = cnnviz.Probe(models.functional())
    images = [models.picture(seed=s) for s in range(10)]
    scores, slopes = probe.slopes(images, TARGETS[kind])
    assert slopes.shape == (10, 8, 8, 3)
    for k, image in enumerate(images):
        alone = probe.gradient(image, TARGETS[kind])
        assert scores[k] == pytest.approx(alone.score, abs=1e-5)
        np.testing.assert_allclose(slopes[k], alone.slope, atol=1e-6)


@pytest.mark.parametrize("count", [2, 7, 8, 9])
def test_a_slope_does_not_depend_on_how_many_pictures_come_with_it(count: int) -> None:
    probe = cnnviz.Probe(models.functional())
    images = [models.picture(seed=s) for s in range(9)]
    _, few = probe.slopes(images[:count], 1)
    _, all_of_them = probe.slopes(images, 1)
    np.testing.assert_array_equal(few, all_of_them[:count])


def test_prepared_pictures_go_in_as_they_are() -> None:
    probe = cnnviz.Probe(models.functional(), preprocess=lambda x: x * 2 - 1)
    image = models.picture()
    prepared = probe.prepared(image)
    np.testing.assert_allclose(prepared[0], image.pixels * 2 - 1, atol=1e-6)
    np.testing.assert_array_equal(probe.scores(prepared, 1, prepared=True), probe.scores(image, 1))
    np.testing.assert_array_equal(probe.slopes(prepared, 1, prepared=True)[1], probe.slopes(image, 1)[1])


@pytest.mark.parametrize("policy", ["mixed_float16", "float64"])
def test_slopes_are_float32_whatever_the_network_computes_in(policy: str) -> None:
    probe = cnnviz.Probe(models.with_policy(policy)())
    _, slopes = probe.slopes([models.picture(seed=s) for s in range(3)], 1)
    assert slopes.dtype == np.float32
    assert np.isfinite(slopes).all()


def test_slopes_of_a_model_with_channels_first_come_channels_last() -> None:
    probe = cnnviz.Probe(models.channels_first())
    _, slopes = probe.slopes([models.picture(seed=s) for s in range(2)], 1)
    np.testing.assert_allclose(slopes[1], probe.gradient(models.picture(seed=1), 1).slope, atol=1e-6)


def test_the_slopes_under_a_rule_are_made_once() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    first, _ = probe.ruled(image, 1, "guided")
    before = probe.calls
    again, _ = probe.ruled(image, 1, "guided")
    assert probe.calls == before
    assert again is first
    assert not first.slope.flags.writeable


def test_a_closed_model_has_slopes_by_the_picture() -> None:
    keras.utils.set_random_seed(2)
    probe = cnnviz.Probe(models.closed())
    scores, slopes = probe.slopes([models.picture(seed=s) for s in range(2)], 1)
    assert scores.shape == (2,)
    assert slopes.any()
