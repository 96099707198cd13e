"""Going on with a made picture, and making several at once."""

import dataclasses

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ActivationMaximization, Several, Unit
from tests import easy_models
from tests.methods.generated.common import METHODS, quick


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
        colours = cnnviz.Probe(easy_models.averaging(np.eye(3), 5 * np.eye(3)))
        made = ActivationMaximization(target=Several([0, 1, 2]), preset="fast")(colours)
        assert made.values.shape == (3, 8, 8, 3)
        assert colours.predict(made.values).argmax(axis=1).tolist() == [0, 1, 2]
        assert [image.name for image in made.images] == list(made.targets)

    def test_diversity_drives_pictures_apart_in_their_layer(self) -> None:
        colours = cnnviz.Probe(easy_models.averaging(np.eye(3), np.eye(3)))

        def alike(diversity: float) -> float:
            made = ActivationMaximization(target=Unit("maps"), count=3, preset="fast", diversity=diversity)(
                colours
            )
            flat = made.values.reshape(3, -1, 3)
            grams = np.einsum("npk,npl->nkl", flat, flat).reshape(3, -1)
            grams /= np.linalg.norm(grams, axis=1, keepdims=True)
            return float((grams @ grams.T).sum() - 3) / 6

        assert alike(5.0) < alike(0.0) - 0.01
