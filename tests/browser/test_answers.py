"""Answers that are no row of classes, and attention, in a real page: places, steps, tokens and slices are picked."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.explorer import PATIENCE, Seen, opened
from tests.browser.lab import SECONDS
from tests.browser.server import Server

SEGMENTS = """
import cnnviz_widgets as cnnviz, keras, numpy as np
e = cnnviz.explore(cnnviz.demo.segmenter(), cnnviz.demo.scenes(2).images, name="segments")
e
"""
ATTENDS = """
t = cnnviz.explore(cnnviz.demo.transformer(), cnnviz.demo.clothes().images[8:10], method="Attention", name="attends")
t.add_class("attends")
t
"""
STEPS = """
keras.utils.set_random_seed(0)
taken = keras.Input((16, 32, 1))
maps = keras.layers.AveragePooling2D((16, 4))(keras.layers.Conv2D(8, 3, padding="same", activation="relu")(taken))
read = keras.layers.Dense(5, activation="softmax")(keras.layers.Reshape((8, 8))(maps))
words = [np.random.default_rng(0).random((16, 32, 1)).astype("float32")]
s = cnnviz.explore(cnnviz.Probe(keras.Model(taken, read), task="sequence", labels=list("abcde")), words, name="steps")
s.add_class("steps")
s
"""
BROKEN = """
taken = keras.Input((16, 16, 3))
maps = keras.layers.Conv2D(4, 3, activation="relu", name="first")(taken)
scores = keras.layers.Dense(3, activation="softmax")(keras.layers.GlobalAveragePooling2D()(maps))
nan = keras.Model(taken, scores)
nan.set_weights([w * np.nan for w in nan.get_weights()])
b = cnnviz.explore(nan, [np.zeros((16, 16, 3), "float32")], value_range=(0, 1), name="broken")
b.add_class("broken")
b
"""
VOLUME = """
taken = keras.Input((4, 16, 16, 1))
maps = keras.layers.Conv3D(4, 3, padding="same", activation="relu", name="deep")(taken)
scores = keras.layers.Dense(3, activation="softmax")(keras.layers.GlobalAveragePooling3D()(maps))
scan = np.random.default_rng(0).random((4, 16, 16, 1)).astype("float32")
v = cnnviz.explore(keras.Model(taken, scores), scan, value_range=(0, 1), name="volume")
v.add_class("volume")
v
"""
MASK = (560, 60)  # a place in the upper tile


@pytest.fixture(scope="module")
def page(browser: Browser, lab_server: Server) -> Iterator[Seen]:
    with opened(browser, lab_server, [SEGMENTS, ATTENDS, STEPS, BROKEN, VOLUME]) as seen:
        yield seen


def part(page: Seen, name: str) -> Seen:
    """Return the widget of a name, where it can be seen."""
    found = Seen(page.lab, f".{name}")
    found.unhide()
    found.root.scroll_into_view_if_needed()
    return found


def click(seen: Seen, x: float, y: float) -> None:
    """Click a place of the canvas, in CSS pixels of it."""
    seen.root.locator("canvas").first.scroll_into_view_if_needed()
    corner = seen.root.locator("canvas").first.bounding_box()
    assert corner is not None
    seen.page.mouse.click(corner["x"] + x, corner["y"] + y)


def test_a_click_on_the_mask_of_a_segmentation_explains_the_class_there(page: Seen) -> None:
    page.changes(lambda: click(page, *MASK))
    chip = page.root.locator(".cv-chip").locator("visible=true")
    expect(chip).to_contain_text(" at 28, ", timeout=PATIENCE * SECONDS)
    assert "at=(28, " in page.lab.kernel_eval("e.target")
    page.button("All of it").click()
    page.says("where it is predicted")
    assert page.complaints == []


def test_a_click_on_the_picture_asks_what_a_token_attends_to(page: Seen) -> None:
    seen = part(page, "attends")
    click(seen, 224, 20)
    seen.says("oken 0, 3 reads most from")
    assert page.lab.kernel_eval("t.explanation.recipe.query") == "(0, 3)"
    seen.root.locator(".cv-headframe").first.click()
    seen.says("oken 0, 3 reads most from", "head 0 of block_1_attention")
    page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("Enter")
    seen.says("head 1 of block_1_attention")


def test_a_click_on_a_step_of_a_sequence_explains_what_is_read_there(page: Seen) -> None:
    seen = part(page, "steps")
    seen.root.locator(".cv-step").nth(5).click()
    seen.says(" at 5")
    expect(seen.root.locator(".cv-step").nth(5)).to_have_attribute("aria-pressed", "true")
    assert page.lab.kernel_eval("s.explanation.recipe.target.at") == "5"


def test_the_slider_of_a_volume_moves_by_keys_from_slice_to_slice(page: Seen) -> None:
    seen = part(page, "volume")
    seen.changes(lambda: seen.slider("Slice").press("ArrowRight"), "in layer deep")
    expect(seen.root.locator(".cv-thumb").first).to_have_attribute("title", "slice 3")
    assert (
        page.lab.kernel_eval("(v.slice_index, v.explanation.image == v.probe.volume.picture())")
        == "(3, True)"
    )
    seen.button("Undo").click()
    expect(seen.slider("Slice")).to_have_attribute("aria-valuenow", "2.0", timeout=PATIENCE * SECONDS)


def test_a_network_of_nan_says_so_and_every_other_widget_stays_alive(page: Seen) -> None:
    broken = part(page, "broken")
    broken.says("NaN")
    expect(broken.root.locator(".cv-bad")).to_be_visible()
    seen = part(page, "steps")
    seen.root.locator(".cv-step").nth(2).click()
    seen.says(" at 2")
