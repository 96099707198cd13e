"""Deletion and insertion on models whose curves can be worked out by hand."""

from typing import Any

import numpy as np
import pytest
from scipy.integrate import trapezoid

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Contrast, Image
from cnnviz_widgets.trust.curves import Curve
from cnnviz_widgets.trust.maps import cells, order_of, random_map
from tests import easy_models, models
from tests.trust.handmade import Given

SIDE = models.SIDE
WHITE = Image(np.ones((SIDE, SIDE, 1), np.float32), (0, 1))


def curves(model: Any, image: Image, method: cnnviz.Method, **options: Any) -> tuple[Curve, Curve]:
    options = {"insertion": "grey", **options}
    probe = cnnviz.Probe(model)
    *_, trust = cnnviz.trust.check(probe, method(probe, image), ["deletion", "insertion"], **options)
    assert trust.deletion is not None
    assert trust.insertion is not None
    return trust.deletion, trust.insertion


def one_hot(row: int, column: int) -> np.ndarray:
    values = np.zeros((SIDE, SIDE), np.float32)
    values[row, column] = 1
    return values


def weights(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((SIDE, SIDE, 1)).astype(np.float32)


def test_a_perfect_map_of_one_pixel_takes_all_at_the_first_step() -> None:
    model = easy_models.one_pixel_reader(SIDE, SIDE, 2, 5)
    deletion, insertion = curves(model, WHITE, Given(0, values=one_hot(2, 5)), steps=64)
    np.testing.assert_allclose(deletion.values, [1, *[0] * 64], atol=1e-6)
    np.testing.assert_allclose(insertion.values, [0, *[1] * 64], atol=1e-6)
    assert deletion.area == pytest.approx(1 / 128, abs=1e-6)
    assert insertion.area == pytest.approx(1 - 1 / 128, abs=1e-6)


def test_a_map_of_another_pixel_takes_it_with_the_rest() -> None:
    model = easy_models.one_pixel_reader(SIDE, SIDE, 2, 5)
    deletion, _ = curves(model, WHITE, Given(0, values=1 - one_hot(2, 5)), steps=64)
    np.testing.assert_allclose(deletion.values, [*[1] * 64, 0], atol=1e-6)


def test_where_all_pixels_count_alike_every_order_has_the_area_of_a_half() -> None:
    model = easy_models.linear(np.ones((SIDE, SIDE, 1), np.float32))
    deletion, insertion = curves(model, WHITE, Given(0, values=weights()[..., 0]), steps=16)
    for curve in (deletion, insertion):
        assert curve.area == pytest.approx(0.5, abs=1e-5)
        assert curve.random_areas == pytest.approx([0.5] * 3, abs=1e-5)
        assert curve.random_spread == pytest.approx(0, abs=1e-5)


def test_random_orders_of_a_linear_model_are_as_worked_out_by_hand() -> None:
    model, image = easy_models.linear(weights(1)), models.picture(channels=1)
    method = Given(0, values=weights()[..., 0])
    deletion, _ = curves(model, image, method, steps=64, orders=4, seed=7)
    share = (weights(1) * (image.pixels - 0.5))[..., 0].astype(np.float64)
    for k, (curve, area) in enumerate(zip(deletion.random, deletion.random_areas, strict=True)):
        made = random_map((SIDE, SIDE), (SIDE, SIDE), (7, k + 1))
        left = share.sum() - np.cumsum(share.flat[np.argsort(-made.reshape(-1))])
        by_hand = np.concatenate([[1.0], left / share.sum()])
        np.testing.assert_allclose(curve, by_hand, atol=1e-3)
        assert area == pytest.approx(trapezoid(by_hand, np.linspace(0, 1, 65)), abs=1e-3)


def test_the_shares_of_the_pixels_make_the_best_order_and_turned_round_the_worst() -> None:
    model, image = easy_models.linear(weights(1)), WHITE
    share = weights(1)[..., 0] * 0.5
    best, _ = curves(model, image, Given(0, signed=True, values=share), steps=64)
    worst, _ = curves(model, image, Given(0, signed=True, values=-share), steps=64)
    assert best.beaten == 3
    assert worst.beaten == 0
    assert best.area == pytest.approx(1 - (worst.area or 0), abs=1e-3)
    assert "the map finds what it hangs on" in best.words
    assert "does not find" in worst.words


def test_a_class_is_measured_by_its_probability_also_where_the_logit_is_explained() -> None:
    model, image = easy_models.two_class_linear(weights(1) / 8), WHITE
    method = Given(ClassScore(0), values=weights(1)[..., 0])
    deletion, insertion = curves(model, image, method, steps=8)
    blank = np.full_like(image.pixels, 0.5)
    ends = model.predict(np.stack([image.pixels, blank]), verbose=0)[:, 0]
    np.testing.assert_allclose(deletion.values[[0, -1]], ends, atol=1e-6)
    np.testing.assert_allclose(insertion.values[[-1, 0]], ends, atol=1e-6)
    assert not deletion.scaled
    assert deletion.measured == "the probability of class 0"


def test_plain_scores_are_read_as_if_a_softmax_followed() -> None:
    model, image = models.functional(head="linear"), models.picture()
    deletion, _ = curves(model, image, cnnviz.Saliency(target=1), steps=4)
    raised = np.exp(model.predict(image.pixels[None], verbose=0)[0])
    assert deletion.values[0] == pytest.approx(raised[1] / raised.sum(), abs=1e-6)


@pytest.mark.parametrize(
    "target", [Contrast(0, 1), cnnviz.Unit("conv_2", 0), cnnviz.LayerEnergy("conv_2")], ids=str
)
def test_any_other_target_is_scaled_from_the_filled_picture_to_the_whole_one(target: Any) -> None:
    curve, insertion = curves(models.functional(), models.picture(), cnnviz.Saliency(target=target), steps=4)
    assert curve.scaled
    assert (curve.values[0], curve.values[-1]) == (1, 0)
    assert (insertion.values[0], insertion.values[-1]) == (0, 1)


def test_a_target_that_the_fill_does_not_change_says_so() -> None:
    model = easy_models.one_pixel_reader(SIDE, SIDE, 0, 0)
    grey = Image(np.full((SIDE, SIDE, 1), 0.5, np.float32), (0, 1))
    curve, _ = curves(model, grey, Given(0, values=one_hot(0, 0)))
    assert curve.area is None
    assert "filled picture has the score of the picture itself, 0.5: deletion shows nothing" in curve.words


def test_a_cell_is_deleted_where_it_is_drawn() -> None:
    corner = np.zeros((SIDE, SIDE, 1), np.float32)
    corner[:2, 6:] = 1  # of the cell above right, what lies beyond its centre is as hot as the centre
    deletion, _ = curves(easy_models.linear(corner), WHITE, Given(0, values=[[0, 1], [0, 0]]), steps=16)
    np.testing.assert_allclose(deletion.values, [1, *[0] * 16], atol=1e-6)


def test_pixels_of_one_value_do_not_come_by_rows() -> None:
    ties = random_map((4, 4), (SIDE, SIDE), (0, 0))
    half = np.zeros((SIDE, SIDE))
    half[:, :4] = 1
    place = order_of(half, ties)
    assert sorted(place[:, :4].flat) == list(range(32))
    np.testing.assert_array_equal(np.argsort(place[:, :4].flat), np.argsort(-ties[:, :4], axis=None))


def test_random_cells_are_as_large_as_those_of_the_map() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    made = {
        "layer": cnnviz.GradCAM()(probe, image),
        "patch": cnnviz.Occlusion(patch=4, stride=2)(probe, image),
        "masks": cnnviz.RISE(masks=4, cells=3)(probe, image),
        "pixels": cnnviz.Saliency()(probe, image),
        "colours": cnnviz.Saliency(reduction="colour")(probe, image),
    }
    found = {name: cells(explanation) for name, explanation in made.items()}
    assert found == {
        "layer": (4, 4), "patch": (2, 2), "masks": (3, 3), "pixels": (8, 8), "colours": (8, 8),
    }  # fmt: skip


def test_no_more_than_one_batch_of_copies_exists_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []
    predict = cnnviz.Probe.predict

    def counted(self: cnnviz.Probe, images: np.ndarray, **how: bool) -> np.ndarray:
        sizes.append(len(images))
        return predict(self, images, **how)

    monkeypatch.setattr(cnnviz.Probe, "predict", counted)
    curves(models.functional(), models.picture(), cnnviz.Saliency(), steps=60, orders=5)
    assert max(sizes) == 32
    assert sum(sizes) == 2 * (2 + 6 * 59)


@pytest.mark.parametrize("kind", [0, 1])
def test_a_fill_that_leaves_the_class_as_likely_says_nothing_about_its_parts(kind: int) -> None:
    found = curves(models.functional(), models.picture(), cnnviz.Saliency())[kind]
    assert found.area is not None
    assert found.words.startswith(
        f"Nothing can be said by {('deletion', 'insertion')[kind]}: the probability of"
    )
    assert found.words.endswith("has insertion." if kind else "has deletion.")


def test_a_map_hardly_better_than_a_random_order_has_not_beaten_it() -> None:
    shares, random = np.array([0, 0.5, 1.0]), np.array([[1, 0.5, 0.0], [1, 0.9, 0.0]])
    assert Curve(shares=shares, values=np.array([1, 0.49, 0.0]), random=random).beaten == 1


def test_more_steps_than_pixels_are_cut_to_one_pixel_a_step() -> None:
    model = easy_models.one_pixel_reader(SIDE, SIDE, 0, 0)
    deletion, _ = curves(model, WHITE, Given(0, values=one_hot(0, 0)), steps=1000)
    np.testing.assert_array_equal(deletion.shares, np.arange(65) / 64)


def test_the_maps_own_curve_is_known_before_those_of_random_orders() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    first, *_ = cnnviz.trust.check(probe, cnnviz.GradCAM()(probe, image), ["deletion"], steps=16)
    assert first.deletion is not None
    assert first.deletion.area is not None
    assert len(first.deletion.random_areas) < 3
    assert first.deletion.words == ""
