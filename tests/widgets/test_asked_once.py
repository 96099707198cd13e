"""One question fits its picture once and fills in its method once, whatever asks it."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets.method import Method
from cnnviz_widgets.probe.inputs import Fitting
from tests import models

PATIENCE = 60


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count how often a picture is worked on to be fitted, and how often a method is filled in."""
    found: Counter[str] = Counter()
    made, resolved = Fitting._made, Method.resolved

    def fit(self: Fitting, image: cnnviz.Image, how: Any) -> cnnviz.Image:
        fitted = made(self, image, how)
        found["fitted"] += fitted is not image
        return fitted

    def fill_in(self: Method, probe: cnnviz.Probe, image: cnnviz.Image) -> Method:
        found["resolved"] += 1
        return resolved(self, probe, image)

    monkeypatch.setattr(Fitting, "_made", fit)
    monkeypatch.setattr(Method, "resolved", fill_in)
    return found


def large(seed: int) -> cnnviz.Image:
    """Return a picture that has to be fitted."""
    return cnnviz.Image(np.random.default_rng(seed).random((30, 40, 3)).astype(np.float32), (0, 1))


WIDGETS: dict[str, Callable[[Any, Any], Any]] = {
    "Explorer": lambda model, images: cnnviz.explore(model, images, method="Occlusion", renderer="image"),
    "OcclusionExplorer": lambda model, images: cnnviz.OcclusionExplorer(model, images, renderer="image"),
}


@pytest.mark.parametrize("kind", WIDGETS)
def test_opening_a_widget_fits_the_picture_once_and_fills_the_method_in_once(
    kind: str, counted: Counter[str]
) -> None:
    widget = WIDGETS[kind](models.functional(), [large(0), large(1)])
    assert widget.wait(PATIENCE)
    assert dict(counted) == {"fitted": 1, "resolved": 1}
    widget.close()


@pytest.mark.parametrize("kind", WIDGETS)
def test_a_step_of_a_slider_fits_nothing_and_fills_the_method_in_once(
    kind: str, counted: Counter[str]
) -> None:
    widget = WIDGETS[kind](models.functional(), [large(0), large(1)])
    assert widget.wait(PATIENCE)
    counted.clear()
    widget.change_setting("patch", 3) if kind == "Explorer" else setattr(widget, "patch", 3)
    assert widget.wait(PATIENCE)
    assert (counted["fitted"], counted["resolved"]) == (0, 1)
    widget.close()


@pytest.mark.parametrize("kind", WIDGETS)
def test_another_picture_is_fitted_once(kind: str, counted: Counter[str]) -> None:
    widget = WIDGETS[kind](models.functional(), [large(0), large(1)])
    assert widget.wait(PATIENCE)
    counted.clear()
    widget.image = 1
    assert widget.wait(PATIENCE)
    assert (counted["fitted"], counted["resolved"]) == (1, 1)
    widget.close()


@pytest.mark.parametrize("label", [label for label in cnnviz.methods() if not label.startswith("Attention")])
def test_a_method_in_a_script_is_filled_in_once(label: str, counted: Counter[str]) -> None:
    cnnviz.methods()[label]()(models.functional(), large(0))
    assert counted["resolved"] == 1
