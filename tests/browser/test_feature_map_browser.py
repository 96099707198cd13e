"""The feature map browser in JupyterLab: tiles, pages, film, controls, an Explorer below, and how it fits."""

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.column import WINDOWS, Theme, in_every_window, misfits, widen
from tests.browser.explorer import Seen

MAPS = """
import cnnviz_widgets as cnnviz
b = cnnviz.FeatureMapBrowser(cnnviz.demo.digit_classifier(), cnnviz.demo.digits()[:4])
b
"""
RESET = """
b.close_explorer()
b.image, b.order, b.scale, b.style = 0, "activity", "own", type(b.style)()
b.layer = ""
b.wait(90)
"""
CELLS = [MAPS]
WALL = ".cv-wall"


@pytest.fixture
def seen(notebook: Seen) -> Seen:
    notebook.lab.kernel_run(RESET)
    widen(notebook, frame=WALL)
    notebook.rest()
    return notebook


def tiles(seen: Seen) -> Locator:
    return seen.root.locator(".cv-tile").locator("visible=true")


def tile(seen: Seen, place: int) -> Locator:
    return tiles(seen).nth(place)


def to_a_large_layer(seen: Seen) -> int:
    """Go to the layer with the most maps, and return how many it has."""
    seen.lab.kernel_run(
        "many = max(b.probe.spatial_layers, key=lambda layer: layer.shape[2]); b.layer = many.name"
    )
    seen.lab.kernel_run("b.wait(90)")
    seen.rest()
    return int(seen.lab.kernel_eval("many.shape[2]"))


def test_the_tiles_are_buttons_named_by_their_channel_and_one_is_pressed(seen: Seen) -> None:
    expect(tiles(seen)).to_have_count(16)
    chosen = int(seen.lab.kernel_eval("b.channel"))
    expect(seen.button(f"channel {chosen}")).to_have_attribute("aria-pressed", "true")
    expect(seen.root.locator(".cv-tile[aria-pressed=true]")).to_have_count(1)


def test_every_tile_shows_a_picture_with_its_number(seen: Seen) -> None:
    shown = tiles(seen).evaluate_all(
        "(all) => all.map((one) => [getComputedStyle(one).backgroundImage.slice(0, 15), "
        "getComputedStyle(one, '::after').content, one.textContent.trim()])"
    )
    for background, number, name in shown:
        assert background == 'url("data:image'
        assert number.startswith(f'"{name.removeprefix("channel ")}"')


def test_a_click_on_a_tile_shows_its_channel_beside(seen: Seen) -> None:
    seen.changes(lambda: tile(seen, 5).click())
    expect(tile(seen, 5)).to_have_attribute("aria-pressed", "true")
    name = tile(seen, 5).inner_text()
    expect(seen.root.locator(".cv-side .cv-h").first).to_contain_text(name, ignore_case=True)
    expect(seen.root.locator(".cv-about")).to_contain_text("all this cell can see")


def test_tab_walks_from_tile_to_tile_and_enter_chooses(seen: Seen) -> None:
    tile(seen, 2).focus()
    seen.page.keyboard.press("Tab")
    expect(tile(seen, 3)).to_be_focused()
    seen.changes(lambda: seen.page.keyboard.press("Enter"))
    expect(tile(seen, 3)).to_have_attribute("aria-pressed", "true")


def test_arrow_keys_walk_over_the_wall_and_stop_at_its_rim(seen: Seen) -> None:
    tile(seen, 0).focus()
    for key, place in (("Right", 1), ("Down", 5), ("Left", 4), ("Left", 3), ("Up", 3), ("Down", 7)):
        seen.page.keyboard.press(f"Arrow{key}")
        expect(tile(seen, place)).to_be_focused()


def test_the_numbers_can_be_read_on_a_white_map(seen: Seen) -> None:
    plate = tile(seen, 0).evaluate("(one) => getComputedStyle(one, '::after').backgroundColor")
    *colour, cover = (float(number) for number in re.findall(r"[\d.]+", plate))
    seen_through = [(c * cover + 255 * (1 - cover)) / 255 for c in colour]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in seen_through]
    assert 1.05 / (float(np.dot([0.2126, 0.7152, 0.0722], linear)) + 0.05) >= 4.5


def test_the_bar_is_as_wide_as_the_picture_above(seen: Seen) -> None:
    widths = [seen.root.locator(part).bounding_box() for part in (".cv-ramp img", ".cv-beside")]
    assert widths[0] is not None
    assert widths[1] is not None
    assert abs(widths[0]["width"] - widths[1]["width"]) <= 1


def test_a_letter_on_a_tile_is_no_command_of_the_notebook(seen: Seen) -> None:
    cells = len(seen.lab.outputs())
    tile(seen, 1).focus()
    seen.page.keyboard.press("b")
    seen.page.keyboard.press("x")
    assert len(seen.lab.outputs()) == cells


def test_the_pages_turn(seen: Seen) -> None:
    count = to_a_large_layer(seen)
    assert count > 24
    expect(seen.root.locator(".cv-pager")).to_contain_text(f"1–24 of {count}")
    first = tile(seen, 0).inner_text()
    seen.button("›").click()
    expect(seen.root.locator(".cv-pager")).to_contain_text(f"25–{min(48, count)} of {count}")
    expect(tile(seen, 0)).not_to_have_text(first)
    seen.button("‹").click()
    expect(tile(seen, 0)).to_have_text(first)


def test_a_frame_of_the_film_brings_its_layer_and_no_model_call(seen: Seen) -> None:
    frames = seen.root.locator(".cv-frame")
    seen.changes(lambda: frames.last.click(), "What the layer sees")
    expect(frames.last).to_have_attribute("aria-pressed", "true")
    seen.says("What the layer sees")
    expect(seen.root.locator(".cv-hover")).to_contain_text("no model call")


def test_by_number_the_tiles_count_up(seen: Seen) -> None:
    seen.button("Number").click()
    seen.says("by number")
    names = [f"channel {k}" for k in range(16)]
    expect(tiles(seen)).to_have_text(names)


def test_one_scale_for_all_changes_the_wall(seen: Seen) -> None:
    last = tile(seen, 15)
    before = last.evaluate("(one) => getComputedStyle(one).backgroundImage")
    seen.button("Shared").click()
    expect(seen.button("Shared")).to_have_attribute("aria-pressed", "true")
    expect(last).not_to_have_css("background-image", before)


def test_a_click_on_the_large_picture_shows_what_that_cell_can_see(seen: Seen) -> None:
    canvas = seen.root.locator(".cv-beside canvas").last
    seen.changes(lambda: canvas.click(position={"x": 40, "y": 200}))
    expect(seen.root.locator(".cv-about")).not_to_contain_text("Strongest")


def test_the_large_picture_is_told_to_a_screen_reader(seen: Seen) -> None:
    words = seen.root.locator(".cv-about").inner_text()
    expect(seen.root.locator(".cv-beside canvas").first).to_have_attribute("aria-label", words)


def test_the_kernel_stands_beside_the_raw_pixels_and_the_layers_own_map(seen: Seen) -> None:
    captions = seen.root.locator(".cv-kernels figcaption")
    expect(captions).to_have_text(
        [re.compile("the kernel, ±[0-9.]+"), "on the raw pixels", "the layer's own map"]
    )
    wide = seen.root.locator(".cv-kernels img").evaluate_all("(all) => all.map((one) => one.naturalWidth)")
    assert wide == [192, 192, 192]


def test_explain_this_channel_opens_an_explorer_below_that_can_be_closed(seen: Seen) -> None:
    tile(seen, 4).click()
    channel = tile(seen, 4).inner_text().removeprefix("channel ")
    seen.button("Explain this channel").click()
    below = seen.root.locator(".cv-below .cv")
    expect(below.locator(".cv-say")).to_contain_text(f"channel {channel} of ", timeout=60_000)
    expect(below.locator(".cv-chip")).to_contain_text(f"channel {channel} of ")
    seen.lab.wait_for_canvas(".cv-below canvas")
    expect(below.locator("canvas").first).to_be_in_viewport(ratio=0.5)
    assert misfits(seen) == []
    seen.button("Close").click()
    expect(below).to_have_count(0)


@in_every_window
def test_nothing_reaches_out_of_the_column(seen: Seen, window: int, width: int | None, theme: Theme) -> None:
    to_a_large_layer(seen)
    seen.lab.use_theme(theme)
    widen(seen, window, width, WALL)
    seen.rest()
    assert misfits(seen) == []


@pytest.mark.parametrize("size", ["L", "M", "alone"])
def test_the_tiles_stay_inside_the_wall(seen: Seen, size: str) -> None:
    to_a_large_layer(seen)
    widen(seen, *WINDOWS[size], WALL)
    wall = seen.root.locator(WALL).bounding_box()
    assert wall is not None
    for box in (tile(seen, 0).bounding_box(), tile(seen, 23).bounding_box()):
        assert box is not None
        assert wall["x"] - 1 <= box["x"]
        assert box["x"] + box["width"] <= wall["x"] + wall["width"] + 1
        assert box["y"] + box["height"] <= wall["y"] + wall["height"] + 1


def test_another_layer_moves_nothing_under_the_wall(seen: Seen) -> None:
    seen.root.locator(".cv-frame").nth(3).scroll_into_view_if_needed()
    places = [seen.root.locator(part) for part in (".cv-wall", ".cv-foot", ".cv-lever")]
    before = [place.bounding_box() for place in places]
    seen.changes(lambda: seen.root.locator(".cv-frame").nth(3).click(), "What the layer sees")
    assert [place.bounding_box() for place in places] == before


def test_a_reloaded_page_shows_the_maps_again(seen: Seen) -> None:
    before = seen.settled()
    seen.lab.save()
    seen.lab.reload()
    seen.lab.wait_for_canvas(seen.canvas, 90)
    np.testing.assert_array_equal(seen.settled().shape, before.shape)
    expect(tiles(seen)).to_have_count(16)


def test_nothing_was_complained_of(seen: Seen) -> None:
    assert seen.complaints == []
    assert seen.lab.errors == []
