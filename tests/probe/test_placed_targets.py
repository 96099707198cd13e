"""A class at a place, in a region, at a step, or where it wins: the same numbers as the model's own output gives."""

from typing import Any

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Box, ClassScore, Mask, Output
from tests import models

MASK = np.arange(16).reshape(4, 4) % 3 == 0


@pytest.fixture(scope="module")
def probe() -> cnnviz.Probe:
    keras.utils.set_random_seed(3)
    return cnnviz.Probe(models.segmentation(), labels=["sky", "Pet", "pet", "road"])


@pytest.fixture(scope="module")
def logits(probe: cnnviz.Probe) -> np.ndarray:
    inner = keras.Model(probe.model.input, probe.model.layers[-2].output)
    kernel, bias = probe.model.layers[-1].get_weights()
    return np.asarray(inner(models.picture().pixels[None]))[0] @ kernel[0, 0] + bias


@pytest.mark.parametrize(
    ("at", "where"),
    [
        ((2, 3), np.s_[2:3, 3:4]),
        (Box(1, 2, 3, 2), np.s_[1:4, 2:4]),
        (MASK, np.nonzero(MASK)),
        (None, np.s_[:, :]),
    ],
)
def test_a_class_is_read_where_it_is_asked_for(
    probe: cnnviz.Probe, logits: np.ndarray, at: Any, where: Any
) -> None:
    chances = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    for of, values in (("logit", logits), ("probability", chances), ("log-probability", np.log(chances))):
        found = probe.scores([models.picture()], ClassScore("pet", of, at))  # type: ignore[arg-type]
        np.testing.assert_allclose(found, values[..., 2][where].mean(), atol=1e-5)


def test_where_a_class_is_predicted_is_a_mask_of_the_picture(probe: cnnviz.Probe) -> None:
    image = models.picture()
    won = probe.model(image.pixels[None]).numpy()[0].argmax(axis=-1)
    np.testing.assert_array_equal(probe.predicted(image), won)
    common = int(np.bincount(won.ravel()).argmax())
    target = probe.target(ClassScore(common, at="predicted"), image)
    assert target == ClassScore(common, at=Mask(won == common))
    assert cnnviz.GradCAM(target=ClassScore(common, at="predicted"))(probe, image).target == (
        f"“{probe.label(common)}” where it is predicted"
    )
    nowhere = next(k for k in range(4) if k not in won)
    with pytest.raises(cnnviz.TargetError, match="No place is predicted as"):
        probe.target(ClassScore(nowhere, at="predicted"), image)
    with pytest.raises(cnnviz.TargetError, match="needs the picture"):
        probe.target(ClassScore(common, at="predicted"))


def test_one_compiled_function_serves_all_classes_places_and_boxes() -> None:
    probe = cnnviz.Probe(models.segmentation())
    image = models.picture()
    for at in ((0, 0), Box(1, 1, 2, 2), (3, 3)):
        probe.scores([image], ClassScore(1, at=at))
    for mask in (MASK, ~MASK):
        probe.scores([image], ClassScore(2, at=mask))
    assert len(probe.engine._compiled) == 2


def test_a_sweep_reads_a_class_at_a_place(probe: cnnviz.Probe) -> None:
    target = ClassScore(1, at=(3, 3))
    *_, swept = cnnviz.Occlusion(patch=4, stride=4, target=target).sweep(probe, models.picture())
    covered = models.picture().pixels.copy()
    covered[:4, :4] = 0.5
    np.testing.assert_allclose(
        swept.values(target)[-1], probe.scores([models.picture()], target)[0], atol=1e-5
    )
    first = list(map(tuple, swept.grid.order)).index((0, 0))
    np.testing.assert_allclose(swept.values(target)[first], probe.scores(covered[None], target)[0], atol=1e-5)


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (3, r"must be \(row, column\) for the output"),
        ((4, 0), r"must lie in the output's places, \(4, 4\)"),
        (Box(2, 0, 3, 1), "box must lie in the output's 4 rows; .* ends at 5"),
        (np.ones((8, 8), bool), r"mask must have the size of the output's places, \(4, 4\); got \(8, 8\)"),
    ],
)
def test_a_place_that_the_output_does_not_have_is_refused(probe: cnnviz.Probe, at: Any, said: str) -> None:
    with pytest.raises(cnnviz.TargetError, match=said):
        probe.target(ClassScore(1, at=at))


def test_a_row_of_classes_has_no_places() -> None:
    with pytest.raises(cnnviz.TargetError, match="one row of scores for the whole picture"):
        cnnviz.Probe(models.functional()).target(ClassScore(1, at=(0, 0)))


def test_names_match_exactly_first_and_an_ambiguous_one_is_asked_back(probe: cnnviz.Probe) -> None:
    assert [probe.target(name) for name in ("pet", "Pet", "SKY")] == [ClassScore(k) for k in (2, 1, 0)]
    with pytest.raises(
        cnnviz.TargetError, match=r"Several classes are called 'PET': 'Pet' \(class 1\), 'pet' \(class 2\)"
    ):
        probe.target("PET")


def test_any_number_of_the_output_can_be_named(probe: cnnviz.Probe) -> None:
    output = probe.predict(models.picture())[0]
    np.testing.assert_allclose(probe.scores([models.picture()], Output(3, 2, 1)), output[3, 2, 1], atol=1e-6)
    with pytest.raises(cnnviz.TargetError, match="one index an axis of the output"):
        probe.target(Output(3))
    with pytest.raises(cnnviz.TargetError, match="index 2 must be from 0 to 3"):
        probe.target(Output(3, 2, 4))


def test_a_task_is_shown_and_can_be_set() -> None:
    model = models.functional(head="linear")
    assert "multiclass" in repr(cnnviz.Probe(model))
    probe = cnnviz.Probe(model, task="regression")
    assert (probe.task, probe.gives_classes, probe.top(models.picture())) == ("regression", False, [])
    assert probe.natural_target(models.picture()) == probe.target(0) == Output(0)
    with pytest.raises(cnnviz.TargetError, match="gives plain numbers, not classes"):
        probe.target(ClassScore(0, "probability"))
    with pytest.raises(cnnviz.SettingError, match=r"task must be one of .*; got 'classes'"):
        cnnviz.Probe(model, task="classes")
    with pytest.raises(cnnviz.SettingError, match=r"needs class scores at places"):
        cnnviz.Probe(model, task="segmentation")
