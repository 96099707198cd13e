"""Occlusion: the fall of the score under a patch, against models that read one pixel, all pixels, or none."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import cnnviz_widgets as cnnviz
from cnnviz_widgets.occlusion.fill import FILLS
from cnnviz_widgets.occlusion.grid import sweep_grid
from tests import easy_models, models


@pytest.fixture(scope="module")
def summing() -> cnnviz.Probe:
    """A model of any size whose score is the sum of the pixels."""
    image = keras.Input((None, None, 1), name="image")
    return cnnviz.Probe(keras.Model(image, keras.layers.Lambda(lambda x: keras.ops.sum(x, (1, 2)))(image)))


@given(st.integers(1, 17), st.integers(1, 17), st.data())
@settings(max_examples=25)
def test_for_a_sum_of_pixels_it_is_the_mean_of_what_the_windows_hide(
    summing: cnnviz.Probe, height: int, width: int, data: st.DataObject
) -> None:
    patch = data.draw(st.integers(1, min(height, width)))
    stride = data.draw(st.integers(1, patch))
    image = models.picture(height, width, 1)
    found = cnnviz.Occlusion(patch=patch, stride=stride, fill="black", target=0)(summing, image)
    total, covers = np.zeros((height, width)), np.zeros((height, width))
    grid = sweep_grid((height, width), patch, stride)
    for row in grid.rows:
        for column in grid.columns:
            window = np.s_[row : row + patch, column : column + patch]
            total[window] += image.pixels[window].sum()
            covers[window] += 1
    np.testing.assert_allclose(found.values, total / covers, atol=1e-3)


@pytest.mark.parametrize(("patch", "stride"), [(1, 1), (3, 2), (4, 3), (5, 5), (9, 1)])
def test_a_model_that_reads_one_pixel_lights_up_exactly_where_windows_cover_it(
    patch: int, stride: int
) -> None:
    row, column = 2, 10
    image = cnnviz.Image(np.full((9, 13, 1), 0.9, np.float32), (0, 1))
    model = easy_models.one_pixel_reader(9, 13, row, column)
    found = cnnviz.Occlusion(patch=patch, stride=stride)(model, image)
    expected = np.zeros((9, 13), bool)
    grid = sweep_grid((9, 13), patch, stride)
    for top in grid.rows:
        for left in grid.columns:
            if top <= row < top + patch and left <= column < left + patch:
                expected[top : top + patch, left : left + patch] = True
    np.testing.assert_array_equal(found.values != 0, expected)
    assert found.scores["largest fall"] == pytest.approx(0.9 - 0.5)


def test_a_constant_score_is_zero_everywhere_and_says_so() -> None:
    found = cnnviz.Occlusion(patch=3, stride=2)(easy_models.constant(), models.picture())
    assert not found.values.any()
    assert found.notes == ("Flat: covering any place leaves the score as it is. All values are 0.",)


def test_a_patch_that_changes_nothing_lets_nothing_fall() -> None:
    image = cnnviz.Image(np.full((8, 8, 3), 0.5, np.float32), (0, 1))
    assert not cnnviz.Occlusion(patch=3, stride=1)(models.functional(), image).values.any()


@pytest.mark.parametrize("fill", [*FILLS, "#30c0ff"])
def test_every_fill_is_taken(fill: str) -> None:
    found = cnnviz.Occlusion(patch=4, stride=4, fill=fill)(models.functional(), models.picture(seed=1))
    assert found.recipe.fill == fill
    assert found.values.any()


def test_patch_and_stride_are_chosen_from_the_shorter_side() -> None:
    recipe = cnnviz.Occlusion()(models.functional((28, 42, 3)), models.picture(28, 42)).recipe
    assert (recipe.patch, recipe.stride) == (4, 2)


def test_pictures_are_counted_before_they_are_made() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    assert cnnviz.Occlusion(patch=4, stride=2).passes(image) == 3 * 3
    assert probe.calls == 0


def test_partial_results_end_in_the_full_one_and_count_up() -> None:
    parts = list(cnnviz.Occlusion(patch=2, stride=1, target=0).explain(models.functional(), models.picture()))
    assert [part.progress for part in parts] == ["31 of 49", "49 of 49"]
    assert all(np.isfinite(part.values).all() for part in parts)


def test_a_stride_larger_than_the_patch_says_how_many_pixels_are_missed() -> None:
    found = cnnviz.Occlusion(patch=1, stride=2)(models.functional(), models.picture())
    assert "39 pixels are never covered" in found.notes[0]


def test_a_patch_larger_than_the_picture_is_refused() -> None:
    for ask in (lambda m, p, i: m(p, i), lambda m, p, i: m.passes(i)):
        with pytest.raises(
            cnnviz.SettingError, match=r"Patch 9 is larger than the picture \(8 × 8\).*at most 8"
        ):
            ask(cnnviz.Occlusion(patch=9, stride=1), cnnviz.Probe(models.functional()), models.picture())


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [("stride", 0, "at least 1; got 0"), ("patch", -3, "at least 1; got -3"), ("patch", 2.5, "got 2.5")],
)
def test_a_size_that_makes_no_sense_is_refused(setting: str, value: float, said: str) -> None:
    with pytest.raises(cnnviz.SettingError, match=rf"Occlusion\.{setting} must be a whole number.*{said}"):
        cnnviz.Occlusion(**{setting: value})


def test_a_fill_with_a_typing_error_is_answered_with_the_right_one() -> None:
    with pytest.raises(cnnviz.SettingError, match="Did you mean 'grey'"):
        cnnviz.Occlusion(fill="gray")


def test_occluding_bytes_does_not_wrap_around() -> None:
    image = keras.Input((4, 4, 1))
    model = keras.Model(image, keras.layers.Flatten()(image))
    found = cnnviz.Occlusion(patch=1, stride=1, fill="white", target=5)(model, np.full((4, 4), 250, np.uint8))
    assert found.values.ravel()[5] == -5


def test_a_fill_that_is_neither_word_colour_nor_picture_is_refused() -> None:
    with pytest.raises(
        cnnviz.SettingError, match=r"or a colour such as '#ff8800', or an Image to take it from; got 3"
    ):
        cnnviz.Occlusion(fill=3)


def test_a_round_patch_covers_less_than_a_square_one() -> None:
    ones = cnnviz.Image(np.ones((8, 8, 1), np.float32), (0, 1))
    model = easy_models.linear(np.ones((8, 8, 1), np.float32))
    square, round_ = (
        cnnviz.Occlusion(patch=4, stride=4, fill="black", shape=shape)(model, ones)
        for shape in ("square", "round")
    )
    assert (square.scores["largest fall"], round_.scores["largest fall"]) == pytest.approx((16, 12))
