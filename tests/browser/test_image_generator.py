"""The image generator in JupyterLab: it grows, is paused and stepped through; the film is saved; how it fits."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.column import Theme, in_both_themes, in_every_window, misfits, widen
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
with g._lock, g._quietly():
    g.method, g.target, g.image = "Activation maximisation", g.probe.target(3), 0
    g._settings.clear()
    g._settings["Activation maximisation"] = first
g._screen.rebuild()
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
    notebook.settled()
    return notebook


def steps(seen: Seen) -> list[int]:
    return [
        int(step) for step in re.findall(r"\d+", seen.lab.kernel_eval("[len(f.curve) for f in g.frames]"))
    ]


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
    reached = steps(seen)[-1]
    seen.button("Go on").click()
    seen.says("Growing.")
    seen.lab.wait_for_change(seen.lab.canvas_hash(seen.canvas), seen.canvas, PATIENCE)
    seen.button("Cancel").click()
    seen.says("Paused after")
    assert steps(seen)[-1] > reached


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


def test_a_channel_is_raised(seen: Seen) -> None:
    seen.button("Channel").click()
    seen.says("Made to raise", "channel 0 of")


def test_the_film_is_saved_by_the_browser(seen: Seen, tmp_path: Path) -> None:
    with seen.page.expect_download(timeout=PATIENCE * SECONDS) as found:
        seen.button("Save film").click()
    found.value.save_as(tmp_path / "film")
    assert found.value.suggested_filename.endswith("activation-maximisation.gif")
    assert (tmp_path / "film").read_bytes()[:6] == b"GIF89a"


@in_every_window
@in_both_themes
def test_nothing_reaches_out_of_the_column(
    notebook: Seen, window: int, width: int | None, theme: Theme
) -> None:
    notebook.lab.use_theme(theme)
    widen(notebook, window, width)
    notebook.lab.kernel_run("g.target = cnnviz.Unit(g.probe.last_spatial(), 1); g.wait(90)")
    notebook.lab.kernel_run("g.frame = 0")
    notebook.settled()
    assert misfits(notebook) == []


def test_the_page_has_nothing_to_complain_of(seen: Seen) -> None:
    assert (seen.complaints, seen.lab.errors) == ([], [])
