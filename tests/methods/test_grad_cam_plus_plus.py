"""Grad-CAM++: against the paper's formula, written out place by place."""

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from tests import easy_models, models

KERNEL = np.array([[1.0, 0.5], [0.5, 2.0], [0.25, 1.0]], np.float32)
DENSE = np.array([[2.0, -1.0], [-3.0, 1.0]], np.float32)


def _by_the_paper(maps: np.ndarray, slope: np.ndarray) -> np.ndarray:
    """Return the map by equations 19 and 11, one place and channel at a time; the factor exp(S) is left out."""
    height, width, channels = maps.shape
    made = np.zeros((height, width))
    for k in range(channels):
        weight = 0.0
        total = sum(float(maps[a, b, k]) for a in range(height) for b in range(width))
        for i in range(height):
            for j in range(width):
                g = float(slope[i, j, k])
                if g:
                    weight += g**2 / (2 * g**2 + total * g**3) * max(g, 0.0)
        made += weight * maps[..., k]
    return np.maximum(made, 0)


@pytest.mark.parametrize("layer", ["relu_1", "pool_1", "conv_2"])
def test_it_is_the_formula_of_the_paper_place_by_place(layer: str) -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    gradient = probe.gradient(image, 1, at=layer)
    found = cnnviz.GradCAMPlusPlus(layer=layer, target=1)(probe, image)
    assert found.values.any()
    np.testing.assert_allclose(
        found.values, _by_the_paper(gradient.values, gradient.slope), rtol=1e-4, atol=1e-6
    )


def test_for_mean_and_dense_the_denominator_holds_the_sum_of_the_map() -> None:
    image = models.picture()
    found = cnnviz.GradCAMPlusPlus(layer="maps", target=0)(easy_models.averaging(KERNEL, DENSE), image)
    maps, slope = image.pixels @ KERNEL, DENSE[:, 0] / 64
    weights = 64 / (2 + maps.sum(axis=(0, 1)) * slope) * np.maximum(slope, 0)
    np.testing.assert_allclose(found.values, np.maximum(maps @ weights, 0), rtol=1e-4)


def test_a_logit_of_thousands_does_not_overflow() -> None:
    found = cnnviz.GradCAMPlusPlus(layer="maps", target=0)(
        easy_models.averaging(KERNEL * 100, DENSE * 100), models.picture()
    )
    assert found.scores["score"] < -1000
    assert np.isfinite(found.values).all()


def test_a_layer_with_values_below_zero_is_minded() -> None:
    found = cnnviz.GradCAMPlusPlus(layer="maps", target=1)(
        easy_models.averaging(KERNEL - 1, DENSE), models.picture()
    )
    assert "made for maps after a ReLU" in found.notes[-1]
    found = cnnviz.GradCAMPlusPlus(layer="relu_1")(models.functional(), models.picture())
    assert found.notes == ()


def test_a_constant_score_gives_zeros_and_says_why() -> None:
    found = cnnviz.GradCAMPlusPlus(layer="maps")(easy_models.constant(), models.picture())
    assert not found.values.any()
    assert "does not react to this layer" in found.notes[0]
