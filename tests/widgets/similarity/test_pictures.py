"""Choosing pictures: by the strip, a name, a number, or a file of the reader's own."""

import pytest

from cnnviz_widgets import SimilarityExplorer
from tests.models import ZOO, picture
from tests.widgets.similarity.common import Make, changed, gallery, quarters, ranked, settled


def test_a_click_can_make_a_picture_the_query(explorer: SimilarityExplorer) -> None:
    explorer.view.choices["click"].value = "query"
    explorer.view.near._buttons[2].click()
    assert settled(explorer).query == 3
    assert explorer.explanation.images[0].name == "grey"


def test_the_strip_begins_with_pictures_of_the_gallery(explorer: SimilarityExplorer) -> None:
    assert [thumb.description for thumb in explorer.view.strip.thumbs] == [one.name for one in gallery()]
    explorer.view.strip.thumbs[4].click()
    assert settled(explorer).query == 4


def test_with_labels_the_strip_begins_with_one_of_each_kind(make: Make) -> None:
    labels = ("even", "odd") * 6
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(12)], labels=labels)
    assert [thumb.description for thumb in explorer.view.strip.thumbs] == ["random 0", "random 1"]


def test_a_small_gallery_stands_in_the_strip_whole(make: Make) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(9)])
    assert len(explorer.view.strip.thumbs) == 9


def test_a_query_that_is_not_in_the_strip_is_put_there_once(make: Make) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(30)])
    for query in (2, 3, 2):
        changed(explorer, query=query)
    names = [thumb.description for thumb in explorer.view.strip.thumbs]
    assert names[-2:] == ["random 2", "random 3"]
    assert len(names) == 8


def test_a_picture_of_the_readers_own_is_compared_with_the_gallery(explorer: SimilarityExplorer) -> None:
    mine = quarters(0, 0, 0.9, 1, name="mine")
    explorer.take_own([mine], [])
    assert settled(explorer).query == mine
    assert explorer.explanation.images[1].name == "low"
    assert ranked(explorer)[0] == 4
    assert explorer.view.strip.thumbs[-1].description == "mine"


def test_a_file_that_is_no_picture_is_said_and_the_pair_stays(explorer: SimilarityExplorer) -> None:
    before = explorer.explanation
    explorer.take_own([], ["notes.txt: it is no picture of a kind that Pillow knows."])
    assert "notes.txt" in explorer.error
    assert explorer.explanation is before


@pytest.mark.parametrize(("text", "number"), [("grey", 3), ("GREY", 3), ("4", 4), ("nearly", 1), ("lon", 0)])
def test_a_picture_is_found_by_its_name_or_number(
    explorer: SimilarityExplorer, text: str, number: int
) -> None:
    explorer.view.search.value = text
    assert explorer.match == number
    assert explorer.view.search.value == ""


def test_a_name_that_nobody_has_is_answered_with_the_nearest(explorer: SimilarityExplorer) -> None:
    explorer.seek("gray")
    assert explorer.error == "No picture is called 'gray': give a name or a number. Did you mean 'grey'?"


def test_an_error_goes_with_the_next_place_or_picture(explorer: SimilarityExplorer) -> None:
    changed(explorer, match=1).seek("nobody")
    assert explorer.error
    assert changed(explorer, place=(0, 0)).status.startswith("Cell 0, 0 of A")
    explorer.seek("nobody")
    explorer.choose(1)
    assert settled(explorer).error == ""


def test_an_error_goes_as_soon_as_the_next_question_is_asked(make: Make) -> None:
    explorer = make(ZOO["no convolution"](), [picture(seed=seed) for seed in range(3)])
    assert "Use Gradient or Cover (by='gradient'" in changed(explorer, by="patches").error
    errors: list[str] = []
    explorer.observe(lambda change: errors.append(change["new"]), "error")
    changed(explorer, by="gradient")
    assert errors == [""]
