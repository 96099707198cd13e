"""How long a comparison will take, and which methods come first."""

import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Probe
from cnnviz_widgets.comparisons.plan import planned
from cnnviz_widgets.widgets.comparison.pace import Pace
from tests.models import functional, picture
from tests.widgets.comparison.common import PATIENCE, Gate, Make, Slow


class Clock:
    """Tells the time that it is given."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(probe: Probe, clock: Clock) -> Pace:
    """Give the pace of two methods on three pictures, of which nothing is measured."""
    pictures = [picture(seed=k) for k in range(3)]
    fresh = Probe(probe.model)
    return Pace(planned(fresh, pictures, methods=["Saliency", cnnviz.Occlusion(patch=2, stride=2)]), clock)


def test_a_time_that_rests_on_nothing_is_not_predicted(pace: Pace, clock: Clock) -> None:
    pace.begin((1, 0))
    clock.now = 5
    pace.step(0.25)
    assert pace.left([(1, 0), (1, 1)]) is None


def test_cells_take_as_long_as_the_last_of_their_method(pace: Pace, clock: Clock) -> None:
    pace.begin((1, 0))
    clock.now = 8
    pace.step(1)
    assert pace.left([(1, 1), (1, 2)]) == 16
    assert pace.left([(0, 0), (1, 1)]) is None


def test_the_cell_at_work_counts_by_what_is_done_of_it_and_the_time_since(pace: Pace, clock: Clock) -> None:
    pace.begin((1, 0))
    clock.now = 8
    pace.step(1)
    pace.begin((1, 1))
    clock.now = 10
    pace.step(0.25)
    clock.now = 11
    assert pace.left([(1, 1), (1, 2)]) == 8 * 0.75 - 1 + 8


def test_the_first_of_a_method_counts_by_its_steps_after_the_first(pace: Pace, clock: Clock) -> None:
    pace.begin((1, 0))
    for clock.now, done in ((60, 0.1), (61, 0.2), (62, 0.3)):
        pace.step(done)
    assert pace.left([(1, 0), (1, 1)]) == pytest.approx(7 + 10)


def test_what_was_measured_holds_when_it_runs_again(pace: Pace, clock: Clock) -> None:
    pace.begin((1, 0))
    for clock.now, done in ((60, 0.1), (61, 0.2), (62, 0.3)):
        pace.step(done)
    pace.end()
    assert pace.left([(1, 0)]) == pytest.approx(10)


def test_what_is_not_measured_is_predicted_from_the_time_of_a_picture(
    pace: Pace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Probe, "seconds_per_image", 0.5)
    assert pace.left([(1, 0), (0, 0)]) == 0.5 * (16 + 1) + 0.5


def test_a_comparison_tells_no_time_before_one_is_measured(make: Make, gate: Gate) -> None:
    comparison = make(functional(), methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    assert comparison.session.seconds_left is None
    assert "left" not in comparison.view.footer._right.value


def test_the_quick_methods_come_before_those_that_try_every_channel(probe: Probe) -> None:
    few = cnnviz.Occlusion(patch=8, stride=8)
    plan = planned(probe, [picture()], methods=["Score-CAM", few, "Saliency"])
    heads = [plan.frame.columns.heads[column] for _, column in plan.order()]
    assert heads == ["Saliency", "Occlusion", "Score-CAM"]


def test_layers_and_targets_of_one_method_are_told_apart_by_their_layer(probe: Probe) -> None:
    plan = planned(probe, [picture()], layers=["conv_1", "conv_2"], targets=[0, 1])
    assert [plan.sort(place) for place in plan.frame.places] == [(0,), (0,), (1,), (1,)]
