"""What a click in the comparison does: a cell is shown large, or says why not."""

from typing import Any

import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets.errors import SettingError
from tests.widgets.comparison.common import PATIENCE, Gate, Make, Slow, cell
from tests.widgets.tree import visible


def test_a_stopped_comparison_says_what_its_large_cell_shows(make: Make, gate: Gate) -> None:
    comparison = make(methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    comparison.cancel()
    gate.open.set()
    assert comparison.wait(PATIENCE)
    comparison.chosen = (1, 0)
    assert "move the score" in comparison.status
    assert "Stopped" not in comparison.status
    comparison.chosen = (0, 0)
    assert comparison.status.startswith("Warm places wait for")
    assert comparison.status.endswith("Stopped at 50%.")
    comparison.chosen = None
    assert comparison.status == "Stopped. 2 of 4 maps are whole."


def test_a_click_shows_a_cell_large_and_the_button_brings_the_grid_back(make: Make) -> None:
    comparison = make()
    before = comparison.canvas.png()
    cell(comparison, 0, 1).click()
    assert comparison.chosen == (0, 1)
    assert comparison.canvas.png() != before
    assert visible(comparison.view._large)
    assert not visible(comparison.view.cells.widget)
    assert comparison.status.startswith("Warm places speak for")
    assert "Grad-CAM, random 1" in comparison.view.named.value
    assert "arXiv:1610.02391" in comparison.view.read.value
    comparison.view.back.click()
    assert comparison.chosen is None
    assert visible(comparison.view.cells.widget)
    assert not visible(comparison.view._large)
    assert comparison.status == "4 maps. Click one to see it large."


def test_the_mouse_reads_the_large_picture(make: Make) -> None:
    comparison = make()
    comparison.chosen = (0, 0)
    comparison.canvas.on_hover("hero", 0.1, 0.9)
    assert "cell" in comparison.view.footer._right.value


def test_a_click_on_a_cell_to_come_says_so_and_stops_nothing(make: Make, gate: Gate) -> None:
    comparison = make(methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    cell(comparison, 0, 1).click()
    assert comparison.view.footer.text == "Slow, random 1: not computed yet."
    assert comparison.chosen is None
    gate.open.set()
    assert comparison.wait(PATIENCE)
    assert len(comparison.explanations) == 4


def test_a_click_on_a_refused_cell_says_why(make: Make) -> None:
    comparison = make(methods=[cnnviz.Occlusion(patch=99), "Saliency"])
    cell(comparison, 0, 0).click()
    assert comparison.view.footer.text.startswith("Occlusion, random 0: Patch 99 is larger")


def test_a_large_picture_sharpens_while_it_is_looked_at(make: Make, gate: Gate) -> None:
    comparison = make(methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    comparison.chosen = (0, 0)
    assert comparison.presenter.stage.explanation.done == 0.5
    gate.open.set()
    assert comparison.wait(PATIENCE)
    assert comparison.presenter.stage.explanation is comparison.explanations[0, 0]
    assert comparison.explanations[0, 0].done == 1


@pytest.mark.parametrize(
    ("wanted", "says"),
    [
        ((5, 0), r"there is none at \(5, 0\) yet"),
        ("all", r"chosen must be \(row, column\) or None; got 'all'"),
        (3, r"chosen must be \(row, column\) or None; got 3"),
        ((1,), r"chosen must be \(row, column\) or None"),
    ],
)
def test_a_cell_that_there_is_not_cannot_be_chosen(make: Make, wanted: Any, says: str) -> None:
    comparison = make()
    comparison.chosen = (1, 1)
    with pytest.raises(SettingError, match=says):
        comparison.chosen = wanted
    assert comparison.chosen == (1, 1)
