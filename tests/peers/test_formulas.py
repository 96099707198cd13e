"""The package against plain formulas, to 1e-4 of the range, on a trained photo classifier and an ELU autoencoder."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets.occlusion.fill import filled
from tests.peers import formulas

TIGER_CAT = 282
LIVELIEST = 16


class Case(NamedTuple):
    """A network, a picture, and a target as the package and as a plain function see it."""

    probe: cnnviz.Probe
    image: cnnviz.Image
    target: Any
    plain: keras.Model
    score: formulas.Score
    layer: str


@cache
def _photo() -> Case:
    model = cnnviz.demo.photo_classifier()
    probe = cnnviz.Probe(model)
    (cat,) = [image for image in cnnviz.demo.photos() if image.name == "chelsea"]
    plain = formulas.logits_model(model)
    return Case(probe, probe.fit(cat), TIGER_CAT, plain, formulas.class_score(TIGER_CAT), "top_activation")


def _elu() -> Case:
    model = formulas.elu_autoencoder()
    pixels = np.random.default_rng(3).uniform(0, 1, (32, 32, 3)).astype(np.float32)
    target = cnnviz.ReconstructionError()
    return Case(
        cnnviz.Probe(model),
        cnnviz.Image(pixels, (0, 1)),
        target,
        model,
        formulas.reconstruction_error,
        "code",
    )


MAKERS: dict[str, Callable[[], Case]] = {"photo classifier": _photo, "ELU autoencoder": _elu}


LONG = "photo classifier"


@pytest.fixture(
    scope="module",
    params=[pytest.param(name, marks=[pytest.mark.long] if name == LONG else []) for name in MAKERS],
)
def case(request: pytest.FixtureRequest) -> Case:
    return MAKERS[request.param]()


def agree(found: np.ndarray, expected: np.ndarray) -> None:
    """Hold two maps to 1e-4 of the range of the second."""
    assert found.shape == expected.shape
    assert np.ptp(expected) > 0
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4 * np.ptp(expected))


@pytest.mark.parametrize(
    ("method", "formula"), [(cnnviz.GradCAM, formulas.grad_cam), (cnnviz.LayerCAM, formulas.layer_cam)]
)
def test_class_maps(case: Case, method: Any, formula: Any) -> None:
    layers = [
        case.layer,
        *(name for name in ("block4b_add", "block3b_add", "conv_1") if _has(case.plain, name)),
    ]
    for layer in layers:
        maps, slopes = formulas.maps_and_slopes(case.plain, case.score, case.image.pixels, layer)
        agree(method(layer=layer, target=case.target)(case.probe, case.image).values, formula(maps, slopes))


def test_grad_cam_plus_plus_after_a_relu() -> None:
    case = _photo()
    for layer in (case.layer, "block4a_expand_activation"):
        maps, slopes = formulas.maps_and_slopes(case.plain, case.score, case.image.pixels, layer)
        found = cnnviz.GradCAMPlusPlus(layer=layer, target=TIGER_CAT)(case.probe, case.image)
        agree(found.values, formulas.grad_cam_plus_plus(maps, slopes))


def test_grad_cam_plus_plus_with_values_below_zero(case: Case) -> None:
    """There 2 + sum(A) g passes through 0 and the weights have poles, which blow up the last digits of a slope.

    So the formula is given the package's own slopes, which the test of Grad-CAM holds to 1e-4.
    """
    layer = case.layer if case.layer == "code" else "block4b_add"
    gradient = case.probe.gradient(case.image, case.target, at=layer)
    found = cnnviz.GradCAMPlusPlus(layer=layer, target=case.target)(case.probe, case.image)
    agree(found.values, formulas.grad_cam_plus_plus(gradient.values, gradient.slope))
    assert "made for maps after a ReLU" in found.notes[-1]


def _has(model: keras.Model, name: str) -> bool:
    return any(layer.name == name for layer in model.layers)


def test_cam() -> None:
    case = _photo()
    maps, _ = formulas.maps_and_slopes(case.plain, case.score, case.image.pixels, case.layer)
    kernel = case.plain.get_layer("predictions").get_weights()[0]
    agree(cnnviz.CAM(target=TIGER_CAT)(case.probe, case.image).values, maps @ kernel[:, TIGER_CAT])


def test_score_cam(case: Case) -> None:
    maps = keras.Model(case.plain.inputs[0], case.plain.get_layer(case.layer).output)(case.image.pixels[None])
    expected = formulas.score_cam(case.plain, case.score, case.image.pixels, np.asarray(maps)[0], LIVELIEST)
    method = cnnviz.ScoreCAM(layer=case.layer, channels=LIVELIEST, target=case.target)
    agree(method(case.probe, case.image).values, expected)


def test_saliency_and_gradient_times_input(case: Case) -> None:
    slope = formulas.slope(case.plain, case.score, case.image.pixels[None])[0]
    agree(cnnviz.Saliency(target=case.target)(case.probe, case.image).values, np.abs(slope).max(axis=2))
    found = cnnviz.GradientTimesInput(target=case.target)(case.probe, case.image)
    agree(found.values, (slope * case.image.pixels).sum(axis=2))


def test_smooth_grad(case: Case) -> None:
    low, high = case.image.range
    shape = case.image.pixels.shape
    noise = [np.random.default_rng((0, k)).standard_normal(shape, np.float32) for k in range(16)]
    scaled = np.stack(noise) * np.float32(0.15 * (high - low))
    expected = formulas.smooth_grad(case.plain, case.score, case.image.pixels, scaled)
    found = cnnviz.SmoothGrad(samples=16, target=case.target)(case.probe, case.image)
    agree(found.values, np.abs(expected).max(axis=2))


@pytest.mark.parametrize("baseline", ["black", "grey"])
def test_integrated_gradients(case: Case, baseline: str) -> None:
    start = filled(case.image, baseline)
    expected = formulas.integrated_gradients(case.plain, case.score, case.image.pixels, start, 16)
    found = cnnviz.IntegratedGradients(baseline=baseline, steps=16, target=case.target)(
        case.probe, case.image
    )
    agree(found.values, expected.sum(axis=2))


@pytest.mark.parametrize(
    ("method", "rule"), [(cnnviz.GuidedBackprop, "guided"), (cnnviz.Deconvnet, "deconvnet")]
)
def test_rules_of_backward_flow(case: Case, method: Any, rule: str) -> None:
    slope = formulas.slope(formulas.ruled(case.plain, rule), case.score, case.image.pixels[None])[0]
    found = method(reduction="signed", target=case.target)(case.probe, case.image)
    agree(found.values, slope.sum(axis=2))
    assert any(note.startswith("Extension") for note in found.notes) == (case.layer == "code")


def test_guided_grad_cam(case: Case) -> None:
    slope = formulas.slope(formulas.ruled(case.plain, "guided"), case.score, case.image.pixels[None])[0]
    cam = formulas.grad_cam(*formulas.maps_and_slopes(case.plain, case.score, case.image.pixels, case.layer))
    expected = slope * formulas.enlarged(cam, case.image.size)[..., None]
    found = cnnviz.GuidedGradCAM(layer=case.layer, target=case.target)(case.probe, case.image)
    agree(found.values, np.abs(expected).max(axis=2))


def test_rise(case: Case) -> None:
    method = cnnviz.RISE(masks=40, centred=False, target=case.target)
    masks = np.stack([method._mask(k, case.image.size) for k in range(40)])
    ground = float(np.mean(case.image.range))
    expected = formulas.rise(case.plain, case.score, case.image.pixels, masks, ground)
    agree(method(case.probe, case.image).values, expected)
