"""Grad-CAM: against the formula, worked out by hand for a model that averages its maps."""

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Contrast, Unit
from tests import easy_models, models

KERNEL = np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0]], np.float32)
DENSE = np.array([[2.0, -1.0], [-3.0, 1.0]], np.float32)


def _votes(image: cnnviz.Image, index: int) -> np.ndarray:
    """Return sum over k of w_k A_k / (h w): the class weights on the maps."""
    return (image.pixels @ KERNEL) @ DENSE[:, index] / 64


@pytest.mark.parametrize("index", [0, 1])
def test_for_mean_and_dense_it_is_the_class_weights_on_the_maps_over_their_number(index: int) -> None:
    image = models.picture()
    found = cnnviz.GradCAM(layer="maps", target=index)(easy_models.averaging(KERNEL, DENSE), image)
    np.testing.assert_allclose(found.values, np.maximum(_votes(image, index), 0), atol=1e-6)
    assert found.scores["score"] == pytest.approx(_votes(image, index).sum(), rel=1e-4)


def test_it_explains_the_logit_unless_asked_for_the_probability() -> None:
    image, model = models.picture(), easy_models.averaging(KERNEL * 50, 10 * DENSE)
    logit = cnnviz.GradCAM(layer="maps", target=ClassScore(1))(model, image)
    chance = cnnviz.GradCAM(layer="maps", target=ClassScore(1, of="probability"))(model, image)
    assert logit.values.max() > 10
    assert chance.values.max() < logit.values.max() / 100


def test_the_model_decides_how_large_the_map_is_not_the_picture() -> None:
    found = cnnviz.GradCAM()(models.functional((8, 12, 3)), models.picture(8, 12))
    assert found.values.shape == (4, 6)
    assert found.layer == "conv_2"


def test_a_picture_turned_on_its_side_turns_the_map() -> None:
    model, image = easy_models.averaging(KERNEL, DENSE), models.picture()
    turned = cnnviz.Image(np.swapaxes(image.pixels, 0, 1), image.range)
    upright = cnnviz.GradCAM(layer="maps", target=1)(model, image)
    sideways = cnnviz.GradCAM(layer="maps", target=1)(model, turned)
    np.testing.assert_allclose(sideways.values, upright.values.T, atol=1e-6)


def test_the_scale_of_the_score_is_the_scale_of_the_map() -> None:
    image = models.picture()
    once, tenfold = (
        cnnviz.GradCAM(layer="maps", target=1)(easy_models.averaging(KERNEL, DENSE * factor), image).values
        for factor in (1, 10)
    )
    np.testing.assert_allclose(tenfold, 10 * once, rtol=1e-5)


def test_a_contrast_adds_the_votes_of_both_sides() -> None:
    image = models.picture()
    found = cnnviz.GradCAM(layer="maps", target=Contrast(1, 0))(easy_models.averaging(KERNEL, DENSE), image)
    expected = np.maximum(_votes(image, 1) - _votes(image, 0), 0)
    np.testing.assert_allclose(found.values, expected, atol=1e-6)


def test_maps_that_all_speak_against_the_target_say_so() -> None:
    model = easy_models.averaging(np.abs(KERNEL), -np.abs(DENSE))
    found = cnnviz.GradCAM(layer="maps", target=0)(model, models.picture())
    assert not found.values.any()
    assert "speaks against the target" in found.notes[0]


def test_a_layer_that_answers_nothing_says_so() -> None:
    model = easy_models.averaging(0 * KERNEL, DENSE)
    assert (
        "the layer answers nothing"
        in cnnviz.GradCAM(layer="maps", target=0)(model, models.picture()).notes[0]
    )


def test_a_silent_channel_of_a_lively_layer_is_not_called_the_layer() -> None:
    kernel = KERNEL.copy()
    kernel[..., 0] = 0
    found = cnnviz.GradCAM(layer="maps", target=Unit("maps", 0))(
        easy_models.averaging(kernel, DENSE), models.picture()
    )
    assert not found.values.any()
    assert found.notes[0].startswith("Flat: what the score depends on in this layer answers nothing")


def test_a_constant_score_says_that_it_does_not_react() -> None:
    found = cnnviz.GradCAM(layer="maps")(easy_models.constant(), models.picture())
    assert not found.values.any()
    assert "does not react to this layer" in found.notes[0]


def test_a_layer_without_maps_is_refused() -> None:
    with pytest.raises(cnnviz.LayerError, match=r"mean has no maps: its output is \(5,\)"):
        cnnviz.GradCAM(layer="mean")(models.functional(), models.picture())


def test_a_layer_of_a_nested_model_is_found_by_its_last_name() -> None:
    found = cnnviz.GradCAM(layer="conv_1")(models.model_in_model_in_model(), models.picture())
    assert found.layer == "middle/base/conv_1"


def test_two_uses_of_a_shared_layer_are_two_layers() -> None:
    probe = cnnviz.Probe(models.shared_layer())
    first, second = (cnnviz.GradCAM(layer=name)(probe, models.picture()) for name in ("shared", "shared#2"))
    assert (first.values != second.values).any()
