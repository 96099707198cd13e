"""Frames of the canvas: quick while moving, lossless at rest, before and after a front end."""

import base64
import dataclasses
import io
import threading
from typing import Any

import numpy as np
import pytest
from PIL import Image

from cnnviz_widgets.widgets.canvas import Scene, make_canvas
from tests.widgets.canvas.common import Wire, grain, pixels, scene

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
    view: Any = make_canvas("M", "image")
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
