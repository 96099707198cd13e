"""LayerCAM: slopes above zero times values, place by place."""

import numpy as np

import cnnviz_widgets as cnnviz
from tests import easy_models, models

KERNEL = np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0]], np.float32)
DENSE = np.array([[2.0, -1.0], [-3.0, 1.0]], np.float32)


def test_for_mean_and_dense_only_the_channels_for_the_class_count() -> None:
    image = models.picture()
    found = cnnviz.LayerCAM(layer="maps", target=1)(easy_models.averaging(KERNEL, DENSE), image)
    expected = np.maximum((image.pixels @ KERNEL) @ np.array([0, 1.0]) / 64, 0)
    np.testing.assert_allclose(found.values, expected, atol=1e-6)


def test_it_is_the_elementwise_formula_at_every_layer() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    for layer in probe.spatial_layers:
        gradient = probe.gradient(image, 2, at=layer.name)
        expected = np.zeros(gradient.values.shape[:2])
        for i, j, k in np.ndindex(gradient.values.shape):
            expected[i, j] += max(gradient.slope[i, j, k], 0) * gradient.values[i, j, k]
        found = cnnviz.LayerCAM(layer=layer.name, target=2)(probe, image)
        np.testing.assert_allclose(found.values, np.maximum(expected, 0), atol=1e-6, err_msg=layer.name)


def test_the_scale_of_the_score_is_the_scale_of_the_map() -> None:
    once, tenfold = (
        cnnviz.LayerCAM(layer="maps", target=1)(
            easy_models.averaging(KERNEL, DENSE * factor), models.picture()
        )
        for factor in (1, 10)
    )
    np.testing.assert_allclose(tenfold.values, 10 * once.values, rtol=1e-5)


def test_walking_through_the_layers_runs_no_model() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    probe.gradient(image, 1)
    probe.ruled(image, 1, "guided")
    before = probe.calls
    for layer in probe.spatial_layers:
        for method in (cnnviz.LayerCAM, cnnviz.GradCAM, cnnviz.GradCAMPlusPlus, cnnviz.GuidedGradCAM):
            method(layer=layer.name, target=1)(probe, image)
    assert probe.calls == before
