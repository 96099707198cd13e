"""The methods on a trained ImageNet network and a real photograph."""

import numpy as np
import pytest

import cnnviz_widgets as cnnviz

TIGER_CAT = 282
HEAD = np.s_[1:6, 1:5]


@pytest.fixture(scope="module")
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(cnnviz.demo.photo_classifier())


@pytest.fixture(scope="module")
def cat(probe: cnnviz.Probe) -> cnnviz.Image:
    """Chelsea, all of her, squeezed to a square; her head fills rows 64-384 and columns 64-320 of 448."""
    (chelsea,) = [image for image in cnnviz.demo.photos() if image.name == "chelsea"]
    return probe.fit(chelsea, "stretch")


def test_grad_cam_of_tiger_cat_has_most_of_its_heat_on_the_cats_head(
    probe: cnnviz.Probe, cat: cnnviz.Image
) -> None:
    heat = cnnviz.GradCAM(target=TIGER_CAT)(probe, cat).values
    assert heat.shape == (7, 7)
    assert heat[HEAD].sum() / heat.sum() > 0.65


def test_every_layer_can_be_looked_at_without_running_the_network_again(
    probe: cnnviz.Probe, cat: cnnviz.Image
) -> None:
    probe.gradient(cat, TIGER_CAT)
    before = probe.calls
    assert len(probe.layers) == 144
    for layer in probe.layers:
        found = probe.gradient(cat, TIGER_CAT, at=layer.name)
        assert found.values.shape == found.slope.shape == layer.shape
    for layer in probe.spatial_layers:
        assert np.isfinite(cnnviz.GradCAM(layer=layer.name, target=TIGER_CAT)(probe, cat).values).all()
    assert probe.calls == before


def test_the_score_explained_is_the_logit(probe: cnnviz.Probe, cat: cnnviz.Image) -> None:
    found = cnnviz.GradCAM(target=TIGER_CAT)(probe, cat)
    assert found.scores["score"] == pytest.approx(probe.logits(cat)[0, TIGER_CAT], rel=1e-4)
