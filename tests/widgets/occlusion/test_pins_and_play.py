"""Pins and play: places kept, and the patch going over the picture by itself."""

import threading

from cnnviz_widgets import OcclusionExplorer
from tests.widgets.occlusion.common import PATIENCE, Make, moved, settled, shown, tile


def test_pins_are_numbered_listed_and_removable(explorer: OcclusionExplorer) -> None:
    moved(explorer, 0, 6).pin()
    moved(explorer, 4, 0).pin()
    listed = [one.description for one in settled(explorer).view._pins.children]
    assert [text[:2] for text in listed] == ["1:", "2:"]
    assert "says dark" in listed[0]
    explorer.view._pins.children[0].click()
    assert explorer.pins == ((4, 0),)
    assert len(settled(explorer).view._pins.children) == 1


def test_a_pin_is_drawn_on_the_picture(explorer: OcclusionExplorer) -> None:
    before = shown(explorer)
    explorer.pins = [(0, 0)]
    assert (shown(settled(explorer)) != before)[:110, :110].any()


def test_a_pin_that_a_larger_patch_does_not_fit_keeps_its_number_and_says_so(make: Make) -> None:
    explorer = make(pins=[(6, 6), (0, 0)])
    explorer.patch = 4
    outside, inside = settled(explorer).view._pins.children
    assert (outside.description, inside.description[:2]) == ("1: outside for this patch  ×", "2:")
    inside.click()
    assert explorer.pins == ((6, 6),)


def test_one_place_is_pinned_once(explorer: OcclusionExplorer) -> None:
    explorer.pin()
    explorer.pin()
    assert explorer.pins == ((3, 3),)


def test_play_goes_over_the_positions_to_the_last_and_stops(make: Make) -> None:
    explorer, seen, arrived = make(patch=4, stride=4, position=(0, 0)), [], threading.Event()
    explorer.observe(lambda change: seen.append(change["new"]), "position")
    explorer.observe(lambda change: arrived.set() if change["new"] == (4, 4) else None, "position")
    explorer.play()
    assert arrived.wait(PATIENCE)
    with explorer.lock:  # the last step holds it until it has stopped
        assert seen == [(0, 4), (4, 0), (4, 4)]
        assert not explorer.playing


def test_play_begins_at_the_first_position_of_a_patch_that_was_not_moved(explorer: OcclusionExplorer) -> None:
    explorer.play()
    assert explorer.position == (0, 0)


def test_while_it_plays_the_maps_end_where_the_patch_has_come_to(make: Make) -> None:
    explorer = make(position=(2, 2))
    whole = tile(explorer, "map")
    explorer.play()
    part = tile(explorer, "map")
    assert (part[:100, :100] == whole[:100, :100]).all()
    assert (part[:, 150:] != whole[:, 150:]).any()
    explorer.stop()
    assert (tile(explorer, "map") == whole).all()


def test_play_can_be_stopped(explorer: OcclusionExplorer) -> None:
    explorer.view.play.click()
    assert (explorer.playing, explorer.view.play.icon) == (True, "stop")
    explorer.view.play.click()
    assert (explorer.playing, explorer.view.play.icon) == (False, "play")
