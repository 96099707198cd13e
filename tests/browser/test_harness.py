"""The browser harness itself, on a plain slider and a plain canvas."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests.browser.lab import Lab, notebook_text
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


def test_a_key_on_a_slider_reaches_the_kernel(lab: Lab) -> None:
    lab.open_notebook([SLIDER])
    lab.run_all()
    lab.press_slider("Depth", "ArrowRight", "ArrowRight")
    expect(lab.labelled("Depth").locator(".widget-readout")).to_have_text("5")
    lab.wait_idle()
    assert lab.kernel_eval("slider.value") == "5"


def test_a_canvas_that_changes_has_another_hash(lab: Lab) -> None:
    lab.open_notebook([CANVAS])
    lab.run_all()
    lab.wait_for_canvas()
    before = lab.wait_steady()
    lab.kernel_run("bars[0].set_color('red'); canvas.draw()")
    assert lab.wait_for_change(before) != before
    assert np.any(np.all(lab.canvas_pixels()[..., :3] == (255, 0, 0), axis=-1))


def test_a_cell_added_later_prints_and_raises(lab: Lab) -> None:
    lab.open_notebook(["x = 6"])
    lab.run_all()
    assert lab.run_cell("print(x * 7)") == "42\n"
    with pytest.raises(RuntimeError, match="ZeroDivisionError"):
        lab.run_cell("1 / 0")
    with pytest.raises(RuntimeError, match="NameError"):
        lab.kernel_eval("unknown")


def test_a_reload_keeps_the_kernel_and_saving_keeps_the_output(lab: Lab, tmp_path: Path) -> None:
    lab.open_notebook(["x = 6", "print(x)"], theme="dark", width=900)
    lab.run_all()
    assert lab.save()["cells"][1]["outputs"][0]["text"] == ["6\n"]
    lab.reload()
    assert lab.kernel_eval("x") == "6"
    lab.screenshot(tmp_path / "page.png")
    assert (tmp_path / "page.png").stat().st_size > 1000


def test_voila_serves_a_notebook(page: Page, voila_server: Server) -> None:
    (voila_server.folder / "served.ipynb").write_text(notebook_text([SLIDER]))
    page.goto(f"{voila_server.url}voila/render/served.ipynb")
    expect(page.locator(".noUi-handle").first).to_be_visible(timeout=60_000)
