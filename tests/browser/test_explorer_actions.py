"""What the Explorer's buttons, strip, canvas and panels do, in JupyterLab."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from tests.browser.explorer import HERO, PATIENCE, PHOTOS, Seen
from tests.browser.lab import SECONDS

CELLS = [PHOTOS]
# Counts how often ipympl reads a canvas back before it shows a frame.
COUNT = """() => {
  const read = HTMLCanvasElement.prototype.toDataURL;
  window.readings = 0;
  HTMLCanvasElement.prototype.toDataURL = function (...how) {
    window.readings += new Error().stack.includes("handle_binary");
    return read.apply(this, how);
  };
}"""


def test_a_thumbnail_shows_its_photograph(seen: Seen) -> None:
    before = seen.photograph()
    seen.changes(lambda: seen.root.locator(".cv-thumb").nth(1).click(), "espresso")
    assert np.abs(seen.photograph() - before).mean() > 20
    expect(seen.root.locator(".cv-thumb").nth(1)).to_have_attribute("aria-pressed", "true")
    expect(seen.root.locator(".cv-bar5").first).to_contain_text("espresso")


def test_the_readers_own_picture_joins_the_strip(seen: Seen, tmp_path: Path) -> None:
    number = seen.root.locator(".cv-thumb").count()
    mine = tmp_path / "mine.png"
    Image.linear_gradient("L").convert("RGB").save(mine)
    seen.changes(lambda: open_file(seen, mine))
    expect(seen.root.locator(".cv-thumb")).to_have_count(number + 1)
    expect(seen.root.get_by_role("button", name="mine", exact=True)).to_have_attribute("aria-pressed", "true")


def test_a_broken_file_is_refused_in_words_and_the_picture_stays(seen: Seen, tmp_path: Path) -> None:
    before = seen.hero()
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\nand then nothing that a picture is made of")
    open_file(seen, broken)
    seen.says("broken.png")
    np.testing.assert_array_equal(seen.hero(), before)
    seen.changes(lambda: seen.root.locator(".cv-thumb").nth(1).click(), "espresso")


def test_undo_and_redo_step_through_the_pictures(seen: Seen) -> None:
    before = seen.hero()
    after = seen.changes(lambda: seen.choose("Pixels"), "move the score")
    seen.changes(lambda: seen.button("Undo").click(), "Warm places speak for")
    np.testing.assert_array_equal(seen.hero(), before)
    seen.changes(lambda: seen.button("Redo").click(), "move the score")
    np.testing.assert_array_equal(seen.hero(), after)


def test_the_code_panel_copies_lines_that_make_the_picture(seen: Seen, tmp_path: Path) -> None:
    seen.button("Code for this picture").click()
    panel = seen.root.locator(".cv-code pre")
    expect(panel).to_contain_text("GradCAM")
    seen.root.locator(".cv-copy").click()
    expect(seen.root.locator(".cv-copy")).to_have_text("Copied")
    copied = str(seen.page.evaluate("navigator.clipboard.readText()"))
    assert copied == panel.text_content()
    compile(copied, "copied", "exec")
    seen.button("Code for this picture").click()
    expect(seen.root.locator(".cv-code")).to_be_hidden()


def test_the_lines_make_the_same_map(seen: Seen) -> None:
    seen.lab.kernel_run("made = {'model': model, 'image': e.images[0]}\nexec(e.code(), made)")
    same = "float(abs(made['heat'].values - e.explanation.values).max())"
    assert float(seen.lab.kernel_eval(same)) < 1e-5


def test_save_downloads_a_picture(seen: Seen) -> None:
    with seen.page.expect_download() as wait:
        seen.button("Save as PNG").click()
    assert wait.value.suggested_filename == "chelsea-grad-cam-top_activation.png"
    pixels = np.asarray(Image.open(io.BytesIO(Path(wait.value.path()).read_bytes())).convert("RGB"))
    assert min(pixels.shape[:2]) >= 224
    assert pixels.std() > 20
    expect(seen.root.locator(".cv-told")).to_contain_text("Saved as")


def test_full_screen_fills_the_screen_and_comes_back(seen: Seen) -> None:
    seen.button("Full screen").click()
    seen.page.wait_for_function("() => document.fullscreenElement?.classList.contains('cv')")
    seen.button("Full screen").click()
    seen.page.wait_for_function("() => document.fullscreenElement === null")
    seen.rest()


def test_the_toolbar_zooms_and_home_returns(seen: Seen) -> None:
    whole = seen.hero()
    canvas = seen.root.locator("canvas").last
    canvas.hover(position={"x": 200, "y": 200})
    tools = seen.root.locator(".jupyter-matplotlib-toolbar button")
    tools.nth(2).click()
    corner = canvas.bounding_box()
    assert corner is not None
    seen.page.mouse.move(corner["x"] + 100, corner["y"] + 100)

    def drag() -> None:
        seen.page.mouse.down()
        seen.page.mouse.move(corner["x"] + 220, corner["y"] + 200, steps=4)
        seen.page.mouse.up()

    seen.changes(drag)
    tools.nth(2).click()
    seen.changes(tools.nth(0).click)
    np.testing.assert_array_equal(seen.hero(), whole)


def test_the_mouse_reads_pixel_value_and_cell(seen: Seen) -> None:
    seen.root.locator("canvas").last.hover(position={"x": 112, "y": 336})
    text = seen.root.locator(".cv-hover")
    expect(text).to_contain_text("cell 5, 1")
    expect(text).to_contain_text(re.compile("pixel 16[78], 5[567]"))
    seen.sentence.hover()
    expect(text).not_to_contain_text("pixel")


def test_reading_with_the_mouse_moves_nothing(seen: Seen) -> None:
    seen.changes(lambda: seen.root.locator(".cv-frame").nth(2).click(), "in layer")
    before = seen.root.bounding_box()
    seen.root.locator("canvas").last.hover(position={"x": 112, "y": 336})
    expect(seen.root.locator(".cv-hover")).to_contain_text("pixel")
    assert seen.root.bounding_box() == before


def test_a_cell_of_the_map_becomes_the_target(seen: Seen) -> None:
    place = {"x": HERO + 12 + 100, "y": 212 + 100}
    seen.root.locator("canvas").last.click(position=place)  # type: ignore[arg-type]
    chip = seen.root.locator(".cv-chip")
    expect(chip).to_contain_text("3, 3")
    seen.rest()
    assert seen.lab.kernel_eval("e.target.position") == "(3, 3)"


def test_feature_maps_are_a_collage_with_pages(seen: Seen) -> None:
    def turned(action: Callable[[], object], *words: str) -> np.ndarray:
        seen.changes(action, *words)
        seen.lab.kernel_eval("e.wait(90)")  # a page is drawn in steps, and a busy machine rests between them
        return seen.hero()

    first = turned(lambda: seen.choose("Inside"), "channels of")
    pages = seen.root.locator(".cv-pager")
    expect(pages).to_contain_text("1 of")
    second = turned(lambda: seen.button("›").click())
    expect(pages).to_contain_text("2 of")
    assert np.abs(second - first).mean() > 10
    back = turned(lambda: seen.button("‹").click())
    expect(pages).to_contain_text("1 of")
    np.testing.assert_array_equal(back, first)


def test_a_tile_of_the_collage_becomes_the_target(seen: Seen) -> None:
    seen.changes(lambda: seen.choose("Inside"), "channels of")
    seen.root.locator("canvas").last.click(position={"x": 135, "y": 135})  # beside the tools
    expect(seen.root.locator(".cv-chip")).to_contain_text("channel")


def test_a_click_beside_the_buttons_of_the_tools_reaches_the_tile_below(seen: Seen) -> None:
    seen.changes(lambda: seen.choose("Inside"), "channels of")
    seen.root.locator("canvas").last.hover(position={"x": 200, "y": 200})
    tools = seen.root.locator(".jupyter-matplotlib-toolbar")
    expect(tools).to_have_css("opacity", "1")
    expect(tools).to_have_css("transition-property", "none")  # or it would be in the way before it is seen
    corner = tools.bounding_box()
    assert corner is not None
    seen.page.mouse.click(corner["x"] + 1, corner["y"] + 1)
    expect(seen.root.locator(".cv-chip")).to_contain_text("channel")


def test_more_unfolds_the_finer_points(seen: Seen) -> None:
    expect(seen.slider("Clip")).to_be_hidden()
    fold = seen.root.get_by_role("button", name="More").first
    fold.click()
    expect(seen.slider("Clip")).to_be_visible()
    seen.changes(lambda: seen.slider("Soften").press("End"))
    expect(seen.root.locator(".cv-past").first).to_be_visible()
    fold.click()
    expect(seen.slider("Clip")).to_be_hidden()


def test_an_earlier_picture_comes_back_by_its_thumbnail(seen: Seen) -> None:
    fold = seen.root.get_by_role("button", name="More").first
    fold.click()
    seen.changes(lambda: seen.choose("Pixels"), "move the score")
    seen.changes(lambda: seen.root.locator(".cv-past").nth(-2).click(), "Warm places speak for")
    fold.click()


def test_a_map_is_checked_on_request_and_its_plots_stand_below(seen: Seen) -> None:
    seen.button("Check this map").click()
    expect(seen.root.locator(".cv-card")).to_have_count(3, timeout=PATIENCE * SECONDS)
    expect(seen.button("Check this map")).to_be_visible(timeout=PATIENCE * SECONDS)
    expect(seen.root.get_by_role("img", name="Deletion curve")).to_be_visible()
    expect(seen.root.locator(".cv-card p").last).to_contain_text("shuffled")
    seen.changes(lambda: seen.choose("Pixels"), "move the score")
    expect(seen.root.locator(".cv-card")).to_have_count(0)


def test_only_the_last_frame_is_read_back_from_the_screen_for_a_saved_notebook(seen: Seen) -> None:
    before = seen.settled()
    seen.page.evaluate(COUNT)
    seen.changes(lambda: seen.slider("Opacity").press("Home"))
    shown = seen.settled()
    seen.page.evaluate("() => new Promise((done) => setTimeout(done, 500))")  # the page's timers ring in turn
    assert seen.page.evaluate("window.readings") == 0
    saved = seen.lab.saved_canvases()[0]
    assert np.abs(saved - shown).mean() < 4 < np.abs(before - shown).mean()  # a preview is a JPEG


def test_nothing_on_the_page_has_failed(notebook: Seen) -> None:
    assert notebook.lab.errors == []
    assert notebook.complaints == []


def open_file(seen: Seen, path: Path) -> None:
    with seen.page.expect_file_chooser() as wait:
        seen.root.locator(".cv-add").click()
    wait.value.set_files(path)
