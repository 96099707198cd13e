"""The image generator in JupyterLab: it grows, is paused and stepped through; the film is saved; how it fits."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.column import Theme, in_every_window, misfits, widen
from tests.browser.explorer import PATIENCE, Seen, opened
from tests.browser.lab import SECONDS
from tests.browser.server import Server

DIGITS = """
import cnnviz_widgets as cnnviz
first = cnnviz.ActivationMaximization(preset="fast", steps=24)
g = cnnviz.ImageGenerator(cnnviz.demo.digit_classifier(), cnnviz.demo.digits()[:8], target=3, method=first)
g
"""
RESET = """
g.wait(90)
with g.lock, g.quietly():
    g.method, g.target, g.image = "Activation maximisation", g.probe.target(3), 0
    g._settings.clear()
    g._settings["Activation maximisation"] = first
g.presenter.rebuild()
g.ask()
g.wait(90)
"""
LONG = "g._settings[g.method] = first.replace(steps=100_000); g.ask()"


@pytest.fixture(scope="module")
def notebook(browser: Browser, lab_server: Server) -> Iterator[Seen]:
    with opened(browser, lab_server, [DIGITS]) as seen:
        seen.lab.kernel_run("g.wait(90)")
        yield seen


@pytest.fixture
def seen(notebook: Seen) -> Seen:
    widen(notebook)
    notebook.lab.kernel_run(RESET)
    notebook.says("Made to raise")
    notebook.rest()
    return notebook


def steps(seen: Seen) -> int:
    return int(seen.lab.kernel_eval("len(g.frames[-1].curve)"))


def grows_past(seen: Seen, reached: int) -> None:
    """Wait until a climb has taken more steps than these and its picture has changed."""
    before = seen.lab.canvas_hash(seen.canvas)
    seen.lab.wait_for_kernel(f"len(g.frames[-1].curve) > {reached}", PATIENCE)
    seen.lab.wait_for_change(before, seen.canvas, PATIENCE)


def test_the_film_shows_the_pictures_on_the_way(seen: Seen) -> None:
    frames = seen.root.locator(".cv-frame:enabled")
    expect(frames).to_have_text(["8", "16", "24"])
    expect(frames.last).to_have_attribute("aria-pressed", "true")


def test_the_pictures_are_drawn_while_it_grows_until_it_is_paused(seen: Seen) -> None:
    seen.lab.kernel_run(LONG)
    seen.says("Growing.")
    before = seen.lab.canvas_hash(seen.canvas)
    seen.lab.wait_for_change(before, seen.canvas, PATIENCE)
    seen.button("Pause").click()
    seen.says("Paused after", "Play goes on from here.")
    reached = steps(seen)
    seen.button("Go on").click()
    seen.says("Growing.")
    grows_past(seen, reached)
    seen.button("Cancel").click()
    seen.says("Paused after")


def test_the_arrow_keys_step_through_the_film(seen: Seen) -> None:
    seen.slider("Frame").focus()
    seen.changes(lambda: seen.page.keyboard.press("ArrowLeft"))
    assert seen.lab.kernel_eval("g.frame") == "1"
    expect(seen.root.locator(".cv-frame.cv-on")).to_have_text("16")


def test_a_click_on_the_film_shows_that_picture_and_one_can_go_on_from_it(seen: Seen) -> None:
    last = seen.hero()
    first = seen.changes(seen.root.locator(".cv-frame").first.click)
    assert abs(first - last).max() > 20
    seen.button("Go on from here").click()
    seen.lab.kernel_run("g.wait(90)")
    again = seen.hero()
    assert abs(again - last).max() <= 2


def test_a_class_is_searched_and_raised(seen: Seen) -> None:
    search = seen.root.locator(".cv-search input")
    search.fill("7")
    search.press("Enter")
    seen.lab.kernel_run("g.wait(90)")
    seen.says("Made to raise", "7")
    expect(seen.bar("7")).to_have_attribute("aria-pressed", "true", timeout=PATIENCE * SECONDS)


def test_a_search_for_nothing_leaves_a_climb_alone(seen: Seen) -> None:
    seen.lab.kernel_run(LONG)
    seen.says("Growing.")
    search = seen.root.locator(".cv-search input")
    search.fill("nowhere:3")
    search.press("Enter")
    seen.says("no layer 'nowhere'")
    grows_past(seen, steps(seen))
    expect(seen.root).not_to_have_class(re.compile("cv-stale"))
    seen.button("Cancel").click()
    seen.says("Paused after")


def test_bars_of_the_target_before_have_no_figures(seen: Seen) -> None:
    figure = "(bar) => getComputedStyle(bar, '::after').content"
    bar = seen.root.locator(".cv-bar5").first
    assert "%" in bar.evaluate(figure)
    seen.lab.kernel_run("with g.lock:\n  g.presenter.begin()")
    expect(seen.root.locator(".cv-doubt .cv-bar5").first).to_be_visible()
    assert "%" not in bar.evaluate(figure)


def test_a_click_on_the_grid_chooses_a_picture(seen: Seen) -> None:
    seen.lab.kernel_run("g.target = [3, 7]; g.wait(90)")
    seen.rest()
    box = seen.root.locator(".cv-canvas").bounding_box()
    assert box is not None
    seen.changes(lambda: seen.page.mouse.click(box["x"] + 340, box["y"] + 224))
    assert seen.lab.kernel_eval("g.wait(90) and g.presenter.beside.chosen") == "1"
    expect(seen.root.locator(".cv-bar5").first).to_have_text("7", timeout=PATIENCE * SECONDS)


def test_the_page_moves_no_setting_by_itself(seen: Seen) -> None:
    seen.lab.kernel_run("g.method = 'DeepDream'; g.wait(90)")
    seen.says("Dreamt to raise")
    expect(seen.slider("Octaves")).to_be_visible()
    assert seen.lab.kernel_eval("g.wait(90) and g._settings['DeepDream'] == cnnviz.DeepDream()") == "True"


def test_a_channel_is_raised(seen: Seen) -> None:
    seen.button("Channel").click()
    seen.says("Made to raise", "channel 0 of")


def test_the_film_is_saved_by_the_browser(seen: Seen, tmp_path: Path) -> None:
    with seen.page.expect_download(timeout=PATIENCE * SECONDS) as found:
        seen.button("Save film").click()
    found.value.save_as(tmp_path / "film")
    assert found.value.suggested_filename.endswith("activation-maximisation.gif")
    assert (tmp_path / "film").read_bytes()[:6] == b"GIF89a"


def test_the_picture_keeps_its_name_while_a_file_is_saved(seen: Seen) -> None:
    with seen.page.expect_download(timeout=PATIENCE * SECONDS):
        seen.button("Save as PNG").click()
    expect(seen.root.locator(".cv-told")).to_contain_text("Saved as")
    named = re.compile(r"Made to raise.* 24 of 24 steps")
    expect(seen.root.locator(".cv-canvas canvas[role=img]").first).to_have_attribute("aria-label", named)


def test_the_handle_of_the_film_stands_under_the_frame_that_is_shown(seen: Seen) -> None:
    middle = "(part) => { const box = part.getBoundingClientRect(); return box.left + box.width / 2; }"
    for number in range(3):
        seen.root.locator(".cv-frame").nth(number).click()
        frame = seen.root.locator(".cv-frame.cv-on")
        expect(frame).to_have_text(str(8 * (number + 1)))
        expect(seen.slider("Frame")).to_have_attribute("aria-valuenow", f"{number}.0")
        assert abs(frame.evaluate(middle) - seen.slider("Frame").evaluate(middle)) < 4


def test_the_time_keeps_its_room_beside_a_long_sentence(seen: Seen) -> None:
    cut = "(part) => part.scrollWidth > part.clientWidth"
    time = seen.root.locator(".cv-foot > .widget-html").nth(1)
    seen.lab.kernel_run(
        "g.view.footer.say('Made to raise ' + 'a long name, ' * 12, '44 s · 310 model calls')"
    )
    seen.says("a long name")
    expect(time).to_have_text("44 s · 310 model calls")
    assert not time.evaluate(cut)
    assert time.evaluate("(part) => part.getBoundingClientRect().width") > 100


@in_every_window
def test_nothing_reaches_out_of_the_column(
    notebook: Seen, window: int, width: int | None, theme: Theme
) -> None:
    notebook.lab.use_theme(theme)
    widen(notebook, window, width)
    notebook.lab.kernel_run("g.target = cnnviz.Unit(g.probe.last_spatial(), 1); g.wait(90)")
    notebook.lab.kernel_run("g.frame = 0")
    notebook.rest()
    assert misfits(notebook) == []


def test_the_page_has_nothing_to_complain_of(seen: Seen) -> None:
    assert (seen.complaints, seen.lab.errors) == ([], [])
