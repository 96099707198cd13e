"""Places of a pair: a click says what a place adds and where its like is."""

import pytest

from cnnviz_widgets import SimilarityExplorer
from tests.models import ZOO, picture
from tests.widgets.similarity.common import Make, changed, pixels


def test_a_click_on_a_place_says_what_it_adds_and_where_its_like_is(explorer: SimilarityExplorer) -> None:
    changed(explorer, match=5)
    explorer.pair_canvases[0].on_click("hero", 0.05, 0.05)
    assert explorer.place == (0, 0)
    assert explorer.status == "Cell 0, 0 of A adds 0.177 to 0.71. Most like it in B: cell 0, 0, cosine 1.00."


def test_the_same_place_again_shows_the_whole_maps(explorer: SimilarityExplorer) -> None:
    for _ in range(2):
        explorer.pair_canvases[0].on_click("hero", 0.05, 0.05)
    assert explorer.place is None
    assert explorer.status.startswith("Alike:")


def test_a_click_on_b_asks_a_and_lets_the_place_of_a_go(explorer: SimilarityExplorer) -> None:
    explorer.pair_canvases[0].on_click("hero", 0.05, 0.05)
    explorer.pair_canvases[1].on_click("hero", 0.3, 0.05)
    assert (explorer.place, explorer.place_b) == (None, (0, 1))
    assert "Cell 0, 1 of B" in explorer.status


def test_the_place_and_what_answers_it_are_framed(explorer: SimilarityExplorer) -> None:
    before = [pixels(view) for view in explorer.pair_canvases]
    changed(explorer, place=(0, 3))
    after = [pixels(view) for view in explorer.pair_canvases]
    assert (after[0] != before[0])[:81, 243:].any()
    assert not (after[0] != before[0])[:280, :243].any()  # below stands the letter with its hint
    changed(explorer, place=(0, 1))
    assert (pixels(explorer.pair_canvases[1]) != before[1]).any()


def test_of_means_the_lit_places_sum_to_what_the_place_adds(make: Make) -> None:
    explorer = changed(make(pooled=True), match=5, place=(1, 1))
    shown = explorer.presenter.pair._shown[1][1]  # type: ignore[index]
    assert shown.values.sum() == pytest.approx(explorer.explanation.parts.on_a[1, 1], abs=1e-6)


def test_a_place_can_be_typed_and_cleared(explorer: SimilarityExplorer) -> None:
    explorer.view.place.value = "1, 0"
    assert explorer.place == (1, 0)
    assert "Cell 1, 0 of A" in explorer.status
    explorer.view.place.value = ""
    assert explorer.place is None


def test_the_field_follows_the_mouse(explorer: SimilarityExplorer) -> None:
    explorer.pair_canvases[0].on_click("hero", 0.3, 0.05)
    assert explorer.view.place.value == "0, 1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("4, 0", "The row of a place must be from 0 to 3; got 4."),
        ("corner", "row, column of a cell, both from 0, such as 2, 1; got 'corner'"),
    ],
)
def test_a_place_that_is_not_there_is_said_and_the_picture_stays(
    explorer: SimilarityExplorer, text: str, said: str
) -> None:
    before = pixels(explorer.pair_canvases[0])
    explorer.view.place.value = text
    assert said in explorer.error
    assert (explorer.place, (pixels(explorer.pair_canvases[0]) == before).all()) == (None, True)


def test_a_place_that_answers_nothing_has_no_like(explorer: SimilarityExplorer) -> None:
    assert changed(explorer, place=(3, 3)).status.endswith("Nothing in B is like it.")


def test_a_place_runs_no_model(explorer: SimilarityExplorer) -> None:
    before = explorer.probe.calls
    changed(explorer, place=(1, 1))
    assert explorer.probe.calls == before


def test_a_code_without_exact_parts_says_so_when_a_place_is_clicked(make: Make) -> None:
    explorer = make(ZOO["no convolution"](), [picture(seed=seed) for seed in range(3)])
    assert explorer.explanation.parts is None
    explorer.pair_canvases[0].on_click("hero", 0.5, 0.5)
    assert "has no exact decomposition" in explorer.error
    assert explorer.place is None


def test_the_mouse_on_a_picture_reads_the_cell(explorer: SimilarityExplorer) -> None:
    explorer.pair_canvases[1].on_hover("hero", 0.1, 0.9)
    assert "B · cell 3, 0: 0" in explorer.view.footer._right.value
    explorer.pair_canvases[1].on_hover(None)
    assert "cells sum to" in explorer.view.footer._right.value
