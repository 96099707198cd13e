"""Pan and zoom: the picture keeps its shape, cannot be lost, and comes home."""

import numpy as np
import pytest

from tests.widgets.canvas.common import Wire, pixels, scene


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
