"""Integrated gradients: the rise of the score, shared out exactly where it can be worked out."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ReconstructionError
from cnnviz_widgets.occlusion.fill import filled
from tests import easy_models, models

BASELINES = ("black", "grey", "white", "blur", "mean")


def _power(times: int, side: int = 6) -> keras.Model:
    """Return a model whose one score is the sum of a power of all values."""
    image = keras.Input((side, side, 1), name="image")
    dense = layers.Dense(1, use_bias=False, kernel_initializer="ones")
    return keras.Model(image, dense(layers.Flatten()(layers.Multiply()([image] * times))))


@pytest.mark.parametrize("baseline", BASELINES)
def test_for_a_linear_model_it_is_the_weights_times_the_way_from_the_baseline(baseline: str) -> None:
    weights = np.random.default_rng(0).normal(size=(6, 9, 3)).astype(np.float32)
    image = models.picture(6, 9, high=255.0)
    found = cnnviz.IntegratedGradients(baseline=baseline, steps=1, target=0)(
        easy_models.linear(weights), image
    )
    expected = (weights * (image.pixels - filled(image, baseline))).sum(axis=2)
    np.testing.assert_allclose(found.values, expected, rtol=1e-3, atol=1e-2)


@pytest.mark.parametrize(("power", "steps"), [(2, 1), (3, 2), (4, 2)])
def test_a_polynomial_is_exact_with_half_as_many_steps_as_its_degree(power: int, steps: int) -> None:
    image = models.picture(6, 6, 1)
    found = cnnviz.IntegratedGradients(baseline="white", steps=steps, target=0)(_power(power), image)
    np.testing.assert_allclose(found.values, image.pixels[..., 0] ** power - 1, atol=1e-5)
    assert found.scores["completeness gap"] == pytest.approx(0, abs=1e-4)


@pytest.mark.parametrize("baseline", BASELINES)
def test_the_map_sums_to_the_rise_of_the_score(baseline: str) -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    found = cnnviz.IntegratedGradients(baseline=baseline, steps=200, target=1)(probe, image)
    start = cnnviz.Image(filled(image, baseline), image.range)
    rise = float(probe.logits(image)[0, 1] - probe.logits(start)[0, 1])
    assert found.scores["score"] - found.scores["baseline's score"] == pytest.approx(rise, abs=1e-5)
    assert found.values.sum() == pytest.approx(rise, abs=0.02 * abs(rise) + 1e-3)


def test_the_gap_is_what_the_sum_misses_and_a_note_says_it() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    found = cnnviz.IntegratedGradients(steps=1, target=1)(probe, image)
    rise = found.scores["score"] - found.scores["baseline's score"]
    assert found.scores["completeness gap"] == pytest.approx(float(found.values.sum()) - rise, abs=1e-5)
    assert found.notes[0].startswith("Completeness: the map sums to")
    assert found.values.shape == (8, 8)


def test_the_gap_closes_with_more_steps() -> None:
    probe, image = cnnviz.Probe(_smooth()), models.picture(channels=1)
    gaps = [
        abs(cnnviz.IntegratedGradients(steps=n, target=1)(probe, image).scores["completeness gap"])
        for n in (1, 4, 16)
    ]
    assert gaps[0] > gaps[1]
    assert gaps[2] < 1e-4


def _smooth() -> keras.Model:
    keras.utils.set_random_seed(3)
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Conv2D(4, 3, activation="tanh", name="conv")(image * 4.0)
    return keras.Model(image, layers.Dense(3)(layers.Flatten()(x)))


def test_the_end_points_are_not_counted_in_full() -> None:
    image = models.picture(6, 6, 1)
    found = cnnviz.IntegratedGradients(steps=8, target=0)(_power(2), image)
    np.testing.assert_allclose(found.values, image.pixels[..., 0] ** 2, atol=1e-6)


def test_the_path_runs_in_what_the_network_gets() -> None:
    weights = np.ones((4, 4, 1), np.float32)
    probe = cnnviz.Probe(easy_models.linear(weights), preprocess=lambda x: (x * 2 - 1) ** 3)
    image = models.picture(4, 4, 1)
    found = cnnviz.IntegratedGradients(target=0, steps=4)(probe, image)
    np.testing.assert_allclose(found.values, (image.pixels[..., 0] * 2 - 1) ** 3 + 1, atol=1e-5)
    assert found.scores["completeness gap"] == pytest.approx(0, abs=1e-4)


def test_every_batch_is_spread_over_the_whole_path() -> None:
    image = models.picture(6, 6, 1)
    parts: list[Any] = list(cnnviz.IntegratedGradients(steps=32, target=0).explain(_power(2), image))
    assert [part.progress for part in parts] == ["8 of 32", "16 of 32", "24 of 32", "32 of 32"]
    np.testing.assert_allclose(parts[0].values, parts[-1].values, rtol=0.15, atol=1e-3)
    assert "completeness gap" not in parts[0].scores


def test_the_reconstruction_error_is_shared_out_too() -> None:
    found = cnnviz.IntegratedGradients(target=ReconstructionError(), steps=16)(
        models.autoencoder(), models.picture(channels=1)
    )
    assert found.scores["completeness gap"] == pytest.approx(0, abs=1e-4)


def test_a_picture_that_is_the_baseline_is_flat_and_says_so() -> None:
    black = cnnviz.Image(np.zeros((8, 8, 3), np.float32), (0, 1))
    found = cnnviz.IntegratedGradients()(models.functional(), black)
    assert not found.values.any()
    assert found.notes[0].startswith("Flat")
