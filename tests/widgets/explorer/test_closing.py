"""The end of an Explorer: nothing happens any more, and nothing is left."""

import threading

import pytest

from cnnviz_widgets import Explorer, Probe, Style
from cnnviz_widgets.errors import CnnvizError
from cnnviz_widgets.jobs import worker
from cnnviz_widgets.method import methods
from tests.models import picture
from tests.widgets.explorer.common import PATIENCE, Make, settled
from tests.widgets.leftovers import collected, left_behind


def test_after_close_nothing_happens_any_more(make: Make) -> None:
    explorer = make()
    before = explorer.explanation
    explorer.close()
    explorer.close()
    explorer.method = "Saliency"
    explorer.style = Style(opacity=0.1)
    explorer.ask()
    explorer.change_setting("patch", 3)
    assert explorer.wait(1)
    assert explorer.explanation is before
    assert explorer.comm is None


def test_to_close_in_the_middle_of_the_work_stops_it(make: Make) -> None:
    explorer = make()
    for _ in range(5):
        explorer.view.verdict._bars[1].click()
    explorer.method = "Occlusion"
    explorer.close()
    assert not worker.busy(explorer.session)
    assert worker.wait(explorer.presenter.film, PATIENCE)


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_twenty_explorers_leave_nothing_behind(probe: Probe, renderer: str) -> None:
    names = [label for label in methods() if label in ("Grad-CAM", "Saliency", "Occlusion", "Feature maps")]
    before = left_behind()
    for k in range(20):
        explorer = Explorer(probe, [picture()], renderer=renderer, method=names[k % 4])
        if k % 10 == 0:
            for change in ("Occlusion", "Feature maps", "Saliency"):
                explorer.method = change
                settled(explorer)
        explorer.close()
    assert left_behind() == before


def test_a_closed_explorer_can_be_collected(probe: Probe) -> None:
    assert collected(lambda: settled(Explorer(probe, [picture()], renderer="ipympl")))


def test_an_explorer_that_was_refused_leaves_nothing_behind(probe: Probe) -> None:
    before = left_behind()
    for settings in ({"size": "XXL"}, {"renderer": "svg"}, {"layer": "conv_9"}, {"method": "Grad"}):
        with pytest.raises(CnnvizError, match=r"."):
            Explorer(probe, [picture()], **settings)
    assert left_behind() == before


def test_a_closed_explorer_is_collected_without_waiting_for_a_lock(make: Make) -> None:
    explorer, held, let_go = make(), threading.Event(), threading.Event()
    explorer.close()

    def hold() -> None:
        with explorer.lock:
            held.set()
            let_go.wait(PATIENCE)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(PATIENCE)
    collector = threading.Thread(target=explorer.__del__, daemon=True)
    collector.start()
    collector.join(5)
    waited = collector.is_alive()
    let_go.set()
    holder.join(PATIENCE)
    assert not waited
