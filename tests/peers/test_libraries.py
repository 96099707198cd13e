"""The package against what tf-keras-vis 0.8.7 and xplique 2.0.2 found, or the reason why they differ.

The arrays are made by `make_references.py`, in an environment of its own.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from tests.peers.small import INDEX, network, pixels

STORED = dict(np.load(Path(__file__).with_name("references.npz")))
IMAGE = cnnviz.Image(pixels(), (0, 1))


@pytest.fixture(scope="module")
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(network())


def agree(found: np.ndarray, expected: np.ndarray, share: float = 1e-4) -> None:
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=0, atol=share * np.ptp(expected))


@pytest.mark.parametrize(("method", "name"), [(cnnviz.GradCAM, "grad_cam"), (cnnviz.LayerCAM, "layer_cam")])
def test_class_maps_are_those_of_tf_keras_vis(method: Any, name: str, probe: cnnviz.Probe) -> None:
    agree(method(layer="conv_2", target=INDEX)(probe, IMAGE).values, STORED[f"vis_{name}"])


def test_the_slope_is_that_of_tf_keras_vis(probe: cnnviz.Probe) -> None:
    found = cnnviz.Saliency(reduction="colour", target=INDEX)(probe, IMAGE)
    agree(found.values, STORED["vis_saliency"])


@pytest.mark.parametrize(
    ("method", "name"),
    [
        (cnnviz.GradientTimesInput, "gradient_input"),
        (cnnviz.GuidedBackprop, "guided"),
        (cnnviz.Deconvnet, "deconvnet"),
    ],
)
def test_pixel_maps_are_those_of_xplique(method: Any, name: str, probe: cnnviz.Probe) -> None:
    agree(method(reduction="colour", target=INDEX)(probe, IMAGE).values, STORED[f"xplique_{name}"])


def test_integrated_gradients_is_that_of_xplique_as_far_as_its_sums_go(probe: cnnviz.Probe) -> None:
    """The peer adds up trapezoids, here 500 of them, and we take Gauss' nodes: at ReLU's kinks both converge slowly."""
    found = cnnviz.IntegratedGradients(steps=500, reduction="colour", target=INDEX)(probe, IMAGE)
    agree(found.values, STORED["xplique_integrated_gradients"], share=2e-3)
    rise = found.scores["score"] - found.scores["baseline's score"]
    assert abs(found.values.sum() - rise) < 1e-3 * abs(rise)


def test_grad_cam_plus_plus_differs_from_tf_keras_vis_by_what_the_peer_adds(probe: cnnviz.Probe) -> None:
    """The peer multiplies by exp(S) and divides the alphas of a map by their sum; the paper's equation 19 does not."""
    gradient = probe.gradient(IMAGE, INDEX, at="conv_2")
    maps, slope = gradient.values.astype(float), gradient.slope.astype(float)
    below = 2 * slope**2 + maps.sum(axis=(0, 1)) * slope**3
    alpha = np.divide(slope**2, below, out=np.zeros_like(slope), where=below != 0)
    by_the_paper = np.maximum(maps @ (alpha * np.maximum(slope, 0)).sum(axis=(0, 1)), 0)
    agree(cnnviz.GradCAMPlusPlus(layer="conv_2", target=INDEX)(probe, IMAGE).values, by_the_paper)
    shares = alpha / alpha.sum(axis=(0, 1))
    theirs = np.maximum(maps @ (shares * np.maximum(slope, 0)).sum(axis=(0, 1)), 0) * np.exp(gradient.score)
    agree(theirs, STORED["vis_grad_cam_plus_plus"], share=1e-3)
