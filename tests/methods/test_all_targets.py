"""Every method with every kind of target, and over several pictures."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Contrast, Custom, LayerEnergy, ReconstructionError, Similarity, Unit
from tests import models
from tests.kinds.transformers import KINDS

QUICK: dict[str, dict[str, Any]] = {
    "RISE": {"masks": 40},
    "Occlusion": {"patch": 4, "stride": 4},
    "SmoothGrad": {"samples": 8},
}
OF_TOKENS = ("Attention", "Attention rollout")
FREE = [label for label in cnnviz.methods() if label not in ("CAM", *OF_TOKENS)]


def _made(label: str, **settings: Any) -> cnnviz.Method:
    return cnnviz.methods()[label](**QUICK.get(label, {}), **settings)


@pytest.fixture(scope="module")
def classifier() -> cnnviz.Probe:
    return cnnviz.Probe(models.functional())


@pytest.fixture(scope="module")
def asked(classifier: cnnviz.Probe) -> Callable[[str], cnnviz.Probe]:
    """Return which network a method is asked on: attention needs one that has some."""
    transformer = cnnviz.Probe(KINDS["transformer, class token"]())
    return lambda label: transformer if label in OF_TOKENS else classifier


@pytest.fixture(scope="module")
def rebuilding() -> cnnviz.Probe:
    keras.utils.set_random_seed(4)
    return cnnviz.Probe(models.autoencoder())


TARGETS: dict[str, Any] = {
    "probability": ClassScore(1, of="probability"),
    "channel": Unit("conv_1", 2),
    "place": Unit("relu_1", 2, (3, 4)),
    "energy": LayerEnergy("conv_2"),
    "likeness": Similarity(models.picture(seed=9), "conv_2"),
    "contrast": Contrast(ClassScore(0), ClassScore(2)),
    "minus": -ClassScore(1),
    "custom": Custom(lambda output: tf.math.log(output[:, 0]), "mine"),
}


@pytest.mark.parametrize("label", FREE)
@pytest.mark.parametrize("kind", TARGETS)
def test_a_method_takes_every_kind_of_target(label: str, kind: str, classifier: cnnviz.Probe) -> None:
    found = _made(label, target=TARGETS[kind])(classifier, models.picture())
    assert np.isfinite(found.values).all()
    assert found.recipe.target == TARGETS[kind]


@pytest.mark.parametrize("label", FREE)
@pytest.mark.parametrize("target", [None, ReconstructionError(), LayerEnergy("encoded"), Unit("encoded", 1)])
def test_a_method_takes_the_targets_of_an_autoencoder(
    label: str, target: Any, rebuilding: cnnviz.Probe
) -> None:
    found = _made(label, target=target)(rebuilding, models.picture(channels=1))
    assert np.isfinite(found.values).all()


@pytest.mark.parametrize("label", cnnviz.methods())
def test_a_batch_is_the_single_runs_in_their_order(label: str, asked: Callable[[str], cnnviz.Probe]) -> None:
    probe = asked(label)
    images = [models.picture(*probe.input_shape, seed=s) for s in range(11)]
    for target in (None, 1):
        method = _made(label, target=target)
        together = method.batch(probe, images)
        for image, found in zip(images, together, strict=True):
            alone = method(probe, image)
            assert (found.recipe, found.image) == (alone.recipe, image)
            np.testing.assert_allclose(found.values, alone.values, rtol=1e-4, atol=1e-6)


def test_a_batch_of_slopes_runs_eight_pictures_at_a_time(classifier: cnnviz.Probe) -> None:
    images = [models.picture(seed=s) for s in range(20, 36)]
    before = classifier.calls
    cnnviz.Saliency(target=1).batch(classifier, images)
    assert classifier.calls - before == 2


def test_a_batch_of_pictures_of_several_sizes_is_run_one_by_one() -> None:
    probe = cnnviz.Probe(models.functional((None, None, 3)))
    found = cnnviz.Saliency(target=1).batch(probe, [models.picture(8, 8), models.picture(8, 12)])
    assert [one.values.shape for one in found] == [(8, 8), (8, 12)]


@pytest.mark.parametrize(
    "label", ["Saliency", "SmoothGrad", "Integrated gradients", "Guided backprop", "Grad-CAM"]
)
def test_a_target_without_a_slope_is_refused(label: str, classifier: cnnviz.Probe) -> None:
    steps = Custom(lambda output: tf.cast(output[:, 0] > 0.5, tf.float32), "steps")
    with pytest.raises(cnnviz.TargetError, match="not differentiable"):
        _made(label, target=steps)(classifier, models.picture())


@pytest.mark.parametrize("label", [label for label in FREE if label != "Filters"])
def test_a_function_of_the_wrong_shape_is_answered_with_the_right_one(
    label: str, classifier: cnnviz.Probe
) -> None:
    whole = Custom(lambda output: output, "whole")
    with pytest.raises(cnnviz.TargetError, match=r"'whole' must return one number an image, shape \(N,\)"):
        _made(label, target=whole)(classifier, models.picture())


@pytest.mark.parametrize("label", cnnviz.methods())
def test_a_picture_can_be_drawn_of_every_result(label: str, asked: Callable[[str], cnnviz.Probe]) -> None:
    probe = asked(label)
    picture = _made(label)(probe, models.picture(*probe.input_shape)).picture()
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3
