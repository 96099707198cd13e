"""The latent mixer in JupyterLab: the walk by keyboard and mouse, the code's sliders, files, and how it fits."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.column import Theme, in_every_window, misfits, widen
from tests.browser.explorer import Seen
from tests.browser.lab import SECONDS
from tests.browser.test_accessibility import NAMELESS, UNGUARDED

CLOTHES = """
import cnnviz_widgets as cnnviz
m = cnnviz.LatentMixer(cnnviz.demo.autoencoder(), cnnviz.demo.gallery().images[:8])
m
"""
RESET = """
m.stop()
m.a, m.b, m.mix, m.added, m.edits, m.cell, m.beside = 0, 1, 0.5, {}, (), None, "change"
m.channel = m.view.tiles.order[0]
m.view.ends.slot.value = "a"
m.wait(60)
"""
WALKED = """
import time
end = time.monotonic() + 60
while m.mix < 1 and time.monotonic() < end: time.sleep(0.02)
"""
LONG_NAME = """
from cnnviz_widgets.widgets.latent_mixer.text import shape
name = "a_network_in_another/the_last_convolution_of_its_encoder"
m.view.layers.options = [(f"{name}   {shape(m.probe.layer(m.layer))}", m.layer)]
"""
CELLS = [CLOTHES]


@pytest.fixture
def seen(notebook: Seen) -> Seen:
    notebook.lab.kernel_run(RESET)
    widen(notebook)
    notebook.rest()
    return notebook


def test_the_arrow_keys_walk_and_the_picture_follows(seen: Seen) -> None:
    seen.slider("Walk").focus()
    for _ in range(3):
        seen.changes(lambda: seen.page.keyboard.press("ArrowRight"), "of the way from")
    assert seen.lab.kernel_eval("m.mix * 128") == "67.0"
    seen.says("52 % of the way from “T-shirt 1” to “trousers 1”.")


def test_the_picture_follows_while_the_mouse_drags(seen: Seen) -> None:
    handle = seen.slider("Walk").bounding_box()
    assert handle is not None
    x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
    seen.page.mouse.move(x, y)
    seen.page.mouse.down()
    for step in (60, 120, 180):
        seen.changes(lambda to=x + step: seen.page.mouse.move(to, y))  # type: ignore[misc]
    assert 0.75 < float(seen.lab.kernel_eval("m.mix")) < 0.85
    seen.page.mouse.up()


def test_a_value_between_two_steps_of_a_slider_stays(seen: Seen) -> None:
    seen.changes(
        lambda: seen.lab.kernel_run("m.mix, m.added = 0.333, {4: 0.33}; m.edit(2, 0.123, 0.0123)"), "33 %"
    )
    seen.lab.kernel_run("m.channel = 2")
    seen.rest()
    assert seen.lab.kernel_eval("(m.mix, dict(m.added), m.edits[0].scale, m.edits[0].add)") == (
        "(0.333, {4: 0.33}, 0.123, 0.0123)"
    )


def test_a_frame_of_the_film_is_a_click_away(seen: Seen) -> None:
    seen.changes(seen.button("B").click, "“trousers 1”, decoded from its code.")
    expect(seen.button("B")).to_have_attribute("aria-pressed", "true")
    expect(seen.slider("Walk")).to_have_attribute("aria-valuenow", "1.0")


def test_the_frames_stand_over_their_places_on_the_slider(seen: Seen) -> None:
    frames = [seen.root.locator(".cv-walk .cv-frame").nth(k).bounding_box() for k in (0, 8)]
    seen.changes(seen.button("A").click)
    first = seen.slider("Walk").bounding_box()
    seen.changes(seen.button("B").click)
    last = seen.slider("Walk").bounding_box()
    for frame, handle in zip(frames, (first, last), strict=True):
        assert frame is not None
        assert handle is not None
        assert frame["x"] + frame["width"] / 2 == pytest.approx(handle["x"] + handle["width"] / 2, abs=3)


def test_a_click_above_sets_the_end_that_is_chosen(seen: Seen) -> None:
    seen.root.locator(".cv-side .widget-toggle-button", has_text=re.compile("^B$")).click()
    seen.changes(seen.root.locator(".cv-thumb").nth(7).click, "T-shirt 1", "sneaker 1")
    expect(seen.root.locator(".cv-end").nth(1)).to_contain_text("sneaker 1", timeout=30 * SECONDS)


def test_a_picture_is_added_weighed_and_left_out(seen: Seen) -> None:
    seen.button("Plus").click()
    seen.changes(seen.root.locator(".cv-thumb").nth(4).click, "plus 1 × “coat 1”")
    slider = seen.slider("coat 1")
    slider.focus()
    seen.changes(lambda: seen.page.keyboard.press("Home"), "minus 1 × “coat 1”")
    seen.changes(seen.button("Leave out coat 1").click, "to “trousers 1”.")
    expect(slider).to_have_count(0)


def test_a_channel_is_chosen_changed_and_reset_by_keyboard(seen: Seen) -> None:
    tiles = seen.root.locator(".cv-tile").locator("visible=true")
    tiles.first.focus()
    seen.page.keyboard.press("ArrowRight")
    seen.page.keyboard.press("Enter")
    expect(tiles.nth(1)).to_have_attribute("aria-pressed", "true")
    chosen = seen.lab.kernel_eval("m.channel")
    seen.slider("Scale").focus()
    seen.changes(lambda: seen.page.keyboard.press("Home"), f"with channel {chosen} set to 0.")
    seen.changes(seen.button("Reset all").click, "to “trousers 1”.")
    expect(seen.button("Reset all")).to_be_disabled()


def test_one_cell_has_sliders_for_its_place(seen: Seen) -> None:
    seen.button("One cell").click()
    seen.slider("Column").focus()
    seen.page.keyboard.press("ArrowRight")
    seen.slider("Add").focus()
    seen.changes(lambda: seen.page.keyboard.press("End"), "with cell 0, 1 of channel")
    seen.button("Whole map").click()
    expect(seen.slider("Column")).to_have_count(0)


def test_the_small_map_shows_what_is_chosen(seen: Seen) -> None:
    for name in ("Focus", "Channel", "Change"):
        before = seen.settled()[212:412, -200:]
        seen.changes(seen.button(name).click)
        assert np.abs(seen.settled()[212:412, -200:] - before).mean() > 5
        expect(seen.button(name)).to_have_attribute("aria-pressed", "true")


def test_play_walks_to_b(seen: Seen) -> None:
    seen.lab.kernel_run("m.mix = 0.8")
    seen.button("Walk from A to B by itself").click()
    seen.lab.kernel_run(WALKED)
    expect(seen.button("Walk from A to B by itself")).to_be_visible()
    seen.says("“trousers 1”, decoded from its code.")


@pytest.mark.parametrize(
    ("button", "name", "opening"),
    [
        ("Save the walk as GIF", "t-shirt-1-to-trousers-1-encoded.gif", b"GIF89a"),
        ("Save as PNG", "t-shirt-1-to-trousers-1-encoded.png", b"\x89PNG"),
    ],
)
def test_the_walk_and_the_picture_are_saved(seen: Seen, button: str, name: str, opening: bytes) -> None:
    with seen.page.expect_download(timeout=60 * SECONDS) as saved:
        seen.button(button).click()
    assert saved.value.suggested_filename == name
    assert saved.value.path().read_bytes().startswith(opening)


def test_the_code_can_be_copied(seen: Seen) -> None:
    seen.button("Code for this picture").click()
    expect(seen.root.locator(".cv-code pre")).to_contain_text('probe.decode(code[None], "encoded")[0]')
    seen.button("Copy").click()
    assert "0.5 * codes[0] + 0.5 * codes[1]" in seen.page.evaluate("navigator.clipboard.readText()")
    seen.button("Code for this picture").click()


@in_every_window
def test_nothing_reaches_out_of_the_column(
    notebook: Seen, window: int, width: int | None, theme: Theme
) -> None:
    notebook.lab.use_theme(theme)
    widen(notebook, window, width)
    notebook.lab.kernel_run("m.added = {3: 1.0, 5: -0.5}; m.edit(2, scale=0); m.cell = (1, 2); m.wait(60)")
    notebook.lab.kernel_run(LONG_NAME)
    notebook.rest()
    expect(notebook.root.locator(".cv-exact option")).to_have_count(1)
    assert misfits(notebook) == []


def test_every_control_has_a_name_and_keeps_its_keys(seen: Seen) -> None:
    seen.lab.kernel_run("m.added = {3: 1.0}; m.cell = (1, 2); m.wait(60)")
    expect(seen.slider("Column")).to_be_visible()
    seen.rest()
    assert seen.root.evaluate(NAMELESS) == []
    assert seen.root.evaluate(UNGUARDED) == []


def test_the_page_has_nothing_to_complain_of(seen: Seen) -> None:
    assert (seen.complaints, seen.lab.errors) == ([], [])
