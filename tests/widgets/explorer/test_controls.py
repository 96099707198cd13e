"""What the Explorer's controls do: pills, bars, frames, forms, clicks on the picture, undo."""

from typing import Any

import numpy as np
import pytest

from cnnviz_widgets import ClassScore, Explorer, Unit
from tests.models import ZOO, picture
from tests.widgets.explorer.common import Make, label, settled, shown


def test_the_pills_and_tabs_choose_the_method(explorer: Explorer) -> None:
    explorer.view.chooser.tabs.value = "Pixels"
    settled(explorer)
    assert (explorer.method, label(explorer)) == ("Saliency", "Saliency")


def test_a_bar_of_the_verdict_becomes_the_target(explorer: Explorer) -> None:
    explorer.view.verdict._bars[2].click()
    settled(explorer)
    index = explorer.probe.top(explorer.images[0])[2][0]
    assert explorer.explanation.recipe.target == ClassScore(index)


def test_the_last_bar_that_was_clicked_wins(explorer: Explorer) -> None:
    seen: list[Any] = []
    explorer.observe(lambda change: seen.append(change["new"].recipe.target), "explanation")
    for bar in (1, 2, 0, 1):
        explorer.view.verdict._bars[bar].click()
    settled(explorer)
    assert seen[-1] == ClassScore(explorer.probe.top(explorer.images[0])[1][0])


def test_a_frame_of_the_film_becomes_the_layer(explorer: Explorer) -> None:
    explorer.view.depth._frames[0].click()
    settled(explorer)
    assert explorer.explanation.layer == explorer.view.depth.frames[0]


def test_a_slider_of_the_form_asks_anew(make: Make) -> None:
    explorer = make(method="Occlusion")
    explorer.view.form.controls["patch"].value = 4
    settled(explorer)
    assert explorer.explanation.recipe.patch == 4


def test_the_form_says_what_it_will_cost(make: Make) -> None:
    explorer = make(method="Occlusion")
    count = explorer.explanation.recipe.passes(explorer.explanation.image)
    assert f"{count} pictures" in explorer.view.cost.value


def test_a_sweep_is_titled_by_its_places(make: Make) -> None:
    explorer = make(method="Occlusion")
    recipe, image = explorer.explanation.recipe, explorer.explanation.image
    rows, columns = recipe.grid(image).shape
    assert explorer.presenter.stage.panels.tag == f"{rows} × {columns} places"


@pytest.mark.parametrize(
    ("method", "offered"), [("Filters", False), ("Feature maps", True), ("Saliency", True)]
)
def test_colours_are_offered_where_they_colour_something(make: Make, method: str, offered: bool) -> None:
    swatches = make(method=method).view.style.colours.widget
    assert (swatches.layout.display != "none") == offered


def test_a_slider_in_pixels_ends_at_the_pictures_shorter_side(make: Make) -> None:
    explorer = make(ZOO["non-square"](), [picture(20, 30)], method="Occlusion")
    assert explorer.view.form.controls["patch"].max == 8


def test_a_click_on_the_map_makes_its_unit_the_target_and_shows_it_as_a_chip(explorer: Explorer) -> None:
    explorer.canvas.on_click("map", 0.99, 0.3)
    settled(explorer)
    assert explorer.target == Unit("conv_2", None, (1, 3))
    chip = explorer.view.verdict._chip
    assert (chip.description, chip.layout.display) == ("cell 1, 3 of conv_2  ×", None)
    chip.click()
    settled(explorer)
    assert (explorer.target, chip.layout.display) == (None, "none")


def test_a_click_on_a_feature_map_makes_its_channel_the_target(make: Make) -> None:
    explorer = make(method="Feature maps", layer="conv_1")
    explorer.canvas.on_click("hero", 0.01, 0.01)
    assert explorer.target == Unit("conv_1", explorer.explanation.order[0])


def test_what_was_clicked_is_a_chip_before_the_network_has_answered(make: Make) -> None:
    explorer = make(method="Feature maps", layer="conv_1")
    chip = explorer.view.verdict._chip
    with explorer.lock:  # no answer can come before it is let go
        explorer.canvas.on_click("hero", 0.01, 0.01)
        assert (chip.description[:7], chip.layout.display) == ("channel", None)


def test_a_click_on_the_photograph_changes_nothing(explorer: Explorer) -> None:
    explorer.canvas.on_click("photo", 0.5, 0.5)
    assert explorer.target is None


def test_the_mouse_on_the_map_reads_pixel_cell_and_value(explorer: Explorer) -> None:
    explorer.canvas.on_hover("map", 0.0, 0.0)
    assert "pixel 0, 0:" in explorer.view.footer._right.value
    assert "cell 0, 0:" in explorer.view.footer._right.value
    explorer.canvas.on_hover(None)
    assert "model call" in explorer.view.footer._right.value


def test_undo_and_redo_bring_method_layer_picture_and_style_back(explorer: Explorer) -> None:
    first = shown(explorer)
    desk = explorer.view
    assert (desk.undo.disabled, desk.redo.disabled) == (True, True)
    explorer.layer = "conv_1"
    settled(explorer)
    explorer.image = 1
    explorer.method = "Saliency"
    settled(explorer)
    last = shown(explorer)
    assert (desk.undo.disabled, desk.redo.disabled) == (False, True)
    for _ in range(2):
        desk.undo.click()
        settled(explorer)
    assert (explorer.method, explorer.image, explorer.explanation.layer) == ("Grad-CAM", 0, "conv_2")
    np.testing.assert_array_equal(shown(explorer), first)
    for _ in range(2):
        desk.redo.click()
        settled(explorer)
    np.testing.assert_array_equal(shown(explorer), last)
    assert desk.redo.disabled


def test_undo_amid_the_next_sweep_keeps_the_one_that_was_finished(make: Make) -> None:
    explorer = make()
    explorer.method = "Occlusion"
    settled(explorer)
    finished = explorer.explanation.recipe
    with explorer.lock:  # so the next sweep cannot end before Undo
        explorer.change_setting("patch", 5)
        explorer.view.undo.click()
    settled(explorer)
    assert explorer.explanation.recipe == finished
    explorer.view.undo.click()
    settled(explorer)
    assert label(explorer) == "Grad-CAM"


def test_an_earlier_picture_can_be_clicked(explorer: Explorer) -> None:
    explorer.method = "Saliency"
    settled(explorer)
    assert len(explorer.view._past.children) == 2
    explorer.view._past.children[0].click()
    settled(explorer)
    assert explorer.method == "Grad-CAM"
