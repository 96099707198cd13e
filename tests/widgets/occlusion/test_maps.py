"""The maps of the occlusion explorer, their labels and their style."""

import re

import pytest

from cnnviz_widgets import ClassScore, LabelMap, OcclusionExplorer, Style
from tests.models import autoencoder, picture
from tests.widgets.occlusion.common import Make, settled, tile

# maps


def test_another_map_or_class_runs_no_model(explorer: OcclusionExplorer) -> None:
    before = explorer.probe.calls
    for name in ("label", "probability", "fall"):
        explorer.map = name
        assert settled(explorer).explanation.recipe.map == name
    explorer.target = 1
    assert settled(explorer).explanation.recipe.target == ClassScore(1)
    assert explorer.probe.calls == before


def test_another_map_of_an_autoencoder_runs_no_model(make: Make) -> None:
    explorer = make(autoencoder(), [picture(channels=1)])
    before = explorer.probe.calls
    for name in ("activity", "code distance", "reconstruction error", "code or error", "fall"):
        explorer.map = name
        assert settled(explorer).explanation.recipe.map == name
    assert explorer.probe.calls == before


def test_the_labels_have_a_legend_beside(explorer: OcclusionExplorer) -> None:
    assert re.search(r"rgb\(\d+, \d+, \d+\).*lit.*rgb\(\d+, \d+, \d+\).*dark", explorer.view.legend.value)


def test_a_map_button_shows_its_map(explorer: OcclusionExplorer) -> None:
    explorer.view.map.value = "label"
    assert isinstance(settled(explorer).explanation, LabelMap)


def test_without_room_for_tiles_the_map_stands_in_the_side(make: Make) -> None:
    assert 'alt="fall of “lit”"' in make(size="S").view.legend.value
    explorer = make()
    assert "<img" not in explorer.view.legend.value
    explorer._resize("S")
    assert "<img" in explorer.view.legend.value


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fall", "Red places speak for <b>“lit”</b>"),
        ("probability", "Covering the places that stay dark makes <b>“lit”</b> less probable"),
        ("label", "Covered at a coloured place, it no longer says <b>“lit”</b>"),
    ],
)
def test_every_map_says_what_it_shows(explorer: OcclusionExplorer, name: str, said: str) -> None:
    explorer.map = name
    assert said in settled(explorer).view.legend.value


# style


def test_another_style_draws_the_maps_anew_and_runs_no_model(explorer: OcclusionExplorer) -> None:
    calls, before = explorer.probe.calls, tile(explorer, "photo")
    explorer.view.style.mode.value = "map"
    assert explorer.style.mode == "map"
    plain = tile(explorer, "photo")
    assert (plain != before).any()
    explorer.view.style.colours.signed["PuOr_r"].click()
    assert (explorer.style.signed_colormap, (tile(explorer, "photo") != plain).any()) == ("PuOr_r", True)
    assert "Orange places" in explorer.view.legend.value
    assert explorer.probe.calls == calls


def test_the_style_bar_follows_a_style_that_is_set(explorer: OcclusionExplorer) -> None:
    explorer.style = Style(opacity=0.25, clip=0.95)
    sliders = explorer.view.style.sliders
    assert (sliders["opacity"].value, sliders["clip"].value) == (0.25, 0.95)


def test_the_opacity_is_that_of_the_labels_too(make: Make) -> None:
    explorer = make(position=(0, 6))
    before = tile(explorer, "map")
    explorer.view.style.sliders["opacity"].value = 0.2
    assert (tile(explorer, "map") != before).any()


@pytest.mark.parametrize(("name", "signed"), [("fall", True), ("label", True), ("probability", False)])
def test_the_colours_to_choose_from_suit_the_map(
    explorer: OcclusionExplorer, name: str, signed: bool
) -> None:
    explorer.map = name
    swatches = settled(explorer).view.style.colours
    assert {made.layout.display != "none" for made in swatches.signed.values()} == {signed}
