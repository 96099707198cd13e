"""What every registered method keeps to, whoever wrote it."""

import dataclasses
from typing import Any

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets.method import FAMILIES
from tests import models
from tests.kinds import transformers

METHODS = cnnviz.methods()


ATTENDING = {"Attention", "Attention rollout"}


def _model(label: str) -> Any:
    """Return a small model that a method can explain."""
    return transformers.class_token(cut="conv_1") if label in ATTENDING else models.functional()


@pytest.fixture(scope="module")
def probes() -> dict[bool, cnnviz.Probe]:
    return {}


@pytest.fixture
def probe(label: str, probes: dict[bool, cnnviz.Probe]) -> cnnviz.Probe:
    attends = label in ATTENDING
    if attends not in probes:
        probes[attends] = cnnviz.Probe(_model(label))
    return probes[attends]


@pytest.mark.parametrize("label", METHODS)
class TestContract:
    def test_it_says_what_it_is(self, label: str) -> None:
        method = METHODS[label]
        assert method.label == label
        assert method.family in FAMILIES
        assert len(method.help) > 10
        assert any(year in method.source for year in map(str, range(1990, 2027)))
        assert 1 <= method.reading.count(".") <= 4
        assert method.__doc__
        assert "Parameters" not in method.__doc__

    def test_every_field_is_a_declared_setting_with_help(self, label: str) -> None:
        specs = METHODS[label].specs()
        assert [field.name for field in dataclasses.fields(METHODS[label])] == list(specs)
        assert all(spec.help for spec in specs.values())

    def test_neither_model_nor_picture_is_changed(self, label: str) -> None:
        model, image = _model(label), models.picture()
        weights, pixels = model.get_weights(), image.pixels.copy()
        METHODS[label]()(model, image)
        np.testing.assert_equal(model.get_weights(), weights)
        np.testing.assert_array_equal(image.pixels, pixels)

    def test_the_same_recipe_gives_the_same_result_bit_for_bit(self, label: str, probe: cnnviz.Probe) -> None:
        image = models.picture()
        first = METHODS[label]()(probe, image)
        probe.gradient(models.picture(seed=4), 2)
        second = first.recipe(probe, image)
        third = first.recipe(cnnviz.Probe(probe.model), image)
        for again in (second, third):
            np.testing.assert_array_equal(first.values, again.values)
            assert (first.recipe, first.scores, first.notes) == (again.recipe, again.scores, again.notes)

    def test_done_rises_to_one(self, label: str, probe: cnnviz.Probe) -> None:
        done = [part.done for part in METHODS[label]().explain(probe, models.picture())]
        assert done == sorted(set(done))
        assert done[0] > 0
        assert done[-1] == 1

    def test_the_recipe_written_out_makes_the_same_recipe(self, label: str, probe: cnnviz.Probe) -> None:
        recipe = METHODS[label]()(probe, models.picture()).recipe
        assert (
            eval(repr(recipe), vars(cnnviz) | {name: getattr(cnnviz, name) for name in dir(cnnviz)}) == recipe
        )

    def test_the_recipe_has_no_setting_left_open(self, label: str, probe: cnnviz.Probe) -> None:
        recipe = METHODS[label]()(probe, models.picture()).recipe
        assert None not in [getattr(recipe, name) for name in recipe.specs()]

    def test_the_result_is_finite_float32_and_says_where_it_is_from(
        self, label: str, probe: cnnviz.Probe
    ) -> None:
        found = METHODS[label]()(probe, models.picture())
        assert found.values.dtype == np.float32
        assert np.isfinite(found.values).all()
        assert found.model == probe.name
        of_none = isinstance(found, cnnviz.ActivationMaps | cnnviz.FilteredPixels) or label in ATTENDING
        assert found.target or of_none
        assert found.unit

    def test_a_bare_model_and_a_bare_array_do(self, label: str, probe: cnnviz.Probe) -> None:
        bare = METHODS[label]()(probe.model, models.picture().pixels)
        np.testing.assert_array_equal(bare.values, METHODS[label]()(probe, models.picture()).values)

    def test_a_class_that_does_not_exist_is_refused_before_any_work(
        self, label: str, probe: cnnviz.Probe
    ) -> None:
        before = probe.calls
        with pytest.raises(cnnviz.TargetError, match=r"ClassScore\.index must be from 0 to 2.*got 3"):
            METHODS[label](target=3)(probe, models.picture())
        assert probe.calls == before

    def test_a_layer_with_a_typing_error_is_answered_with_the_right_one(
        self, label: str, probe: cnnviz.Probe
    ) -> None:
        specs = METHODS[label].specs()
        wrong: dict[str, Any] = {name: "conv1" for name, spec in specs.items() if spec.kind == "layer"}
        if wrong:
            with pytest.raises(cnnviz.LayerError, match=r"no layer 'conv1'.*Did you mean 'conv_1'"):
                METHODS[label](**wrong)(probe, models.picture())
