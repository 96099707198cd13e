"""The map under shuffled weights."""

import math
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers
from scipy.stats import spearmanr

import cnnviz_widgets as cnnviz
from cnnviz_widgets.probe.randomised import RandomisedCopy
from cnnviz_widgets.trust.randomised import Randomised
from tests import easy_models, models
from tests.trust.handmade import Edges, Given


def randomised(probe: cnnviz.Probe, explanation: Any, **options: Any) -> Randomised:
    *_, trust = cnnviz.trust.check(probe, explanation, ["randomised"], **options)
    assert trust.randomised is not None
    return trust.randomised


@pytest.fixture(scope="module")
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(models.functional())


def test_a_map_that_no_network_has_a_part_in_stays_the_same(probe: cnnviz.Probe) -> None:
    found = randomised(probe, Edges()(probe, models.picture()))
    np.testing.assert_array_equal(found.correlations, np.ones(4))
    assert (found.top, found.all) == (1, 1)
    assert "stays alike (rank correlation 1.00): it shows the picture" in found.words
    assert "Shuffling the topmost layer alone, classes, hardly changes it (1.00)." in found.words


def test_the_saliency_of_a_linear_model_goes_to_that_of_its_shuffled_weights() -> None:
    weights = np.random.default_rng(3).normal(size=(8, 8, 1)).astype(np.float32)
    probe, image = cnnviz.Probe(easy_models.linear(weights)), models.picture(channels=1)
    signed = cnnviz.Saliency(reduction="signed", target=0)(probe, image)
    found = randomised(probe, signed, seed=5)
    mixed = np.random.default_rng((5, 0)).permutation(weights.reshape(-1))
    assert found.correlations == pytest.approx([spearmanr(weights.reshape(-1), mixed)[0]])
    magnitudes = spearmanr(np.abs(weights).reshape(-1), np.abs(mixed))[0]
    assert found.magnitudes == pytest.approx([magnitudes])
    assert found.all == pytest.approx(magnitudes)
    assert found.layers == ("score",)


def test_a_map_without_signs_has_no_magnitudes_of_its_own(probe: cnnviz.Probe) -> None:
    assert randomised(probe, cnnviz.GradCAM()(probe, models.picture())).magnitudes is None


def test_the_cascade_begins_with_the_topmost_layer_and_ends_with_all(probe: cnnviz.Probe) -> None:
    found = randomised(probe, cnnviz.GradCAM()(probe, models.picture()), cascade=2)
    assert found.shuffled == (1, 4)
    assert found.layers == ("classes", "conv_1")


def test_it_is_cumulative_target_and_layer_stay(probe: cnnviz.Probe) -> None:
    image = models.picture()
    explanation = cnnviz.Saliency(target=2)(probe, image)
    found = randomised(probe, explanation, seed=4)
    copy = RandomisedCopy(probe, seed=4)
    for step, layer in enumerate(["classes", "conv_2", "norm_1", "conv_1"]):
        copy.shuffle(layer)
        again = cnnviz.Saliency(target=2)(copy.probe, image).values
        by_hand = spearmanr(explanation.values.reshape(-1), again.reshape(-1))[0]
        assert found.correlations[step] == pytest.approx(by_hand, abs=1e-12)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others(probe: cnnviz.Probe) -> None:
    explanation = cnnviz.Saliency()(probe, models.picture())
    one, two, other = (randomised(probe, explanation, seed=seed).correlations for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, two)
    assert not np.array_equal(one, other)


def test_a_copy_given_again_starts_from_the_models_weights(probe: cnnviz.Probe) -> None:
    explanation, copy = cnnviz.Saliency()(probe, models.picture()), RandomisedCopy(probe)
    one, two = (randomised(probe, explanation, copy=copy).correlations for _ in range(2))
    np.testing.assert_array_equal(one, two)


def test_the_model_is_as_it_was(probe: cnnviz.Probe) -> None:
    weights = probe.model.get_weights()
    randomised(probe, cnnviz.GuidedBackprop()(probe, models.picture()))
    np.testing.assert_equal(probe.model.get_weights(), weights)


def test_a_method_that_yields_on_the_way_can_be_stopped_within_a_step(probe: cnnviz.Probe) -> None:
    done = [part.done for part in cnnviz.trust.check(probe, Edges()(probe, models.picture()), ["randomised"])]
    assert done == [k / 8 for k in range(1, 9)]


def test_a_map_that_became_flat_has_no_correlation_and_says_so() -> None:
    found = Randomised(layers=("b", "a"), shuffled=(1, 2), correlations=np.array([0.5, math.nan]))
    assert (found.top, found.all) == (0.5, None)
    assert found.words == "With all 2 layers shuffled the map is flat: nothing of it is left."


def test_a_target_without_weights_before_it_says_so(probe: cnnviz.Probe) -> None:
    image = keras.Input((8, 8, 3), name="image")
    half = layers.Rescaling(0.5, name="half")(image)
    scores = layers.Dense(2, name="classes")(layers.GlobalAveragePooling2D()(half))
    small = cnnviz.Probe(keras.Model(image, scores))
    explanation = Edges(cnnviz.Unit("half"))(small, models.picture())
    assert randomised(small, explanation).words == "No layer with weights comes before the mean of half."


def test_a_network_without_weights_is_a_reason_and_no_error() -> None:
    image = keras.Input((8, 8, 3))
    plain = cnnviz.Probe(keras.Model(image, layers.GlobalAveragePooling2D()(image), name="plain"))
    found = randomised(plain, Edges(0)(plain, models.picture()))
    assert found.words == "plain has no weights that could be shuffled."
    assert (found.top, found.all) == (None, None)


def test_a_flat_map_has_nothing_that_could_change(probe: cnnviz.Probe) -> None:
    flat = Given(0, values=np.zeros((4, 4)))(probe, models.picture())
    assert randomised(probe, flat).words == "The map is flat: it orders no places."


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (0.9, "stays alike (rank correlation 0.90)"),
        (-0.9, "stays alike (rank correlation -0.90)"),
        (0.3, "part of the map stays (rank correlation 0.30)."),
        (0.1, "it is another map (rank correlation 0.10)"),
    ],
)
def test_what_is_said_follows_from_the_last_correlation(last: float, said: str) -> None:
    found = Randomised(layers=("b", "a"), shuffled=(1, 2), correlations=np.array([0.0, last]))
    assert said in found.words


def test_a_signed_map_is_judged_by_its_magnitudes() -> None:
    found = Randomised(
        layers=("a",), shuffled=(1,), correlations=np.array([-0.1]), magnitudes=np.array([0.9])
    )
    assert found.all == 0.9
    assert "(rank correlation of magnitudes 0.90)" in found.words
