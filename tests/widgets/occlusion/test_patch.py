"""The patch: where it lies, how it is moved, its size, stride and filling."""

import re

import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import OcclusionExplorer, Probe
from cnnviz_widgets.occlusion import questions
from cnnviz_widgets.widgets.occlusion import presenter as occlusion_screen
from cnnviz_widgets.widgets.occlusion.maps import covered_photograph
from tests.models import functional, picture
from tests.widgets.occlusion.common import Make, moved, network, settled


def rules(explorer: OcclusionExplorer) -> str:
    return str(explorer.view.verdict._style.value)


# the patch where it lies


def test_it_opens_with_the_patch_in_the_middle_and_the_fall(explorer: OcclusionExplorer) -> None:
    assert explorer.presenter.place() == (3, 3)
    assert (explorer.explanation.recipe.map, explorer.progress, explorer.error) == ("fall", 1.0, "")


def test_the_sentence_says_what_the_patch_does_and_what_is_said_now(explorer: OcclusionExplorer) -> None:
    assert "It still says “lit”" in moved(explorer, 4, 0).status
    assert re.match(r"Covered here: 88 → 45 %\. Now it says “dark”\.", moved(explorer, 0, 6).status)


def test_the_bars_show_what_is_now_and_a_tick_what_was(explorer: OcclusionExplorer) -> None:
    assert re.search(r"cv-b0 \{ --p: 45\.\d%; --was: 88\.\d%;", rules(moved(explorer, 0, 6)))


def test_the_network_is_not_run_for_a_position_that_the_sweep_knows(explorer: OcclusionExplorer) -> None:
    before = explorer.probe.calls
    moved(explorer, 0, 6)
    assert explorer.probe.calls == before
    moved(explorer, 0, 5)
    assert explorer.probe.calls == before + 1


def test_a_drag_moves_the_patch_as_far_as_the_mouse(explorer: OcclusionExplorer) -> None:
    drag = explorer.canvas.on_drag
    drag("grab", 4 / 8, 4 / 8)
    assert explorer.presenter.place() == (3, 3)
    drag("move", 7 / 8, 2 / 8)
    drag("drop", 7 / 8, 2 / 8)
    assert explorer.position == (1, 6)
    assert "dark" in settled(explorer).status


def test_a_press_beside_the_patch_brings_its_middle_there(explorer: OcclusionExplorer) -> None:
    explorer.canvas.on_drag("grab", 1 / 8, 7 / 8)
    assert explorer.position == (6, 0)


def test_a_drag_beyond_the_border_stops_there(explorer: OcclusionExplorer) -> None:
    explorer.canvas.on_drag("grab", 4 / 8, 4 / 8)
    explorer.canvas.on_drag("move", 1.0, 1.0)
    assert explorer.position == (6, 6)


def test_a_click_on_a_map_sends_the_patch_there(explorer: OcclusionExplorer) -> None:
    explorer.canvas.on_click("map", 7 / 8, 1 / 8)
    assert explorer.position == (0, 6)


def test_the_sliders_move_the_patch_and_follow_it(explorer: OcclusionExplorer) -> None:
    down, across = explorer.view._place.values()
    down.value = 6
    assert explorer.position == (6, 3)
    moved(explorer, 1, 2)
    assert (down.value, across.value, down.max) == (1, 2, 6)


def test_the_mouse_on_a_map_reads_its_value_or_label(make: Make) -> None:
    explorer = make(map="label")
    explorer.canvas.on_hover("photo", 7 / 8, 1 / 8)
    assert "dark" in explorer.view.footer._right.value
    explorer.canvas.on_hover("map", 0.1, 0.9)
    assert ">0<" in explorer.view.footer._right.value
    explorer.canvas.on_hover(None)
    assert "model call" in explorer.view.footer._right.value


def test_a_larger_patch_moves_in_from_the_border(explorer: OcclusionExplorer) -> None:
    moved(explorer, 6, 6)
    explorer.patch = 5
    assert settled(explorer).presenter.place() == (3, 3)


# patch, stride, filling


def test_the_sliders_change_patch_and_stride_and_say_the_cost(explorer: OcclusionExplorer) -> None:
    explorer.view._settings["stride"].value = 1
    assert settled(explorer).explanation.recipe.stride == 1
    explorer.view._settings["patch"].value = 3
    assert settled(explorer).explanation.recipe.patch == 3
    assert re.search(r"36 pictures in \d", explorer.view.cost.value)


def test_a_stride_that_divides_keeps_what_is_known(make: Make) -> None:
    explorer = make(Probe(network()))
    explorer.stride = 1
    assert "40 positions" not in settled(explorer).error
    assert explorer.session.calls == 2


def test_a_round_patch_is_drawn_round() -> None:
    recipe = cnnviz.Occlusion(patch=8, stride=2, shape="round", fill="black")
    drawn = covered_photograph(picture(16, 16), recipe, (4, 4), {}, (160, 160))
    assert drawn[80, 80].max() < 10
    assert drawn[43, 43].max() > 10


def test_another_picture_can_fill_the_patch(make: Make) -> None:
    explorer = make(fill=picture(channels=1, seed=3))
    assert (explorer.error, explorer.explanation.recipe.fill) == ("", picture(channels=1, seed=3))


def test_a_stride_larger_than_the_patch_says_what_it_misses(make: Make) -> None:
    assert "pixels are never covered" in make(patch=1, stride=3).view.notes.value


def test_a_sweep_that_would_take_minutes_waits_after_the_coarse_map(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(occlusion_screen, "MOST_SECONDS", 0.0)
    explorer = make(functional((32, 32, 3)), [picture(32, 32)], patch=4, stride=2)
    assert explorer.session.state == "cancelled"
    assert re.match(r"Coarse map\. The rest would take about .*: Run again computes it\.", explorer.status)
    assert 0.2 < explorer.explanation.done < 1
    explorer.view.footer.again.click()
    assert settled(explorer).explanation.done == 1


def test_where_all_classes_are_too_much_the_fall_and_the_bars_are_still_shown(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "MOST_BYTES", 100)
    explorer = moved(make(Probe(network(), labels=["lit", "dark"])), 0, 6)
    assert (explorer.error, explorer.explanation.recipe.map) == ("", "fall")
    assert "cv-legend" not in explorer.view.legend.value
    assert "Now it says “dark”" in explorer.status
    explorer.map = "label"
    assert "16 positions times 2 classes take too much memory" in settled(explorer).error
