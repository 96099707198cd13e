"""The similarity explorer in JupyterLab: neighbours, places, foil and plane under the mouse, and how it fits."""

import io
import re
from collections.abc import Callable, Iterator

import numpy as np
import PIL.Image
import pytest
from playwright.sync_api import Browser, FilePayload, Locator, expect

from tests.browser.column import Theme, in_windows, misfits, widen
from tests.browser.explorer import PATIENCE, Seen, opened
from tests.browser.lab import SECONDS
from tests.browser.server import Server

CLOTHES = """
import cnnviz_widgets as cnnviz
s = cnnviz.SimilarityExplorer(cnnviz.demo.autoencoder(), cnnviz.demo.gallery())
s.wait(90)
s
"""
RESET = """
with s.lock:
    s.query, s.metric, s.by, s.layer, s.pooled, s.click = 7, "cosine", "auto", "encoded", None, "match"
    s.match = s.foil = s.place = s.place_b = None
s.wait(90)
"""
TAKEN = """
import time
end = time.monotonic() + 60
while s.query == 7 and time.monotonic() < end: time.sleep(0.02)
"""
PAIR = ".cv-pair canvas"


@pytest.fixture(scope="module")
def notebook(browser: Browser, lab_server: Server) -> Iterator[Seen]:
    with opened(browser, lab_server, [CLOTHES]) as seen:
        seen.canvas = f".cv {PAIR}"
        yield seen


@pytest.fixture
def seen(notebook: Seen) -> Seen:
    notebook.lab.kernel_run(RESET)
    widen(notebook, frame=".cv-pair", high=1200)
    notebook.says("Alike: 0.98 of 1.")
    notebook.rest()
    return notebook


def told(seen: Seen, expression: str) -> str:
    seen.lab.kernel_run("s.wait(90)")
    return seen.lab.kernel_eval(expression)


def changes(seen: Seen, which: int, action: Callable[[], object]) -> None:
    """Do something and wait until A or B is drawn anew."""
    canvas = f".cv .cv-pair > .cv-canvas:nth-child({which + 1}) canvas"
    before = seen.lab.wait_steady(canvas)
    action()
    seen.lab.wait_for_change(before, canvas, PATIENCE)


def click(seen: Seen, which: int, x: float, y: float) -> None:
    """Click a place of A or B, given as shares of width and height."""
    seen.page.mouse.click(*at(seen.root.locator(".cv-pair > .cv-canvas").nth(which), x, y))


def at(part: Locator, x: float, y: float) -> tuple[float, float]:
    """Return where a place of a part of the page is, given as shares of width and height, with all of it in sight."""
    part.scroll_into_view_if_needed()
    box = part.bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def test_a_click_on_a_neighbour_compares_with_it(seen: Seen) -> None:
    neighbour = seen.root.locator(".cv-nb").nth(3)
    changes(seen, 1, neighbour.click)
    expect(neighbour).to_have_attribute("aria-pressed", "true")
    seen.says("Alike: 0.9", "of 1.")


def test_a_click_on_a_place_frames_what_answers_it(seen: Seen) -> None:
    changes(seen, 1, lambda: click(seen, 0, 0.4, 0.6))
    seen.says("Cell 2, 1 of A adds", "Most like it in B")
    assert told(seen, "s.place") == "(2, 1)"


def test_a_click_on_b_asks_a(seen: Seen) -> None:
    click(seen, 1, 0.9, 0.6)
    seen.says("Cell 2, 3 of B adds", "Most like it in A")


def test_a_foil_is_set_against_b_and_removed(seen: Seen) -> None:
    seen.button("C foil").click()
    seen.root.locator(".cv-nb").nth(5).click()
    seen.says("Alike: B 0.98, C 0.9", "Red places of A speak for B")
    expect(seen.root.locator(".cv-foiled img")).to_be_visible()
    seen.button("Remove C").click()
    seen.says("Alike: 0.98 of 1.")


def test_another_metric_ranks_anew(seen: Seen) -> None:
    first = seen.root.locator(".cv-nb").first
    name = first.get_attribute("title")
    seen.button("Distance").click()
    seen.says("Apart:")
    expect(first).not_to_have_attribute("title", str(name))


def test_a_point_of_the_plane_is_named_and_taken(seen: Seen) -> None:
    seen.button("A query").click()
    x, y = map(
        float,
        re.findall(
            r"[\d.]+", told(seen, "tuple(round(float(one), 4) for one in s.scatter._chart.places[40])")
        ),
    )
    point = at(seen.root.locator(".cv-chart canvas").last, x, y)
    seen.page.mouse.move(*point)
    expect(seen.root.locator(".cv-under.cv-hover")).to_have_text(re.compile(r"\w+ \d+"))
    named = str(seen.root.locator(".cv-under.cv-hover").text_content()).partition(" ·")[0]
    seen.page.mouse.click(*point)
    seen.lab.kernel_run(TAKEN)
    assert told(seen, "s.gallery.name(s.query)").strip("'") == named


def test_a_picture_is_found_by_name(seen: Seen) -> None:
    field = seen.root.get_by_placeholder("any picture: name or number")
    field.fill("bag 12")
    field.press("Enter")
    seen.says("Alike: 0.")
    assert told(seen, "s.gallery.name(s.match)").strip("'") == "bag 12"


def test_arrow_keys_walk_along_the_neighbours_and_space_takes_one(seen: Seen) -> None:
    seen.root.locator(".cv-nb").first.focus()
    for _ in range(2):
        seen.page.keyboard.press("ArrowRight")
    third = seen.root.locator(".cv-nb").nth(2)
    expect(third).to_be_focused()
    seen.page.keyboard.press("Space")
    expect(third).to_have_attribute("aria-pressed", "true")


def test_every_control_can_be_reached_and_has_a_name(seen: Seen) -> None:
    nameless = """(root) => [...root.querySelectorAll("button, select, input")]
      .filter((one) => one.offsetParent && !one.disabled && one.type !== "file")
      .filter((one) => !(one.textContent.trim() || one.getAttribute("aria-label") || one.title || one.placeholder))
      .map((one) => one.outerHTML.slice(0, 120))"""
    assert seen.root.evaluate(nameless) == []
    unreachable = """(root) => [...root.querySelectorAll("button, select, input")]
      .filter((one) => one.offsetParent && one.tabIndex < 0 && !one.closest(".jupyter-matplotlib"))
      .map((one) => one.outerHTML.slice(0, 120))"""
    assert seen.root.evaluate(unreachable) == []


def test_a_picture_of_the_readers_own_becomes_the_query(seen: Seen) -> None:
    made = io.BytesIO()
    PIL.Image.fromarray(np.tile(np.arange(64, dtype=np.uint8) * 4, (64, 1))).save(made, "png")
    with seen.page.expect_file_chooser() as chooser:
        seen.root.locator(".cv-add").click()
    own: FilePayload = {"name": "mine.png", "mimeType": "image/png", "buffer": made.getvalue()}
    chooser.value.set_files(own)
    mine = seen.root.locator(".cv-thumb.cv-on")
    expect(mine).to_have_attribute("title", "mine", timeout=PATIENCE * SECONDS)
    assert told(seen, "s.query.name").strip("'") == "mine"


@in_windows((1300, 660), (1100, 576), (1000, 660), (800, None), (480, None))
def test_nothing_reaches_out_of_the_column(
    notebook: Seen, window: int, width: int | None, theme: Theme
) -> None:
    notebook.lab.use_theme(theme)
    widen(notebook, window, width, ".cv-pair")
    notebook.lab.kernel_run("s.foil = 5; s.wait(90)")
    notebook.rest()
    assert misfits(notebook, scrolling=".cv-thumb") == []


def test_the_page_has_nothing_to_complain_of(seen: Seen) -> None:
    assert (seen.complaints, seen.lab.errors) == ([], [])
