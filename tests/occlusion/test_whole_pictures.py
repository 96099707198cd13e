"""A sweep against whole pictures: every answer is what a covered picture gives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Contrast, Custom, LayerEnergy, Output
from cnnviz_widgets.probe.patching import layer_rules
from tests import models
from tests.occlusion.common import covered, swept


@pytest.fixture(scope="module")
def shared() -> cnnviz.Probe:
    return cnnviz.Probe(models.functional())


@given(st.sampled_from(["square", "round"]), st.integers(1, 8), st.integers(1, 4), st.integers(0, 2))
@settings(max_examples=12)
def test_every_class_is_as_whole_pictures_have_it(
    shared: cnnviz.Probe, shape: str, patch: int, stride: int, index: int
) -> None:
    probe, found = shared, swept(shared, patch=patch, stride=stride, shape=shape)
    pictures = covered(found)
    for target in (
        ClassScore(index),
        ClassScore(index, "probability"),
        Contrast(index, 0),
        Contrast(None, index),
    ):
        np.testing.assert_allclose(found.values(target), probe.scores(pictures, target), atol=1e-5)


def test_the_answers_in_windows_are_those_of_whole_pictures(windows: None, probe: cnnviz.Probe) -> None:
    found = swept(probe)
    np.testing.assert_allclose(found.values(1), probe.scores(covered(found), 1), atol=1e-5)
    fall = found.fall(1)
    assert fall.scores["gain over whole pictures"] > 1
    assert 0 <= fall.scores["largest difference from them"] < 1e-5


def test_without_windows_no_difference_is_claimed(probe: cnnviz.Probe) -> None:
    assert "largest difference from them" not in swept(probe).fall(1).scores


@pytest.mark.parametrize("name", ["one sigmoid", "logits without softmax", "mixed_float16"])
def test_heads_of_all_kinds_are_read_alike(name: str) -> None:
    probe = cnnviz.Probe(models.ZOO[name]())
    found = swept(probe)
    for index in range(min(probe.classes, 2)):
        for of in ("logit", "probability"):
            target = ClassScore(index, of)
            np.testing.assert_allclose(found.values(target), probe.scores(covered(found), target), atol=1e-5)


def test_one_plain_number_is_read_as_it_is_for_whole_pictures() -> None:
    probe = cnnviz.Probe(models.ZOO["one score"]())
    found = swept(probe)
    np.testing.assert_allclose(found.values(Output(0)), probe.predict(covered(found))[:, 0], atol=1e-5)


def test_a_target_of_ones_own_is_asked_at_every_position(probe: cnnviz.Probe) -> None:
    target = Custom(lambda output: output[:, 0] * 2, "twice")
    found = swept(probe, target=target)
    np.testing.assert_allclose(
        found.values(target), 2 * found.values(ClassScore(0, "probability")), atol=1e-6
    )


def test_a_layers_energy_is_asked_at_every_position(probe: cnnviz.Probe) -> None:
    target = LayerEnergy("conv_1")
    found = swept(probe, target=target)
    np.testing.assert_allclose(found.values(target), probe.scores(covered(found), target), rtol=1e-5)


def test_a_target_that_was_not_asked_for_says_how_to(probe: cnnviz.Probe) -> None:
    with pytest.raises(cnnviz.TargetError, match=r"not asked for LayerEnergy.*Sweep with it as target"):
        swept(probe).values(LayerEnergy("conv_1"))


def test_windows_that_fail_leave_the_map_of_whole_pictures_and_a_note(
    windows: None, probe: cnnviz.Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(layer_rules.Convolution, "run", lambda *_: 1 / 0)
    for stride in (2, 1):
        found = swept(probe, stride=stride)
        np.testing.assert_allclose(found.values(1), probe.scores(covered(found), 1), atol=1e-7)
        fall = found.fall(1)
        assert "gain over whole pictures" not in fall.scores
        assert [note for note in fall.notes if "failed (ZeroDivisionError: division by zero)" in note]
