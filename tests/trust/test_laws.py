"""What a map adds up to, a flat map, and a saturated softmax."""

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore
from cnnviz_widgets.trust.completeness import Completeness
from tests import easy_models, models
from tests.trust.handmade import Given


def checked(model: Any, method: cnnviz.Method, image: cnnviz.Image, name: str) -> Any:
    probe = cnnviz.Probe(model)
    *_, trust = cnnviz.trust.check(probe, method(probe, image), [name])
    return getattr(trust, name)


def completeness(model: Any, method: cnnviz.Method, image: cnnviz.Image) -> Completeness:
    found = checked(model, method, image, "completeness")
    assert isinstance(found, Completeness)
    return found


def weights() -> np.ndarray:
    return np.random.default_rng(0).random((8, 8, 3)).astype(np.float32)


@pytest.mark.parametrize("reduction", ["signed", "colour", "max"])
def test_integrated_gradients_add_up_to_the_rise_however_they_are_drawn(reduction: str) -> None:
    image = models.picture()
    found = completeness(
        easy_models.linear(weights(), 3.0), cnnviz.IntegratedGradients(reduction=reduction, target=0), image
    )
    assert found.wanted == pytest.approx(float((weights() * image.pixels).sum()), rel=1e-5)
    assert found.relative == pytest.approx(0, abs=1e-5)
    assert found.words.startswith("The map adds up. The sum and the rise from the baseline:")


@pytest.mark.parametrize("reduction", ["signed", "colour"])
def test_gradient_times_input_adds_up_without_a_bias(reduction: str) -> None:
    method = cnnviz.GradientTimesInput(reduction=reduction, target=0)
    found = completeness(easy_models.linear(weights()), method, models.picture())
    assert found.relative == pytest.approx(0, abs=1e-5)


def test_gradient_times_input_misses_the_score_by_the_bias() -> None:
    found = completeness(
        easy_models.linear(weights(), bias=-10.0), cnnviz.GradientTimesInput(target=0), models.picture()
    )
    assert found.gap == pytest.approx(10, abs=1e-3)
    assert found.wanted is not None
    assert found.relative == pytest.approx(10 / abs(found.wanted), rel=1e-4)
    assert found.words.startswith("The map does not add up.")
    assert found.words.endswith("Integrated gradients does everywhere.")


def test_gradient_times_input_reduced_to_magnitudes_has_no_law() -> None:
    method = cnnviz.GradientTimesInput(reduction="l2", target=0)
    found = completeness(easy_models.linear(weights()), method, models.picture())
    assert (found.found, found.relative) == (None, None)
    assert found.words == "Only signed values add up to the score; these are reduced by 'l2'."


def test_the_mean_of_cam_with_the_bias_is_the_logit() -> None:
    model, image = models.functional(), models.picture()
    found = completeness(model, cnnviz.CAM(target=1), image)
    assert found.wanted == pytest.approx(cnnviz.Probe(model).logits(image)[0, 1], abs=1e-6)
    assert found.relative == pytest.approx(0, abs=1e-4)


def test_other_methods_have_no_law_and_say_so() -> None:
    found = completeness(models.functional(), cnnviz.GradCAM(), models.picture())
    assert (found.found, found.gap, found.relative) == (None, None, None)
    assert found.words == "Grad-CAM has no law of what its map adds up to."


def test_a_gap_from_nothing_is_no_share() -> None:
    found = Completeness(found=0.5, wanted=0.0, law="The sum and the score")
    assert (found.gap, found.relative) == (0.5, None)
    assert found.words == "The sum and the score: 0.5 against 0."


def test_a_flat_map_says_what_its_method_noted() -> None:
    found = checked(easy_models.constant(), cnnviz.Saliency(target=0), models.picture(), "flat")
    assert found.flat
    assert found.words == "Flat: the score does not react to any pixel. All slopes are 0."


def test_a_flat_map_without_a_note_says_its_value() -> None:
    method = Given(0, values=np.full((3, 3), 0.25))
    assert checked(models.functional(), method, models.picture(), "flat").words == (
        "Flat: all values are 0.25."
    )


def test_a_map_that_is_not_flat_says_nothing_of_it() -> None:
    found = checked(models.functional(), cnnviz.Saliency(), models.picture(), "flat")
    assert not found.flat
    assert found.words == ""


def certain(bias: float) -> keras.Model:
    """Return a classifier whose probabilities are those of the logits bias and 0, but for the picture's mean."""
    image = keras.Input((8, 8, 3))
    dense = layers.Dense(2, activation="softmax")
    model = keras.Model(image, dense(layers.GlobalAveragePooling2D()(image)))
    dense.set_weights([np.full((3, 2), 0.1), np.array([bias, 0])])
    return model


@pytest.mark.parametrize(
    ("target", "bias", "said"),
    [
        (ClassScore(0), 7.0, "the logit is explained, whose slopes do not vanish."),
        (
            ClassScore(0, "probability"),
            7.0,
            "slopes of the probability are nearly 0. Explain the logit instead.",
        ),
    ],
)
def test_a_saturated_softmax_is_noted(target: ClassScore, bias: float, said: str) -> None:
    found = checked(certain(bias), cnnviz.Saliency(target=target), models.picture(), "saturation")
    assert found.chance == pytest.approx(1 / (1 + np.exp(-bias)), abs=1e-6)
    assert found.words == f"Softmax saturated (probability {found.chance:.4f}): {said}"


def test_an_uncertain_class_is_not_saturated() -> None:
    found = checked(certain(4.0), cnnviz.Saliency(target=0), models.picture(), "saturation")
    assert found.chance == pytest.approx(0.982, abs=1e-3)
    assert found.words == ""


def test_what_is_no_class_has_no_probability() -> None:
    target = cnnviz.Unit("conv_2", 0)
    found = checked(models.functional(), cnnviz.Saliency(target=target), models.picture(), "saturation")
    assert found.chance is None
    assert found.words == ""
