"""What the network receives, in a panel of the Explorer: opened by a click, and in step with the picture."""

from typing import Any

import numpy as np
import pytest

from cnnviz_widgets import Explorer, Image, Probe
from tests.answering import by_brightness
from tests.models import functional
from tests.widgets.explorer.common import PATIENCE, Make


def grey(level: float, label: str = "") -> Image:
    made = Image(np.full((8, 8, 3), level, np.float32), (0, 1))
    return made.named(label=label) if label else made


@pytest.fixture
def open_panel(make: Make, probe: Probe) -> Explorer:
    explorer = make(probe, [grey(0.25, "cat"), grey(0.75, "dog")])
    explorer.view.received.button.click()
    assert explorer.view.received.wait(PATIENCE)
    return explorer


def panel(explorer: Explorer) -> Any:
    assert explorer.view.received.wait(PATIENCE)
    return explorer.view.received


def test_a_click_shows_the_numbers_that_go_in_beside_the_picture(open_panel: Explorer) -> None:
    shown = panel(open_panel)
    np.testing.assert_allclose(shown.received.tensor, 0.25)
    for words in ("8 × 8 × 3", "0.25 to 0.25", "0.25, 0.25, 0.25", "RGB", "as it was"):
        assert words in shown.text
    assert shown.text.count("<img") == 2
    assert shown.open


def test_the_panel_follows_the_picture_and_is_closed_by_a_second_click(open_panel: Explorer) -> None:
    open_panel.image = 1
    assert "0.75 to 0.75" in panel(open_panel).text
    panel(open_panel).button.click()
    assert not panel(open_panel).open
    open_panel.image = 0
    assert panel(open_panel).received.range == pytest.approx((0.75, 0.75))


def test_other_ways_to_prepare_pictures_are_tried_on_request_with_a_sentence(open_panel: Explorer) -> None:
    panel(open_panel).other_ways.click()
    found = panel(open_panel).found
    assert found.count == 2
    assert found.sentence in panel(open_panel).text
    assert f"<td>{found.ways[0].right} of 2</td>" in panel(open_panel).text


def test_a_network_without_classes_is_offered_no_other_ways(make: Make) -> None:
    explorer = make(Probe(by_brightness()), [Image(np.zeros((8, 8, 1), np.float32), (0, 1))])
    assert explorer.view.received.other_ways.layout.display == "none"


def test_names_in_the_panel_are_text_and_not_markup(make: Make) -> None:
    explorer = make(Probe(functional(), preprocess=_named("<img src=x>")), [grey(0.5)])
    explorer.view.received.button.click()
    assert "<img src=x>" not in panel(explorer).text
    assert "&lt;img" in panel(explorer).text


def _named(name: str) -> Any:
    def preprocess(batch: np.ndarray) -> np.ndarray:
        return batch

    preprocess.__name__ = name
    return preprocess
