"""Laws of a pair's maps, and how they are computed."""

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import (
    Contrast,
    GradientTimesInput,
    Occlusion,
    Saliency,
    Similarity,
    SimilarityMaps,
    similarity,
)
from tests import models
from tests.embeddings.similarity.common import OF, pictures

# laws


@pytest.mark.parametrize("by", OF)
def test_a_picture_is_wholly_like_itself_and_its_two_maps_are_one(rebuilding: cnnviz.Probe, by: str) -> None:
    a = pictures()[0]
    found = similarity(rebuilding, a, a, by=by)
    assert found.value == pytest.approx(1, abs=1e-12)
    assert found.summed == pytest.approx(1, abs=1e-12)
    np.testing.assert_array_equal(found.on_a.values, found.on_b.values)
    for row, column in np.ndindex(4, 4):
        np.testing.assert_allclose(found.terms((row, column)), found.parts.turned().terms((row, column)))


def test_where_both_codes_are_the_same_there_is_no_slope_and_rounding_is_not_drawn(
    rebuilding: cnnviz.Probe,
) -> None:
    a = pictures()[0]
    found = similarity(rebuilding, a, a, by="gradient")
    assert not found.on_a.values.any()
    assert found.notes == (
        "Flat: both codes are the same, so the similarity is at its largest, where it has no slope. "
        "Use Parts or Cover (by='patches' or by='occlusion').",
    )
    assert similarity(rebuilding, a, a, metric="dot", by="gradient").on_a.values.any()


@pytest.mark.parametrize("by", ["patches", "gradient", "occlusion"])
def test_turned_round_a_contrast_has_the_opposite_map(rebuilding: cnnviz.Probe, by: str) -> None:
    a, b, c = pictures()
    one, other = similarity(rebuilding, a, b, by=by, foil=c), similarity(rebuilding, a, c, by=by, foil=b)
    scale = np.abs(one.on_a.values).max()
    np.testing.assert_allclose(one.on_a.values, -other.on_a.values, atol=1e-5 * scale)
    assert (one.value, one.foil_value) == (other.foil_value, other.value)
    assert one.on_a.signed


def test_the_contrast_is_the_difference_of_both_similarities(rebuilding: cnnviz.Probe) -> None:
    a, b, c = pictures()
    found = similarity(rebuilding, a, b, foil=c)
    assert found.foil_parts is not None
    np.testing.assert_allclose(found.on_a.values, found.parts.on_a - found.foil_parts.on_a, atol=1e-7)
    target = Contrast(Similarity(b, "encoded"), Similarity(c, "encoded"))
    assert rebuilding.scores(a, target)[0] == pytest.approx(found.value - found.foil_value, abs=1e-6)
    np.testing.assert_array_equal(found.on_b.values, similarity(rebuilding, a, b).on_b.values)
    np.testing.assert_array_equal(found.on_foil.values, similarity(rebuilding, a, c).on_b.values)


def test_a_contrast_marks_zero_even_where_all_speaks_for_b(rebuilding: cnnviz.Probe) -> None:
    a, b, _ = pictures()
    dark = cnnviz.Image(np.zeros((8, 8, 1), np.float32), (0, 1))
    found = similarity(rebuilding, a, a, metric="dot", foil=dark)
    assert found.on_a.signed
    assert "Red places in A speak for B, blue ones for the foil" in found.says
    unsigned = similarity(rebuilding, a, b, by=Saliency(), foil=dark, metric="dot")
    assert "Warm places in A tell B from the foil" in unsigned.says


def test_by_gradient_a_contrast_is_drawn_by_a_method_that_has_a_sign(rebuilding: cnnviz.Probe) -> None:
    a, b, c = pictures()
    found = similarity(rebuilding, a, b, by="gradient", foil=c)
    target = Contrast(Similarity(b, "encoded"), Similarity(c, "encoded"))
    np.testing.assert_array_equal(found.on_a.values, GradientTimesInput(target=target)(rebuilding, a).values)


# as it is computed


def test_the_maps_of_occlusion_sharpen_and_end_in_the_whole(rebuilding: cnnviz.Probe) -> None:
    a, b, _ = pictures()
    by = Occlusion(patch=2, stride=1)
    steps = list(SimilarityMaps(by=by).explain(rebuilding, a, b))
    done = [one.done for one in steps]
    assert done == sorted(done)
    assert len(done) > 1
    assert (done[0] < 1, done[-1]) == (True, 1.0)
    assert steps[0].progress.startswith("A ")
    last = by.replace(target=Similarity(b, "encoded"))(rebuilding, a)
    np.testing.assert_array_equal(steps[-1].on_a.values, last.values)


def test_the_recipe_makes_it_again(classifier: cnnviz.Probe) -> None:
    a, b, _ = pictures(3)
    found = similarity(classifier, a, b, "conv_2", metric="dot")
    assert found.recipe == SimilarityMaps("conv_2", "dot", "patches", True)
    np.testing.assert_array_equal(found.recipe(classifier, a, b).on_a.values, found.on_a.values)


def test_what_is_left_open_is_chosen_from_the_model(
    rebuilding: cnnviz.Probe, classifier: cnnviz.Probe
) -> None:
    assert SimilarityMaps().resolved(rebuilding) == SimilarityMaps("encoded", "cosine", "patches", False)
    assert SimilarityMaps().resolved(classifier) == SimilarityMaps("mean", "cosine", "patches", False)
    assert SimilarityMaps("conv_1").resolved(classifier).pooled is True


def test_walking_through_neighbours_runs_the_code_of_a_once(rebuilding: cnnviz.Probe) -> None:
    a, b, c = (models.picture(channels=1, seed=seed) for seed in (70, 71, 72))
    similarity(rebuilding, a, b)
    calls = rebuilding.calls
    similarity(rebuilding, a, c)
    assert rebuilding.calls == calls + 1


def test_the_model_stays_as_it_was(rebuilding: cnnviz.Probe) -> None:
    a, b, c = pictures()
    before = [weight.numpy() for weight in rebuilding.model.weights]
    similarity(rebuilding, a, b, foil=c)
    for old, new in zip(before, rebuilding.model.weights, strict=True):
        np.testing.assert_array_equal(old, new.numpy())
