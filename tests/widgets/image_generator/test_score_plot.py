"""What is drawn beside a growing picture: its score by step, and the names on the pictures of a grid."""

import numpy as np
import pytest

from cnnviz_widgets import (
    ActivationMatching,
    ActivationMaximization,
    ClassScore,
    GeneratedImage,
    LayerEnergy,
    Several,
    Unit,
)
from cnnviz_widgets.widgets.image_generator.picture import MARK, cell_at, labelled
from cnnviz_widgets.widgets.image_generator.score_plot import (
    DIM,
    LINE,
    TOP,
    Measure,
    ScorePlot,
    measure_of,
    measures,
)
from tests.models import picture

SURELY = ClassScore(1, "log-probability")
SIDE = 200


def ink(drawn: np.ndarray, colour: tuple[int, int, int]) -> np.ndarray:
    """Return where a drawing has a colour: rows and columns, (2, n)."""
    return np.argwhere(np.abs(drawn.astype(int) - colour).sum(axis=2) < 40).T


def test_a_class_goes_on_rising_as_its_log_odds_where_its_probability_stands_still() -> None:
    odds = measure_of(SURELY).of_climb(np.log([0.5, 0.999, 0.99999]))
    np.testing.assert_allclose(odds, [0, 6.907, 11.513], atol=1e-3)


def test_log_odds_stay_finite_where_a_network_is_quite_sure() -> None:
    assert np.isfinite(measure_of(SURELY).of_climb(np.array([0.0, -1e-9, -5000.0]))).all()


def test_a_photograph_is_counted_as_the_climb_is() -> None:
    odds = measure_of(SURELY)
    assert odds.of_photograph(0.2) == pytest.approx(float(odds.of_climb(np.log([0.2]))[0]))
    assert measure_of(Unit("conv", 1)).of_photograph(3.5) == 3.5


@pytest.mark.parametrize(
    ("target", "name"),
    [(ClassScore(1), "logit"), (SURELY, "log-odds"), (ClassScore(1, "probability"), "probability"),
     (Unit("conv", 3), "activation"), (LayerEnergy("conv"), "energy")],
)  # fmt: skip
def test_the_axis_is_called_by_the_kind_of_number(target: object, name: str) -> None:
    assert ScorePlot(np.zeros((3, 1)), 3, measures=(measure_of(target),)).tag == f"{name} by step"


def test_a_match_is_told_by_the_share_that_is_missed() -> None:
    made = GeneratedImage(
        image=picture(), recipe=ActivationMatching(), curve=np.array([[-1.0], [-0.0359]], np.float32)
    )
    (counted,) = measures(made)
    assert [counted.words(float(value)) for value in counted.of_climb(made.curve[:, 0])] == [
        "100 % missed",
        "3.6 % missed",
    ]


def test_pictures_of_a_grid_are_counted_each_by_its_own_target() -> None:
    recipe = ActivationMaximization(target=Several((SURELY, Unit("conv", 3))))
    made = GeneratedImage(image=picture(), recipe=recipe, curve=np.zeros((4, 2), np.float32))
    assert [one.name for one in measures(made)] == ["log-odds", "activation"]


def test_lines_of_one_kind_share_an_axis() -> None:
    curve = ScorePlot(np.array([[0.0, 0.0], [1.0, 10.0]]), 2, measures=(Measure("logit"),) * 2)
    assert curve.ends(0) == curve.ends(1) == (0, 10)


def test_lines_of_different_kinds_have_each_a_range_of_its_own() -> None:
    scores = np.array([[0.0, 0.0], [1.0, 1000.0]])
    curve = ScorePlot(scores, 2, real=3.0, chosen=0, measures=(Measure("logit"), Measure("energy")))
    assert (curve.ends(0), curve.ends(1)) == ((0, 3), (0, 1000))
    assert curve.at(1, 1000.0, 1)[1] == ScorePlot(scores, 2).at(1, 1000.0, 1)[1]
    assert curve.tag == "each score in its own range"


def test_the_chosen_line_is_the_strong_one() -> None:
    scores = np.stack([np.zeros(40), np.linspace(0, 1, 40)], axis=1)
    heights = [ink(ScorePlot(scores, 0, chosen=k).drawn(SIDE), LINE)[0].mean() for k in (0, 1)]
    assert heights[1] < heights[0] - 20


def test_numbers_at_the_ends_of_lines_do_not_cover_each_other() -> None:
    curve = ScorePlot(np.ones((10, 4)) * [1, 1, 1.001, 5], 10)
    heights = sorted(y for _, y in curve._numbers().values())
    assert min(np.diff(heights)) > 0.06


def test_numbers_at_the_ends_of_lines_stay_below_what_is_written_above() -> None:
    curve = ScorePlot(np.linspace(0, 1, 10)[:, None] * [1, 1, 1, 1], 10)
    assert min(y for _, y in curve._numbers().values()) >= TOP


def test_a_dotted_line_stands_where_a_size_begins() -> None:
    scores = np.linspace(0, 1, 40)[:, None]
    plain, marked = (ScorePlot(scores, 0, begins=begins).drawn(SIDE) for begins in ((), (20,)))
    changed = np.argwhere(np.abs(plain.astype(int) - marked)[: int(0.8 * SIDE)].sum(axis=2) > 30)
    assert abs(np.median(changed[:, 1]) - SIDE / 2) < 3


def test_the_mouse_is_told_the_size_of_the_picture_at_a_step() -> None:
    curve = ScorePlot(np.zeros((40, 1)), 40, begins=(10, 20))
    assert curve.words_at(0.94) == "step 40, size 3 of the picture: score 0, as it was moved then"
    assert ScorePlot(np.zeros((40, 1)), 40).words_at(0.94) == "step 40: score 0, as it was moved then"


def test_the_legend_of_the_photographs_stands_below_the_label_of_the_drawing() -> None:
    rows, _ = ink(ScorePlot(np.linspace(0, 1, 40)[:, None], 40, real=0.5).drawn(SIDE), DIM)
    assert rows.min() > 22


def test_a_place_in_a_grid_is_one_of_its_pictures() -> None:
    assert [cell_at(3, x, y) for x, y in ((0.1, 0.1), (0.9, 0.1), (0.1, 0.9), (0.9, 0.9))] == [0, 1, 2, None]


def test_the_chosen_picture_of_a_grid_has_a_line_around_it_and_each_has_its_name() -> None:
    blank = np.full((SIDE, SIDE, 3), 120, np.uint8)
    rows, columns = ink(labelled(blank, ["cat", "dog", "a very long name of a channel", "cup"], 1), MARK)
    assert rows.min() == 0
    assert rows.max() < SIDE / 2 < columns.min() + 4
    named = labelled(blank, ["cat", "dog", "cup", "tub"], 1)
    for bottom, left in ((98, 0), (98, 102), (200, 0), (200, 102)):
        assert (named[bottom - 16 : bottom - 3, left + 3 : left + 30] > 200).any()
