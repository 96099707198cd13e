"""The view in a real browser: what it draws, what a mouse does, what a reload and a saved file show."""

import base64
import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.lab import SECONDS, Lab
from tests.browser.server import Server

VIEW = """
import dataclasses, threading, time
import numpy as np
import ipywidgets
from cnnviz_widgets.widgets.canvas import Scene, make_canvas
noise = np.random.default_rng(0)
def grain(*shape):
    return noise.integers(0, 256, (*shape, 3)).astype(np.uint8)
scene = Scene(grain(448, 448), grain(200, 200), grain(5, 5), grain(200), "0", "1", "vote")
other = dataclasses.replace(scene, hero=grain(448, 448))
heard, ready = [], []
view = make_canvas("L", "ipympl")
view.on_hover = lambda *place: heard.append(("hover", *place))
view.on_click = lambda *place: heard.append(("click", *place))
view.on_ready = lambda: ready.append(threading.current_thread().name)
view.show(scene)
"""
IMAGE = """
flat = make_canvas("L", "image")
flat.show(scene)
"""
CONTAINER = ".jupyter-matplotlib-canvas-container"
CANVAS = f"{CONTAINER} canvas"


@pytest.fixture(scope="module")
def opened_view(browser: Browser, lab_server: Server) -> Iterator[Lab]:
    """Give a notebook with a view on its page, for all tests to look at in turn."""
    context = browser.new_context(viewport={"width": 1300, "height": 1000})
    context.set_default_timeout(30 * SECONDS)
    lab = Lab(context.new_page(), lab_server)
    lab.open_notebook([VIEW, "box = ipywidgets.VBox([view.widget])\nbox"])
    lab.run_all()
    lab.wait_for_canvas(CANVAS)
    yield lab
    context.close()
    lab_server.end_kernels()


@pytest.fixture
def shown(opened_view: Lab) -> Lab:
    """Give the page with the view as it was at first."""
    opened_view.page.mouse.move(5, 5)
    opened_view.kernel_run("view.resize('L'); view.show(scene); heard.clear()")
    opened_view.wait_for_canvas(CANVAS)
    opened_view.wait_steady(CANVAS)
    return opened_view


def in_kernel(lab: Lab, view: str = "view") -> np.ndarray:
    """Return the pixels that the kernel holds."""
    code = lab.kernel_eval(f"__import__('base64').b64encode({view}.png()).decode()").strip("'")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(code))))


def test_the_browser_shows_the_kernels_pixels(shown: Lab) -> None:
    np.testing.assert_array_equal(shown.canvas_pixels(CANVAS)[..., :3], in_kernel(shown))


def test_a_moving_picture_becomes_exact_by_itself(shown: Lab) -> None:
    before = shown.canvas_hash(CANVAS)
    shown.kernel_run("view.show(other, moving=True)")
    shown.wait_for_change(before, CANVAS)
    shown.wait_for_pixels(in_kernel(shown))


def test_frames_that_come_faster_than_the_browser_draws_end_in_the_last(shown: Lab) -> None:
    shown.kernel_run("for k in range(40): view.show((scene, other)[k % 2], moving=True)")
    shown.wait_for_pixels(in_kernel(shown))


def test_a_worker_draws_while_a_cell_is_busy(shown: Lab) -> None:
    before = shown.canvas_hash(CANVAS)
    shown.start_cell(
        "threading.Timer(0.2, view.show, (other,), dict(moving=True)).start()\n"
        "end = time.time() + 60\n"
        "while not heard and time.time() < end: time.sleep(0.01)\n"
        "print(len(heard))"
    )
    shown.wait_for_change(before, CANVAS, seconds=30)
    # The cell ends only with this: the mouse reaches the kernel while the cell runs.
    shown.page.locator(CANVAS).last.hover(position={"x": 112, "y": 336})
    shown.wait_idle(30)
    assert int(shown.outputs()[-1][0]["text"]) > 0


def test_hover_and_click_name_the_picture_and_the_place(shown: Lab) -> None:
    canvas = shown.page.locator(CANVAS).last
    canvas.hover(position={"x": 112, "y": 336})
    shown.wait_for_kernel("heard and heard[-1][1] == 'hero'")
    canvas.click(position={"x": 560, "y": 262})
    shown.wait_for_kernel("any(words[0] == 'click' for words in heard)")
    shown.page.mouse.move(5, 5)
    shown.wait_for_kernel("heard[-1] == ('hover', None)")
    heard = eval(shown.kernel_eval("heard"))
    hovers, clicks = ([words for words in heard if words[0] == kind] for kind in ("hover", "click"))
    # The mouse may leave the canvas of the test before this late, so None may come first.
    assert next(words for words in hovers if words[1])[2:] == pytest.approx((0.25, 0.75), abs=0.01)
    assert [words[1] for words in clicks] == ["map"]
    assert clicks[0][2:] == pytest.approx((0.5, 0.25), abs=0.01)


def test_the_toolbar_zooms_and_home_returns(shown: Lab) -> None:
    whole = shown.canvas_hash(CANVAS)
    canvas = shown.page.locator(CANVAS).last
    canvas.hover(position={"x": 200, "y": 200})
    tools = shown.page.locator(".jupyter-matplotlib-toolbar button")
    expect(tools).to_have_count(3)
    tools.nth(2).click()
    corner = canvas.bounding_box()
    assert corner is not None
    shown.page.mouse.move(corner["x"] + 100, corner["y"] + 100)
    shown.page.mouse.down()
    shown.page.mouse.move(corner["x"] + 200, corner["y"] + 180, steps=4)
    shown.page.mouse.up()
    shown.wait_for_kernel("abs(view._pictures['hero'].window()[2] - 100 / 448) <= 0.02")
    shown.wait_for_change(whole, CANVAS)
    shown.wait_steady(CANVAS)
    tools.nth(0).click()
    shown.page.wait_for_function("(hash) => window.cnnvizHash(hash[0]) === hash[1]", arg=[CANVAS, whole])


def test_a_reload_shows_the_latest_picture_again(shown: Lab) -> None:
    before, ready = shown.canvas_hash(CANVAS), int(shown.kernel_eval("len(ready)"))
    shown.kernel_run("view.show(other)")
    latest = shown.wait_for_change(before, CANVAS)
    shown.save()
    shown.reload()
    shown.wait_for_canvas(CANVAS)
    shown.wait_steady(CANVAS)
    assert shown.canvas_hash(CANVAS) == latest
    assert int(shown.kernel_eval("len(ready)")) == ready + 1


def test_a_resize_shows_the_other_size(shown: Lab) -> None:
    before = shown.canvas_hash(CANVAS)
    shown.kernel_run("view.resize('M')")
    shown.wait_for_change(before, CANVAS)
    wanted = in_kernel(shown)
    assert wanted.shape == (392, 576, 3)
    shown.wait_for_pixels(wanted)


def test_a_saved_notebook_holds_the_picture(shown: Lab) -> None:
    np.testing.assert_array_equal(shown.saved_canvases()[0], in_kernel(shown))


def test_a_closed_view_leaves_the_page(shown: Lab) -> None:
    shown.run_cell(
        "second = make_canvas('L', 'ipympl')\nsecond.show(other)\nbeside = ipywidgets.VBox([second.widget])"
    )
    shown.start_cell("beside")
    expect(shown.page.locator(CONTAINER)).to_have_count(2)
    shown.wait_idle()
    shown.kernel_run("second.close(); beside.close()")
    expect(shown.page.locator(CONTAINER)).to_have_count(1)
    assert shown.errors == []


def test_the_image_renderer_shows_the_same_scene(shown: Lab) -> None:
    shown.run_cell(IMAGE)
    shown.start_cell("flat.widget")
    picture = ".jupyter-widgets.widget-image"
    shown.wait_for_canvas(picture)
    np.testing.assert_array_equal(shown.canvas_pixels(picture)[..., :3], in_kernel(shown, "flat"))
    before = shown.canvas_hash(picture)
    shown.kernel_run("flat.show(other, moving=True)")
    shown.wait_for_change(before, picture)
    shown.wait_for_pixels(in_kernel(shown, "flat"), picture)
