"""Why B rather than C: how a third picture is chosen, drawn, and kept apart from B."""

import re

import pytest

from cnnviz_widgets import SimilarityExplorer, Style
from tests.widgets.similarity.common import (
    Make,
    changed,
    gallery,
    pixels,
    pressed,
    quarters,
    settled,
)


def test_a_foil_is_chosen_by_a_click(explorer: SimilarityExplorer) -> None:
    explorer.view.choices["click"].value = "foil"
    explorer.view.near._buttons[1].click()
    assert (explorer.foil, explorer.match) == (5, None)
    assert settled(explorer).status == "Alike: B 1.00, C 0.71. Red places of A speak for B, blue ones for C."
    assert pressed(explorer, "cv-foil") == ["top: 0.71"]
    assert "C: top" in explorer.view._foil.value


def test_beside_a_foil_every_map_has_a_scale_of_its_own(make: Make) -> None:
    images = [quarters(1, 0.5, 0, 0), quarters(1, 0.4, 0, 0), quarters(0, 0.1, 0, 1)]
    explorer = changed(make(images=images, style=Style(mode="map", opacity=1)), foil=2)
    assert pixels(explorer.pair_canvases[1]).max() > 240
    assert "less what it adds to that to C" in explorer.view._notes.value


def test_where_c_is_the_nearest_b_is_the_next_and_the_notes_say_so(explorer: SimilarityExplorer) -> None:
    changed(explorer, foil=1)
    assert [image.name for image in explorer.explanation.images] == ["alone", "top", "nearly alone"]
    assert "B is the one after it" in explorer.view._notes.value


def test_c_stays_another_picture_than_b_when_the_layer_changes(explorer: SimilarityExplorer) -> None:
    changed(explorer, foil=5)
    for layer in ("rebuilt", "encoded"):
        _, b, c = changed(explorer, layer=layer).explanation.images
        assert b.name != c.name


@pytest.mark.parametrize(
    ("click", "number", "said"),
    [
        ("foil", 1, "nearly alone is B already: take another picture as C."),
        ("match", 5, "top is C already: take another picture as B, or remove C."),
    ],
)
def test_a_click_cannot_make_b_and_c_one_picture(
    explorer: SimilarityExplorer, click: str, number: int, said: str
) -> None:
    changed(explorer, foil=5, click=click)
    explorer.choose(number)
    assert (settled(explorer).error, explorer.match, explorer.foil) == (said, None, 5)
    assert changed(explorer, match=3).error == ""


def test_b_and_c_set_to_one_picture_is_said_until_one_of_them_changes(explorer: SimilarityExplorer) -> None:
    changed(explorer, match=5, foil=5)
    assert explorer.error.startswith("B and C are the same picture")
    assert changed(explorer, foil=3).error == ""


def test_a_gallery_of_two_has_no_picture_left_for_b_beside_c(make: Make) -> None:
    explorer = changed(make(images=gallery()[:2]), foil=1)
    assert "none is left for B" in explorer.error


def test_beside_a_foil_every_map_has_a_bar_of_its_own(explorer: SimilarityExplorer) -> None:
    whose = re.compile(r"\b([ABC]); unit: share")
    assert whose.findall(changed(explorer, foil=5).view._notes.value) == ["A", "B", "C"]
    assert "A and B in one scale; unit: share" in changed(explorer, foil=None).view._notes.value


def test_blue_cells_of_b_and_c_by_distance_are_explained(explorer: SimilarityExplorer) -> None:
    said = "cells of B and C that do so are blue"
    assert said not in changed(explorer, foil=5).view._notes.value
    assert said in changed(explorer, metric="euclidean").view._notes.value


def test_pictures_that_are_hardly_alike_are_said_to_be_so(make: Make) -> None:
    explorer = changed(make(images=[*gallery(), quarters(0.2, 1, 0, 0)]), match=6)
    assert explorer.status == "Hardly alike: 0.20 of 1. Warm places in A and B are the little they share."


def test_the_foil_can_be_removed(explorer: SimilarityExplorer) -> None:
    changed(explorer, foil=5)
    explorer.view._drop.click()
    assert settled(explorer).explanation.on_foil is None
    assert "C foil" in explorer.view._foil.value


def test_a_contrast_turns_its_sign_when_b_and_c_are_exchanged(explorer: SimilarityExplorer) -> None:
    values = [changed(explorer, match=b, foil=c).explanation.on_a.values for b, c in ((3, 5), (5, 3))]
    assert values[0] == pytest.approx(-values[1], abs=1e-6)
