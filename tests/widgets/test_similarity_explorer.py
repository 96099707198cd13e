"""The similarity explorer from end to end, without a browser: neighbours, maps, places, foil, and what is refused."""

import base64
import io
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import PIL.Image
import pytest
import traitlets
from ipywidgets.widgets import widget as registry
from keras import layers

from cnnviz_widgets import Codes, Image, Plane, Probe, SimilarityExplorer, Style
from cnnviz_widgets.codes import encoding
from cnnviz_widgets.codes.plane import plane
from cnnviz_widgets.demo import Gallery
from cnnviz_widgets.errors import ImageError, LayerError, MissingPackageError, SettingError
from cnnviz_widgets.jobs import worker
from cnnviz_widgets.widgets.similarity import desk, state
from cnnviz_widgets.widgets.similarity.chart import CALLED, Called, Chart, apart, squared
from tests.models import ZOO, functional, picture

PATIENCE = 60
Make = Callable[..., SimilarityExplorer]
KINDS = ("left", "left", "right", "all", "low", "top")


def network() -> keras.Model:
    """Return a model that rebuilds its picture from a code of 4 x 4 means."""
    image = keras.Input((8, 8, 1), name="image")
    code = layers.AveragePooling2D(2, name="encoded")(image)
    return keras.Model(image, layers.UpSampling2D(2, name="rebuilt")(code), name="means")


def quarters(*values: float, name: str = "") -> Image:
    """Return a picture whose four quarters have these values, row by row."""
    pixels = np.kron(np.array(values, np.float32).reshape(2, 2), np.ones((4, 4), np.float32))
    return Image(pixels[..., None], (0, 1), name)


def gallery() -> list[Image]:
    """Return pictures whose likeness to the first can be worked out: 0.995, 0, 0.5, 0 and 0.707 by cosine."""
    return [
        quarters(1, 0, 0, 0, name="alone"),
        quarters(1, 0.1, 0, 0, name="nearly alone"),
        quarters(0, 1, 0, 0, name="right"),
        quarters(0.9, 0.9, 0.9, 0.9, name="grey"),
        quarters(0, 0, 1, 1, name="low"),
        quarters(0.5, 0.5, 0, 0, name="top"),
    ]


@pytest.fixture(scope="module")
def probe() -> Probe:
    return Probe(network())


@pytest.fixture
def make(probe: Probe) -> Iterator[Make]:
    """Give a maker of explorers that are closed after the test."""
    made: list[SimilarityExplorer] = []

    def explorer(
        model: Any = None, images: Any = None, wait: bool = True, **given: Any
    ) -> SimilarityExplorer:
        settings = {"renderer": "image", "size": "L", **given}
        pictures = gallery() if images is None else images
        made.append(SimilarityExplorer(probe if model is None else model, pictures, **settings))
        return settled(made[-1]) if wait else made[-1]

    yield explorer
    for one in made:
        one.close()


@pytest.fixture
def explorer(make: Make) -> SimilarityExplorer:
    return make()


def settled(explorer: SimilarityExplorer) -> SimilarityExplorer:
    assert explorer.wait(PATIENCE)
    return explorer


def changed(explorer: SimilarityExplorer, **traits: Any) -> SimilarityExplorer:
    for name, value in traits.items():
        setattr(explorer, name, value)
    return settled(explorer)


def ranked(explorer: SimilarityExplorer) -> list[int]:
    return [number for number, _ in explorer.neighbours]


def pixels(view: Any) -> np.ndarray:
    return np.asarray(PIL.Image.open(io.BytesIO(view.png())).convert("RGB")).astype(int)


def row(explorer: SimilarityExplorer) -> list[str]:
    buttons = explorer._desk.near._buttons
    return [one.description for one in buttons if one.layout.display != "none"]


def pressed(explorer: SimilarityExplorer, style: str = "cv-on") -> list[str]:
    return [one.description for one in explorer._desk.near._buttons if style in one._dom_classes]


# neighbours and maps


def test_it_opens_on_the_first_picture_and_its_nearest_neighbour(explorer: SimilarityExplorer) -> None:
    assert [image.name for image in explorer.explanation.images] == ["alone", "nearly alone"]
    assert explorer.status == "Alike: 1.00 of 1. Warm places in A and B make them alike."
    assert (explorer.error, explorer.progress) == ("", 1.0)


def test_the_badge_says_what_the_cells_sum_to(explorer: SimilarityExplorer) -> None:
    assert "cells sum to 1.00 ✓" in explorer._desk.footer._right.value


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
    explorer._desk.near._buttons[1].click()
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
    explorer._desk.choices["by"].value = by
    assert settled(explorer).explanation.recipe.by == by
    assert explorer.error == ""


def test_another_layer_computes_its_codes(explorer: SimilarityExplorer) -> None:
    explorer._desk.layer.value = "rebuilt"
    assert settled(explorer).explanation.layer == "rebuilt"
    assert explorer._gathering.codes is not None
    assert explorer._gathering.codes.values.shape == (6, 64)


def test_codes_that_were_computed_are_kept(explorer: SimilarityExplorer) -> None:
    first = explorer._gathering.codes
    changed(explorer, layer="rebuilt")
    changed(explorer, layer="encoded")
    assert explorer._gathering.codes is first


def test_a_code_of_means_finds_things_wherever_they_are(make: Make) -> None:
    explorer = make(pooled=True, metric="euclidean")
    assert {number for number, value in explorer.neighbours if value == 0} == {2, 5}


def test_a_flat_code_has_no_choice_between_places_and_means(make: Make) -> None:
    explorer = make(functional(), [picture(seed=seed) for seed in range(3)])
    assert len(explorer.probe.layer(explorer.explanation.layer).shape) == 1
    assert explorer._desk._code_row.layout.display == "none"


def test_swap_exchanges_the_pictures_and_their_places(explorer: SimilarityExplorer) -> None:
    changed(explorer, place=(0, 1))
    explorer.swap()
    assert [image.name for image in settled(explorer).explanation.images] == ["nearly alone", "alone"]
    assert (explorer.query, explorer.match, explorer.place, explorer.place_b) == (1, 0, None, (0, 1))


def test_there_are_pages_of_eight_neighbours(make: Make) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(12)])
    first = row(explorer)
    explorer._desk._on.click()
    second = row(settled(explorer))
    assert (len(first), len(second), len({*first, *second})) == (8, 3, 11)
    assert "9 to 11 of 11 others" in explorer._desk._near_title.value
    assert (explorer._desk._back.disabled, explorer._desk._on.disabled) == (False, True)


def test_a_neighbour_of_the_second_page_leaves_the_page_open(make: Make) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(12)])
    explorer.turn(1)
    before = row(settled(explorer))
    explorer._desk.near._buttons[0].click()
    assert row(settled(explorer)) == before
    assert pressed(explorer) == before[:1]


# places


def test_a_click_on_a_place_says_what_it_adds_and_where_its_like_is(explorer: SimilarityExplorer) -> None:
    changed(explorer, match=5)
    explorer._views[0].on_click("hero", 0.05, 0.05)
    assert explorer.place == (0, 0)
    assert explorer.status == "Cell 0, 0 of A adds 0.177 to 0.71. Most like it in B: cell 0, 0, cosine 1.00."


def test_the_same_place_again_shows_the_whole_maps(explorer: SimilarityExplorer) -> None:
    for _ in range(2):
        explorer._views[0].on_click("hero", 0.05, 0.05)
    assert explorer.place is None
    assert explorer.status.startswith("Alike:")


def test_a_click_on_b_asks_a_and_lets_the_place_of_a_go(explorer: SimilarityExplorer) -> None:
    explorer._views[0].on_click("hero", 0.05, 0.05)
    explorer._views[1].on_click("hero", 0.3, 0.05)
    assert (explorer.place, explorer.place_b) == (None, (0, 1))
    assert "Cell 0, 1 of B" in explorer.status


def test_the_place_and_what_answers_it_are_framed(explorer: SimilarityExplorer) -> None:
    before = [pixels(view) for view in explorer._views]
    changed(explorer, place=(0, 3))
    after = [pixels(view) for view in explorer._views]
    assert (after[0] != before[0])[:81, 243:].any()
    assert not (after[0] != before[0])[:280, :243].any()  # below stands the letter with its hint
    changed(explorer, place=(0, 1))
    assert (pixels(explorer._views[1]) != before[1]).any()


def test_of_means_the_lit_places_sum_to_what_the_place_adds(make: Make) -> None:
    explorer = changed(make(pooled=True), match=5, place=(1, 1))
    shown = explorer._screen.pair._shown[1][1]  # type: ignore[index]
    assert shown.values.sum() == pytest.approx(explorer.explanation.parts.on_a[1, 1], abs=1e-6)


def test_a_place_can_be_typed_and_cleared(explorer: SimilarityExplorer) -> None:
    explorer._desk.place.value = "1, 0"
    assert explorer.place == (1, 0)
    assert "Cell 1, 0 of A" in explorer.status
    explorer._desk.place.value = ""
    assert explorer.place is None


def test_the_field_follows_the_mouse(explorer: SimilarityExplorer) -> None:
    explorer._views[0].on_click("hero", 0.3, 0.05)
    assert explorer._desk.place.value == "0, 1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("4, 0", "The row of a place must be from 0 to 3; got 4."),
        ("corner", "row, column of a cell, both from 0, such as 2, 1; got 'corner'"),
    ],
)
def test_a_place_that_is_not_there_is_said_and_the_picture_stays(
    explorer: SimilarityExplorer, text: str, said: str
) -> None:
    before = pixels(explorer._views[0])
    explorer._desk.place.value = text
    assert said in explorer.error
    assert (explorer.place, (pixels(explorer._views[0]) == before).all()) == (None, True)


def test_a_place_that_answers_nothing_has_no_like(explorer: SimilarityExplorer) -> None:
    assert changed(explorer, place=(3, 3)).status.endswith("Nothing in B is like it.")


def test_a_place_runs_no_model(explorer: SimilarityExplorer) -> None:
    before = explorer.probe.calls
    changed(explorer, place=(1, 1))
    assert explorer.probe.calls == before


def test_a_code_without_exact_parts_says_so_when_a_place_is_clicked(make: Make) -> None:
    explorer = make(ZOO["no convolution"](), [picture(seed=seed) for seed in range(3)])
    assert explorer.explanation.parts is None
    explorer._views[0].on_click("hero", 0.5, 0.5)
    assert "has no exact decomposition" in explorer.error
    assert explorer.place is None


def test_the_mouse_on_a_picture_reads_the_cell(explorer: SimilarityExplorer) -> None:
    explorer._views[1].on_hover("hero", 0.1, 0.9)
    assert "B · cell 3, 0: 0" in explorer._desk.footer._right.value
    explorer._views[1].on_hover(None)
    assert "cells sum to" in explorer._desk.footer._right.value


# why B rather than C


def test_a_foil_is_chosen_by_a_click(explorer: SimilarityExplorer) -> None:
    explorer._desk.choices["click"].value = "foil"
    explorer._desk.near._buttons[1].click()
    assert (explorer.foil, explorer.match) == (5, None)
    assert settled(explorer).status == "Alike: B 1.00, C 0.71. Red places of A speak for B, blue ones for C."
    assert pressed(explorer, "cv-foil") == ["top: 0.71"]
    assert "C: top" in explorer._desk._foil.value


def test_beside_a_foil_every_map_has_a_scale_of_its_own(make: Make) -> None:
    images = [quarters(1, 0.5, 0, 0), quarters(1, 0.4, 0, 0), quarters(0, 0.1, 0, 1)]
    explorer = changed(make(images=images, style=Style(mode="map", opacity=1)), foil=2)
    assert pixels(explorer._views[1]).max() > 240
    assert "less what it adds to that to C" in explorer._desk._notes.value


def test_where_c_is_the_nearest_b_is_the_next_and_the_notes_say_so(explorer: SimilarityExplorer) -> None:
    changed(explorer, foil=1)
    assert [image.name for image in explorer.explanation.images] == ["alone", "top", "nearly alone"]
    assert "B is the one after it" in explorer._desk._notes.value


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
    assert whose.findall(changed(explorer, foil=5)._desk._notes.value) == ["A", "B", "C"]
    assert "A and B in one scale; unit: share" in changed(explorer, foil=None)._desk._notes.value


def test_blue_cells_of_b_and_c_by_distance_are_explained(explorer: SimilarityExplorer) -> None:
    said = "cells of B and C that do so are blue"
    assert said not in changed(explorer, foil=5)._desk._notes.value
    assert said in changed(explorer, metric="euclidean")._desk._notes.value


def test_pictures_that_are_hardly_alike_are_said_to_be_so(make: Make) -> None:
    explorer = changed(make(images=[*gallery(), quarters(0.2, 1, 0, 0)]), match=6)
    assert explorer.status == "Hardly alike: 0.20 of 1. Warm places in A and B are the little they share."


def test_the_foil_can_be_removed(explorer: SimilarityExplorer) -> None:
    changed(explorer, foil=5)
    explorer._desk._drop.click()
    assert settled(explorer).explanation.on_foil is None
    assert "C foil" in explorer._desk._foil.value


def test_a_contrast_turns_its_sign_when_b_and_c_are_exchanged(explorer: SimilarityExplorer) -> None:
    values = [changed(explorer, match=b, foil=c).explanation.on_a.values for b, c in ((3, 5), (5, 3))]
    assert values[0] == pytest.approx(-values[1], abs=1e-6)


# choosing pictures


def test_a_click_can_make_a_picture_the_query(explorer: SimilarityExplorer) -> None:
    explorer._desk.choices["click"].value = "query"
    explorer._desk.near._buttons[2].click()
    assert settled(explorer).query == 3
    assert explorer.explanation.images[0].name == "grey"


def test_the_strip_begins_with_pictures_of_the_gallery(explorer: SimilarityExplorer) -> None:
    assert [thumb.description for thumb in explorer._desk.strip._thumbs] == [one.name for one in gallery()]
    explorer._desk.strip._thumbs[4].click()
    assert settled(explorer).query == 4


def test_with_labels_the_strip_begins_with_one_of_each_kind(make: Make) -> None:
    labels = ("even", "odd") * 6
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(12)], labels=labels)
    assert [thumb.description for thumb in explorer._desk.strip._thumbs] == ["random 0", "random 1"]


def test_a_small_gallery_stands_in_the_strip_whole(make: Make) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(9)])
    assert len(explorer._desk.strip._thumbs) == 9


def test_a_query_that_is_not_in_the_strip_is_put_there_once(make: Make) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(30)])
    for query in (2, 3, 2):
        changed(explorer, query=query)
    names = [thumb.description for thumb in explorer._desk.strip._thumbs]
    assert names[-2:] == ["random 2", "random 3"]
    assert len(names) == 8


def test_a_picture_of_the_readers_own_is_compared_with_the_gallery(explorer: SimilarityExplorer) -> None:
    mine = quarters(0, 0, 0.9, 1, name="mine")
    explorer.take_own([mine], [])
    assert settled(explorer).query == mine
    assert explorer.explanation.images[1].name == "low"
    assert ranked(explorer)[0] == 4
    assert explorer._desk.strip._thumbs[-1].description == "mine"


def test_a_file_that_is_no_picture_is_said_and_the_pair_stays(explorer: SimilarityExplorer) -> None:
    before = explorer.explanation
    explorer.take_own([], ["notes.txt: it is no picture of a kind that Pillow knows."])
    assert "notes.txt" in explorer.error
    assert explorer.explanation is before


@pytest.mark.parametrize(("text", "number"), [("grey", 3), ("GREY", 3), ("4", 4), ("nearly", 1), ("lon", 0)])
def test_a_picture_is_found_by_its_name_or_number(
    explorer: SimilarityExplorer, text: str, number: int
) -> None:
    explorer._desk.search.value = text
    assert explorer.match == number
    assert explorer._desk.search.value == ""


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


# the plane


def test_a_click_on_the_plane_takes_the_picture_there(explorer: SimilarityExplorer) -> None:
    chart = explorer._plane._chart
    assert chart is not None
    x, y = chart.places[4]
    explorer._plane.view.on_click("hero", float(x), float(y))
    assert explorer.match == 4


def test_the_mouse_on_the_plane_names_the_picture_and_its_likeness(explorer: SimilarityExplorer) -> None:
    chart = explorer._plane._chart
    assert chart is not None
    x, y = map(float, chart.places[5])
    explorer._plane.view.on_hover("hero", x, y)
    assert "top · 0.71" in explorer._desk.footer._right.value


def test_the_picture_under_the_mouse_is_shown_on_a_plane_of_dots(make: Make) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(50)])
    before = pixels(explorer._plane.view)
    chart = explorer._plane._chart
    assert chart is not None
    explorer._plane.view.on_hover("hero", *map(float, chart.places[30]))
    assert worker.wait(explorer._plane.view, PATIENCE)
    assert (pixels(explorer._plane.view) != before).any()
    explorer._plane.view.on_hover(None)
    assert (pixels(explorer._plane.view) == before).all()


def test_the_colours_of_the_dots_have_a_legend(make: Make) -> None:
    legend = make(labels=KINDS)._desk._legend.value
    assert re.findall(r"</i>(\w+)<", legend) == ["left", "right", "all", "low", "top"]


def test_many_kinds_share_the_last_colour(make: Make) -> None:
    images = [picture(channels=1, seed=seed) for seed in range(14)]
    legend = make(images=images, labels=[f"kind {k}" for k in range(14)])._desk._legend.value
    assert "5 others" in legend


def test_a_gallery_that_brings_its_labels_is_taken_whole(make: Make) -> None:
    class Brought:
        images = gallery()
        labels = list(KINDS)

    assert "right" in make(images=Brought())._desk._legend.value


def test_a_plane_that_takes_long_holds_no_question_up(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    explorer, laid = make(), threading.Event()

    def slow(codes: Codes, how: str, metric: str) -> Plane:
        assert laid.wait(PATIENCE)
        return plane(codes.values)

    monkeypatch.setattr(Codes, "plane", slow)
    explorer.metric = "dot"
    assert explorer.session.wait(PATIENCE)
    assert (explorer.explanation.metric, explorer.wait(0)) == ("dot", False)
    laid.set()
    settled(explorer)


def test_umap_is_offered_where_it_is_installed(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (state, desk):
        monkeypatch.setattr(module, "ways", lambda: ("pca", "umap"))
    laid = Plane(np.zeros((6, 2), np.float32), "umap")
    monkeypatch.setattr(
        Codes, "plane", lambda codes, how, metric: laid if how == "umap" else plane(codes.values)
    )
    explorer = make()
    explorer._desk.choices["plane"].value = "umap"
    assert settled(explorer).plane == "umap"
    assert "UMAP" in explorer._desk._chart_title.value


def test_places_on_the_plane_keep_one_scale_and_stay_inside() -> None:
    at = squared(np.array([[0, 0], [10, 0], [10, 5]]))
    assert at[1, 0] - at[0, 0] == pytest.approx(2 * (at[1, 1] - at[2, 1]))
    assert ((at > 0) & (at < 1)).all()


def test_one_place_lies_in_the_middle() -> None:
    assert squared(np.array([[3.0, 4.0]])).tolist() == [[0.5, 0.5]]


def test_thumbnails_on_the_plane_do_not_cover_each_other() -> None:
    at = apart(np.full((9, 2), 0.5), 0.1)
    gaps = np.abs(at[:, None] - at[None]).max(axis=2) + np.eye(9)
    assert gaps.min() > 0.099


@pytest.mark.parametrize("count", [3, 8, 24])
def test_a_lettered_thumbnail_lies_wholly_inside_the_plane(count: int) -> None:
    red = (255, 0, 0)
    corners = np.array([[0, 0], [1, 0], [1, 1]] + [[0.5, 0.5]] * (count - 3))
    blank = np.zeros((8, 8, 3), np.uint8)
    called = [(Called(k, "", red), blank) for k in range(3)]
    drawn = Chart(corners, thumbnails=[blank] * count).drawn(400, called)
    framed = (drawn == red).all(axis=2)
    assert framed.any()
    assert not np.concatenate([framed[0], framed[-1], framed[:, 0], framed[:, -1]]).any()


def test_a_click_on_a_lettered_thumbnail_means_its_picture() -> None:
    chart = Chart(np.random.default_rng(0).normal(size=(200, 2)))
    blank = np.zeros((8, 8, 3), np.uint8)
    chart.drawn(300, [(Called(7, "A", (255, 0, 0)), blank)])
    index, at = chart._stood[0]
    assert np.abs(at - chart.places[7]).max() > CALLED / 2
    assert (index, chart.nearest(*at)) == (7, 7)


# codes in the background


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Semaphore]:
    """Have codes computed four at a time, each time the test lets one batch pass."""
    passes = threading.Semaphore(0)
    take = encoding.Growing.take

    def gated(self: Any, indices: range) -> None:
        assert passes.acquire(timeout=PATIENCE)
        take(self, indices)

    monkeypatch.setattr(encoding, "BATCH", 4)
    monkeypatch.setattr(encoding.Growing, "take", gated)
    yield passes
    for _ in range(100):
        passes.release()


def seen(explorer: SimilarityExplorer, trait: str, wanted: Callable[[Any], bool]) -> threading.Event:
    """Return an event that is set once a trait is as wanted."""
    event = threading.Event()
    explorer.observe(lambda change: event.set() if wanted(change["new"]) else None, trait)
    if wanted(getattr(explorer, trait)):
        event.set()
    return event


def test_while_codes_are_computed_the_nearest_so_far_are_shown(make: Make, gate: Any) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(12)], wait=False)
    assert "Computing the codes of 12 pictures in encoded." in explorer._desk.footer.text.replace(
        "<b>", ""
    ).replace("</b>", "")
    near = seen(explorer, "neighbours", lambda value: len(value) == 3)
    gate.release()
    assert near.wait(PATIENCE)
    for _ in range(2):
        gate.release()
    assert len(settled(explorer).neighbours) == 11


def test_cancel_leaves_the_codes_there_are_and_run_again_computes_the_rest(make: Make, gate: Any) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(12)], wait=False)
    near = seen(explorer, "neighbours", lambda value: len(value) == 3)
    gate.release()
    assert near.wait(PATIENCE)
    explorer.cancel()
    gate.release()
    settled(explorer)
    assert re.match(r"Stopped\. Neighbours are sought among \d of 12 pictures\.", explorer.status)
    assert explorer._plane._chart is not None
    explorer._desk.footer.again.click()
    for _ in range(2):
        gate.release()
    assert len(settled(explorer).neighbours) == 11
    assert explorer.status.startswith("Alike")


def test_another_layer_amid_the_codes_of_one_leaves_those(make: Make, gate: Any) -> None:
    explorer = make(wait=False)
    explorer.layer = "rebuilt"
    for _ in range(6):
        gate.release()
    assert settled(explorer).explanation.layer == "rebuilt"


def test_the_latest_question_wins(explorer: SimilarityExplorer) -> None:
    for match in (2, 3, 4, 5):
        explorer.match = match
    assert settled(explorer).explanation.images[1].name == "top"


def test_codes_are_kept_in_a_file(make: Make, tmp_path: Path) -> None:
    make(keep=tmp_path / "codes.npz").close()
    assert (tmp_path / "codes.npz").exists()


def test_closing_amid_the_codes_does_not_wait_for_all(make: Make, gate: Any) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(12)], wait=False)
    gate.release()
    gate.release()
    explorer.close()
    assert explorer._gathering.codes is None or explorer._gathering.codes.done < 1


# bad input


def test_a_folder_is_read_and_broken_files_are_listed_and_left_out(make: Make, tmp_path: Path) -> None:
    for image in gallery()[:4]:
        PIL.Image.fromarray(image.rgb()).save(tmp_path / f"{image.name}.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    explorer = make(images=tmp_path)
    assert "1 picture could not be opened" in explorer._desk._notes.value
    assert "<li>broken is not a picture" in explorer._desk._notes.value
    assert len(explorer.neighbours) == 3


def test_if_the_first_picture_is_broken_the_next_one_is_the_query(make: Make, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    for image in gallery()[:2]:
        PIL.Image.fromarray(image.rgb()).save(tmp_path / f"b {image.name}.png")
    explorer = make(images=tmp_path)
    assert (explorer.query, explorer.error) == (1, "")


def test_a_folder_of_nothing_but_broken_files_says_so(make: Make, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(b"no picture")
    with pytest.raises(
        ImageError, match=r"none of the 2 pictures could be opened. The first: a is not a pic"
    ):
        make(images=tmp_path)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_folder_that_is_not_there_is_refused(make: Make, tmp_path: Path, kind: type) -> None:
    with pytest.raises(ImageError, match=r"there is no folder or file '.*nowhere'"):
        make(images=kind(tmp_path / "nowhere"))


def test_a_list_of_files_that_are_not_there_is_refused(make: Make, tmp_path: Path) -> None:
    with pytest.raises(
        ImageError, match=r"none of the 1 pictures could be opened. The first: there is no file"
    ):
        make(images=[tmp_path / "nowhere.png"])


def test_an_empty_folder_is_refused(make: Make, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="holds no picture files"):
        make(images=tmp_path)


def test_a_gallery_of_one_compares_it_with_itself_and_says_so(make: Make) -> None:
    explorer = make(images=gallery()[:1])
    assert explorer.status.startswith("Alike: 1.00 of 1.")
    assert "no other picture" in explorer._desk._notes.value
    assert (explorer.neighbours, row(explorer)) == ((), [])


def test_pictures_of_mixed_sizes_are_brought_to_one(make: Make) -> None:
    images = [picture(8, 8, 1), picture(20, 13, 1, seed=1), picture(5, 30, 3, seed=2)]
    assert (make(images=images).error, len(make(images=images).neighbours)) == ("", 2)


def test_a_model_of_any_size_gets_pictures_of_mixed_sizes(make: Make) -> None:
    explorer = make(functional((None, None, 3)), [picture(16, 16), picture(9, 20, seed=1)])
    assert (explorer.error, len(explorer.neighbours)) == ("", 1)


def test_an_all_zero_code_says_that_its_cosine_is_undefined_and_the_pair_stays(make: Make) -> None:
    explorer = make(images=[*gallery(), quarters(0, 0, 0, 0, name="black")])
    before = explorer.explanation
    changed(explorer, query=6)
    assert re.search(r"all zero: its cosine .*is undefined", explorer.error)
    assert explorer.explanation is before
    assert changed(explorer, metric="euclidean").error == ""


def test_a_layer_that_is_no_bottleneck_is_taken_and_told(explorer: SimilarityExplorer) -> None:
    changed(explorer, layer="rebuilt")
    assert explorer.error == ""
    assert "not the bottleneck" in explorer._desk._notes.value


def test_maps_that_a_layer_does_not_have_are_refused_below(make: Make) -> None:
    explorer = make(ZOO["no convolution"](), [picture(seed=seed) for seed in range(3)])
    changed(explorer, by="patches")
    assert "has no exact decomposition" in explorer.error
    assert explorer.explanation.recipe.by == "gradient"


@pytest.mark.parametrize(
    "name", ["functional", "Sequential", "greyscale", "one sigmoid", "logits without softmax"]
)
def test_a_classifiers_penultimate_layer_is_a_code(make: Make, name: str) -> None:
    model = ZOO[name]()
    channels = Probe(model).input_shape[-1] or 3
    explorer = make(model, [picture(channels=channels, seed=seed) for seed in range(4)])
    assert (explorer.error, len(explorer.neighbours)) == ("", 3)


def test_one_branch_of_a_siamese_network_is_taken(make: Make) -> None:
    image = keras.Input((8, 8, 3))
    code = layers.Dense(4)(layers.GlobalAveragePooling2D()(layers.Conv2D(5, 3, name="maps")(image)))
    branch = keras.Model(image, layers.UnitNormalization(name="embedding")(code), name="branch")
    explorer = make(branch, [picture(seed=seed) for seed in range(4)])
    assert (explorer.error, explorer.explanation.layer) == ("", "embedding")
    assert explorer.explanation.agrees


def test_a_subclassed_model_is_refused_with_the_reason(make: Make) -> None:
    with pytest.raises(LayerError, match="no layer that holds a code"):
        make(ZOO["subclassed"](), [picture()])


@pytest.mark.parametrize(
    ("name", "value", "error", "said"),
    [
        ("query", 6, SettingError, r"query must be from 0 to 5; got 6"),
        ("match", -1, SettingError, r"match must be from 0 to 5; got -1"),
        ("foil", "shoe", SettingError, r"foil must be the number of a picture .* or a picture; got 'shoe'"),
        ("query", None, SettingError, r"query must be the number"),
        ("layer", "encoder", LayerError, r"Did you mean 'encoded'"),
        ("metric", "angle", SettingError, r"metric must be 'cosine', 'dot' or 'euclidean'; got 'angle'"),
        ("by", "patch", SettingError, r"by must be one of .*Did you mean 'patches'"),
        ("pooled", 2, SettingError, r"pooled must be True, False or None; got 2"),
        ("place", 3, SettingError, r"place must be \(row, column\) of a cell, or None; got 3"),
        ("place_b", (0, -1), SettingError, r"place_b must be \(row, column\) from 0"),
        ("plane", "tsne", SettingError, r"plane must be one of pca, umap"),
        ("click", "b", SettingError, r"click must be one of query, match, foil"),
        ("style", "bright", SettingError, r"style must be a Style"),
    ],
)
def test_what_makes_no_sense_is_refused_and_the_old_value_stays(
    explorer: SimilarityExplorer, name: str, value: Any, error: type[Exception], said: str
) -> None:
    before = getattr(explorer, name)
    with pytest.raises(error, match=said):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before


def test_umap_that_is_not_installed_is_refused_with_the_cure(
    explorer: SimilarityExplorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "ways", lambda: ("pca",))
    with pytest.raises(MissingPackageError, match="pip install"):
        explorer.plane = "umap"


def test_labels_that_are_not_one_a_picture_are_refused(make: Make) -> None:
    with pytest.raises(SettingError, match=r"each of the 6 pictures shows; got 2.*Probe\(model, labels"):
        make(labels=["cat", "dog"])


def test_a_layer_that_is_not_there_is_refused_from_the_start(make: Make) -> None:
    with pytest.raises(LayerError, match="no layer 'encoder'"):
        make(layer="encoder")


def test_a_setting_refused_from_the_start_leaves_nothing_behind(make: Make) -> None:
    before = len(registry._instances)
    with pytest.raises(SettingError, match="metric must be"):
        make(metric="angle")
    assert len(registry._instances) == before


# what is kept, links, and the end


def test_the_code_makes_the_pair_again(make: Make) -> None:
    explorer = changed(make(metric="dot"), match=5, foil=3, place=(0, 1))
    names: dict[str, Any] = {"model": explorer.probe.model, "images": gallery()}
    assert '# model: your keras.Model "means"; images: your list of pictures' in explorer.code()
    exec(explorer.code(), names)
    assert names["found"].value == explorer.explanation.value
    assert names["found"].on_a.values == pytest.approx(explorer.explanation.on_a.values)
    assert "place=(0, 1)" in explorer.code()


def test_the_code_of_a_folder_opens_its_files(make: Make, tmp_path: Path) -> None:
    for image in gallery()[:3]:
        PIL.Image.fromarray(image.rgb()).save(tmp_path / f"{image.name}.png")
    explorer = make(images=tmp_path)
    names: dict[str, Any] = {"model": explorer.probe.model}
    exec(explorer.code(), names)
    assert names["found"].value == explorer.explanation.value


def test_the_code_of_the_demo_gallery_fetches_it(make: Make) -> None:
    explorer = make(images=Gallery(gallery(), list(KINDS)))
    assert "images = cnnviz.demo.gallery().images\na, b = images[0], images[1]\n" in explorer.code()


def test_in_the_code_a_picture_of_ones_own_is_left_to_the_reader(explorer: SimilarityExplorer) -> None:
    explorer.take_own([quarters(0, 0, 0.9, 1, name="mine")], [])
    lines = settled(explorer).code()
    assert (
        'images: your list of pictures, of which images[4] is "low"; a: the picture "mine", here 8 x 8'
        in lines
    )
    assert "\nb = images[4]\n" in lines


def test_the_snapshot_is_a_picture_with_a_caption(explorer: SimilarityExplorer, tmp_path: Path) -> None:
    explorer.save(tmp_path / "pair.png")
    with PIL.Image.open(tmp_path / "pair.png") as saved:
        assert saved.width > 900
        assert "Alike: 1.00 of 1" in str(saved.info["Title"])
    assert explorer.file_name() == "alone-like-nearly-alone.png"


def test_a_saved_notebook_shows_the_pair(explorer: SimilarityExplorer) -> None:
    bundle = explorer._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]) == explorer.snapshot()
    assert bundle["text/plain"].startswith("SimilarityExplorer(means): Alike: 1.00 of 1.")


def test_another_style_draws_again_and_asks_nothing(explorer: SimilarityExplorer) -> None:
    before, calls = pixels(explorer._views[1]), explorer.probe.calls
    explorer.style = Style(mode="spotlight")
    assert (pixels(explorer._views[1]) != before).any()
    assert explorer.probe.calls == calls
    assert explorer.status == "Alike: 1.00 of 1. Lit places in A and B make them alike."


@pytest.mark.parametrize(
    ("style", "said"),
    [
        (Style(), "Red places of A speak for B, blue ones for C."),
        (Style(signed_colormap="PuOr_r"), "Orange places of A speak for B, purple ones for C."),
        (Style(mode="spotlight"), "Lit places of A speak for B, or for C."),
    ],
)
def test_the_sentence_names_the_colours_that_are_drawn(
    explorer: SimilarityExplorer, style: Style, said: str
) -> None:
    assert changed(explorer, foil=5, style=style).status.endswith(said)


def test_two_explorers_can_be_linked(make: Make) -> None:
    one, other = make(), make()
    links = [traitlets.link((one, name), (other, name)) for name in ("query", "match", "metric", "place")]
    one.query = 4
    one.metric = "dot"
    one.match = 3
    assert [settled(x).explanation.images[1].name for x in (one, other)] == ["grey", "grey"]
    assert [x.explanation.metric for x in (one, other)] == ["dot", "dot"]
    for link in links:
        link.unlink()


def test_a_width_lays_the_pictures_beside_each_other_or_one_over_the_other(make: Make) -> None:
    explorer = make(size="auto")
    sides = {}
    for width in (1000, 640, 300):
        explorer._desk.helper.width = width
        sides[width] = [view.hero_size for view in explorer._views]
    assert sides == {1000: [324, 324], 640: [310, 310], 300: [292, 292]}


@pytest.mark.parametrize(("width", "side"), [(1000, 300), (1260, 315), (1700, 420)])
def test_in_full_screen_the_plane_is_no_wider_than_the_room_beside_the_pair(
    make: Make, width: int, side: int
) -> None:
    explorer = make(size="auto")
    explorer._desk.helper.width = width
    explorer._desk.helper.full_screen = True
    assert explorer._plane.view.hero_size == pytest.approx(side, abs=3)


def test_the_controls_follow_the_traits(explorer: SimilarityExplorer) -> None:
    changed(explorer, metric="dot", by="gradient", pooled=True, click="query")
    shown = {name: made.value for name, made in explorer._desk.choices.items()}
    assert shown == {"metric": "dot", "by": "gradient", "pooled": True, "click": "query", "plane": "pca"}


def test_it_works_on_the_canvas_too(make: Make) -> None:
    explorer = make(renderer="ipympl")
    assert explorer.error == ""
    assert len({view.widget for view in (*explorer._views, explorer._plane.view)}) == 3


def test_the_page_is_told_of_each_canvas(make: Make) -> None:
    explorer = make(renderer="ipympl")
    views = *explorer._views, explorer._plane.view
    assert explorer._desk.helper.canvases == [view.widget.model_id for view in views]


def test_an_explorer_of_the_same_name_is_closed(make: Make) -> None:
    first, second = make(name="demo"), make(name="demo")
    assert (first._closed, second._closed) == (True, False)


def test_closing_frees_everything_and_does_so_once(make: Make) -> None:
    before = len(registry._instances)
    for renderer in ("image", "ipympl"):
        explorer = make(renderer=renderer)
        explorer.foil = 3
        settled(explorer)
        explorer.close()
        explorer.close()
    assert len(registry._instances) == before
