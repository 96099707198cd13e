"""One sweep, several maps: against values worked out by hand, and without asking twice."""

from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Contrast, Custom, LayerEnergy, Occlusion, ReconstructionError
from cnnviz_widgets.coverage import coverage_mean, disc
from cnnviz_widgets.probe.incremental import network
from cnnviz_widgets.probe.incremental.cost import Rates
from cnnviz_widgets.probe.randomised import RandomisedCopy
from cnnviz_widgets.sweeps import Swept, questions, table
from tests import models


@pytest.fixture(scope="module")
def shared() -> cnnviz.Probe:
    return cnnviz.Probe(models.functional())


@pytest.fixture
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(models.functional())


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let windows seem to cost nothing, so that they are used."""
    monkeypatch.setattr(network, "machine_rates", lambda: Rates(windows=1e-9, shape=0.0))
    monkeypatch.setattr("cnnviz_widgets.probe.incremental.patched.WORTH", 0.0)


def swept(probe: cnnviz.Probe, image: cnnviz.Image | None = None, **setting: Any) -> Swept:
    *_, last = Occlusion(**{"patch": 3, "stride": 1, **setting}).sweep(probe, image or models.picture())
    return last


def covered(found: Swept, fill: float = 0.5) -> np.ndarray:
    """Return the picture covered at each position and, last, bare: (N + 1, H, W, C)."""
    made = np.repeat(found.image.pixels[None], found.grid.count + 1, axis=0)
    side, mask = found.grid.patch, found.settings.mask
    for picture, (row, column) in zip(made, found.grid.order, strict=False):
        top, left = found.grid.rows[row], found.grid.columns[column]
        window = picture[top : top + side, left : left + side]
        window[...] = fill if mask is None else np.where(mask[..., None] > 0, fill, window)
    return made


# against whole pictures


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


@pytest.mark.parametrize("name", ["one sigmoid", "one score", "logits without softmax", "mixed_float16"])
def test_heads_of_all_kinds_are_read_alike(name: str) -> None:
    probe = cnnviz.Probe(models.ZOO[name]())
    found = swept(probe)
    for index in range(min(probe.classes, 2)):
        for of in ("logit", "probability"):
            target = ClassScore(index, of)
            np.testing.assert_allclose(found.values(target), probe.scores(covered(found), target), atol=1e-5)


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


# maps


def pixel_picture(value: float = 0.9) -> cnnviz.Image:
    return cnnviz.Image(np.full((9, 13, 1), value, np.float32), (0, 1))


def test_the_fall_of_one_pixel_is_its_value_minus_the_fill_where_all_windows_cover_it() -> None:
    probe = cnnviz.Probe(models.one_pixel_reader(9, 13, 2, 10))
    found = swept(probe, pixel_picture(), patch=1).fall(0).values
    assert found[2, 10] == pytest.approx(0.4)
    assert np.count_nonzero(found) == 1


def two_sided() -> tuple[cnnviz.Probe, cnnviz.Image]:
    """Return a network that says class 0 unless the one bright pixel is covered."""
    weights = np.zeros((8, 8, 1), np.float32)
    weights[1, 6] = 10
    pixels = np.full((8, 8, 1), -0.1, np.float32)
    pixels[1, 6] = 1
    return cnnviz.Probe(models.two_class_linear(weights), labels=["lit", "dark"]), cnnviz.Image(
        pixels, (-1.2, 1)
    )


def test_the_label_map_shows_another_label_just_where_the_pixel_is_covered() -> None:
    found = swept(*two_sided(), patch=1).label()
    assert found.legend == {0: "lit", 1: "dark"}
    assert np.argwhere(found.values == 1).tolist() == [[1, 6]]
    assert found.target == "“lit”"


def test_a_pixel_has_the_label_of_the_position_whose_middle_is_nearest() -> None:
    found = swept(*two_sided(), patch=3, stride=3).label()
    assert np.argwhere(found.values == 1).tolist() == [[row, column] for row in range(3) for column in (6, 7)]


def test_the_probability_of_a_class_is_the_mean_over_the_positions_that_cover_a_pixel(
    probe: cnnviz.Probe,
) -> None:
    found = swept(probe, stride=2)
    grid = np.empty(found.grid.shape, np.float32)
    grid[tuple(np.transpose(found.grid.order))] = probe.predict(covered(found))[:-1, 2]
    np.testing.assert_allclose(found.probability(2).values, coverage_mean(found.grid, grid), atol=1e-6)


def test_where_no_patch_comes_the_probability_is_that_of_the_bare_picture(probe: cnnviz.Probe) -> None:
    found = swept(probe, patch=1, stride=2).probability(0)
    assert found.values[1, 1] == pytest.approx(found.scores["probability"])


def test_the_activity_is_that_of_the_channel_that_is_loudest_on_the_bare_picture(probe: cnnviz.Probe) -> None:
    found = swept(probe)
    maps = probe.activations(found.image, "conv_2").mean(axis=(0, 1))
    made = found.activity()
    assert made.target == f"channel {maps.argmax()} of conv_2"
    assert made.scores["activity"] == pytest.approx(maps.max(), rel=1e-5)
    loud = probe.activations(covered(found), "conv_2").mean(axis=(1, 2))[:-1, maps.argmax()]
    assert made.scores["lowest"] == pytest.approx(loud.min(), rel=1e-5)


def test_an_autoencoder_tells_how_far_the_code_moves_and_how_well_it_rebuilds() -> None:
    probe, image = cnnviz.Probe(models.autoencoder()), models.picture(channels=1)
    found = swept(probe, image)
    pictures = covered(found)
    codes = probe.activations(pictures, "encoded").reshape(len(pictures), -1)
    moved = np.linalg.norm(codes - codes[-1], axis=1)
    distance, error = found.code_distance(), found.reconstruction_error()
    assert distance.scores["highest"] == pytest.approx(moved.max(), rel=1e-4)
    assert distance.scores["distance"] == pytest.approx(0, abs=1e-5)
    assert error.scores["highest"] == pytest.approx(
        probe.scores(pictures, ReconstructionError())[:-1].max(), rel=1e-5
    )


def test_the_error_map_tells_how_far_it_rises_above_that_of_the_bare_picture() -> None:
    probe, image = cnnviz.Probe(models.autoencoder()), models.picture(channels=1)
    found = swept(probe, image, patch=2, stride=2)
    values = found.values(ReconstructionError())
    assert found.reconstruction_error().values[0, 0] == pytest.approx(values[0] - values[-1], abs=1e-6)
    assert found.reconstruction_error().signed


def test_code_or_error_is_the_difference_of_both_as_shares() -> None:
    probe, image = cnnviz.Probe(models.autoencoder()), models.picture(channels=1)
    found = swept(probe, image, patch=2, stride=2)
    code, error = found.code_distance().values, found.reconstruction_error().values
    expected = code / code.max() - error / np.abs(error).max()
    made = found.map("code or error", None)  # type: ignore[arg-type]
    np.testing.assert_allclose(made.values, expected, atol=1e-6)
    assert made.signed


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("code distance", "the code"),
        ("reconstruction error", "the reconstruction error"),
        ("activity", "the activity"),
    ],
)
def test_a_change_that_is_rounding_is_drawn_flat_and_said(name: str, what: str) -> None:
    probe, image = cnnviz.Probe(models.autoencoder()), models.picture(channels=1)
    found = swept(probe, image, fill=image)
    for answer in found._table.answers:
        answer[:-1] = answer[-1] + 1e-7 * np.abs(answer[-1])
    made = found.map(name, 0)  # type: ignore[arg-type]
    assert not made.values.any()
    assert made.notes == (f"Flat: covering any place leaves {what} as it is. All values are 0.",)


def test_every_map_has_a_recipe_that_makes_it_again(probe: cnnviz.Probe) -> None:
    found = swept(probe)
    for name in ("fall", "probability", "label", "activity"):
        made: Any = found.map(name, 1)
        again = made.recipe(probe, found.image)
        assert again.recipe.map == name
        np.testing.assert_array_equal(again.values, made.values)


def test_a_round_patch_says_that_corners_stay_uncovered(probe: cnnviz.Probe) -> None:
    found = swept(probe, patch=4, shape="round").fall(0)
    assert found.notes == ("A round patch leaves corners: 4 pixels are never covered and show no change.",)
    assert found.values[0, 0] == 0


def test_the_mask_of_a_disc_is_round() -> None:
    np.testing.assert_array_equal(disc(4), [[0, 1, 1, 0], [1, 1, 1, 1], [1, 1, 1, 1], [0, 1, 1, 0]])


def test_a_patch_can_be_taken_from_another_picture(probe: cnnviz.Probe) -> None:
    image, other = models.picture(), models.picture(seed=5)
    found = swept(probe, image, fill=other, patch=8)
    np.testing.assert_allclose(found.values(0)[0], probe.scores(other, 0)[0], rtol=1e-5)


# from coarse to fine


def test_before_anything_is_compiled_a_few_whole_pictures_are_shown(
    windows: None, probe: cnnviz.Probe
) -> None:
    parts = Occlusion(patch=2, stride=1).sweep(probe, models.picture())
    guessed, first = next(parts), next(parts)
    assert guessed.progress == first.progress == "9 of 49"
    np.testing.assert_allclose(guessed.values(1), first.values(1), rtol=1e-4)
    again = Occlusion(patch=3, stride=1).sweep(probe, models.picture())
    assert [next(again).progress for _ in range(2)] == ["9 of 36", "36 of 36"]


def test_what_was_shown_before_anything_was_compiled_is_asked_again(
    windows: None, probe: cnnviz.Probe
) -> None:
    parts = Occlusion(patch=2, stride=1).sweep(probe, models.picture())
    next(parts)
    parts.close()
    found = swept(probe, patch=2)
    fresh = swept(cnnviz.Probe(models.functional()), patch=2)
    np.testing.assert_array_equal(found.values(1), fresh.values(1))


def test_the_same_sweep_gives_the_same_numbers_to_the_last_bit(windows: None) -> None:
    cold = cnnviz.Probe(models.functional())
    warm = cnnviz.Probe(models.functional())
    swept(warm, models.picture(seed=3))
    swept(warm, patch=5)
    np.testing.assert_array_equal(swept(cold).values(1), swept(warm).values(1))


# what is refused


@pytest.mark.parametrize(
    ("make", "name", "said"),
    [
        (
            models.functional,
            "code distance",
            "needs a code between two pictures.*Choose one of fall, probability",
        ),
        (models.functional, "reconstruction error", "needs an output of the picture's shape"),
        (models.autoencoder, "label", "needs classes, which autoencoder does not have"),
        (lambda: models.ZOO["no convolution"](), "activity", "needs layers with maps"),
        (models.functional, "labels", "Occlusion.map must be one of.*Did you mean 'label'"),
    ],
)
def test_a_map_that_the_model_cannot_show_is_refused_before_any_work(make: Any, name: str, said: str) -> None:
    probe = cnnviz.Probe(make())
    channels = probe.input_shape[-1] or 1
    with pytest.raises(cnnviz.SettingError, match=said):
        Occlusion(map=name, target=LayerEnergy("encoded") if channels == 1 else 0)(
            probe, models.picture(channels=channels)
        )
    assert probe.calls == 0


def test_labels_that_would_take_too_much_memory_are_refused(
    probe: cnnviz.Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "MOST_BYTES", 100)
    found = swept(probe, target=1)
    np.testing.assert_allclose(found.values(1), probe.scores(covered(found), 1), atol=1e-5)
    with pytest.raises(
        cnnviz.SettingError, match=r"36 positions times 3 classes take too much memory.*larger stride"
    ):
        found.label()


# nothing is asked twice


class Counting(cnnviz.Probe):
    """A probe that notes how many pictures it is asked for."""

    pictures = 0

    def answers(self, images: Any, questions: Any) -> list[np.ndarray]:
        self.pictures += len(images)
        return super().answers(images, questions)


@pytest.fixture
def counting() -> Counting:
    return Counting(models.functional())


def test_another_map_and_another_class_run_no_model(counting: Counting) -> None:
    found = swept(counting)
    before = counting.calls
    for name in ("fall", "probability", "label", "activity"):
        for index in range(3):
            found.map(name, index)
            Occlusion(patch=3, stride=1, map=name, target=index)(counting, found.image)
    assert counting.calls == before


def test_each_position_is_asked_once_and_the_bare_picture_once(counting: Counting) -> None:
    found = swept(counting, target=0)
    assert counting.pictures == found.grid.count + 1


def test_a_stride_that_divides_an_earlier_one_asks_only_for_the_positions_between(counting: Counting) -> None:
    image = models.picture()
    coarse = swept(counting, image, patch=2, stride=2, target=0)
    before = counting.pictures
    fine = swept(counting, image, patch=2, stride=1, target=0)
    assert counting.pictures - before == fine.grid.count - coarse.grid.count
    fresh = swept(cnnviz.Probe(counting.model), image, patch=2, stride=1, target=0)
    np.testing.assert_allclose(fine.values(0), fresh.values(0), atol=1e-6)


def test_what_is_known_already_is_shown_before_anything_is_asked(counting: Counting) -> None:
    swept(counting, patch=2, stride=2, target=0)
    before = counting.calls
    first = next(Occlusion(patch=2, stride=1, target=0).sweep(counting, models.picture()))
    assert (counting.calls, first.progress) == (before, "16 of 49")


def test_a_stride_that_multiplies_an_earlier_one_asks_for_nothing(counting: Counting) -> None:
    fine = swept(counting, patch=2, stride=1, target=0)
    before = counting.calls
    coarse = swept(counting, patch=2, stride=3, target=0)
    assert counting.calls == before
    assert coarse.values(0)[-1] == fine.values(0)[-1]


@pytest.mark.parametrize("changed", [{"patch": 4}, {"fill": "black"}, {"shape": "round"}])
def test_another_patch_is_asked_anew(counting: Counting, changed: dict[str, Any]) -> None:
    first = swept(counting, target=0)
    second = swept(counting, target=0, **changed)
    assert counting.pictures == first.grid.count + second.grid.count + 2


def test_a_sweep_that_was_stopped_goes_on_where_it_was(counting: Counting) -> None:
    parts = Occlusion(patch=2, stride=1, target=0).sweep(counting, models.picture())
    begun = next(parts)
    parts.close()
    assert begun.progress == "31 of 49"
    swept(counting, patch=2, stride=1, target=0)
    assert counting.pictures == 50


def test_what_is_known_now_does_not_grow_behind_ones_back(probe: cnnviz.Probe) -> None:
    first, last = Occlusion(patch=2, stride=1, target=0).sweep(probe, models.picture())
    assert np.count_nonzero(np.isnan(first.values(0))) == 18
    assert not np.isnan(last.values(0)).any()


def test_new_weights_are_asked_anew(counting: Counting) -> None:
    before = swept(counting, target=0).values(0)
    counting.model.get_layer("classes").kernel.assign_add(np.ones((5, 3)) * [[0.5, 0.1, 0.2]])
    assert not np.allclose(swept(counting, target=0).values(0), before)


def test_the_least_recently_used_sweep_goes_when_memory_is_short(
    counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table, "KEPT_BYTES", 1500)
    for patch in (1, 2, 3, 4):
        swept(counting, patch=patch, target=0)
    assert sum(found.bytes for found in counting.shelf.values()) < 5000
    before = counting.pictures
    swept(counting, patch=1, target=0)
    assert counting.pictures > before


def test_a_network_with_shuffled_weights_is_not_answered_from_the_original_ones(windows: None) -> None:
    probe = cnnviz.Probe(models.functional())
    before = swept(probe, target=0)
    copy = RandomisedCopy(probe)
    np.testing.assert_allclose(swept(copy.probe, target=0).values(0), before.values(0), atol=1e-5)
    copy.shuffle("conv_1")
    found = swept(copy.probe, target=0)
    np.testing.assert_allclose(found.values(0), copy.probe.scores(covered(found), 0), atol=1e-5)
    assert not np.allclose(found.values(0), before.values(0))


def test_whole_pictures_answer_several_questions_in_one_run(probe: cnnviz.Probe) -> None:
    images = [models.picture(seed=k) for k in range(3)]
    asked = ("logits", "conv_1", ClassScore(2), LayerEnergy("conv_2"))
    before = probe.calls
    logits, maps, score, energy = probe.answers(images, asked)
    assert probe.calls == before + 1
    np.testing.assert_allclose(logits, probe.logits(images), rtol=1e-5)
    np.testing.assert_allclose(maps, probe.activations(images, "conv_1"), rtol=1e-5)
    np.testing.assert_allclose(score, logits[:, 2], rtol=1e-6)
    np.testing.assert_allclose(energy, probe.scores(images, LayerEnergy("conv_2")), rtol=1e-5)


def test_a_model_of_any_size_is_swept() -> None:
    image = keras.Input((None, None, 1), name="image")
    total = keras.Model(image, keras.layers.Lambda(lambda x: keras.ops.sum(x, (1, 2)))(image))
    found = swept(cnnviz.Probe(total), models.picture(5, 7, 1), patch=2, fill="black")
    assert found.values(0)[-1] == pytest.approx(float(found.image.pixels.sum()), rel=1e-5)
