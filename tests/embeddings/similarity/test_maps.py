"""The maps of a pair: each way is the map of its objective, and exact terms sum to the similarity."""

from typing import Any

import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import LayerError, Similarity, SmoothGrad, similarity
from cnnviz_widgets.embeddings.decomposition import METRICS
from tests.embeddings import nets
from tests.embeddings.similarity.common import OF, pictures

# each way is the map of the objective


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("by", OF)
def test_each_way_is_the_map_of_the_similarity_to_the_other(
    rebuilding: cnnviz.Probe, by: str, metric: Any
) -> None:
    a, b, _ = pictures()
    found = similarity(rebuilding, a, b, metric=metric, by=by)
    for heat, image, other in ((found.on_a, a, b), (found.on_b, b, a)):
        alone = OF[by].replace(target=Similarity(other, "encoded", metric))(rebuilding, image)
        np.testing.assert_array_equal(heat.values, alone.values)
        assert heat.image == image


@pytest.mark.parametrize("metric", METRICS)
def test_the_value_is_that_of_the_objective(rebuilding: cnnviz.Probe, metric: Any) -> None:
    a, b, _ = pictures()
    found = similarity(rebuilding, a, b, metric=metric)
    for one, other in ((a, b), (b, a)):
        score = rebuilding.scores(one, Similarity(other, "encoded", metric))[0]
        assert found.value == pytest.approx(float(score), rel=1e-5)


def test_a_method_with_its_own_settings_is_taken(rebuilding: cnnviz.Probe) -> None:
    a, b, _ = pictures()
    method = SmoothGrad(samples=4, seed=3)
    found = similarity(rebuilding, a, b, by=method)
    alone = method.replace(target=Similarity(b, "encoded"))(rebuilding, a)
    np.testing.assert_array_equal(found.on_a.values, alone.values)


# the exact terms


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("layer", ["encoded", "wide", "conv_1", "conv_2", "mean"])
@pytest.mark.parametrize("pooled", [True, False])
def test_the_terms_sum_to_the_similarity(
    rebuilding: cnnviz.Probe, classifier: cnnviz.Probe, metric: str, layer: str, pooled: bool
) -> None:
    probe = rebuilding if layer in ("encoded", "wide") else classifier
    a, b, _ = pictures(probe.input_shape[-1] or 1)
    found = similarity(probe, a, b, layer, metric, pooled=pooled)
    assert found.recipe.by == "patches"
    assert found.agrees
    assert found.summed == pytest.approx(found.value, rel=1e-5)
    for heat in (found.on_a, found.on_b):
        assert float(heat.values.sum(dtype=np.float64)) == pytest.approx(found.value, rel=1e-4)
    assert found.badge.endswith("✓")


@pytest.mark.parametrize("kind", nets.EXACT)
def test_the_terms_sum_to_the_similarity_of_every_code_that_can_be_taken_apart(kind: str) -> None:
    probe = cnnviz.Probe(nets.branch(*nets.EXACT[kind]))
    a, b, _ = pictures(3)
    found = similarity(probe, a, b)
    assert (found.layer, found.agrees) == ("embedding", True)
    assert found.summed == pytest.approx(found.value, abs=1e-5)


def test_a_flat_code_that_cannot_be_taken_apart_says_so_and_has_maps_all_the_same() -> None:
    probe = cnnviz.Probe(nets.branch(*nets.INEXACT["dense with relu"]))
    a, b, _ = pictures(3)
    found = similarity(probe, a, b)
    assert found.recipe.by == "gradient"
    assert (found.parts, found.summed, found.agrees) == (None, None, False)
    assert found.badge == "map: slope at each pixel"
    assert any("embedding (Dense) is flat and has no exact decomposition" in note for note in found.notes)
    assert found.on_a.values.any()
    with pytest.raises(LayerError, match="no exact decomposition"):
        found.matches((0, 0))
    with pytest.raises(LayerError, match=r"Use Gradient or Cover \(by='gradient' or by='occlusion'\)"):
        similarity(probe, a, b, by="patches")


@pytest.mark.parametrize(
    ("by", "foil", "badge", "unit"),
    [
        ("gradient", False, "map: slope at each pixel", "slope"),
        ("gradient", True, "map: slope times pixel", "slope × pixel"),
        ("occlusion", False, "map: fall when covered", "fall"),
        (cnnviz.Saliency(), False, "map: Saliency", "slope"),
    ],
)
def test_a_map_that_is_not_the_exact_terms_claims_no_sum(
    rebuilding: cnnviz.Probe, by: str, foil: bool, badge: str, unit: str
) -> None:
    a, b, c = pictures(1)
    found = similarity(rebuilding, a, b, by=by, foil=c if foil else None)
    assert found.agrees
    assert (found.badge, found.on_a.unit, found.exact) == (badge, unit, False)


def test_the_badge_of_a_contrast_is_the_sum_of_its_map(rebuilding: cnnviz.Probe) -> None:
    a, b, c = pictures(1)
    found = similarity(rebuilding, a, b, foil=c)
    summed = f"{float(found.on_a.values.sum()):.2f}".replace("-", "−")
    assert found.badge == f"cells of A sum to {summed} ✓"


def test_a_layer_that_turns_out_not_to_add_up_is_drawn_by_its_slope() -> None:
    probe = cnnviz.Probe(nets.branch(nets.Flatten, lambda: layers.Dense(3)))
    a, b, _ = pictures(3)
    found = similarity(probe, a, b, by="gradient")
    assert found.parts is None
    assert "does not add up to its code" in found.notes[-1]
    with pytest.raises(LayerError, match="does not add up to its code"):
        similarity(probe, a, b, by="patches")


def test_the_branch_of_a_siamese_model_is_compared() -> None:
    probe = cnnviz.Probe(nets.siamese())
    a, b, _ = pictures(3)
    found = similarity(probe, a, b)
    own = probe.model.get_layer("branch")
    code_a, code_b = (np.asarray(own(one.pixels[None]))[0] for one in (a, b))
    expected = code_a @ code_b / np.linalg.norm(code_a) / np.linalg.norm(code_b)
    assert found.value == pytest.approx(float(expected), rel=1e-5)
    assert found.agrees
