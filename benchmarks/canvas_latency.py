"""Times a key press on an opacity slider to changed pixels in JupyterLab: this view against plain ipympl.

Run it from anywhere with ``python benchmarks/canvas_latency.py [presses]``. It starts a JupyterLab of its own
and the Chromium that it finds. Both canvases are of one size and show one photograph under one 7 x 7 map;
presses alternate between them. The time runs from the browser's key event to the moment when the visible
canvas holds other pixels. This view has the front-end helper beside it, as in every widget. Plain ipympl gets
its map enlarged beforehand; this view's picture is composed at each press, within the time.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Page, sync_playwright  # noqa: E402

from tests.browser.lab import Lab  # noqa: E402
from tests.browser.server import start_lab  # noqa: E402
from tools import chromium  # noqa: E402

SHARED = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
import ipywidgets, numpy as np
from matplotlib.cbook import get_sample_data
from PIL import Image as Pillow
with get_sample_data("grace_hopper.jpg") as file:
    photo = np.asarray(Pillow.open(file).convert("RGB").crop((0, 0, 512, 512)).resize((224, 224)))
values = 0.6 + 0.4 * np.random.default_rng(0).random((7, 7), dtype=np.float32)
"""

STOCK = """
from matplotlib.figure import Figure
from ipympl.backend_nbagg import Canvas, FigureManager
figure = Figure(figsize=(6.6, 4.48))
canvas = Canvas(figure)
canvas.manager = FigureManager(canvas, 0)
canvas.header_visible = canvas.footer_visible = canvas.resizable = False
left = figure.add_axes((0, 0, 448 / 660, 1))
right = figure.add_axes((460 / 660, 248 / 448, 200 / 660, 200 / 448))
for axes in (left, right):
    axes.set_axis_off()
    axes.imshow(photo)
large = np.asarray(Pillow.fromarray(values).resize((224, 224), Pillow.BICUBIC))
overlay = left.imshow(large, cmap="inferno", alpha=0.3)
stock = ipywidgets.IntSlider(value=30, description="stock")
def draw_stock(change):
    overlay.set_alpha(change["new"] / 100)
    canvas.draw()
stock.observe(draw_stock, "value")
box = ipywidgets.VBox([stock, canvas]); box.add_class("bench-stock"); box
"""

OURS = """
from dataclasses import replace
from cnnviz_widgets.explanation import Heatmap
from cnnviz_widgets.images.image import Image
from cnnviz_widgets.render import Style, picture
from cnnviz_widgets.widgets.canvas import Scene, make_canvas
from cnnviz_widgets.widgets.core.helper import Helper
view = make_canvas("L", "ipympl")
heat = Heatmap(image=Image(photo), recipe=None, values=values)
cells = picture(heat, Style(mode="map"), size=200)
scene = Scene(picture(heat, Style(opacity=0.3), size=448), photo, cells, cells[0], "0", "1", "vote")
view.show(scene)
ours = ipywidgets.IntSlider(value=30, description="ours")
def draw_ours(change):
    view.show(replace(scene, hero=picture(heat, Style(opacity=change["new"] / 100), size=448)), moving=True)
ours.observe(draw_ours, "value")
helper = Helper()
helper.canvases = [view.widget.model_id]
box = ipywidgets.VBox([helper, ours, view.widget]); box.add_class("bench-ours"); box
"""

# The visible canvas is compared each time something is drawn on it, at a patch in the middle of the picture.
WATCH = """() => {
  const draw = CanvasRenderingContext2D.prototype.drawImage;
  const patch = (canvas) => canvas.getContext("2d").getImageData(180, 180, 24, 24).data.join();
  window.benchWatch = (name) => new Promise((done) => {
    const canvas = [...document.querySelectorAll(`.bench-${name} canvas`)][0];
    const before = patch(canvas);
    let pressed = null;
    const press = (event) => { pressed ??= event.timeStamp; };
    document.addEventListener("keydown", press, { capture: true, once: true });
    CanvasRenderingContext2D.prototype.drawImage = function (...what) {
      const result = draw.apply(this, what), drawn = performance.now();
      if (this.canvas === canvas && pressed !== null && patch(canvas) !== before) {
        CanvasRenderingContext2D.prototype.drawImage = draw;
        done(drawn - pressed);
      }
      return result;
    };
  });
}"""


def press(page: Page, name: str) -> float:
    """Press ArrowRight on a slider; return the milliseconds until its canvas has changed."""
    page.locator(f".bench-{name} .noUi-handle").focus()
    page.evaluate("(name) => { window.benchResult = window.benchWatch(name); }", name)
    page.keyboard.press("ArrowRight")
    took: float = page.evaluate("() => window.benchResult")
    page.wait_for_timeout(700)  # the lossless frame after a rest belongs to this press, not to the next
    return took


def measure(page: Page, lab: Lab, presses: int) -> dict[str, list[float]]:
    """Return the times of both canvases, pressed in turns; the first three of each warm up."""
    lab.open_notebook([SHARED, STOCK, OURS], width=1300, height=1400)
    lab.run_all()
    lab.wait_for_canvas(".bench-ours canvas")
    lab.wait_for_canvas(".bench-stock canvas")
    page.evaluate(WATCH)
    times: dict[str, list[float]] = {"stock": [], "ours": []}
    for _ in range(presses + 3):
        for name in times:
            times[name].append(press(page, name))
    return {name: taken[3:] for name, taken in times.items()}


def table(times: dict[str, list[float]]) -> str:
    """Return the times as a Markdown table with the ratio of the medians."""
    names = {"stock": "plain ipympl and observe", "ours": "this view"}
    lines = ["| canvas 660 x 448 | median | fastest | slowest |", "|---|---|---|---|"]
    for name, taken in times.items():
        cells = (statistics.median(taken), min(taken), max(taken))
        lines.append(f"| {names[name]} | " + " | ".join(f"{cell:.0f} ms" for cell in cells) + " |")
    ratio = statistics.median(times["ours"]) / statistics.median(times["stock"])
    return "\n".join(
        [*lines, "", f"This view takes {ratio:.2f} of the time, over {len(times['ours'])} presses each."]
    )


def run(presses: int) -> dict[str, Any]:
    """Start everything, measure, and end everything."""
    path = chromium.find()
    if path is None:
        raise SystemExit("No Chromium found. Install one, or name it: CHROMIUM=/path/to/chromium.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        work, private = Path(folder) / "work", Path(folder) / "private"
        work.mkdir()
        server = start_lab(work, private)
        try:
            browser = playwright.chromium.launch(executable_path=path, args=list(chromium.QUIET))
            page = browser.new_page()
            page.set_default_timeout(60_000)
            times = measure(page, Lab(page, server), presses)
            browser.close()
        finally:
            server.stop()
    return times


if __name__ == "__main__":
    print(table(run(int(sys.argv[1]) if len(sys.argv) > 1 else 20)))
