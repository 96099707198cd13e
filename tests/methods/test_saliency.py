"""Saliency: the slope by the pixels, one number a pixel."""

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from tests import easy_models, models

WEIGHTS = np.random.default_rng(0).normal(size=(6, 9, 3)).astype(np.float32)


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [
        ("max", np.abs(WEIGHTS).max(axis=2)),
        ("sum", np.abs(WEIGHTS).sum(axis=2)),
        ("mean", np.abs(WEIGHTS).mean(axis=2)),
        ("l2", np.linalg.norm(WEIGHTS, axis=2)),
        ("signed", WEIGHTS.sum(axis=2)),
        ("colour", WEIGHTS),
    ],
)
def test_for_a_linear_model_it_is_the_weights(reduction: str, expected: np.ndarray) -> None:
    found = cnnviz.Saliency(reduction=reduction, target=0)(easy_models.linear(WEIGHTS), models.picture(6, 9))
    np.testing.assert_allclose(found.values, expected, rtol=1e-5, atol=1e-6)
    assert found.signed == (reduction in ("signed", "colour"))


def test_a_saturated_softmax_does_not_hide_the_logits_slope() -> None:
    found = cnnviz.Saliency(target=0)(easy_models.two_class_linear(WEIGHTS * 100), models.picture(6, 9))
    np.testing.assert_allclose(found.values, 100 * np.abs(WEIGHTS).max(axis=2), rtol=1e-5)


def test_a_model_that_reads_one_pixel_lights_up_that_pixel() -> None:
    found = cnnviz.Saliency(target=0)(easy_models.one_pixel_reader(5, 7, 1, 6), models.picture(5, 7, 1))
    assert np.argwhere(found.values).tolist() == [[1, 6]]


def test_a_constant_score_gives_zeros_and_a_note_that_says_so() -> None:
    found = cnnviz.Saliency()(easy_models.constant(), models.picture())
    assert not found.values.any()
    assert found.notes == ("Flat: the score does not react to any pixel. All slopes are 0.",)


def test_a_grey_picture_has_no_colours_to_show_and_says_so() -> None:
    found = cnnviz.Saliency(reduction="colour")(models.functional((8, 8, 1)), models.picture(channels=1))
    assert found.values.shape == (8, 8)
    assert "no three colours" in found.notes[0]


def test_a_reduction_that_does_not_exist_is_answered_with_the_nearest() -> None:
    with pytest.raises(cnnviz.SettingError, match=r"Saliency\.reduction must be one of.*Did you mean 'max'"):
        cnnviz.Saliency(reduction="maxx")
