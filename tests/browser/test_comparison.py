"""The comparison in JupyterLab: how it fills, what a click does, scale, style, how it fits, what is saved."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.column import Theme, fill, in_both_themes, misfits
from tests.browser.explorer import PATIENCE, Seen
from tests.browser.grid import CELLS, DRAWN, GRID, RESET, ROW, all_change, cells, drawn, filled
from tests.browser.lab import SECONDS, Lab
from tests.browser.server import Server

WIDEST = 1040


@pytest.fixture(scope="module")
def notebook(browser: Browser, lab_server: Server) -> Iterator[Seen]:
    context = browser.new_context(viewport={"width": 1300, "height": 1000}, accept_downloads=True)
    context.set_default_timeout(40 * SECONDS)
    lab = Lab(context.new_page(), lab_server)
    seen = Seen(lab)
    lab.open_notebook([GRID])
    lab.run_all()
    expect(cells(seen)).to_have_count(CELLS)
    yield seen
    context.close()
    lab_server.end_kernels()


@pytest.fixture
def seen(notebook: Seen) -> Seen:
    notebook.page.set_viewport_size({"width": 1300, "height": 1000})
    notebook.lab.kernel_run(RESET)
    filled(notebook)
    return notebook


# These three come first, in this order: the gate is still closed.


def test_the_grid_fills_while_it_is_looked_at(notebook: Seen) -> None:
    expect(notebook.root.locator(".cv-wait")).to_have_count(ROW - 1, timeout=PATIENCE * SECONDS)
    notebook.says("Computing.")
    expect(notebook.root.locator(".cv-hover")).to_contain_text("24 of 32")
    first = cells(notebook).nth(3 * ROW)
    width = first.evaluate("(cell) => parseFloat(getComputedStyle(cell, '::after').width) / cell.clientWidth")
    assert 0 < width < 1
    expect(first).to_have_attribute("title", re.compile(r"Not whole yet: \d+%"))


def test_cancel_keeps_what_there_is(notebook: Seen) -> None:
    notebook.button("Cancel").click()
    notebook.says("Stopped. 24 of 32 maps are whole.")
    expect(notebook.root.locator(".cv-wait")).to_have_count(ROW - 1)


def test_run_again_computes_the_rest(notebook: Seen) -> None:
    notebook.lab.kernel_run("gate.set()")
    notebook.button("Run again").click()
    filled(notebook)
    notebook.says("32 maps. Click one to see it large.")
    widths = cells(notebook).evaluate_all("(all) => all.map((c) => getComputedStyle(c, '::after').width)")
    assert set(widths) == {"0px"}


def test_every_cell_shows_a_map_of_its_own(seen: Seen) -> None:
    pictures = {drawn(cells(seen).nth(k)).tobytes() for k in range(CELLS)}
    assert len(pictures) == CELLS


def test_a_cell_is_a_button_that_says_what_it_shows(seen: Seen) -> None:
    name = "Grad-CAM, digit 3 (a): Warm places speak for “3” in layer class_maps."
    assert seen.button(name).evaluate(DRAWN) == cells(seen).nth(3).evaluate(DRAWN)


def test_the_heads_name_pictures_with_what_the_network_says(seen: Seen) -> None:
    head = seen.root.locator(".cv-colhead").nth(3)
    expect(head).to_contain_text("digit 3 (a)")
    expect(head).to_contain_text(re.compile(r"3, \d+\s%"))
    assert "data:image" in str(head.locator(".cv-photo").evaluate(DRAWN))


def test_a_click_shows_the_map_large_and_the_button_brings_the_grid_back(seen: Seen) -> None:
    cells(seen).nth(ROW + 1).click()
    expect(seen.root.locator(".cv-table")).to_be_hidden()
    expect(seen.root.locator(".cv-named")).to_contain_text("Saliency, digit 1 (a)")
    seen.says("move the score of", "1")
    assert seen.settled().std() > 20
    seen.button("‹ Back to the grid").click()
    filled(seen)
    expect(seen.root.locator(".cv-large")).to_be_hidden()
    seen.says("32 maps")


def test_the_keyboard_goes_to_the_large_picture_and_back(seen: Seen) -> None:
    cells(seen).nth(2).focus()
    seen.page.keyboard.press("Tab")
    expect(cells(seen).nth(3)).to_be_focused()
    seen.page.keyboard.press("Enter")
    expect(seen.button("‹ Back to the grid")).to_be_focused()
    seen.page.keyboard.press("Enter")
    expect(cells(seen).nth(3)).to_be_focused()


def test_the_mouse_reads_the_large_picture(seen: Seen) -> None:
    cells(seen).nth(0).click()
    seen.rest()
    seen.root.locator("canvas").last.hover(position={"x": 100, "y": 100})
    expect(seen.root.locator(".cv-hover")).to_contain_text("cell")


def test_a_shared_scale_dims_all_but_the_strongest_of_a_method(seen: Seen) -> None:
    before = [drawn(cells(seen).nth(k)) for k in range(ROW)]
    seen.button("Shared").click()
    expect(seen.root.locator(".cv-rowhead .cv-ramp")).to_have_count(4)
    moved = [np.abs(drawn(cells(seen).nth(k)) - before[k]).mean() for k in range(ROW)]
    assert sum(one == 0 for one in moved) == 1
    assert max(moved) > 1
    expect(seen.root.locator(".cv-rule")).to_contain_text("One scale a row")


def test_an_own_scale_prints_both_ends_in_every_cell(seen: Seen) -> None:
    script = "(all) => all.map((c) => getComputedStyle(c, '::before').content)"
    ends = cells(seen).evaluate_all(script)
    assert all(" … " in one for one in ends)
    seen.button("Shared").click()
    expect(seen.root.locator(".cv-rowhead .cv-ramp")).to_have_count(4)
    assert not any(" … " in one for one in cells(seen).evaluate_all(script))


def test_the_style_draws_all_cells_anew(seen: Seen) -> None:
    before = drawn(cells(seen).nth(0))
    all_change(seen, lambda: seen.button("Map").click())
    assert np.abs(drawn(cells(seen).nth(0)) - before).mean() > 5
    expect(cells(seen).nth(0)).to_have_attribute("title", re.compile("Bright places"))


def test_the_opacity_slider_draws_all_cells_anew(seen: Seen) -> None:
    all_change(seen, lambda: seen.slider("Opacity").press("Home"))
    photo, cell = seen.root.locator(".cv-photo").first, cells(seen).nth(0)
    shown = np.asarray(Image.fromarray(drawn(photo).astype(np.uint8)).resize(drawn(cell).shape[1::-1]))
    assert np.abs(drawn(cell) - shown).mean() < 12


@pytest.mark.parametrize(("window", "scrolls"), [(1300, False), (1000, False), (700, True)])
def test_eight_pictures_fit_a_thousand_pixels(seen: Seen, window: int, scrolls: bool) -> None:
    fill(seen, window, ".cv-view", WIDEST)
    more = seen.root.locator(".cv-scroll").evaluate("(part) => part.scrollWidth - part.clientWidth")
    assert (more > 0) is scrolls


def test_the_heads_stay_in_sight_while_the_cells_scroll(seen: Seen) -> None:
    fill(seen, 700, ".cv-view", WIDEST)
    scroll, head = seen.root.locator(".cv-scroll"), seen.root.locator(".cv-rowhead").first
    expect(seen.root).to_have_class(re.compile(r"\bcv-S\b"))
    before, cell = head.bounding_box(), cells(seen).nth(0).bounding_box()
    scroll.evaluate("(part) => { part.scrollLeft = 120; }")
    after, moved = head.bounding_box(), cells(seen).nth(0).bounding_box()
    assert before is not None
    assert after is not None
    assert cell is not None
    assert moved is not None
    assert abs(after["x"] - before["x"]) <= 2
    assert moved["x"] == cell["x"] - 120


def test_save_downloads_one_figure(seen: Seen) -> None:
    with seen.page.expect_download() as wait:
        seen.button("Save as PNG").click()
    assert wait.value.suggested_filename == "4-methods-8-pictures.png"
    with Image.open(io.BytesIO(Path(wait.value.path()).read_bytes())) as made:
        assert "4 methods × 8 pictures" in made.info["Title"]
        assert made.width > ROW * 168
    expect(seen.root.locator(".cv-told")).to_contain_text("Saved as")


def test_the_code_panel_has_the_lines_of_the_figure(seen: Seen) -> None:
    seen.button("Code for this picture").click()
    expect(seen.root.locator(".cv-code pre")).to_contain_text("cnnviz.compare(")
    seen.button("Code for this picture").click()


def test_a_reload_of_the_page_shows_the_grid_again(seen: Seen) -> None:
    before = str(cells(seen).nth(0).evaluate(DRAWN))
    assert "data:image" in before
    seen.lab.save()
    seen.lab.reload()
    expect(cells(seen)).to_have_count(CELLS, timeout=PATIENCE * SECONDS)
    expect(cells(seen).nth(0)).to_have_css("background-image", before)


def test_nothing_on_the_page_has_failed(notebook: Seen) -> None:
    assert notebook.lab.errors == []
    assert notebook.complaints == []


# Last, since JupyterLab itself stumbles when its theme is changed again too soon.


@in_both_themes
@pytest.mark.parametrize("window", [1300, 1000, 700])
def test_nothing_reaches_out_of_the_column(seen: Seen, theme: Theme, window: int) -> None:
    seen.lab.use_theme(theme)
    fill(seen, window, ".cv-view", WIDEST)
    assert misfits(seen, scrolling=".cv-scroll *") == []


@in_both_themes
def test_the_heads_have_the_colour_of_the_page(seen: Seen, theme: Theme) -> None:
    seen.lab.use_theme(theme)
    page = seen.page.locator(".jp-Notebook").first.evaluate(
        "(part) => getComputedStyle(part).backgroundColor"
    )
    expect(seen.root.locator(".cv-rowhead").first).to_have_css("background-color", str(page))
