"""The methods that make pictures: known best pictures, determinism, going on, and what they say when nothing moves."""

import dataclasses

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import (
    ActivationMatching,
    ActivationMaximization,
    ClassScore,
    DeepDream,
    LayerEnergy,
    Several,
    Unit,
)
from cnnviz_widgets.method import GENERATED
from tests import models

STILL = {"jitter": 0, "rotation": 0, "zoom": 0, "blur": 0}
METHODS = cnnviz.generators()
UNIT = (0.0, 1.0)
EDGE = cnnviz.Custom(lambda x: -keras.ops.log(0.4 - keras.ops.mean(x, axis=(1, 2, 3))), "no number above 0.4")
GREY = cnnviz.Image(np.full((8, 8, 1), 0.2, np.float32), UNIT)


def seeing(side: int = 64) -> keras.Model:
    """Return a classifier of pictures of one size, with convolutions that take any."""
    keras.utils.set_random_seed(1)
    image = keras.Input((side, side, 3), name="image")
    x = layers.Conv2D(6, 3, strides=2, padding="same", activation="relu", name="conv_1")(image)
    x = layers.Conv2D(8, 3, strides=2, padding="same", activation="relu", name="conv_2")(x)
    return keras.Model(
        image, layers.Dense(3, name="classes")(layers.GlobalAveragePooling2D()(x)), name="seeing"
    )


def same() -> cnnviz.Probe:
    """Return a network whose output is the picture."""
    image = keras.Input((8, 8, 1))
    return cnnviz.Probe(keras.Model(image, layers.Activation("linear", name="same")(image)), value_range=UNIT)


@pytest.fixture(scope="module")
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(seeing(), value_range=UNIT)


@pytest.fixture(scope="module")
def photo() -> cnnviz.Image:
    rows, columns = np.mgrid[:64, :64] / 63
    return cnnviz.Image(np.stack([rows, columns, (rows + columns) / 2], -1).astype(np.float32), UNIT, "ramp")


def quick(label: str, **more: object) -> cnnviz.Method:
    own = {"steps": 3, "octaves": 2} if label == "DeepDream" else {"steps": 12, "preset": "fast"}
    return METHODS[label](**{**own, **more})


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
        )(cnnviz.Probe(models.linear(weights), value_range=UNIT))
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
            models.averaging(kernel, np.eye(3)), picture
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
        colours = models.averaging(np.eye(3), 5 * np.eye(3))
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
        blind = models.averaging(
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


class TestGoingOn:
    @pytest.mark.parametrize("label", METHODS)
    def test_a_climb_that_went_on_ends_as_one_that_never_stopped(
        self, label: str, probe: cnnviz.Probe, photo: cnnviz.Image
    ) -> None:
        method = quick(label)
        parts = list(method.explain(probe, photo))
        for before in parts[:-1]:
            *_, last = method.go_on(probe, before)
            np.testing.assert_array_equal(last.values, parts[-1].values)
            np.testing.assert_array_equal(last.curve, parts[-1].curve)
            assert (last.done, last.progress) == (1, parts[-1].progress)

    @pytest.mark.parametrize("changes", [{"rate": 0.1}, {"jitter": 0}])
    @pytest.mark.parametrize("label", METHODS)
    def test_other_settings_hold_from_there_on(
        self, label: str, changes: dict[str, float], probe: cnnviz.Probe, photo: cnnviz.Image
    ) -> None:
        first, *_, last = quick(label, jitter=9).explain(probe, photo)
        *_, other = quick(label, jitter=9).replace(**changes).go_on(probe, first)
        count = len(first.curve)
        np.testing.assert_array_equal(other.curve[:count], first.curve)
        assert len(other.curve) == len(last.curve)
        assert np.abs(other.values - last.values).max() > 1e-4

    @pytest.mark.parametrize("changes", [{"octaves": 1}, {"octave_scale": 1.2}, {"enlarge": 1.5}])
    def test_a_dream_keeps_its_sizes(
        self, changes: dict[str, float], probe: cnnviz.Probe, photo: cnnviz.Image
    ) -> None:
        first = next(quick("DeepDream").explain(probe, photo))
        with pytest.raises(
            cnnviz.SettingError, match=r"keeps the sizes.*made at 46 x 46, 64 x 64, and octaves"
        ):
            next(quick("DeepDream", **changes).go_on(probe, first))

    @pytest.mark.parametrize("label", METHODS)
    def test_a_finished_one_goes_on_where_steps_are_raised(
        self, label: str, probe: cnnviz.Probe, photo: cnnviz.Image
    ) -> None:
        made = quick(label)(probe, photo)
        with pytest.raises(cnnviz.SettingError, match=r"has all its steps.*Raise steps"):
            next(quick(label).go_on(probe, made))
        more = quick(label, steps=made.recipe.steps + 4)
        assert more.resolved(probe, photo).steps_left(made) == 4
        *_, last = more.go_on(probe, made)
        assert (len(last.curve), last.done) == (len(made.curve) + 4, 1)

    def test_a_dream_with_fewer_steps_leaves_its_octave_at_once(
        self, probe: cnnviz.Probe, photo: cnnviz.Image
    ) -> None:
        first = next(quick("DeepDream").explain(probe, photo))
        after = next(quick("DeepDream", steps=1).go_on(probe, first))
        assert after.values.shape == (1, 64, 64, 3)
        assert (len(after.curve), after.done, after.progress) == (3, 1, "3 of 3 steps")

    @pytest.mark.parametrize("label", METHODS)
    def test_what_holds_no_state_of_the_method_is_refused(
        self, label: str, probe: cnnviz.Probe, photo: cnnviz.Image
    ) -> None:
        other = "DeepDream" if label != "DeepDream" else "Activation matching"
        made = quick(other)(probe, photo)
        for before in (made, dataclasses.replace(quick(label)(probe, photo), state=None), photo):
            with pytest.raises(cnnviz.SettingError, match=r"go_on takes a result that this method made"):
                next(quick(label).go_on(probe, before))


class TestSeveral:
    def test_each_picture_raises_its_own_target(self) -> None:
        colours = cnnviz.Probe(models.averaging(np.eye(3), 5 * np.eye(3)))
        made = ActivationMaximization(target=Several([0, 1, 2]), preset="fast")(colours)
        assert made.values.shape == (3, 8, 8, 3)
        assert colours.predict(made.values).argmax(axis=1).tolist() == [0, 1, 2]
        assert [image.name for image in made.images] == list(made.targets)

    def test_diversity_drives_pictures_apart_in_their_layer(self) -> None:
        colours = cnnviz.Probe(models.averaging(np.eye(3), np.eye(3)))

        def alike(diversity: float) -> float:
            made = ActivationMaximization(target=Unit("maps"), count=3, preset="fast", diversity=diversity)(
                colours
            )
            flat = made.values.reshape(3, -1, 3)
            grams = np.einsum("npk,npl->nkl", flat, flat).reshape(3, -1)
            grams /= np.linalg.norm(grams, axis=1, keepdims=True)
            return float((grams @ grams.T).sum() - 3) / 6

        assert alike(5.0) < alike(0.0) - 0.01


class TestNothingMoves:
    def test_a_dead_unit_is_named_with_its_activation(self) -> None:
        image = keras.Input((8, 8, 1))
        maps = layers.Conv2D(1, 1, activation="relu", name="maps")
        model = keras.Model(image, maps(image))
        maps.set_weights([np.zeros((1, 1, 1, 1), np.float32), np.array([-1], np.float32)])
        made = ActivationMaximization(target=Unit("maps", 0), steps=8)(cnnviz.Probe(model, value_range=UNIT))
        assert any("did not move: it is 0 at every step" in note for note in made.notes)

    def test_a_number_that_is_not_finite_stops_it_with_the_last_good_picture(self) -> None:
        *_, last = ActivationMaximization(
            target=EDGE, begin="picture", space="pixels", steps=200, rate=0.01, **STILL
        ).explain(same(), GREY)
        assert last.done == 1
        assert np.isfinite(last.values).all()
        assert any(note.startswith("Stopped at step") and "Lower the rate" in note for note in last.notes)

    def test_a_dream_whose_score_is_not_finite_ends_with_the_last_picture_that_had_one(self) -> None:
        *_, last = DeepDream(target=EDGE, steps=40, rate=0.03, jitter=0).explain(same(), GREY)
        assert (last.done, len(last.curve)) == (1, 6)
        np.testing.assert_allclose(last.values, 0.2 + 6 * 0.03, rtol=1e-5)
        assert last.notes == (
            "Stopped at step 8: the score is no longer a finite number. Shown is the last good picture, of step 6. "
            "Lower the rate, or raise an earlier layer.",
        )

    def test_a_dream_that_stopped_goes_on_with_a_lower_rate(self) -> None:
        *_, stopped = DeepDream(target=EDGE, steps=10, rate=0.03, jitter=0).explain(same(), GREY)
        *_, last = DeepDream(target=EDGE, steps=10, rate=0.003, jitter=0).go_on(same(), stopped)
        assert (last.notes, len(last.curve)) == ((), 10)
        np.testing.assert_allclose(last.values, 0.2 + 6 * 0.03 + 4 * 0.003, rtol=1e-5)

    def test_a_dream_whose_slope_is_not_finite_ends_with_the_picture_it_began_with(self) -> None:
        steep = cnnviz.Custom(lambda x: keras.ops.sqrt(0 * keras.ops.mean(x, axis=(1, 2, 3))), "steep")
        (only,) = DeepDream(target=steep, steps=4).explain(same(), GREY)
        np.testing.assert_allclose(only.values[0], GREY.pixels)
        assert (only.done, len(only.curve)) == (1, 0)
        assert only.notes[0].startswith("Stopped at step 1: the picture is no longer")
        assert only.picture(size=100).shape == (100, 100, 3)

    def test_a_target_without_a_slope_is_refused(self, probe: cnnviz.Probe) -> None:
        steps = cnnviz.Custom(lambda x: keras.ops.sign(keras.ops.stop_gradient(x[:, 0])), "steps")
        with pytest.raises(cnnviz.TargetError, match="does not depend on the picture with a slope"):
            ActivationMaximization(target=steps)(probe)


class TestBadInput:
    def test_a_method_that_needs_a_picture_says_so(self, probe: cnnviz.Probe) -> None:
        with pytest.raises(cnnviz.ImageError, match="DeepDream dreams on a picture"):
            DeepDream()(probe)
        with pytest.raises(cnnviz.ImageError, match="ActivationMatching needs a picture"):
            ActivationMatching()(probe)
        with pytest.raises(cnnviz.ImageError, match=r"begin='picture'\) needs a picture"):
            ActivationMaximization(begin="picture")(probe)
        with pytest.raises(cnnviz.ImageError, match="Saliency needs a picture"):
            cnnviz.Saliency()(probe)

    def test_an_octave_that_is_too_small_names_how_many_fit(
        self, probe: cnnviz.Probe, photo: cnnviz.Image
    ) -> None:
        with pytest.raises(
            cnnviz.SettingError, match=r"octaves: the smallest of 4.*32 is the least. Use at most 3"
        ):
            DeepDream(octaves=4)(probe, photo)

    def test_a_network_of_small_pictures_dreams_at_its_own_size(self) -> None:
        made = DeepDream(steps=2)(models.averaging(np.eye(3), np.eye(3)), models.picture())
        assert made.recipe.octaves == 1
        assert made.values.shape == (1, 8, 8, 3)

    def test_a_target_behind_a_flattened_layer_takes_one_size(self) -> None:
        image = keras.Input((64, 64, 3))
        x = layers.Conv2D(2, 3, strides=4, name="conv")(image)
        model = keras.Model(image, layers.Dense(2, name="classes")(layers.Flatten()(x)))
        with pytest.raises(cnnviz.TargetError, match=r"takes pictures of 64 x 64 and gives no answer"):
            DeepDream(target=0, octaves=2)(model, models.picture(64, 64))

    def test_several_targets_are_not_explained_but_made(
        self, probe: cnnviz.Probe, photo: cnnviz.Image
    ) -> None:
        with pytest.raises(cnnviz.TargetError, match="Several is not an objective"):
            cnnviz.Saliency(target=Several([0, 1]))(probe, photo)


class TestObjectives:
    def test_a_mixture_is_the_weighted_sum(self, probe: cnnviz.Probe, photo: cnnviz.Image) -> None:
        one, two = (float(probe.scores(photo, k)[0]) for k in (0, 1))
        mixed = float(probe.scores(photo, cnnviz.Mixture([0, 1], [2, -0.5]))[0])
        assert mixed == pytest.approx(2 * one - 0.5 * two, rel=1e-5)

    def test_a_direction_is_the_mean_projection(self, probe: cnnviz.Probe, photo: cnnviz.Image) -> None:
        vector = np.arange(1.0, 9.0)
        maps = probe.activations(photo, "conv_2").reshape(-1, 8)
        expected = float((maps @ (vector / np.linalg.norm(vector))).mean())
        assert float(probe.scores(photo, cnnviz.Direction("conv_2", vector))[0]) == pytest.approx(
            expected, rel=1e-5
        )

    def test_a_match_with_itself_is_0(self, probe: cnnviz.Probe, photo: cnnviz.Image) -> None:
        assert float(probe.scores(photo, cnnviz.Matching(photo, "conv_1"))[0]) == pytest.approx(0, abs=1e-9)

    def test_the_log_probability_is_the_log_of_the_probability(self, photo: cnnviz.Image) -> None:
        probe = cnnviz.Probe(models.functional())
        image = models.picture()
        for k in range(3):
            chance, log = (
                float(probe.scores(image, ClassScore(k, of))[0]) for of in ("probability", "log-probability")
            )
            assert log == pytest.approx(np.log(chance), abs=1e-5)

    @pytest.mark.parametrize(
        ("make", "said"),
        [
            (lambda: cnnviz.Direction("conv_2", (0, 0)), "finite numbers that are not all 0"),
            (lambda: cnnviz.Direction("conv_2", "up"), "must be numbers, one a channel"),
            (lambda: cnnviz.Mixture([0, 1], [1]), "one weight an objective, 2; got 1"),
            (lambda: Several([]), "at least one objective"),
            (lambda: Several(3), "must be a list of objectives; got 3"),
        ],
    )
    def test_what_makes_no_objective_is_refused(self, make: object, said: str) -> None:
        with pytest.raises(cnnviz.TargetError, match=said):
            make()  # type: ignore[operator]

    def test_a_direction_must_fit_its_layer(self, probe: cnnviz.Probe) -> None:
        with pytest.raises(cnnviz.TargetError, match="one number a channel of conv_2, 8; got 2"):
            probe.target(cnnviz.Direction("conv_2", (1, 2)))
