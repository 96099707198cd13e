"""What the Explorer shows while it computes, when it is stopped, when it fails, and after a reload."""

import base64
import io
import json
import re
from typing import Any

import nbformat
import numpy as np
import pytest
from nbconvert import HTMLExporter
from PIL import Image
from playwright.sync_api import expect

from tests.browser.explorer import PATIENCE, PHOTOS, Seen
from tests.browser.lab import SECONDS

CONSTANT = """
import keras, numpy as np
inputs = keras.Input((32, 32, 3))
maps = keras.layers.Conv2D(4, 3, activation="relu", name="maps")(inputs)
pooled = keras.layers.GlobalAveragePooling2D()(maps)
scores = keras.layers.Dense(3, kernel_initializer="zeros", bias_initializer="ones", name="scores")(pooled)
noise = np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype("uint8")
flat = cnnviz.explore(keras.Model(inputs, scores), [noise], value_range=(0, 255), name="flat")
flat.add_class("flat")
flat
"""
LINKED = """
import ipywidgets, traitlets
digits = cnnviz.demo.digit_classifier()
one = cnnviz.explore(digits, cnnviz.demo.digits()[:2], size="S", name="one")
two = cnnviz.explore(digits, cnnviz.demo.digits()[2:4], size="S", name="two")
one.add_class("one"), two.add_class("two")
link = traitlets.link((one, "layer"), (two, "layer"))
ipywidgets.VBox([one, two])
"""
BUSY = """
import time
FIRST
before, moved, end = e.style.opacity, False, time.time() + 30
while time.time() < end and not moved:
    time.sleep(0.01)
    moved = e.style.opacity != before
time.sleep(6)
"""
CELLS = [PHOTOS]


def test_cancel_stops_keeps_what_there_is_and_runs_again(seen: Seen) -> None:
    seen.lab.kernel_run(
        "e._settings['Occlusion'] = cnnviz.Occlusion(patch=32, stride=4); e.method = 'Occlusion'"
    )
    expect(seen.sentence).to_contain_text("getting sharper", timeout=PATIENCE * SECONDS)
    seen.button("Cancel").click()
    seen.says("Stopped. The map is from", "places")
    assert 0 < float(seen.lab.kernel_eval("e.explanation.done")) < 1
    partial = seen.hero()
    assert partial.std() > 20
    seen.lab.kernel_run("e._settings['Occlusion'] = cnnviz.Occlusion(patch=64, stride=32)")
    seen.changes(lambda: seen.button("Run again").click(), "covered, it falls")
    assert float(seen.lab.kernel_eval("e.explanation.done")) == 1.0
    expect(seen.button("Run again")).to_have_count(0)


def test_while_it_computes_there_are_a_bar_a_count_and_cancel(seen: Seen) -> None:
    seen.lab.kernel_run(
        "e._settings['Occlusion'] = cnnviz.Occlusion(patch=32, stride=4); e.method = 'Occlusion'"
    )
    expect(seen.root.locator(".cv-bar div[style]")).to_be_visible(timeout=PATIENCE * SECONDS)
    expect(seen.root.locator(".cv-hover")).to_contain_text(" of ")
    seen.button("Cancel").click()
    seen.says("Stopped")
    expect(seen.root.locator(".cv-bar div[style]")).to_have_count(0)


def test_an_error_is_one_line_with_details_folded_and_the_picture_stays(seen: Seen) -> None:
    before = seen.hero()
    seen.lab.kernel_run("e._settings['Occlusion'] = cnnviz.Occlusion(patch=240); e.method = 'Occlusion'")
    seen.says("Patch 240 is larger than the picture", "Choose at most 224.")
    details = seen.sentence.locator("details")
    assert details.get_attribute("open") is None
    details.locator("summary").click()
    expect(details.locator("pre")).to_contain_text("SettingError")
    np.testing.assert_array_equal(seen.hero(), before)
    canvas = seen.root.locator("canvas").first
    assert "brightness" in str(canvas.evaluate("(canvas) => getComputedStyle(canvas).filter"))


@pytest.mark.parametrize("first", ["", "e.style = e.style.replace(opacity=0.9)"], ids=["idle", "writing"])
def test_a_busy_cell_does_not_hold_up_the_opacity(seen: Seen, first: str) -> None:
    seen.lab.start_cell(BUSY.replace("FIRST", first))
    prompt = seen.page.locator(".jp-InputPrompt").last
    expect(prompt).to_have_text("[*]:")
    seen.hero()
    seen.changes(lambda: seen.slider("Opacity").press("Home"))
    expect(prompt).to_have_text("[*]:")
    assert seen.lab.kernel_eval("moved") == "True"
    seen.lab.wait_idle()


def test_a_constant_score_draws_and_says_why_it_is_flat(notebook: Seen) -> None:
    notebook.lab.run_cell(CONSTANT)
    flat = Seen(notebook.lab, ".flat")
    notebook.lab.wait_for_canvas(flat.canvas, PATIENCE)
    flat.says("Flat: the score does not react to this layer. All values are 0.")
    assert flat.hero().std() > 20


def test_a_slider_of_one_explorer_moves_the_linked_one(notebook: Seen) -> None:
    notebook.lab.run_cell(LINKED)
    one, two = Seen(notebook.lab, ".one"), Seen(notebook.lab, ".two")
    for each in (one, two):
        notebook.lab.wait_for_canvas(each.canvas, PATIENCE)
        each.rest()
    before = two.lab.canvas_hash(two.canvas)
    one.changes(lambda: one.slider("Depth").press("ArrowLeft"), "in layer")
    two.lab.wait_for_change(before, two.canvas, PATIENCE)
    assert notebook.lab.kernel_eval("one.layer == two.layer == two.explanation.layer") == "True"
    expect(two.sentence).to_contain_text(notebook.lab.kernel_eval("one.layer").strip("'"))


def test_no_picture_is_read_from_another_explorer_while_this_one_is_hidden(seen: Seen) -> None:
    seen.root.evaluate("(root) => { root.style.display = 'none'; }")
    try:
        with pytest.raises(LookupError, match="is shown"):
            seen.lab.canvas_hash(seen.canvas)
    finally:
        seen.root.evaluate("(root) => { root.style.display = ''; }")


def test_the_saved_notebook_holds_the_picture(seen: Seen) -> None:
    stored = seen.lab.save()["cells"][0]["outputs"][-1]["data"]["image/png"]
    assert pixels_of(stored).std() > 20


def test_html_with_widgets_holds_what_the_canvas_shows(seen: Seen) -> None:
    shown = seen.settled()
    page = html_of(seen.lab.save_with_widgets())
    found = re.search(
        r'<script type="application/vnd.jupyter.widget-state\+json">(.*?)</script>', page, re.DOTALL
    )
    assert found is not None
    models = json.loads(found[1])["state"].values()
    kept = [model["state"]["_data_url"] for model in models if model["model_name"] == "MPLCanvasModel"]
    pictures = [pixels_of(address.partition(",")[2]) for address in kept]
    # The page may have kept the quick preview of the last frame, which is a JPEG.
    assert min(np.abs(picture - shown).mean() for picture in pictures if picture.shape == shown.shape) < 4


def test_html_without_widgets_shows_the_picture_with_its_caption(seen: Seen) -> None:
    content = seen.lab.save()
    content["metadata"].pop("widgets", None)
    pictures = re.findall(r'<img[^>]+base64,([^"]+)"', html_of(content))
    assert pixels_of(pictures[0]).std() > 20


def test_a_reload_shows_the_picture_again(seen: Seen) -> None:
    before = seen.hero()
    seen.lab.save()
    seen.lab.reload()
    seen.lab.wait_for_canvas(seen.canvas, PATIENCE)
    np.testing.assert_array_equal(seen.hero(), before)
    seen.changes(lambda: seen.slider("Opacity").press("Home"))


def test_nothing_on_the_page_has_failed(notebook: Seen) -> None:
    assert notebook.lab.errors == []
    assert notebook.complaints == []


def html_of(content: dict[str, Any]) -> str:
    """Return the web page that nbconvert makes of a notebook's file."""
    page, _ = HTMLExporter().from_notebook_node(nbformat.reads(json.dumps(content), as_version=4))
    return str(page)


def pixels_of(code: str) -> np.ndarray:
    """Return the pixels of a base64-coded picture."""
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(code))).convert("RGB"))
