"""The end of a comparison, and its turns with other widgets."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest

from cnnviz_widgets import Comparison, Heatmap, Image, Probe, Style
from cnnviz_widgets.jobs import worker
from tests.models import picture
from tests.widgets.comparison.common import PATIENCE, QUICK, Gate, Make, Slow
from tests.widgets.leftovers import collected, left_behind


def test_to_close_in_the_middle_of_the_work_stops_it(make: Make, gate: Gate) -> None:
    comparison = make(methods=[Slow(), "Saliency"], wait=False)
    assert gate.reached.wait(PATIENCE)
    closing = threading.Thread(target=comparison.close)
    closing.start()
    gate.open.set()
    closing.join(PATIENCE)
    assert not worker.busy(comparison.session)
    assert Slow.runs == ["random 0"]


def test_after_close_nothing_happens_any_more(make: Make) -> None:
    comparison = make()
    comparison.close()
    comparison.close()
    comparison.ask()
    comparison.style = Style(opacity=0.1)
    assert not worker.busy(comparison.session)
    assert comparison.comm is None


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_ten_comparisons_leave_nothing_behind(probe: Probe, renderer: str) -> None:
    before = left_behind()
    for k in range(10):
        comparison = Comparison(probe, [picture(), picture(seed=1)], renderer=renderer, methods=QUICK)
        if k % 3 == 0:
            assert comparison.wait(PATIENCE)
            comparison.chosen = (0, 0)
        comparison.close()
    assert left_behind() == before


def test_a_closed_comparison_can_be_collected(probe: Probe) -> None:
    def seen() -> Comparison:
        made = Comparison(probe, [picture()], renderer="image", methods=QUICK)
        assert made.wait(PATIENCE)
        return made

    assert collected(seen)


def test_a_question_of_another_widget_is_answered_between_two_steps(make: Make, probe: Probe) -> None:
    steps: list[str] = []

    @dataclass(frozen=True)
    class Long(Slow):
        def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
            for k in range(4):
                steps.append("step")
                if k == 1:
                    worker.submit("another widget", lambda job: steps.append("another"))
                values = np.eye(2, dtype=np.float32)
                yield Heatmap(**self.about(probe, image), values=values, done=(k + 1) / 4)

    make(images=[picture()], methods=[Long()])
    assert steps == ["step", "step", "another", "step", "step"]
