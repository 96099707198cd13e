"""The table of methods and pictures."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets.method import methods
from tests import easy_models, models

FEW: dict[str, Any] = {"steps": 4, "orders": 2, "cascade": 2}
CLAIMING = [label for label, method in cnnviz.methods().items() if method.family != "Inside"]


@pytest.fixture(scope="module")
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(models.functional(), labels=["ant", "bee", "cat"])


@pytest.fixture
def without_pandas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)


@pytest.mark.parametrize("label", CLAIMING)
def test_every_method_that_claims_something_of_a_target_has_its_row(
    label: str, probe: cnnviz.Probe, without_pandas: None
) -> None:
    method = methods()[label]
    few = method(masks=20) if label == "RISE" else method()
    (row,) = cnnviz.evaluate(few, probe, models.picture(), **FEW)
    assert (row["method"], row["image"]) == (label, "random 0")
    assert row["target"] in ("“ant”", "“bee”", "“cat”")
    assert -1 <= row["randomised all"] <= 1
    assert {0 < row[name] < 1 for name in ("deletion", "insertion", "random deletion")} == {True}
    assert row["seconds"] > 0
    assert row["flat"] is False
    assert eval(row["recipe"], vars(cnnviz) | {name: getattr(cnnviz, name) for name in dir(cnnviz)})


def test_only_methods_with_a_law_have_a_completeness(probe: cnnviz.Probe, without_pandas: None) -> None:
    rows = cnnviz.evaluate(
        ["CAM", "Integrated gradients", "Gradient × input", "Saliency"], probe, models.picture(), **FEW
    )
    assert [row["completeness"] is None for row in rows] == [False, False, False, True]


def test_there_is_one_row_for_each_method_and_picture(probe: cnnviz.Probe) -> None:
    pictures = [models.picture(), cnnviz.Image(models.picture(seed=1).pixels)]
    table = cnnviz.evaluate(["Grad-CAM", cnnviz.Saliency], probe, pictures, **FEW)
    assert isinstance(table, pandas.DataFrame)
    assert list(zip(table["method"], table["image"], strict=True)) == [
        ("Grad-CAM", "random 0"), ("Grad-CAM", "image 1"), ("Saliency", "random 0"), ("Saliency", "image 1"),
    ]  # fmt: skip


def test_without_pandas_it_is_a_list_of_the_same_rows(
    probe: cnnviz.Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = cnnviz.evaluate("LayerCAM", probe, models.picture(), **FEW)
    monkeypatch.setitem(sys.modules, "pandas", None)
    rows = cnnviz.evaluate("LayerCAM", probe, models.picture(), **FEW)
    assert isinstance(rows, list)
    assert "<td>LayerCAM</td>" in rows._repr_html_()
    assert list(rows[0]) == list(table.columns)
    assert rows[0]["deletion"] == table["deletion"][0]
    assert rows[0]["randomised all"] == table["randomised all"][0]


def test_its_figures_are_those_of_the_checks(probe: cnnviz.Probe, without_pandas: None) -> None:
    image = models.picture()
    (row,) = cnnviz.evaluate(cnnviz.IntegratedGradients(steps=4), probe, image, **FEW, seed=2)
    explanation = cnnviz.IntegratedGradients(steps=4)(probe, image)
    *_, trust = cnnviz.trust.check(probe, explanation, **FEW, seed=2)
    assert row["completeness"] == trust.completeness.relative
    assert (row["randomised top"], row["randomised all"]) == (trust.randomised.top, trust.randomised.all)
    assert (row["deletion"], row["random deletion"]) == (trust.deletion.area, trust.deletion.random_area)
    assert (row["insertion"], row["random insertion"]) == (
        trust.insertion.area,
        trust.insertion.random_area,
    )


def test_it_is_the_same_twice_but_for_the_seconds(probe: cnnviz.Probe) -> None:
    one, two = (
        cnnviz.evaluate(["Grad-CAM", "RISE"], probe, models.picture(), **FEW).drop(columns="seconds")
        for _ in range(2)
    )
    pandas.testing.assert_frame_equal(one, two)


def test_an_array_of_several_pictures_counts_as_several(probe: cnnviz.Probe, without_pandas: None) -> None:
    arrays = np.stack([models.picture(seed=seed).pixels for seed in (0, 1, 2)])
    rows = cnnviz.evaluate("Saliency", probe, arrays, **FEW)
    assert [row["image"] for row in rows] == ["image 0", "image 1", "image 2"]


def test_a_bare_model_a_bare_array_and_a_file_do(tmp_path: Path, without_pandas: None) -> None:
    import PIL.Image

    pixels = (models.picture().pixels * 255).astype(np.uint8)
    PIL.Image.fromarray(pixels).save(tmp_path / "dot.png")
    model = models.functional()
    (row,) = cnnviz.evaluate("Saliency", model, pixels, **FEW)
    (of_file,) = cnnviz.evaluate("Saliency", model, tmp_path / "dot.png", **FEW)
    assert of_file["image"] == "dot"
    assert of_file["deletion"] == row["deletion"]


def test_a_flat_map_has_its_row_and_no_figures(without_pandas: None) -> None:
    (row,) = cnnviz.evaluate("Saliency", easy_models.constant(), models.picture(), **FEW)
    assert row["flat"] is True
    figures = ["completeness", "deletion", "insertion", "random deletion", "randomised top", "randomised all"]
    assert [row[name] for name in figures] == [None] * len(figures)


def test_a_model_that_cannot_be_looked_into_has_its_row(without_pandas: None) -> None:
    (row,) = cnnviz.evaluate("Saliency", models.closed(), models.picture(), **FEW)
    assert None not in (row["deletion"], row["randomised all"])


def test_progress_is_told_after_every_row(without_pandas: None) -> None:
    told: list[str] = []
    cnnviz.evaluate(["Saliency", "CAM"], models.functional(), [models.picture()], progress=told.append, **FEW)
    assert [line.partition(":")[0] for line in told] == ["1 of 2", "2 of 2"]
    assert "CAM, " in told[1]


def test_a_saved_model_has_its_row_but_for_the_shuffling(tmp_path: Path, without_pandas: None) -> None:
    models.functional().export(tmp_path / "saved", verbose=False)
    (row,) = cnnviz.evaluate("Saliency", tmp_path / "saved", models.picture(), **FEW)
    assert row["randomised all"] is None
    assert row["deletion"] is not None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("GradCAN", "There is no method 'GradCAN'.*Did you mean 'GradCAM'"),
        ("Feature maps", r"Feature maps shows what is inside the network; .* These do: Grad-CAM, .*RISE"),
        (cnnviz.Filters, "Filters shows what is inside the network"),
        ([], "methods is empty; give at least one"),
        (3, "methods must be labels, classes or instances of methods; got 3"),
        ([dict], "methods must be labels, classes or instances of methods; got <class 'dict'>"),
    ],
)
def test_wrong_methods_are_refused_before_any_work(probe: cnnviz.Probe, given: Any, message: str) -> None:
    before = probe.calls
    with pytest.raises(cnnviz.SettingError, match=message):
        cnnviz.evaluate(given, probe, models.picture())
    assert probe.calls == before


def test_no_picture_is_refused(probe: cnnviz.Probe) -> None:
    with pytest.raises(cnnviz.ImageError, match="the list of images is empty"):
        cnnviz.evaluate("Grad-CAM", probe, [])


def test_an_option_that_there_is_not_is_refused(probe: cnnviz.Probe) -> None:
    with pytest.raises(
        cnnviz.SettingError, match=r"TrustOptions has no setting 'step'.*Did you mean 'steps'"
    ):
        cnnviz.evaluate("Grad-CAM", probe, models.picture(), step=3)
