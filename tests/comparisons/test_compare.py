"""Comparing without widgets: what becomes rows and columns, what each cell asks, what is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Probe, Unit
from cnnviz_widgets.comparisons.plan import Plan, planned
from cnnviz_widgets.errors import CnnvizError, ImageError, LayerError, SettingError, TargetError
from tests.models import autoencoder, functional, no_convolution, picture


@pytest.fixture(scope="module")
def probe() -> Probe:
    return Probe(functional(), labels=["cat", "dog", "owl"])


PAIR = [picture(), picture(seed=1)]


def axes(plan: Plan) -> tuple[str, str]:
    return plan.frame.rows.kind, plan.frame.columns.kind


@pytest.mark.parametrize(
    ("images", "lists", "expected"),
    [
        (PAIR, {}, ("method", "picture")),
        (PAIR, {"methods": "Saliency"}, ("method", "picture")),
        (PAIR, {"layers": ["conv_1", "conv_2"]}, ("layer", "picture")),
        (PAIR, {"targets": [0, 1, 2]}, ("target", "picture")),
        (PAIR[0], {}, ("picture", "method")),
        (PAIR[0], {"targets": [0, 1]}, ("picture", "target")),
        (
            PAIR[0],
            {"methods": ["Grad-CAM", "LayerCAM"], "layers": ["conv_1", "conv_2"]},
            ("method", "layer"),
        ),
        (PAIR[0], {"layers": ["conv_1", "conv_2"], "targets": [0, 1]}, ("layer", "target")),
        (PAIR[0], {"methods": ["Saliency", "Grad-CAM"], "targets": [0, 1]}, ("method", "target")),
        (PAIR[0], {"methods": ["Saliency"]}, ("method", "picture")),
    ],
    ids=str,
)
def test_what_has_several_entries_becomes_rows_and_columns(
    probe: Probe, images: Any, lists: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert axes(planned(probe, images, **lists)) == expected


def test_left_out_methods_are_a_handful_that_fits(probe: Probe) -> None:
    assert planned(probe, PAIR).frame.rows.heads == ("Grad-CAM", "Saliency", "SmoothGrad", "Occlusion")


def test_without_maps_the_handful_has_no_class_map() -> None:
    assert "Grad-CAM" not in planned(Probe(no_convolution()), PAIR).frame.rows.heads


def test_a_method_keeps_its_settings_and_takes_the_layer_and_the_target(probe: Probe) -> None:
    plan = planned(probe, PAIR[0], [cnnviz.LayerCAM(), "Grad-CAM"], ["conv_1", "conv_2"], "owl")
    assert plan.recipes[0, 1] == cnnviz.LayerCAM(layer="conv_2", target=ClassScore(2))


def test_what_is_not_given_stays_as_the_method_has_it(probe: Probe) -> None:
    mine = cnnviz.GradCAM(layer="conv_1", target=ClassScore(1))
    assert planned(probe, PAIR, mine).recipes[0, 1] == mine


def test_a_layer_reaches_the_methods_that_read_one_and_leaves_the_others(probe: Probe) -> None:
    plan = planned(probe, PAIR, ["Grad-CAM", "Saliency"], "conv_1")
    assert plan.recipes[0, 0] == cnnviz.GradCAM(layer="conv_1")
    assert plan.recipes[1, 0] == cnnviz.Saliency()


def test_methods_of_one_label_are_told_apart_by_what_differs(probe: Probe) -> None:
    plan = planned(probe, PAIR, [cnnviz.Occlusion(patch=2), cnnviz.Occlusion(patch=4), "Saliency"])
    assert plan.frame.rows.heads == ("Occlusion, patch 2", "Occlusion, patch 4", "Saliency")


def test_targets_are_named_in_words(probe: Probe) -> None:
    plan = planned(probe, PAIR, targets=[None, 1, Unit("conv_1", 2)])
    assert plan.frame.rows.heads == ("top class", "“dog”", "channel 2 of conv_1")


def test_the_natural_target_of_an_autoencoder_is_no_class() -> None:
    probe = Probe(autoencoder())
    plan = planned(probe, [picture(*probe.input_shape)], targets=[None, Unit(probe.layers[1].name)])
    assert plan.frame.columns.heads[0] == "natural target"


def test_cheap_cells_come_first_and_picture_by_picture(probe: Probe) -> None:
    order = planned(probe, PAIR, ["Occlusion", "Grad-CAM", "Saliency"]).order()
    assert order == [(1, 0), (2, 0), (1, 1), (2, 1), (0, 0), (0, 1)]


@pytest.mark.parametrize(
    ("images", "lists", "kind", "says"),
    [
        ([], {}, ImageError, "images is empty"),
        (PAIR, {"methods": []}, SettingError, "methods is empty: give at least one"),
        (PAIR, {"methods": ["Grad-KAM"]}, SettingError, "no method 'Grad-KAM'.*Did you mean 'Grad-CAM'"),
        (PAIR, {"methods": [3]}, SettingError, r"methods takes labels such as 'Saliency'.*got 3\."),
        (PAIR, {"layers": ["conv_9"]}, LayerError, "no layer 'conv_9'"),
        (PAIR, {"targets": [7]}, TargetError, "ClassScore.index must be from 0 to 2"),
        (PAIR, {"targets": ["cow"]}, TargetError, "no class 'cow'"),
        (
            PAIR,
            {"methods": "Saliency", "layers": ["conv_1", "conv_2"]},
            SettingError,
            "layers: Saliency has no setting layer",
        ),
        (
            PAIR,
            {"methods": ["Saliency", "Grad-CAM"], "targets": [0, 1, 2]},
            SettingError,
            "got 2 methods, 3 targets, 2 pictures. Keep one method or one picture",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_compared_is_refused_in_words(
    probe: Probe, images: Any, lists: dict[str, Any], kind: type[CnnvizError], says: str
) -> None:
    with pytest.raises(kind, match=says):
        cnnviz.compare(probe, images, **lists)


def test_every_cell_is_what_its_method_gives_alone(probe: Probe) -> None:
    found = cnnviz.compare(probe, PAIR, methods=["Grad-CAM", "Saliency"])
    for row, method in enumerate((cnnviz.GradCAM(), cnnviz.Saliency())):
        for column, image in enumerate(PAIR):
            assert np.array_equal(found[row, column].values, method(probe, image).values)


def test_the_network_says_what_it_sees_in_each_picture(probe: Probe) -> None:
    found = cnnviz.compare(probe, PAIR, methods="Saliency")
    for k, image in enumerate(PAIR):
        _, label, chance = probe.top(image, 1)[0]
        assert found.verdicts[k] == f"{label} {100 * chance:.0f} %"


def test_a_class_without_a_name_is_kept_apart_from_its_probability() -> None:
    found = cnnviz.compare(functional(), PAIR[0], methods="Saliency")
    assert found.verdicts[0].startswith("class ")
    assert ", " in found.verdicts[0]


def test_a_method_that_does_not_fit_leaves_a_sentence_and_the_others_go_on(probe: Probe) -> None:
    found = cnnviz.compare(probe, PAIR, methods=[cnnviz.Occlusion(patch=99), "Saliency"])
    assert set(found.cells) == {(1, 0), (1, 1)}
    assert found.refused[0, 1].startswith("Patch 99 is larger than the picture")


def test_many_maps_at_once_have_no_room_in_a_cell(probe: Probe) -> None:
    found = cnnviz.compare(probe, PAIR[0], methods=["Feature maps", "Saliency"])
    assert found.refused == {
        (0, 0): "Feature maps gives many maps at once, and a cell has room for one. See them in an Explorer."
    }


def test_methods_share_their_scale_within_and_layers_over_all(probe: Probe) -> None:
    methods = planned(probe, PAIR, ["Grad-CAM", "Saliency"]).frame
    layers = planned(probe, PAIR, layers=["conv_1", "conv_2"]).frame
    beside = planned(probe, PAIR[0], ["Grad-CAM", "Saliency"]).frame
    assert (methods.sharing, layers.sharing, beside.sharing) == ("row", "all", "column")
    assert methods.companions((1, 0)) == ((1, 0), (1, 1))
    assert len(layers.companions((0, 0))) == 4
    assert beside.companions((0, 1)) == ((0, 1),)


@pytest.mark.parametrize(
    ("images", "lists", "title"),
    [
        (PAIR, {"methods": ["Grad-CAM", "Saliency"]}, "2 methods × 2 pictures"),
        (PAIR, {"layers": ["conv_1", "conv_2"]}, "Grad-CAM · 2 layers × 2 pictures"),
        (PAIR[0], {"methods": ["Grad-CAM", "Saliency"]}, "2 methods · random 0"),
        (PAIR[0], {"methods": "Saliency"}, "Saliency · 1 picture · random 0"),
    ],
    ids=str,
)
def test_the_title_says_what_is_compared(
    probe: Probe, images: Any, lists: dict[str, Any], title: str
) -> None:
    assert planned(probe, images, **lists).frame.title == title


def test_a_comparison_is_saved_as_one_figure(probe: Probe, tmp_path: Path) -> None:
    cnnviz.compare(probe, PAIR, methods="Saliency").save(tmp_path / "figure.png")
    with PIL.Image.open(tmp_path / "figure.png") as made:
        assert made.text["Title"] == "Saliency · 2 pictures"


def test_a_comparison_can_be_displayed(probe: Probe) -> None:
    shown = cnnviz.compare(probe, PAIR, methods="Saliency").show(scale="shared")
    assert shown._repr_png_().startswith(b"\x89PNG")
    assert repr(shown).startswith("Saliency · 2 pictures. Saliency: reduction max")


def test_a_generator_of_methods_is_taken(probe: Probe) -> None:
    def several() -> Iterator[str]:
        yield from ("Saliency", "Grad-CAM")

    assert planned(probe, PAIR, several()).frame.rows.heads == ("Saliency", "Grad-CAM")
