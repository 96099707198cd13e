"""The mouse on the canvas: hover, click and drag, by picture and place."""

import threading
from typing import Any

import pytest

from cnnviz_widgets.widgets.canvas.ipympl_transport import RENDER_LOCK
from tests.widgets.canvas.common import Wire, scene


def test_hover_tells_the_picture_and_the_place_and_then_that_it_left(wire: Wire) -> None:
    places: list[Any] = []
    wire.view.on_hover = lambda *place: places.append(place)
    wire.view.show(scene())
    for x, y in ((112, 336), (510, 50), (560, 262), (454, 100), (455, 100)):
        wire.mouse("motion_notify", x, y)
    names = [place[0] for place in places]
    assert names == ["hero", "photo", "map", None]
    assert places[0][1:] == pytest.approx((0.25, 0.75), abs=0.01)
    assert places[1][1:] == pytest.approx((0.25, 0.25), abs=0.01)
    assert places[2][1:] == pytest.approx((0.5, 0.25), abs=0.01)


def test_leaving_the_canvas_ends_the_hover_once(wire: Wire) -> None:
    places: list[Any] = []
    wire.view.show(scene())
    wire.mouse("motion_notify", 10, 10)
    wire.view.on_hover = lambda *place: places.append(place)
    wire.mouse("figure_leave", 0, 10)
    wire.mouse("figure_leave", 0, 10)
    assert places == [(None,)]


def test_beside_a_letterboxed_picture_there_is_no_place(wire: Wire) -> None:
    places: list[Any] = []
    wire.view.on_hover = lambda *place: places.append(place)
    wire.view.show(scene(hero=(224, 448)))
    wire.mouse("motion_notify", 224, 50)
    assert places == []
    wire.mouse("motion_notify", 224, 224)
    assert places[0] == ("hero", pytest.approx(0.5, abs=0.01), pytest.approx(0.5, abs=0.01))


@pytest.mark.parametrize("ratio", [1, 2])
def test_a_click_tells_the_picture_and_the_place(wire: Wire, ratio: float) -> None:
    clicks: list[Any] = []
    wire.view.on_click = lambda *place: clicks.append(place)
    wire.view.show(scene())
    wire.up(ratio)
    wire.click(560 * ratio, 262 * ratio)
    assert clicks == [("map", pytest.approx(0.5, abs=0.01), pytest.approx(0.25, abs=0.01))]


def test_a_click_counts_though_its_release_arrives_before_its_press(wire: Wire) -> None:
    told: list[Any] = []
    wire.view.on_click = lambda *place: told.append(place[0])
    wire.view.on_drag = lambda what, *_: told.append(what)
    wire.up()
    wire.view.show(scene())
    wire.mouse("button_release", 100, 100)
    wire.mouse("button_press", 100, 100, buttons=1)
    assert told == ["grab", "drop", "hero"]


def test_a_release_after_a_press_beside_the_canvas_is_no_click_elsewhere(wire: Wire) -> None:
    clicks: list[Any] = []
    wire.view.on_click = lambda *place: clicks.append(place)
    wire.up()
    wire.view.show(scene())
    wire.mouse("button_release", 100, 100)
    wire.mouse("button_press", 200, 200, buttons=1)
    assert clicks == []
    wire.mouse("button_release", 200, 200)
    assert len(clicks) == 1


def test_a_double_click_begins_no_drag_of_its_own(wire: Wire) -> None:
    told: list[str] = []
    wire.view.on_drag = lambda what, *_: told.append(what)
    wire.up()
    wire.view.show(scene())
    for _ in range(2):
        wire.click(100, 100)
    wire.mouse("dblclick", 100, 100)
    assert told == ["grab", "drop"] * 2


def test_a_drag_that_ends_beside_the_canvas_is_over_when_the_mouse_comes_back(wire: Wire) -> None:
    told: list[str] = []
    wire.view.on_drag = lambda what, *_: told.append(what)
    wire.up()
    wire.view.show(scene())
    wire.mouse("button_press", 100, 100, buttons=1)
    wire.mouse("motion_notify", 120, 120, buttons=1)
    wire.mouse("motion_notify", 300, 300)
    wire.mouse("motion_notify", 310, 310)
    assert told == ["grab", "move", "drop"]


def test_a_drag_over_the_upper_tile_is_told_apart_and_stays_on_it(wire: Wire) -> None:
    hero: list[Any] = []
    tile: list[Any] = []
    wire.view.on_drag = lambda *told: hero.append(told)
    wire.view.on_tile_drag = lambda *told: tile.append(told)
    wire.view.show(scene())
    wire.drag((510, 50), (600, 440))
    assert hero == []
    assert [what for what, *_ in tile] == ["grab", "move", "drop"]
    assert tile[0][1:] == pytest.approx((0.25, 0.25), abs=0.01)
    assert tile[-1][2] == 1.0


def test_a_drag_is_no_click(wire: Wire) -> None:
    clicks: list[Any] = []
    wire.view.on_click = lambda *place: clicks.append(place)
    wire.view.show(scene())
    wire.tell("toolbar_button", name="pan")
    wire.drag((100, 100), (150, 150))
    assert clicks == []


def test_callbacks_run_without_the_drawing_lock(wire: Wire) -> None:
    free: list[bool] = []

    def try_from_another_thread() -> None:
        held = RENDER_LOCK.acquire(timeout=5)
        free.append(held)
        if held:
            RENDER_LOCK.release()

    def react(*_: Any) -> None:
        thread = threading.Thread(target=try_from_another_thread)
        thread.start()
        thread.join()

    wire.view.show(scene())
    wire.view.on_hover = wire.view.on_click = wire.view.on_ready = react
    wire.mouse("motion_notify", 100, 100)
    wire.click(100, 100)
    wire.tell("initialized")
    assert free == [True, True, True]
