"""How the comparison fills: cell by cell, cancelled, run again, and with what does not fit."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Comparison, Heatmap, Image, Probe
from tests.models import ZOO, functional, picture
from tests.widgets.comparison.common import PATIENCE, QUICK, Gate, Make, Slow, cell
from tests.widgets.tree import visible

# Every kind opens in the Explorer's tests; of the comparison's, the others run with `make test-long`.
SOON = ("functional", "two inputs", "one score", "image output", "no convolution", "subclassed")


def sheet(comparison: Comparison, row: int, column: int) -> str:
    return str(comparison.view.cells._sheets[row, column].value)


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_every_cell_is_computed_and_named_in_words(make: Make, renderer: str) -> None:
    comparison = make(renderer=renderer)
    assert set(comparison.explanations) == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert (comparison.progress, comparison.error) == (1.0, "")
    assert comparison.status == "4 maps. Click one to see it large."
    top = comparison.probe.top(picture(), 1)[0][1]
    name = f"Grad-CAM, random 0: Warm places speak for “{top}” in layer conv_2."
    assert cell(comparison, 0, 0).description == name


def test_left_out_methods_are_a_handful(make: Make) -> None:
    comparison = make(methods=None)
    assert comparison.compared.rows.heads == ("Grad-CAM", "Saliency", "SmoothGrad", "Occlusion")
    assert len(comparison.explanations) == 8


def test_the_widget_finds_what_the_function_finds(make: Make, probe: Probe) -> None:
    comparison = make()
    found = cnnviz.compare(probe, [picture(), picture(seed=1)], methods=QUICK)
    for place in found.places:
        assert np.array_equal(comparison.explanations[place].values, found[place].values)
    assert comparison.compared.verdicts == found.verdicts


def test_a_grid_shows_what_is_there_while_the_rest_is_computed(make: Make, gate: Gate) -> None:
    comparison = make(methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    assert set(comparison.explanations) == {(1, 0), (1, 1), (0, 0)}
    assert "background-image" in sheet(comparison, 1, 0)
    assert "--p: 50%" in sheet(comparison, 0, 0)
    assert "Not whole yet: 50%." in cell(comparison, 0, 0).description
    assert cell(comparison, 0, 1).description == "Slow, random 1: not computed yet"
    assert "cv-wait" in cell(comparison, 0, 1)._dom_classes
    assert comparison.status.startswith("Computing.")
    assert 0 < comparison.progress < 1
    assert "2 of 4" in comparison.view.footer._right.value
    gate.open.set()
    assert comparison.wait(PATIENCE)
    assert "--p" not in sheet(comparison, 0, 0)
    assert "cv-wait" not in cell(comparison, 0, 1)._dom_classes


def test_cancel_keeps_what_there_is_and_run_again_computes_only_the_rest(make: Make, gate: Gate) -> None:
    comparison = make(methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    comparison.view.footer.cancel.click()
    before = comparison.explanations
    gate.open.set()
    assert comparison.wait(PATIENCE)
    assert comparison.status == "Stopped. 2 of 4 maps are whole."
    assert set(comparison.explanations) == set(before) == {(0, 0), (1, 0), (1, 1)}
    assert visible(comparison.view.footer.again)
    comparison.view.footer.again.click()
    assert comparison.wait(PATIENCE)
    assert Slow.runs == ["random 0", "random 0", "random 1"]
    assert comparison.explanations[1, 0] is before[1, 0]
    assert comparison.status == "4 maps. Click one to see it large."


def test_a_method_that_does_not_fit_says_so_in_its_cell_and_the_others_go_on(make: Make) -> None:
    comparison = make(methods=[cnnviz.Occlusion(patch=99), "Saliency"])
    assert set(comparison.explanations) == {(1, 0), (1, 1)}
    assert cell(comparison, 0, 0).description.startswith("Patch 99 is larger than the picture")
    assert "cv-refused" in cell(comparison, 0, 0)._dom_classes
    assert comparison.status == "2 maps; 2 could not be made, and their cells say why."
    assert comparison.error == ""


def test_a_method_that_breaks_says_so_in_its_cell(make: Make) -> None:
    @dataclass(frozen=True)
    class Broken(Slow):
        def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
            raise RuntimeError("out of order")
            yield

    comparison = make(methods=[Broken(), "Saliency"])
    assert cell(comparison, 0, 1).description == "RuntimeError: out of order"
    assert len(comparison.explanations) == 2


def test_the_heads_tell_names_verdicts_and_units(make: Make) -> None:
    comparison = make()
    over = [head.value for head in comparison.view.cells._columns]
    beside = [head.value for head in comparison.view.cells._rows]
    _, label, chance = comparison.probe.top(picture(), 1)[0]
    assert "random 0" in over[0]
    assert f"{label} {100 * chance:.0f}&nbsp;%" in over[0]
    assert "Grad-CAM" in beside[0]
    assert "unit: vote" in beside[0]


def test_a_long_name_of_a_layer_may_break_at_its_underscores(make: Make) -> None:
    comparison = make(methods=None, layers=["conv_1", "conv_2"])
    assert "conv_<wbr>1" in comparison.view.cells._rows[0].value


def test_cells_have_the_shape_of_the_pictures(make: Make) -> None:
    wide = make(ZOO["non-square"](), [picture(20, 30)])
    height, width = wide.compared.images[0].size
    assert height != width
    css = wide.view.cells._css()
    assert f"aspect-ratio: {width} / {height};" in css
    assert "contain" not in css


def test_pictures_of_several_sizes_are_shown_whole(make: Make) -> None:
    comparison = make(ZOO["variable size"](), [picture(20, 30), picture(16, 16)])
    assert len(comparison.explanations) == 4
    assert "background-size: contain" in comparison.view.cells._css()


def test_layers_of_one_method_cost_one_pass_a_picture(make: Make) -> None:
    fresh = Probe(functional())
    make(fresh, methods=None, layers=["conv_1", "conv_2"])
    assert fresh.calls == 2


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param(kind, marks=[] if kind in SOON else [pytest.mark.long])
        for kind in ZOO
        if kind != "Sequential, not built"
    ],
)
def test_a_model_of_every_kind_fills_its_grid(make: Make, kind: str) -> None:
    comparison = make(ZOO[kind](), [picture()], methods=None)
    assert len(comparison.explanations) + len(comparison.compared.refused) == len(comparison.compared.places)
    assert comparison.error == ""
