"""The quickstart notebook in JupyterLab: what a first reader clicks, and what the picture does."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from tests.browser.explorer import Seen, opened, unhide, warmth
from tests.browser.server import Server


@pytest.fixture(scope="module")
def notebook(browser: Browser, lab_server: Server, root: Path) -> Iterator[Seen]:
    with opened(browser, lab_server, root / "notebooks" / "00_quickstart.ipynb") as seen:
        yield seen


def test_the_notebook_runs_and_shows_a_picture(notebook: Seen) -> None:
    notebook.says("Warm places speak for", "tiger cat", "top_activation")
    assert notebook.hero().std() > 20
    expect(notebook.page.locator(".cv")).to_have_count(2)
    outputs = [output for cell in notebook.lab.outputs() for output in cell]
    assert [output for output in outputs if output.get("name") == "stderr"] == []


def test_a_tab_changes_the_method(seen: Seen) -> None:
    before = seen.hero()
    after = seen.changes(lambda: seen.choose("Pixels"), "move the score of", "tiger cat")
    assert np.abs(after - before).mean() > 3
    assert seen.lab.kernel_eval("e.method") == "'Saliency'"


def test_a_pill_names_the_method_in_use(seen: Seen) -> None:
    expect(seen.button("Grad-CAM")).to_have_attribute("aria-pressed", "true")
    seen.changes(lambda: seen.choose("Inside"), "channels of")
    expect(seen.button("Feature maps")).to_have_attribute("aria-pressed", "true")
    seen.changes(lambda: seen.choose("Class maps"), "Warm places speak for")
    expect(seen.button("Grad-CAM")).to_have_attribute("aria-pressed", "true")


def test_a_bar_becomes_the_target(seen: Seen) -> None:
    seen.changes(lambda: seen.bar("Egyptian cat").click(), "speak for", "Egyptian cat")
    expect(seen.bar("Egyptian cat")).to_have_attribute("aria-pressed", "true")
    assert seen.lab.kernel_eval("e.target.index") == "285"


def test_a_class_is_found_by_name(seen: Seen) -> None:
    search = seen.root.get_by_label("Search a target").first
    search.fill("lynx")
    seen.changes(lambda: search.press("Enter"), "speak for", "lynx")


def test_a_class_without_a_bar_is_found_by_number_and_becomes_a_chip(seen: Seen) -> None:
    search = seen.root.get_by_label("Search a target").first
    search.fill("967")
    seen.changes(lambda: search.press("Enter"), "espresso")
    chip = seen.root.locator(".cv-chip")
    expect(chip).to_contain_text("espresso")
    seen.changes(chip.click, "tiger cat")
    expect(chip).to_be_hidden()


def test_a_class_that_does_not_exist_is_refused_in_words(seen: Seen) -> None:
    search = seen.root.get_by_label("Search a target").first
    search.fill("tigre cat")
    search.press("Enter")
    seen.says("Nothing is called", "tigre cat", "Did you mean")


def test_a_frame_of_the_film_is_its_layer(seen: Seen) -> None:
    frame = seen.root.locator(".cv-frame").nth(4)
    layer = str(frame.get_attribute("title")).partition(":")[0]
    seen.changes(frame.click, "in layer", layer)
    expect(frame).to_have_attribute("aria-pressed", "true")


def test_keys_on_the_slider_walk_through_the_layers(seen: Seen) -> None:
    last = seen.lab.kernel_eval("e.layer")
    seen.changes(lambda: seen.slider("Depth").press("ArrowLeft"), "in layer")
    before = seen.lab.kernel_eval("e.probe.spatial_layers[-2].name")
    assert seen.lab.kernel_eval("e.layer") == before != last
    seen.changes(lambda: seen.slider("Depth").press("ArrowRight"), "in layer", last.strip("'"))


def test_the_list_chooses_the_exact_layer(seen: Seen) -> None:
    layers = seen.root.get_by_role("combobox", name="Layer", exact=True)
    name = seen.lab.kernel_eval("e.probe.spatial_layers[30].name").strip("'")
    line = layers.locator("option").filter(has_text=name).first.text_content()
    assert line is not None
    seen.changes(lambda: layers.select_option(line), "in layer", name)
    assert seen.lab.kernel_eval("e.layer") == repr(name)


def test_walking_through_layers_calls_the_model_no_more(seen: Seen) -> None:
    seen.changes(lambda: seen.root.locator(".cv-frame").nth(2).click(), "in layer")
    expect(seen.root.locator(".cv-hover")).to_contain_text("no model call")


def test_patch_and_stride_change_the_picture_and_the_cost(seen: Seen) -> None:
    seen.changes(lambda: seen.choose("Cover"), "covered, it falls")
    expect(seen.cost).to_contain_text("169 pictures, about")
    coarse = seen.changes(lambda: press(seen, "Stride", "PageUp"), "covered, it falls")
    expect(seen.cost).not_to_contain_text("169 pictures")
    assert int(str(seen.cost.text_content()).split()[0]) < 169
    larger = seen.changes(lambda: press(seen, "Patch", "PageUp"), "covered, it falls")
    assert np.abs(larger - coarse).mean() > 1
    patch, stride = (seen.lab.kernel_eval(f"e.explanation.recipe.{name}") for name in ("patch", "stride"))
    assert int(patch) > 32
    assert int(stride) > 16


def test_opacity_zero_is_the_photograph(seen: Seen) -> None:
    bare = seen.changes(lambda: seen.slider("Opacity").press("Home"))
    small = Image.fromarray(bare.astype(np.uint8)).resize((200, 200), Image.Resampling.LANCZOS)
    difference = np.abs(np.asarray(small, np.int16) - seen.photograph())[30:]
    assert difference.mean() < 4


def test_more_opacity_is_warmer(seen: Seen) -> None:
    before = seen.hero()
    after = seen.changes(lambda: seen.slider("Opacity").press("End"))
    assert warmth(after).max() > warmth(before).max()
    expect(seen.slider("Opacity")).to_have_attribute("aria-valuetext", "100%")


def test_a_colour_map_changes_colours_and_what_the_sentence_calls_them(seen: Seen) -> None:
    before = seen.hero()
    after = seen.changes(lambda: seen.root.locator(".cv-swatch:visible").nth(1).click(), "Bright places")
    green = [(pixels[..., 1] - pixels[..., 0].astype(float)).mean() for pixels in (before, after)]
    assert green[1] > green[0] + 5
    seen.changes(lambda: seen.root.locator(".cv-swatch:visible").first.click(), "Warm places")


@pytest.mark.parametrize(
    ("mode", "words"),
    [("Spotlight", "Lit places"), ("Outline", "Places inside the line"), ("Map", "Bright places")],
)
def test_a_blend_mode_changes_picture_and_words(seen: Seen, mode: str, words: str) -> None:
    before = seen.hero()
    after = seen.changes(lambda: seen.button(mode).click(), words)
    assert np.abs(after - before).mean() > 10
    seen.changes(lambda: seen.button("Overlay").click(), "Warm places")
    np.testing.assert_array_equal(seen.hero(), before)


def test_most_of_the_heat_for_tiger_cat_is_on_the_cats_head(seen: Seen) -> None:
    seen.lab.kernel_run("e.target = 282")
    seen.says("tiger cat")
    # Chelsea's face, ears to chin, without the background on the left, the right and below.
    share = "(lambda v: float(v[1:6, 1:6].sum() / v.sum()))(e.explanation.values)"
    assert float(seen.lab.kernel_eval(share)) > 0.6
    heat = warmth(seen.hero())
    inside = np.zeros(heat.shape, bool)
    inside[64:384, 64:384] = True
    assert heat[inside].mean() > heat[~inside].mean() + 15


def test_the_digits_explorer_below_has_a_picture_too(notebook: Seen) -> None:
    digits = notebook.page.locator(".cv").nth(1)
    unhide(digits)
    digits.scroll_into_view_if_needed()
    expect(digits.locator(".cv-say")).to_contain_text("speak")
    expect(digits.locator("canvas").first).to_be_visible()


def test_nothing_on_the_page_has_failed(notebook: Seen) -> None:
    assert notebook.lab.errors == []
    assert notebook.complaints == []


def press(seen: Seen, slider: str, key: str) -> None:
    seen.slider(slider).press(key)
