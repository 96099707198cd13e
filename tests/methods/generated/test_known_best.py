"""Methods that make pictures: their contract, and pictures whose best is known."""

import dataclasses

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ActivationMatching, ActivationMaximization, ClassScore, DeepDream, LayerEnergy
from cnnviz_widgets.method import GENERATED
from tests import easy_models, models
from tests.methods.generated.common import METHODS, STILL, UNIT, quick, same, seeing


class TestContract:
    @pytest.mark.parametrize("label", METHODS)
    def test_it_says_what_it_is(self, label: str) -> None:
        method = METHODS[label]
        assert (method.label, method.family) == (label, GENERATED)
        assert len(method.help) > 10
        assert any(year in method.source for year in map(str, range(1990, 2027)))
        assert 1 <= method.reading.count(".") <= 4
        assert [field.name for field in dataclasses.fields(method)] == list(method.specs())
        assert label not in cnnviz.methods()

    @pytest.mark.parametrize("label", METHODS)
    def test_the_same_recipe_makes_the_same_picture_bit_for_bit(
        self, label: str, probe: cnnviz.Probe, photo: cnnviz.Image
    ) -> None:
        first = quick(label)(probe, photo)
        again = first.recipe(cnnviz.Probe(probe.model, value_range=UNIT), photo)
        np.testing.assert_array_equal(first.values, again.values)
        np.testing.assert_array_equal(first.curve, again.curve)
        assert (first.recipe, first.notes) == (again.recipe, again.notes)

    @pytest.mark.parametrize("label", ["Activation maximisation", "Activation matching"])
    def test_another_seed_makes_another_picture(
        self, label: str, probe: cnnviz.Probe, photo: cnnviz.Image
    ) -> None:
        one, other = (quick(label, seed=seed)(probe, photo).values for seed in (0, 1))
        assert np.abs(one - other).max() > 1e-3

    @pytest.mark.parametrize("label", METHODS)
    def test_model_and_picture_stay_as_they_are_and_values_in_their_range(
        self, label: str, photo: cnnviz.Image
    ) -> None:
        model, before = seeing(), photo.pixels.copy()
        weights = model.get_weights()
        made = quick(label)(cnnviz.Probe(model, value_range=UNIT), photo)
        np.testing.assert_equal(model.get_weights(), weights)
        np.testing.assert_array_equal(photo.pixels, before)
        assert made.values.dtype == np.float32
        assert made.values.min() >= 0
        assert made.values.max() <= 1

    @pytest.mark.parametrize("label", METHODS)
    def test_done_rises_to_one_and_the_recipe_has_no_setting_left_open(
        self, label: str, probe: cnnviz.Probe, photo: cnnviz.Image
    ) -> None:
        parts = list(quick(label).explain(probe, photo))
        done = [part.done for part in parts]
        assert done == sorted(set(done))
        assert done[-1] == 1
        assert None not in [getattr(parts[-1].recipe, name) for name in parts[-1].recipe.specs()]
        assert parts[-1].picture(size=100).shape == (100, 100, 3)

    @pytest.mark.parametrize("label", METHODS)
    def test_the_score_rises(self, label: str, probe: cnnviz.Probe, photo: cnnviz.Image) -> None:
        made = quick(label)(probe, photo)
        assert made.curve[-1].mean() > made.curve[0].mean()


class TestKnownBest:
    def test_the_best_picture_of_a_linear_unit_is_its_weights(self) -> None:
        weights = np.random.default_rng(0).normal(size=(8, 8, 1)).astype(np.float32)
        made = ActivationMaximization(
            target=ClassScore(0),
            rivals="left alone",
            space="pixels",
            steps=200,
            rate=0.02,
            greyness=4.0,
            **STILL,
        )(cnnviz.Probe(easy_models.linear(weights), value_range=UNIT))
        found = made.values[0].ravel() - 0.5
        assert np.corrcoef(found, weights.ravel())[0, 1] > 0.999

    @pytest.mark.parametrize("space", ["pixels", "fourier"])
    def test_the_best_picture_of_a_quadratic_is_its_centre(self, space: str) -> None:
        centre = np.random.default_rng(1).uniform(0.2, 0.8, (8, 8, 1)).astype(np.float32)
        nearness = cnnviz.Custom(
            lambda output: -keras.ops.mean((output - centre) ** 2, axis=(1, 2, 3)), "nearness"
        )
        made = ActivationMaximization(target=nearness, space=space, steps=400, rate=0.02, **STILL)(same())
        assert np.abs(made.values[0] - centre).max() < 0.02

    def test_matching_a_layer_that_loses_nothing_gives_the_picture_back(self) -> None:
        kernel = np.array([[1, 0.5, 0], [-0.5, 1, 0.2], [0, 0.3, -1]], np.float32)
        picture = models.picture()
        made = ActivationMatching(layer="maps", steps=300, space="pixels", rate=0.01)(
            easy_models.averaging(kernel, np.eye(3)), picture
        )
        assert -made.curve[-1, 0] < 0.001 * -made.curve[0, 0]
        assert np.abs(made.values[0] - picture.pixels).mean() < 0.02

    def test_a_dream_adds_energy_to_its_layer(self, probe: cnnviz.Probe, photo: cnnviz.Image) -> None:
        made = DeepDream(target=cnnviz.LayerEnergy("conv_1"), steps=4, octaves=2, jitter=0)(probe, photo)
        before, after = (
            float(probe.scores(x, cnnviz.LayerEnergy("conv_1"))[0]) for x in (photo, made.images[0])
        )
        assert after > 1.2 * before

    def test_a_class_whose_rivals_are_held_down_wins(self) -> None:
        colours = easy_models.averaging(np.eye(3), 5 * np.eye(3))
        made = ActivationMaximization(target=2, preset="fast")(colours)
        assert made.recipe.target == ClassScore(2, "log-probability")
        red, green, blue = made.values[0].mean(axis=(0, 1))
        assert blue > 0.05 + max(red, green)


class TestMoves:
    def test_moves_do_not_pile_up_in_the_picture(self, probe: cnnviz.Probe, photo: cnnviz.Image) -> None:
        made = ActivationMaximization(
            target=0,
            begin="picture",
            space="pixels",
            rate=0,
            greyness=0,
            steps=20,
            jitter=9,
            rotation=20,
            zoom=0.2,
        )(probe, photo)
        np.testing.assert_array_equal(made.values[0], photo.pixels)

    def test_a_shift_before_each_step_is_undone_in_what_the_step_changes(self) -> None:
        blind = easy_models.averaging(
            np.eye(3), np.eye(3), side=64
        )  # each place is seen by itself, wherever it stands
        picture = cnnviz.Image(np.random.default_rng(0).random((64, 64, 3)).astype(np.float32), UNIT)
        still, shaken = (
            DeepDream(target=LayerEnergy("maps"), steps=3, octaves=1, jitter=jitter)(blind, picture)
            for jitter in (0, 20)
        )
        np.testing.assert_allclose(shaken.values, still.values, atol=1e-6)
        assert np.abs(still.values[0] - picture.pixels).max() > 0.01


class TestPulls:
    def test_a_small_picture_is_moved_less(self) -> None:
        small, large = (
            ActivationMaximization(target=0).fitted(cnnviz.Image(np.zeros((side, side, 1), np.float32), UNIT))
            for side in (28, 224)
        )
        assert (small.jitter, small.rotation, small.zoom) == (1, 8, 0.1)
        assert (large.jitter, large.rotation, large.zoom) == (22, 15, 0.25)
