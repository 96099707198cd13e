"""The browser harness itself, on a plain slider and a plain canvas."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from tests.browser.lab import SECONDS, Lab
from tests.browser.server import Server

SLIDER = "import ipywidgets\nslider = ipywidgets.IntSlider(value=3, description='Depth')\nslider"
CANVAS = """
import matplotlib
from ipympl.backend_nbagg import Canvas, FigureManager
from matplotlib.figure import Figure
figure = Figure(figsize=(3, 2))
canvas = Canvas(figure)
canvas.manager = FigureManager(canvas, 0)
bars = figure.add_axes((0, 0, 1, 1)).bar([0, 1], [1, 2])
canvas
"""


@pytest.fixture(scope="module")
def opened_lab(browser: Browser, lab_server: Server) -> Iterator[Lab]:
    """Give a notebook that has run: a slider, a canvas, a number and its print."""
    context = browser.new_context()
    context.set_default_timeout(30 * SECONDS)
    lab = Lab(context.new_page(), lab_server)
    lab.open_notebook([SLIDER, CANVAS, "x = 6", "print(x)"], theme="dark", width=900)
    lab.run_all()
    yield lab
    context.close()
    lab_server.end_kernels()


def test_a_key_on_a_slider_reaches_the_kernel(opened_lab: Lab) -> None:
    lab = opened_lab
    lab.press_slider("Depth", "ArrowRight", "ArrowRight")
    expect(lab.labelled("Depth").locator(".widget-readout")).to_have_text("5")
    lab.wait_for_kernel("slider.value == 5")


def test_a_canvas_that_changes_has_another_hash(opened_lab: Lab) -> None:
    lab = opened_lab
    lab.wait_for_canvas()
    before = lab.wait_steady()
    lab.kernel_run("bars[0].set_color('red'); canvas.draw()")
    assert lab.wait_for_change(before) != before
    assert np.any(np.all(lab.canvas_pixels()[..., :3] == (255, 0, 0), axis=-1))


def test_saving_keeps_the_output_and_a_reload_the_kernel(opened_lab: Lab, tmp_path: Path) -> None:
    lab = opened_lab
    assert lab.save()["cells"][3]["outputs"][0]["text"] == ["6\n"]
    lab.reload()
    assert lab.kernel_eval("x") == "6"
    lab.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 1000


def test_a_cell_added_later_prints_and_raises(opened_lab: Lab) -> None:
    lab = opened_lab
    assert lab.run_cell("print(x * 7)") == "42\n"
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        lab.run_cell("1 / 0")
    with pytest.raises(RuntimeError, match="NameError"):
        lab.kernel_eval("unknown")
