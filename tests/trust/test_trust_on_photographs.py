"""What the checks say of well-known methods on a trained ImageNet network: what their papers say."""

import sys
from typing import Any

import pytest

import cnnviz_widgets as cnnviz

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(cnnviz.demo.photo_classifier())


@pytest.fixture(scope="module")
def rows(probe: cnnviz.Probe) -> dict[str, dict[str, Any]]:
    """The table for the cup of coffee, espresso with a probability of 0.95, by method."""
    (coffee,) = [image for image in cnnviz.demo.photos() if image.name == "coffee"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "pandas", None)
        made = cnnviz.evaluate(
            ["Grad-CAM", "Saliency", "Guided backprop"], probe, coffee, steps=10, cascade=2, orders=2
        )
    return {row["method"]: row for row in made}


def test_guided_backprop_does_not_care_for_the_layer_that_decides_the_class(
    rows: dict[str, dict[str, Any]],
) -> None:
    assert rows["Guided backprop"]["randomised top"] > 0.95


def test_saliency_does(rows: dict[str, dict[str, Any]]) -> None:
    assert rows["Saliency"]["randomised top"] < 0.6


@pytest.mark.parametrize("method", ["Grad-CAM", "Saliency", "Guided backprop"])
def test_with_all_weights_shuffled_nothing_is_left(method: str, rows: dict[str, dict[str, Any]]) -> None:
    assert abs(rows[method]["randomised all"]) < 0.35


def test_grad_cam_finds_the_cup_sooner_than_chance(rows: dict[str, dict[str, Any]]) -> None:
    row = rows["Grad-CAM"]
    assert row["deletion"] < row["random deletion"]
    assert row["insertion"] > row["random insertion"] + 0.2
