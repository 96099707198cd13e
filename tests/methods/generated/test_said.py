"""What the methods that make pictures say when nothing moves, refuse, and take as objectives."""

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ActivationMatching, ActivationMaximization, ClassScore, DeepDream, Several, Unit
from tests import easy_models, models
from tests.methods.generated.common import STILL, UNIT, same

EDGE = cnnviz.Custom(lambda x: -keras.ops.log(0.4 - keras.ops.mean(x, axis=(1, 2, 3))), "no number above 0.4")
GREY = cnnviz.Image(np.full((8, 8, 1), 0.2, np.float32), UNIT)


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
        made = DeepDream(steps=2)(easy_models.averaging(np.eye(3), np.eye(3)), models.picture())
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
