"""The Explorer for those who use keys, a screen reader, or strong contrast."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.explorer import Seen, opened
from tests.browser.server import Server

DIGITS = """
import cnnviz_widgets as cnnviz
e = cnnviz.explore(cnnviz.demo.digit_classifier(), cnnviz.demo.digits()[:3], name="shown")
e
"""
READABLE = 4.5
# What a browser would call it, near enough: label, label element, text, title.
NAMELESS = """(root) =>
  [...root.querySelectorAll("button, select, input, a[href], summary, [tabindex]:not([tabindex='-1'])")]
  .filter((part) => part.offsetParent !== null && !part.disabled && part.type !== "file")
  .filter((part) => !(part.getAttribute("aria-label") || part.textContent.trim() || part.title
    || [...(part.labels ?? [])].some((label) => label.textContent.trim())))
  .map((part) => part.outerHTML.slice(0, 160))"""
UNGUARDED = """(root) =>
  [...root.querySelectorAll("button, select, input, a[href], summary, .noUi-handle, [tabindex='0']")]
  .filter((part) => part.offsetParent !== null && !part.hasAttribute("data-lm-suppress-shortcuts"))
  .map((part) => part.outerHTML.slice(0, 160))"""
COLOURS = """(part) => {
  const opaque = (colour) => colour !== "transparent" && !colour.replaceAll(" ", "").endsWith(",0)");
  let ground = part;
  while (ground && !opaque(getComputedStyle(ground).backgroundColor)) ground = ground.parentElement;
  return [getComputedStyle(part).color, ground ? getComputedStyle(ground).backgroundColor : "rgb(255, 255, 255)"];
}"""
WORDS = {
    "the sentence": ".cv-say",
    "the figures": ".cv-hover",
    "a heading": ".cv-side .cv-h",
    "a label": ".cv-side .widget-label",
    "a tab that is not chosen": ".cv-tabs button:not(.mod-active)",
    "the chosen tab": ".cv-tabs button.mod-active",
    "the chosen pill": ".cv-pills button.mod-active",
    "the explanation": ".cv-read",
    "the fold": ".cv-more",
}
CELLS = "() => window.jupyterapp.shell.currentWidget.content.model.cells.length"


@pytest.fixture(scope="module")
def seen(browser: Browser, lab_server: Server) -> Iterator[Seen]:
    with opened(browser, lab_server, [DIGITS, "other = 1"]) as seen:
        yield seen


def test_every_control_has_a_name(seen: Seen) -> None:
    seen.root.get_by_role("button", name="More").first.click()
    expect(seen.slider("Clip")).to_be_visible()
    assert seen.root.evaluate(NAMELESS) == []


def test_sliders_say_their_name_and_value(seen: Seen) -> None:
    seen.slider("Opacity").press("End")
    expect(seen.slider("Opacity")).to_have_attribute("aria-valuetext", "100%")
    expect(seen.slider("Depth")).to_be_visible()
    layer = re.compile("^" + re.escape(seen.lab.kernel_eval("e.layer").strip("'")))
    expect(seen.slider("Depth")).to_have_attribute("aria-valuetext", layer)


@pytest.mark.parametrize("part", ["tabs", "pills", "seg", "bars", "strip", "film", "swatches"])
def test_one_button_of_a_group_says_that_it_is_pressed(seen: Seen, part: str) -> None:
    group = seen.root.locator(f".cv-{part}").first
    expect(group.locator("button[aria-pressed=true]:visible")).to_have_count(1)
    expect(group.locator("button:not([aria-pressed]):not(.cv-add):visible")).to_have_count(0)


def test_the_sentence_is_a_live_region_that_stays_when_its_words_change(seen: Seen) -> None:
    status = seen.root.get_by_role("status")
    expect(status).to_have_count(1)
    region = status.element_handle()
    expect(status).to_contain_text("speak")
    seen.changes(lambda: seen.choose("Pixels"), "move the score")
    assert region is not None
    assert region.evaluate("(region) => region.isConnected && region.textContent").startswith(
        "Warm places move"
    )
    seen.changes(lambda: seen.choose("Class maps"), "speak for")


def test_the_picture_is_named_by_its_sentence(seen: Seen) -> None:
    said = str(seen.sentence.text_content())
    expect(seen.root.get_by_role("img", name=said).first).to_be_visible()


def test_tab_walks_through_every_control_in_reading_order_and_leaves(seen: Seen) -> None:
    seen.root.locator(".cv-thumb").first.focus()
    path = [seen.page.evaluate(PLACE)]
    while path[-1] is not None and len(path) < 100:
        seen.page.keyboard.press("Tab")
        path.append(seen.page.evaluate(PLACE))
    assert path[-1] is None, "Tab never left"
    areas = list(dict.fromkeys(place["area"] for place in path[:-1]))
    assert areas == ["head", "view", "side"]
    assert not any(place["tag"] == "CANVAS" for place in path[:-1])
    assert any(place["name"] == "Opacity" for place in path[:-1])


@pytest.mark.parametrize("key", ["b", "x", "j", "a", "d"])
@pytest.mark.parametrize("control", ["Opacity", "Depth"])
def test_letters_on_a_slider_do_nothing_to_the_notebook(seen: Seen, control: str, key: str) -> None:
    before = seen.page.evaluate(CELLS), active(seen)
    seen.slider(control).focus()
    for _ in range(2):
        seen.page.keyboard.press(key)
    assert (seen.page.evaluate(CELLS), active(seen)) == before


@pytest.mark.parametrize("name", ["Spotlight", "Save as PNG", "Grad-CAM", "Class maps"])
def test_letters_on_a_button_do_nothing_to_the_notebook(seen: Seen, name: str) -> None:
    before = seen.page.evaluate(CELLS), active(seen)
    seen.button(name).focus()
    for key in "bxjadd":
        seen.page.keyboard.press(key)
    assert (seen.page.evaluate(CELLS), active(seen)) == before


def test_every_control_keeps_the_hosts_shortcuts_away(seen: Seen) -> None:
    assert seen.root.evaluate(UNGUARDED) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("words", WORDS)
def test_words_stand_out_from_their_ground(seen: Seen, theme: str, words: str) -> None:
    seen.lab.use_theme("dark" if theme == "dark" else "light")
    part = seen.root.locator(WORDS[words]).locator("visible=true").first
    ink, ground = (channels(colour) for colour in part.evaluate(COLOURS))
    assert contrast(ink, ground) >= READABLE, (ink, ground)


PLACE = """() => {
  const part = document.activeElement;
  const root = document.querySelector(".cv");
  if (!part || !root.contains(part)) return null;
  const area = ["head", "view", "side"].find((name) => part.closest(`.cv-${name}`)) ?? "elsewhere";
  return { area, tag: part.tagName, name: part.getAttribute("aria-label") || part.textContent.trim() || part.title };
}"""


def active(seen: Seen) -> int:
    """Return which cell is the active one."""
    return int(seen.page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex"))


def channels(colour: str) -> tuple[float, ...]:
    """Return red, green and blue from 0 to 1 of a colour as the browser computed it."""
    numbers = [float(number) for number in re.findall(r"[\d.]+", colour.partition("(")[2])]
    scale = 1.0 if colour.startswith("color(") else 255.0
    return tuple(number / scale for number in numbers[:3])


def contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """Return the contrast ratio of two colours as WCAG defines it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: tuple[float, ...]) -> float:
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
