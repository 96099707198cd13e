"""The occlusion explorer in JupyterLab: the patch under the mouse, its sliders, play, pins, and how it fits."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.column import Theme, in_every_window, misfits, widen
from tests.browser.explorer import PATIENCE, Seen
from tests.browser.lab import SECONDS

DIGITS = """
import cnnviz_widgets as cnnviz
o = cnnviz.OcclusionExplorer(cnnviz.demo.digit_classifier(), cnnviz.demo.digits()[:4], patch=8, stride=4)
o
"""
RESET = """
o.stop()
o.image, o.target, o.map, o.pins, o.position = 0, None, "fall", (), (10, 10)
o.patch, o.stride = 8, 4
o.style = cnnviz.Style()
o.wait(90)
"""
MOVED = """
import time
end = time.monotonic() + 60
while o.position == (10, 10) and time.monotonic() < end: time.sleep(0.02)
"""
HERO = 448
SIDE = 28
CELLS = [DIGITS]


@pytest.fixture
def seen(notebook: Seen) -> Seen:
    notebook.lab.kernel_run(RESET)
    widen(notebook)
    notebook.rest()
    return notebook


def position(seen: Seen) -> tuple[int, int]:
    seen.lab.kernel_run("o.wait(90)")
    row, column = re.findall(r"\d+", seen.lab.kernel_eval("o.position"))
    return int(row), int(column)


def drag(seen: Seen, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Drag from one pixel of the picture (row, column) to another."""
    corner = seen.root.locator("canvas").last.bounding_box()
    assert corner is not None
    (top, left), (low, right) = (
        (corner["y"] + (row + 0.5) * HERO / SIDE, corner["x"] + (column + 0.5) * HERO / SIDE)
        for row, column in (start, end)
    )
    seen.page.mouse.move(left, top)
    seen.page.mouse.down()
    seen.page.mouse.move(right, low, steps=6)
    seen.page.mouse.up()


def test_the_mouse_drags_the_patch_and_the_bars_follow(seen: Seen) -> None:
    bars = seen.root.locator(".cv-bar5").locator("visible=true")
    numbers = "(all) => all.map((one) => getComputedStyle(one, '::after').content)"
    before = bars.evaluate_all(numbers)
    seen.changes(lambda: drag(seen, (14, 14), (7, 12)), "Covered here:")
    assert position(seen) == (3, 8)
    after = bars.evaluate_all(numbers)
    assert all(re.search(r"\d → \d+ %|\\2192", text) for text in after)
    assert after != before


def test_where_the_patch_is_dragged_the_picture_is_grey(seen: Seen) -> None:
    hero = seen.changes(lambda: drag(seen, (14, 14), (23, 23)))
    assert position(seen) == (19, 19)
    middle = hero[19 * 16 + 40 : 19 * 16 + 90, 19 * 16 + 40 : 19 * 16 + 90]
    assert np.abs(middle - 127.5).max() <= 2


def test_with_the_toolbars_pan_the_picture_moves_and_the_patch_stays(seen: Seen) -> None:
    canvas = seen.root.locator("canvas").last
    canvas.hover(position={"x": 200, "y": 200})
    pan = seen.root.locator(".jupyter-matplotlib-toolbar button").nth(1)
    pan.click()
    drag(seen, (14, 14), (7, 12))
    canvas.hover(position={"x": 200, "y": 200})
    pan.click()
    assert position(seen) == (10, 10)


def test_both_sliders_of_the_sweep_answer_to_the_keyboard(seen: Seen) -> None:
    for name, trait in (("Patch", "patch"), ("Stride", "stride")):
        before = int(seen.lab.kernel_eval(f"o.{trait}"))
        seen.slider(name).focus()
        seen.page.keyboard.press("ArrowRight")
        expect(seen.slider(name)).to_have_attribute("aria-valuenow", f"{before + 1}.0")
        seen.lab.wait_for_kernel(f"o.{trait} == {before + 1}")
    seen.lab.kernel_run("o.wait(90)")
    assert seen.lab.kernel_eval("(o.explanation.recipe.patch, o.explanation.recipe.stride)") == "(9, 5)"


def test_both_sliders_of_the_sweep_are_dragged(seen: Seen) -> None:
    for name, trait in (("Patch", "patch"), ("Stride", "stride")):
        before = int(seen.lab.kernel_eval(f"o.{trait}"))
        handle = seen.slider(name).bounding_box()
        assert handle is not None
        x, y = handle["x"] + handle["width"] / 2, handle["y"] + handle["height"] / 2
        seen.page.mouse.move(x, y)
        seen.page.mouse.down()
        seen.page.mouse.move(x + 60, y, steps=4)
        seen.page.mouse.up()
        expect(seen.slider(name)).not_to_have_attribute("aria-valuenow", f"{before}.0")
    seen.rest()
    seen.lab.kernel_run("o.wait(90)")
    seen.lab.wait_for_kernel(
        "(o.explanation.recipe.patch, o.explanation.recipe.stride) == (o.patch, o.stride)"
    )


def test_the_maps_are_drawn_in_the_chosen_style(seen: Seen) -> None:
    calls = seen.lab.kernel_eval("o.probe.calls")
    before = seen.settled()[:, -200:]
    seen.changes(seen.button("Map").click)
    expect(seen.button("Map")).to_have_attribute("aria-pressed", "true")
    after = seen.settled()[:, -200:]
    assert (after[:200] != before[:200]).any()
    seen.changes(seen.button("Overlay").click)
    assert seen.lab.kernel_eval("o.probe.calls") == calls


def test_the_arrow_keys_move_the_patch(seen: Seen) -> None:
    seen.slider("Down").focus()
    seen.changes(lambda: seen.page.keyboard.press("ArrowRight"))
    seen.slider("Across").focus()
    seen.changes(lambda: seen.page.keyboard.press("ArrowLeft"))
    assert position(seen) == (11, 9)


def test_a_pin_is_listed_and_a_click_removes_it(seen: Seen) -> None:
    seen.changes(seen.button("Pin this position").click)
    pin = seen.root.locator(".cv-pin").locator("visible=true")
    expect(pin).to_have_text(re.compile(r"1: .*, says .* ×"), timeout=PATIENCE * SECONDS)
    pin.click()
    expect(pin).to_have_count(0)


def test_play_moves_the_patch_until_it_is_stopped(seen: Seen) -> None:
    seen.lab.kernel_run("o.stride = 1; o.wait(90)")
    seen.button("Move the patch over the picture").click()
    seen.lab.kernel_run(MOVED)
    seen.button("Stop the patch").click()
    expect(seen.button("Move the patch over the picture")).to_be_visible()
    assert position(seen) > (10, 10)


def test_the_maps_are_chosen_by_buttons(seen: Seen) -> None:
    for name in ("Label", "Probability", "Activity"):
        seen.changes(seen.button(name).click)
        expect(seen.button(name)).to_have_attribute("aria-pressed", "true")


@in_every_window
def test_nothing_reaches_out_of_the_column(
    notebook: Seen, window: int, width: int | None, theme: Theme
) -> None:
    notebook.lab.use_theme(theme)
    widen(notebook, window, width)
    notebook.lab.kernel_run("o.pins = [(0, 0), (12, 9)]; o.wait(90)")
    notebook.rest()
    assert misfits(notebook) == []


def test_the_page_has_nothing_to_complain_of(seen: Seen) -> None:
    assert (seen.complaints, seen.lab.errors) == ([], [])
