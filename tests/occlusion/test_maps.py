"""The maps of a sweep: against values worked out by hand."""

from typing import Any

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ReconstructionError
from cnnviz_widgets.occlusion.grid import coverage_mean, disc
from tests import easy_models, models
from tests.occlusion.common import covered, swept


def pixel_picture(value: float = 0.9) -> cnnviz.Image:
    return cnnviz.Image(np.full((9, 13, 1), value, np.float32), (0, 1))


def test_the_fall_of_one_pixel_is_its_value_minus_the_fill_where_all_windows_cover_it() -> None:
    probe = cnnviz.Probe(easy_models.one_pixel_reader(9, 13, 2, 10))
    found = swept(probe, pixel_picture(), patch=1).fall(0).values
    assert found[2, 10] == pytest.approx(0.4)
    assert np.count_nonzero(found) == 1


def two_sided() -> tuple[cnnviz.Probe, cnnviz.Image]:
    """Return a network that says class 0 unless the one bright pixel is covered."""
    weights = np.zeros((8, 8, 1), np.float32)
    weights[1, 6] = 10
    pixels = np.full((8, 8, 1), -0.1, np.float32)
    pixels[1, 6] = 1
    return cnnviz.Probe(easy_models.two_class_linear(weights), labels=["lit", "dark"]), cnnviz.Image(
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
    for answer in found.table.answers:
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
