"""A pair of pictures: what in A makes it like B, and in B like A."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import (
    Contrast,
    GradientTimesInput,
    LayerError,
    Occlusion,
    PatchSimilarity,
    Saliency,
    SettingError,
    Similarity,
    SimilarityMaps,
    SmoothGrad,
    TargetError,
    similarity,
)
from cnnviz_widgets.decomposition import METRICS
from tests import models
from tests.codes import nets

OF = {"patches": PatchSimilarity(), "gradient": Saliency(), "occlusion": Occlusion()}


@dataclass(frozen=True)
class Untargeted(cnnviz.Method):
    """A method that explains nothing in particular."""

    def explain(self, probe: cnnviz.Probe, image: cnnviz.Image) -> Iterator[cnnviz.Explanation]:
        yield cnnviz.Heatmap(**self.about(probe, image))


@pytest.fixture(scope="module")
def rebuilding() -> cnnviz.Probe:
    keras.utils.set_random_seed(4)
    return cnnviz.Probe(models.autoencoder())


@pytest.fixture(scope="module")
def classifier() -> cnnviz.Probe:
    return cnnviz.Probe(models.functional())


def pictures(channels: int = 1, count: int = 3) -> list[cnnviz.Image]:
    return [models.picture(channels=channels, seed=seed) for seed in range(count)]


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


# bad input


def test_the_cosine_of_a_code_that_is_all_zero_is_refused_and_names_the_picture() -> None:
    image = keras.Input((8, 8, 1), name="image")
    code = layers.Conv2D(2, 3, strides=2, use_bias=False, activation="relu", name="encoded")(image)
    probe = cnnviz.Probe(keras.Model(image, layers.Conv2DTranspose(1, 3, strides=2, padding="same")(code)))
    a, black = models.picture(channels=1), cnnviz.Image(np.zeros((8, 8, 1), np.float32), (0, 1), "black")
    said = (
        r"B \(black\) has a code at encoded that is all zero: its cosine .* Use metric='dot' or 'euclidean'"
    )
    with pytest.raises(TargetError, match=said):
        similarity(probe, a, black, layer="encoded")
    with pytest.raises(TargetError, match=r"A \(black\) has a code"):
        similarity(probe, black, a, layer="encoded")
    assert similarity(probe, black, a, "encoded", "dot").value == 0
    for by in OF:
        found = similarity(probe, black, a, "encoded", "euclidean", by)
        assert np.isfinite(found.on_a.values).all()
        assert np.isfinite(found.on_b.values).all()


def test_pictures_of_mixed_sizes_are_fitted(classifier: cnnviz.Probe) -> None:
    found = similarity(classifier, models.picture(20, 12), models.picture(8, 30, channels=1))
    assert [image.size for image in found.images] == [(8, 8), (8, 8)]
    assert found.agrees


@pytest.mark.parametrize("layer", ["conv_2", "mean"])
def test_a_model_of_any_size_gets_b_at_the_size_of_a(layer: str) -> None:
    probe = cnnviz.Probe(models.functional((None, None, 3)))
    found = similarity(probe, models.picture(12, 10), models.picture(9, 16), layer, pooled=False)
    assert [image.size for image in found.images] == [(12, 10), (12, 10)]
    assert found.agrees


def test_a_layer_that_is_no_bottleneck_is_allowed_and_named(rebuilding: cnnviz.Probe) -> None:
    a, b, _ = pictures()
    assert "is not the bottleneck, which is encoded" in similarity(rebuilding, a, b, "wide").notes[0]


@pytest.mark.parametrize(
    ("settings", "error", "said"),
    [
        ({"metric": "l1"}, SettingError, "metric must be one of cosine, dot, euclidean; got 'l1'"),
        (
            {"by": "magic"},
            SettingError,
            "by must be one of auto, patches, gradient, occlusion or a method that has",
        ),
        ({"by": Untargeted()}, SettingError, "by must be a method that has a target; Untargeted has none"),
        (
            {"by": cnnviz.Filters()},
            SettingError,
            "by must be a method that makes a heat map; Filters gives Kernels",
        ),
        ({"layer": "encodet"}, LayerError, "no layer 'encodet'.*Did you mean 'encoded'"),
    ],
)
def test_settings_that_do_not_fit_are_answered(
    rebuilding: cnnviz.Probe, settings: dict[str, Any], error: Any, said: str
) -> None:
    a, b, _ = pictures()
    with pytest.raises(error, match=said):
        similarity(rebuilding, a, b, **settings)


def test_a_method_whose_result_is_no_heat_map_is_refused(classifier: cnnviz.Probe) -> None:
    a, b, _ = pictures(3)
    with pytest.raises(
        SettingError, match="by must be a method that makes a heat map; Occlusion gives LabelMap"
    ):
        similarity(classifier, a, b, by=Occlusion(map="label", patch=4))


def test_patch_similarity_takes_apart_nothing_but_similarities(classifier: cnnviz.Probe) -> None:
    said = "PatchSimilarity takes a Similarity, or a Contrast of two, as target; got ClassScore"
    with pytest.raises(TargetError, match=said):
        PatchSimilarity(target=1)(classifier, models.picture())
    with pytest.raises(TargetError, match="got Contrast"):
        PatchSimilarity(target=Contrast(Similarity(models.picture(), "mean"), 1))(
            classifier, models.picture()
        )


def test_a_model_without_a_decoder_has_codes_too() -> None:
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Conv2D(1, 3, strides=2, activation="elu", name="first")(image)
    encoder = keras.Model(image, layers.Conv2D(8, 2, activation="elu", name="encoded")(x))
    a, b, _ = pictures()
    found = similarity(encoder, a, b)
    assert (found.layer, found.pooled, found.agrees) == ("encoded", False, True)
