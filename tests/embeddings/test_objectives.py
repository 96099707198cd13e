"""Similarity as an objective: its slope in every metric, and what lies outside a unit's reach."""

from typing import Any

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Contrast, Occlusion, Saliency, Similarity, Unit
from cnnviz_widgets.embeddings.decomposition import METRICS
from tests import models


@pytest.fixture(scope="module")
def smooth() -> cnnviz.Probe:
    keras.utils.set_random_seed(3)
    image = keras.Input((8, 8, 1), name="image")
    x = keras.layers.Conv2D(3, 3, activation="tanh", name="conv_1")(image)
    x = keras.layers.Conv2D(4, 3, activation="tanh", name="conv_2")(x)
    return cnnviz.Probe(
        keras.Model(image, keras.layers.GlobalAveragePooling2D(name="mean")(x), name="smooth")
    )


@pytest.fixture(scope="module")
def rectified() -> cnnviz.Probe:
    """Return a network that answers a black picture with zeros."""
    image = keras.Input((8, 8, 1), name="image")
    x = keras.layers.Conv2D(3, 3, use_bias=False, activation="relu", name="conv")(image)
    return cnnviz.Probe(keras.Model(image, keras.layers.GlobalAveragePooling2D(name="mean")(x)))


def black(side: int = 8) -> cnnviz.Image:
    return cnnviz.Image(np.zeros((side, side, 1), np.float32), (0, 1), "black")


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("layer", "pooled"), [("conv_2", False), ("conv_2", True), ("mean", False)])
def test_the_slope_agrees_with_finite_differences(
    smooth: cnnviz.Probe, metric: Any, layer: str, pooled: bool
) -> None:
    image, target = (
        models.picture(channels=1),
        Similarity(models.picture(channels=1, seed=9), layer, metric, pooled),
    )
    slope = smooth.gradient(image, target).slope
    direction = np.random.default_rng(0).normal(size=slope.shape).astype(np.float32)
    step = 2e-2
    up, down = smooth.scores(
        np.stack([image.pixels + step * direction, image.pixels - step * direction]), target
    )
    expected = (up - down) / (2 * step)
    assert expected == pytest.approx(float((slope * direction).sum()), rel=0.02, abs=2e-4)


def test_a_pooled_code_is_the_mean_over_places(smooth: cnnviz.Probe) -> None:
    a, b = models.picture(channels=1), models.picture(channels=1, seed=1)
    pooled, mean = Similarity(b, "conv_2", "dot", pooled=True), Similarity(b, "mean", "dot")
    assert smooth.scores(a, pooled)[0] == pytest.approx(smooth.scores(a, mean)[0], rel=1e-5)


def test_a_layer_without_maps_is_not_pooled(smooth: cnnviz.Probe) -> None:
    assert smooth.target(Similarity(black(), "mean", pooled=True)) == Similarity(black(), "mean")


@pytest.mark.parametrize("metric", METRICS)
def test_the_slope_of_a_picture_whose_code_is_all_zero_is_a_number(
    rectified: cnnviz.Probe, metric: Any
) -> None:
    target = Similarity(models.picture(channels=1), "conv", metric)
    assert np.isfinite(rectified.gradient(black(), target).slope).all()
    if metric == "cosine":
        assert rectified.scores(black(), target)[0] == 0


def test_nothing_lies_between_a_picture_and_itself(smooth: cnnviz.Probe) -> None:
    image = models.picture(channels=1)
    found = smooth.gradient(image, Similarity(image, "conv_2", "euclidean"))
    assert found.score == 0
    assert not found.slope.any()


def test_on_a_model_of_any_size_the_reference_gets_the_size_of_the_picture() -> None:
    probe = cnnviz.Probe(models.functional((None, None, 3)))
    image, reference = models.picture(12, 10), models.picture(9, 16, seed=1)
    target = Similarity(reference, "conv_2")
    found = Saliency(target=target)(probe, image)
    np.testing.assert_array_equal(
        found.values,
        cnnviz.similarity(probe, image, reference, "conv_2", by="gradient", pooled=False).on_a.values,
    )
    assert Saliency(target=Contrast(target, 1))(probe, image).values.any()


@pytest.mark.parametrize(
    "label", [label for label in cnnviz.methods() if label not in ("CAM", "Attention", "Attention rollout")]
)
def test_every_method_takes_a_contrast_of_similarities(label: str, smooth: cnnviz.Probe) -> None:
    b, c = (Similarity(models.picture(channels=1, seed=seed), "conv_2") for seed in (1, 2))
    few = {"RISE": {"masks": 20}, "SmoothGrad": {"samples": 4}, "Occlusion": {"patch": 4}}
    found = cnnviz.methods()[label](target=Contrast(b, c), **few.get(label, {}))(
        smooth, models.picture(channels=1)
    )
    assert np.isfinite(found.values).all()


@pytest.mark.parametrize(
    "label", ["Gradient × input", "Integrated gradients", "Occlusion", "Saliency", "SmoothGrad"]
)
def test_a_contrast_of_similarities_turned_round_has_the_opposite_map(
    smooth: cnnviz.Probe, label: str
) -> None:
    b, c = (Similarity(models.picture(channels=1, seed=seed), "conv_2") for seed in (1, 2))
    more: dict[str, Any] = {"reduction": "signed"} if label != "Occlusion" else {"patch": 3}
    method = cnnviz.methods()[label](**more)
    one, other = (
        method.replace(target=t)(smooth, models.picture(channels=1)) for t in (Contrast(b, c), Contrast(c, b))
    )
    scale = np.abs(one.values).max()
    assert scale > 0
    np.testing.assert_allclose(one.values, -other.values, atol=1e-5 * scale)


@pytest.mark.parametrize("place", [(0, 0), (1, 3)])
def test_outside_what_a_unit_can_see_nothing_moves_it(smooth: cnnviz.Probe, place: tuple[int, int]) -> None:
    seen = smooth.receptive_field("conv_2", place)
    outside = np.ones((8, 8), bool)
    outside[seen.top : seen.top + seen.height, seen.left : seen.left + seen.width] = False
    assert outside.any()
    image, unit = models.picture(channels=1), Unit("conv_2", 1, place)
    slope = Saliency(target=unit)(smooth, image).values
    fall = Occlusion(patch=1, stride=1, target=unit)(smooth, image).values
    assert slope[~outside].any()
    assert fall[~outside].any()
    assert not slope[outside].any()
    np.testing.assert_allclose(fall[outside], 0, atol=1e-7)
