"""The view without a browser: its pixels, its mouse, its messages, and what it leaves behind."""

import base64
import dataclasses
import gc
import io
import json
import os
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import comm
import ipywidgets
import matplotlib
import numpy as np
import pytest
from ipywidgets.widgets import widget as registry
from matplotlib._pylab_helpers import Gcf
from PIL import Image

from cnnviz_widgets.errors import ImageError, MissingPackageError, SettingError
from cnnviz_widgets.widgets.canvas import Scene, View, make_view
from cnnviz_widgets.widgets.canvas.fast_canvas import RENDER_LOCK
from cnnviz_widgets.widgets.canvas.sheet import labels

STAGE = (0x15, 0x17, 0x1B)


def grain(height: int, width: int, seed: int = 0) -> Any:
    """Return a picture in which no two places are alike."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3)).astype(np.uint8)


def scene(seed: int = 0, hero: tuple[int, int] = (448, 448), **parts: Any) -> Scene:
    whole: dict[str, Any] = {
        "hero": grain(*hero, seed),
        "photo": grain(200, 200, 1),
        "map": grain(5, 5, 2),
        "bar": grain(1, 200, 3)[0],
        "low": "0",
        "high": "0.36",
        "unit": "vote",
    }
    return Scene(**{**whole, **parts})


def pixels(view: View) -> Any:
    return np.asarray(Image.open(io.BytesIO(view.png())).convert("RGB"))


@pytest.fixture
def view() -> Iterator[Any]:
    made = make_view("L", "ipympl")
    yield made
    made.close()


@pytest.fixture(params=["ipympl", "image"])
def either(request: pytest.FixtureRequest) -> Iterator[Any]:
    made = make_view("L", request.param)
    yield made
    made.close()


class Wire:
    """What a canvas sends to a front end, kept here."""

    def __init__(self, view: Any) -> None:
        self.view = view
        self.sent: list[tuple[dict[str, Any], Any]] = []
        self.came = threading.Semaphore(0)
        view.widget.send = self.send

    def send(self, content: dict[str, Any], buffers: Any = None) -> None:
        self.sent.append((json.loads(content["data"]), buffers))
        if buffers:
            self.came.release()

    def tell(self, kind: str, **more: Any) -> None:
        self.view.widget._handle_message(self.view.widget, {"type": kind, **more}, [])

    def up(self, ratio: float = 1) -> None:
        """Do what ipympl's front end does when it comes up."""
        if ratio != 1:
            self.tell("set_dpi_ratio", dpi_ratio=ratio)
            self.tell("set_device_pixel_ratio", device_pixel_ratio=ratio)
        for kind in ("refresh", "send_image_mode", "initialized", "refresh", "draw"):
            self.tell(kind)

    def mouse(self, kind: str, x: float, y: float, button: int = 0, buttons: int = 0) -> None:
        self.tell(kind, x=x, y=y, button=button, buttons=buttons, modifiers=[])

    def click(self, x: float, y: float) -> None:
        self.mouse("button_press", x, y, buttons=1)
        self.mouse("button_release", x, y)

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.mouse("motion_notify", *start)
        self.mouse("button_press", *start, buttons=1)
        self.mouse("motion_notify", *end, buttons=1)
        self.tell("draw")
        self.mouse("button_release", *end)
        self.tell("draw")

    def clear(self) -> None:
        self.sent.clear()
        self.came = threading.Semaphore(0)

    def frames(self) -> list[Any]:
        return [Image.open(io.BytesIO(buffers[0])) for _, buffers in self.sent if buffers]

    @property
    def hero(self) -> Any:
        return self.view._pictures["hero"]


@pytest.fixture
def wire(view: Any) -> Wire:
    made = Wire(view)
    made.up()
    return made


# what is shown


def test_the_hero_is_shown_pixel_for_pixel(either: View) -> None:
    shown = scene()
    either.show(shown)
    np.testing.assert_array_equal(pixels(either)[:, :448], shown.hero)


def test_a_tile_is_shown_pixel_for_pixel_below_its_label(either: View) -> None:
    shown = scene()
    either.show(shown)
    assert shown.photo is not None
    np.testing.assert_array_equal(pixels(either)[30:200, 460:], shown.photo[30:])


def test_a_map_is_drawn_in_cells_with_sharp_edges(either: View) -> None:
    shown = scene()
    either.show(shown)
    assert shown.map is not None
    np.testing.assert_array_equal(
        pixels(either)[212 + 40 : 412, 460:], shown.map.repeat(40, 0).repeat(40, 1)[40:]
    )


def test_the_bar_runs_from_low_on_the_left_to_high_on_the_right(either: View) -> None:
    shown = scene()
    either.show(shown)
    np.testing.assert_array_equal(pixels(either)[424, 460:], shown.bar)


@pytest.mark.parametrize("hero", [(224, 448), (448, 224), (100, 300)])
def test_a_picture_of_another_shape_stands_on_the_stage_in_its_own_shape(
    either: View, hero: tuple[int, int]
) -> None:
    either.show(scene(hero=hero))
    ground = np.all(pixels(either)[:, :448] == STAGE, axis=-1)
    rows, columns = np.flatnonzero(~ground.all(1)), np.flatnonzero(~ground.all(0))
    longest = max(hero)
    assert abs(len(rows) - 448 * hero[0] / longest) <= 2
    assert abs(len(columns) - 448 * hero[1] / longest) <= 2
    assert abs(rows[0] + rows[-1] - 447) <= 2


def test_missing_tiles_leave_the_stage_empty(either: View) -> None:
    either.show(scene())
    either.show(scene(photo=None, map=None, bar=None, low="", high="", unit=""))
    assert np.all(pixels(either)[:, 460:] == STAGE)


def test_the_frame_is_white_on_the_hero_and_goes_again(either: View) -> None:
    dark = np.zeros((448, 448, 3), np.uint8)
    either.show(Scene(dark, frame=(0.25, 0.25, 0.5, 0.5)))
    seen = pixels(either)[:, :448]
    assert seen[224, 109:116].max() > 200
    assert seen[224, 224].max() == 0
    either.show(Scene(dark))
    assert pixels(either)[:, :448].max() == 0


def test_zero_is_marked_above_and_below_the_bar(either: View) -> None:
    either.show(scene(zero=0.5, low="-1", high="1", unit=""))
    seen = pixels(either)
    assert seen[418, 558:563].max() > 100
    assert np.all(seen[418, 480:550] == STAGE)


def test_both_renderers_put_everything_in_the_same_place() -> None:
    shown = scene(zero=0.5, low="-0.36", frame=(0.2, 0.3, 0.2, 0.2), tags=("photograph", "map 5 x 5"))
    seen = []
    for renderer in ("ipympl", "image"):
        view = make_view("M", renderer)
        view.show(shown)
        seen.append(pixels(view).astype(float))
        view.close()
    assert seen[0].shape == seen[1].shape
    blocks = [s[:392, :576].reshape(49, 8, 72, 8, 3).mean((1, 3)) for s in seen]
    assert np.abs(blocks[0] - blocks[1]).mean() < 4


@pytest.mark.parametrize(
    ("size", "width", "height", "tile"),
    [
        ("S", 330, 330, 0),
        ("M", 576, 392, 172),
        ("L", 660, 448, 200),
        ("XL", 822, 560, 250),
        (400, 400, 400, 0),
    ],
)
def test_a_size_sets_canvas_hero_and_tile(
    either: View, size: Any, width: int, height: int, tile: int
) -> None:
    either.show(scene())
    either.resize(size)
    assert pixels(either).shape == (height, width, 3)
    assert (either.hero_size, either.tile_size) == (height, tile)


def test_a_size_there_and_back_shows_the_same_pixels(either: View) -> None:
    either.show(scene())
    before = pixels(either)
    either.resize("S")
    either.resize("L")
    np.testing.assert_array_equal(pixels(either), before)


def test_an_unknown_size_names_the_sizes() -> None:
    with pytest.raises(SettingError, match="size must be one of S, M, L, XL"):
        make_view("huge")


def test_an_unknown_renderer_names_the_renderers() -> None:
    with pytest.raises(SettingError, match="renderer must be one of auto, ipympl, image"):
        make_view(renderer="svg")


@pytest.mark.parametrize("hero", [np.zeros((4, 4)), np.zeros((4, 4, 3)), np.zeros((4, 4, 4), np.uint8)])
def test_a_scene_takes_only_finished_pixels(hero: Any) -> None:
    with pytest.raises(ImageError, match=r"Scene\.hero must be a uint8 array of shape \(height, width, 3\)"):
        Scene(hero)


# texts under the bar


def test_a_unit_stands_in_the_widest_gap() -> None:
    (_, zero, unit, _), left = labels(200, "-0.36", "0.36", "vote", 0.5)
    assert (zero.text, zero.x, unit.text, left) == ("0", 100, "vote", "")
    assert 100 < unit.x < 160


def test_a_unit_without_room_under_the_bar_goes_to_the_maps_label() -> None:
    (_, _, unit, _), left = labels(200, "-0.36", "0.36", "activation of the unit", 0.5)
    assert (unit.text, left) == ("", "activation of the unit")


def test_zero_at_an_end_is_not_written_over_the_end() -> None:
    (_, zero, _, _), _ = labels(200, "0", "0.36", "vote", 0.0)
    assert zero.text == ""


# one quick frame, then a lossless one


def test_while_moving_a_frame_is_a_jpeg_and_after_a_rest_the_same_picture_comes_lossless(wire: Wire) -> None:
    wire.clear()
    shown = scene(4)
    for seed in (5, 6, 4):
        wire.view.show(scene(seed), moving=True)
    for _ in range(4):
        assert wire.came.acquire(timeout=20)
    frames = wire.frames()
    assert [frame.format for frame in frames] == ["JPEG", "JPEG", "JPEG", "PNG"]
    np.testing.assert_array_equal(np.asarray(frames[-1])[:, :448], shown.hero)


def test_at_rest_a_frame_is_lossless_at_once(wire: Wire) -> None:
    wire.clear()
    wire.view.show(scene(4))
    assert [frame.format for frame in wire.frames()] == ["PNG"]


def test_an_image_view_moves_in_jpeg_and_rests_in_png() -> None:
    view: Any = make_view("M", "image")
    rested = threading.Event()
    view.show(scene(1), moving=True)
    assert view.widget.format == "jpeg"
    view.widget.observe(lambda _: rested.set(), "format")
    assert rested.wait(20)
    assert bytes(view.widget.value).startswith(b"\x89PNG")
    view.close()


def test_only_the_regions_that_changed_are_drawn(view: Any) -> None:
    first = scene()
    view.show(first)
    drawn: list[str] = []
    for name, region in view._regions.items():
        region.artists[0].draw = lambda renderer, name=name: drawn.append(name)
    view.show(dataclasses.replace(first, hero=grain(448, 448, 9)))
    assert drawn == ["hero"]


def test_frames_drawn_in_parts_equal_a_frame_drawn_whole(view: Any) -> None:
    for seed in range(3):
        view.show(scene(seed, low="-" * seed, zero=0.5, frame=(0.1 * seed, 0.1, 0.3, 0.3)), moving=True)
    parts = pixels(view)
    view._staged = None
    view.widget.draw()
    np.testing.assert_array_equal(pixels(view), parts)


# before and after a front end


def test_before_a_front_end_the_picture_is_a_whole_data_url_with_its_size(view: Any) -> None:
    shown = scene()
    view.show(shown)
    head, _, code = view.widget._data_url.partition(",")
    assert head == "data:image/png;base64"
    stored = np.asarray(Image.open(io.BytesIO(base64.b64decode(code))))
    np.testing.assert_array_equal(stored[:, :448], shown.hero)
    assert tuple(view.widget._size) == (660, 448)


def test_after_a_front_end_a_lossless_frame_still_renews_the_stored_picture(wire: Wire) -> None:
    before = wire.view.widget._data_url
    wire.view.show(scene(7))
    assert wire.view.widget._data_url != before


def test_a_front_end_that_comes_up_gets_a_frame_and_is_announced(view: Any) -> None:
    calls: list[str] = []
    view.on_ready = lambda: calls.append("ready")
    view.show(scene())
    wire = Wire(view)
    wire.up()
    assert calls == ["ready"]
    np.testing.assert_array_equal(np.asarray(wire.frames()[-1]), pixels(view))


def test_a_page_that_is_loaded_again_gets_the_latest_picture(wire: Wire) -> None:
    wire.view.show(scene(8))
    wire.clear()
    wire.up()
    np.testing.assert_array_equal(np.asarray(wire.frames()[-1])[:, :448], scene(8).hero)


def test_the_screens_pixel_ratio_sets_the_pixels_and_is_told(wire: Wire) -> None:
    wire.view.show(scene())
    wire.up(ratio=2)
    assert wire.view.pixel_ratio == 2
    assert pixels(wire.view).shape == (896, 1320, 3)
    assert tuple(wire.view.widget._size) == (660, 448)
    fine = scene(3, hero=(896, 896))
    wire.view.show(fine)
    np.testing.assert_array_equal(pixels(wire.view)[:, :896], fine.hero)


def test_a_front_end_that_tells_no_ratio_has_ratio_one(wire: Wire) -> None:
    wire.up(ratio=2)
    wire.up()
    assert wire.view.pixel_ratio == 1
    assert pixels(wire.view).shape == (448, 660, 3)


@pytest.mark.parametrize("ratio", [1.1, 1.25, 1.5, 1.75])
def test_a_broken_pixel_ratio_leaves_no_trace_of_an_earlier_picture(wire: Wire, ratio: float) -> None:
    wire.up(ratio)
    wire.view.show(scene(hero=(448, 300)))
    wire.view.show(Scene(np.full((448, 448, 3), 90, np.uint8)))
    kept = pixels(wire.view)
    wire.view._staged = None
    wire.view.widget.draw()
    np.testing.assert_array_equal(pixels(wire.view), kept)


def test_a_canvas_shown_by_itself_has_a_picture_for_hosts_without_widgets(view: Any) -> None:
    bundle = view.widget._repr_mimebundle_()
    assert bundle["application/vnd.jupyter.widget-view+json"]["model_id"] == view.widget.model_id
    assert bundle["image/png"] in bundle["text/html"]


def test_the_frame_of_the_canvas_is_plain(view: Any) -> None:
    canvas = view.widget
    shown = canvas.header_visible, canvas.footer_visible, canvas.resizable, canvas.capture_scroll
    assert shown == (False, False, False, False)
    assert canvas.toolbar_visible == "fade-in-fade-out"
    assert [tool[0] for tool in canvas.toolbar.toolitems] == ["Home", "Pan", "Zoom"]


def test_a_front_end_cannot_change_the_size(wire: Wire) -> None:
    wire.tell("resize", width=200, height=100)
    assert pixels(wire.view).shape == (448, 660, 3)


# pan and zoom


def zoom(wire: Wire, start: tuple[float, float], end: tuple[float, float]) -> None:
    wire.tell("toolbar_button", name="zoom")
    wire.drag(start, end)
    wire.tell("toolbar_button", name="zoom")


def test_zooming_keeps_the_pictures_shape_and_home_returns(wire: Wire) -> None:
    wire.view.show(scene())
    whole = pixels(wire.view)
    zoom(wire, (100, 100), (200, 150))
    x, y, width, height = wire.hero.window()
    assert width == pytest.approx(height)
    assert width == pytest.approx(100 / 448, rel=0.02)
    assert (x, y) == (pytest.approx(100 / 448, abs=0.01), pytest.approx(75 / 448, abs=0.01))
    assert not np.array_equal(pixels(wire.view), whole)
    wire.tell("toolbar_button", name="home")
    wire.tell("draw")
    np.testing.assert_array_equal(pixels(wire.view), whole)


def test_panning_moves_the_picture_with_the_mouse_in_previews(wire: Wire) -> None:
    wire.view.show(scene())
    zoom(wire, (100, 100), (324, 324))
    before = wire.hero.window()
    wire.clear()
    wire.tell("toolbar_button", name="pan")
    wire.drag((200, 200), (155.2, 200))
    after = wire.hero.window()
    assert after[0] - before[0] == pytest.approx(0.05, abs=0.005)
    assert wire.frames()[0].format == "JPEG"


def test_the_picture_cannot_be_lost(wire: Wire) -> None:
    wire.view.show(scene())
    wire.tell("toolbar_button", name="pan")
    wire.drag((10, 10), (440, 440))
    assert wire.hero.window() == pytest.approx((0, 0, 1, 1))


def test_zoom_survives_a_new_scene_of_the_same_shape(wire: Wire) -> None:
    wire.view.show(scene())
    zoom(wire, (100, 100), (200, 200))
    window = wire.hero.window()
    wire.view.show(scene(5, hero=(224, 224)))
    assert wire.hero.window() == window


def test_another_shape_shows_the_whole_picture_again(wire: Wire) -> None:
    wire.view.show(scene())
    zoom(wire, (100, 100), (200, 200))
    wire.view.show(scene(5, hero=(300, 448)))
    assert wire.hero.window()[2] == pytest.approx(1)


def test_zoom_survives_a_resize_and_home_still_returns(wire: Wire) -> None:
    wire.view.show(scene())
    zoom(wire, (100, 100), (200, 200))
    window = wire.hero.window()
    wire.view.resize("M")
    assert wire.hero.window() == window
    wire.tell("toolbar_button", name="home")
    assert wire.hero.window() == pytest.approx((0, 0, 1, 1))
    assert wire.hero.axes.get_position().bounds[2] == pytest.approx(392 / 576)


def test_the_tiles_stay_whole_and_the_photograph_shows_what_is_seen(wire: Wire) -> None:
    flat = np.full((200, 200, 3), 60, np.uint8)
    wire.view.show(scene(photo=flat))
    before = pixels(wire.view)[:200, 460:]
    zoom(wire, (112, 112), (336, 336))
    after = pixels(wire.view)[:200, 460:]
    changed = np.any(after != before, axis=-1)
    rows = np.flatnonzero(changed.any(1))
    assert abs(rows[0] - 50) <= 3
    assert abs(rows[-1] - 150) <= 3
    assert not changed[60:140, 60:140].any()


def test_keys_and_scrolling_do_nothing(wire: Wire) -> None:
    wire.view.show(scene())
    before = pixels(wire.view)
    wire.mouse("motion_notify", 100, 100)
    for key in ("l", "k", "g", "q", "h", "o", "p"):
        wire.tell("key_press", key="k" + key)
        wire.tell("key_release", key="k" + key)
    wire.tell("scroll", x=100, y=100, button=0, buttons=0, step=1, modifiers=["ctrl"])
    wire.tell("draw")
    np.testing.assert_array_equal(pixels(wire.view), before)


# the mouse


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


# threads, the user's Matplotlib, and the end


def test_a_worker_shows_while_main_is_busy(wire: Wire) -> None:
    wire.clear()
    worker = threading.Thread(target=lambda: [wire.view.show(scene(seed), moving=True) for seed in range(5)])
    worker.start()
    count = 0
    while worker.is_alive():
        count += sum(range(1000))
    assert len(wire.frames()) >= 5
    assert count > 0


def test_drawing_in_threads_does_not_disturb_the_users_formulas(view: Any) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    errors: list[BaseException] = []
    stop = threading.Event()

    def animate(call: Callable[[int], None]) -> None:
        turn = 0
        while not stop.is_set():
            try:
                call(turn)
            except Exception as error:
                errors.append(error)
            turn += 1

    wire = Wire(view)
    wire.up()
    shows = threading.Thread(
        target=animate, args=(lambda k: view.show(scene(k % 3, low=str(k)), moving=True),)
    )
    draws = threading.Thread(target=animate, args=(lambda k: wire.tell("draw"),))
    for thread in (shows, draws):
        thread.start()
    for turn in range(12):
        figure = Figure(figsize=(3, 2))
        FigureCanvasAgg(figure)
        axes = figure.subplots()
        axes.semilogy(np.arange(1, 9) + turn)
        axes.set_xlabel(rf"$x_{{{turn}}}$")
        figure.tight_layout()
        figure.savefig(io.BytesIO(), bbox_inches="tight")
    stop.set()
    for thread in (shows, draws):
        thread.join()
    assert errors == []


BACKEND = """
import os
os.environ.pop("MPLBACKEND", None)
{before}
from cnnviz_widgets.widgets.canvas import make_view
view = make_view("M", "ipympl")
view.close()
import matplotlib
{after}
"""
RAW = "dict.__getitem__(matplotlib.rcParams, 'backend')"
UNRESOLVED = f"assert not isinstance({RAW}, str), {RAW}"
FIGURE = "import matplotlib; matplotlib.use('agg'); import matplotlib.pyplot as p; figure = p.figure()"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", UNRESOLVED),
        ("import matplotlib", UNRESOLVED),
        ("import matplotlib.pyplot", UNRESOLVED),
        ("import matplotlib; matplotlib.use('agg')", f"assert {RAW} == 'agg', {RAW}"),
        ("import matplotlib; matplotlib.use('widget')", f"assert {RAW} == 'widget', {RAW}"),
        (FIGURE, f"assert {RAW} == 'agg' and p.get_fignums() == [1], {RAW}"),
    ],
    ids=["not imported", "unresolved", "unresolved pyplot", "agg", "widget", "open figure"],
)
def test_the_users_backend_stays_as_it_was(before: str, after: str) -> None:
    code = BACKEND.format(before=before, after=after)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr


def test_the_image_view_needs_no_ipympl() -> None:
    code = """
import sys
sys.modules["ipympl"] = None
from cnnviz_widgets.widgets.canvas import make_view
make_view("M", "image")
assert "matplotlib.figure" not in sys.modules
assert type(make_view("M")).__name__ == "ImageView"
try:
    make_view("M", "ipympl")
except ImportError as error:
    print(type(error).__name__, error)
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment)
    assert done.stdout.startswith(
        f"{MissingPackageError.__name__} renderer='ipympl' needs the package ipympl"
    ), done


def test_no_figure_is_left_to_pyplot(view: Any) -> None:
    view.show(scene())
    assert Gcf.get_all_fig_managers() == []
    assert matplotlib.get_backend().lower() == "agg"


def settled_threads(at_most: int) -> int:
    """Return how many threads run once those that are ending have ended."""
    for thread in threading.enumerate():
        if threading.active_count() <= at_most:
            break
        if thread.name == "cnnviz-sharpen":
            thread.join(5)
    return threading.active_count()


@pytest.mark.parametrize("renderer", ["ipympl", "image"])
def test_fifty_views_leave_nothing_behind(renderer: str) -> None:
    def cycle() -> weakref.ref[Any]:
        view: Any = make_view("M", renderer)
        view.on_hover = lambda *place: view.show(scene())
        if renderer == "ipympl":
            Wire(view).up()
        view.show(scene(hero=(60, 60)), moving=True)
        view.close()
        view.close()
        return weakref.ref(view.widget)

    def counts() -> tuple[int, ...]:
        gc.collect()
        comms = comm.get_comm_manager().comms
        return len(registry._instances), len(comms), len(Gcf.figs)

    cycle()
    before, threads = counts(), threading.active_count()
    references = [cycle() for _ in range(50)]
    gc.collect()
    assert counts() == before
    assert settled_threads(threads) <= threads
    assert [reference for reference in references if reference() is not None] == []


def test_a_closed_view_takes_everything_and_does_nothing(either: Any) -> None:
    either.show(scene(), moving=True)
    either.close()
    either.show(scene())
    either.resize("M")
    either.close()
    assert either.widget.comm is None


def test_closing_the_widget_alone_frees_its_parts(view: Any) -> None:
    parts = [view.widget.toolbar, view.widget.toolbar.layout, view.widget.layout]
    view.widget.close()
    assert [part.comm for part in parts] == [None, None, None]
    view.show(scene())


def test_a_view_stands_in_a_box(either: View) -> None:
    box = ipywidgets.VBox([either.widget])
    assert box.children == (either.widget,)
    box.close()
