"""Neighbours and maps: what the similarity explorer opens on, ranks, and shows of a pair."""

import numpy as np
import pytest

from cnnviz_widgets import Codes, SimilarityExplorer
from tests.models import functional, picture
from tests.widgets.similarity.common import Make, changed, pressed, ranked, row, settled


def test_it_opens_on_the_first_picture_and_its_nearest_neighbour(explorer: SimilarityExplorer) -> None:
    assert [image.name for image in explorer.explanation.images] == ["alone", "nearly alone"]
    assert explorer.status == "Alike: 1.00 of 1. Warm places in A and B make them alike."
    assert (explorer.error, explorer.progress) == ("", 1.0)


def test_the_badge_says_what_the_cells_sum_to(explorer: SimilarityExplorer) -> None:
    assert "cells sum to 1.00 ✓" in explorer.view.footer._right.value


def test_the_row_names_the_neighbours_with_their_similarity_most_alike_first(
    explorer: SimilarityExplorer,
) -> None:
    assert row(explorer)[:3] == ["nearly alone: 1.00", "top: 0.71", "grey: 0.50"]
    assert pressed(explorer) == ["nearly alone: 1.00"]


def test_the_neighbours_are_those_of_the_codes(make: Make) -> None:
    images = [picture(channels=1, seed=seed) for seed in range(12)]
    explorer = make(images=images, query=4)
    found = Codes.of(explorer.probe, images).nearest(4, k=11)
    assert ranked(explorer) == found.rows.tolist()


@pytest.mark.parametrize(
    ("metric", "order", "scores"),
    [
        ("cosine", [1, 5, 3], [0.995, 0.707, 0.5]),
        ("dot", [1, 3, 5], [4, 3.6, 2]),
        ("euclidean", [1, 5, 2], [-0.2, -1.414, -2.828]),
    ],
)
def test_another_metric_ranks_anew(
    explorer: SimilarityExplorer, metric: str, order: list[int], scores: list[float]
) -> None:
    changed(explorer, metric=metric)
    assert ranked(explorer)[:3] == order
    assert [value for _, value in explorer.neighbours[:3]] == pytest.approx(scores, abs=1e-3)


def test_a_distance_is_told_without_its_minus(explorer: SimilarityExplorer) -> None:
    assert row(changed(explorer, metric="euclidean"))[0] == "nearly alone: 0.2"


def test_a_click_on_a_neighbour_compares_with_it(explorer: SimilarityExplorer) -> None:
    explorer.view.near._buttons[1].click()
    assert explorer.match == 5
    assert settled(explorer).status.startswith("Alike: 0.71 of 1.")
    assert pressed(explorer) == ["top: 0.71"]


def test_the_maps_go_both_ways(explorer: SimilarityExplorer) -> None:
    changed(explorer, match=5)
    for one in (explorer.explanation.on_a, explorer.explanation.on_b):
        assert one.values.sum() == pytest.approx(np.sqrt(0.5), abs=1e-5)
        assert one.values[:2, :2].sum() == pytest.approx(one.values.sum())


def test_another_query_forgets_b_and_the_foil(explorer: SimilarityExplorer) -> None:
    changed(explorer, match=5, foil=4, place=(0, 0))
    changed(explorer, query=4)
    assert (explorer.match, explorer.foil, explorer.place) == (None, None, None)
    assert ranked(explorer)[0] == 3


@pytest.mark.parametrize("by", ["patches", "gradient", "occlusion"])
def test_every_way_to_make_the_maps_is_a_button(make: Make, by: str) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(3)])
    explorer.view.choices["by"].value = by
    assert settled(explorer).explanation.recipe.by == by
    assert explorer.error == ""


def test_another_layer_computes_its_codes(explorer: SimilarityExplorer) -> None:
    explorer.view.layer.value = "rebuilt"
    assert settled(explorer).explanation.layer == "rebuilt"
    assert explorer.gallery_codes.codes is not None
    assert explorer.gallery_codes.codes.values.shape == (6, 64)


def test_codes_that_were_computed_are_kept(explorer: SimilarityExplorer) -> None:
    first = explorer.gallery_codes.codes
    changed(explorer, layer="rebuilt")
    changed(explorer, layer="encoded")
    assert explorer.gallery_codes.codes is first


def test_a_code_of_means_finds_things_wherever_they_are(make: Make) -> None:
    explorer = make(pooled=True, metric="euclidean")
    assert {number for number, value in explorer.neighbours if value == 0} == {2, 5}


def test_a_flat_code_has_no_choice_between_places_and_means(make: Make) -> None:
    explorer = make(functional(), [picture(seed=seed) for seed in range(3)])
    assert len(explorer.probe.layer(explorer.explanation.layer).shape) == 1
    assert explorer.view._code_row.layout.display == "none"


def test_swap_exchanges_the_pictures_and_their_places(explorer: SimilarityExplorer) -> None:
    changed(explorer, place=(0, 1))
    explorer.swap()
    assert [image.name for image in settled(explorer).explanation.images] == ["nearly alone", "alone"]
    assert (explorer.query, explorer.match, explorer.place, explorer.place_b) == (1, 0, None, (0, 1))


def test_there_are_pages_of_eight_neighbours(make: Make) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(12)])
    first = row(explorer)
    explorer.view._on.click()
    second = row(settled(explorer))
    assert (len(first), len(second), len({*first, *second})) == (8, 3, 11)
    assert "9 to 11 of 11 others" in explorer.view._near_title.value
    assert (explorer.view._back.disabled, explorer.view._on.disabled) == (False, True)


def test_a_neighbour_of_the_second_page_leaves_the_page_open(make: Make) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(12)])
    explorer.turn(1)
    before = row(settled(explorer))
    explorer.view.near._buttons[0].click()
    assert row(settled(explorer)) == before
    assert pressed(explorer) == before[:1]
