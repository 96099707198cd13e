"""What a comparison of two pictures refuses, and what it makes the best of."""

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
    LayerError,
    Occlusion,
    PatchSimilarity,
    SettingError,
    Similarity,
    TargetError,
    similarity,
)
from tests import models
from tests.embeddings.similarity.common import OF, pictures


@dataclass(frozen=True)
class Untargeted(cnnviz.Method):
    """A method that explains nothing in particular."""

    def explain(self, probe: cnnviz.Probe, image: cnnviz.Image) -> Iterator[cnnviz.Explanation]:
        yield cnnviz.Heatmap(**self.about(probe, image))


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
    notes = similarity(rebuilding, a, b, "wide").notes
    assert any("is not the bottleneck, which is encoded" in note for note in notes)


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
