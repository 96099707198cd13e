"""The plane: where the pictures lie, what the mouse reads there, and what a click takes."""

import re
import threading

import numpy as np
import pytest

from cnnviz_widgets import Codes, Plane, SimilarityExplorer
from cnnviz_widgets.embeddings.projection import plane
from cnnviz_widgets.jobs import worker
from cnnviz_widgets.widgets.similarity import state, view
from cnnviz_widgets.widgets.similarity.chart import CALLED, Called, Chart, apart, squared
from tests.models import picture
from tests.widgets.similarity.common import KINDS, PATIENCE, Make, gallery, pixels, settled


def test_a_click_on_the_plane_takes_the_picture_there(explorer: SimilarityExplorer) -> None:
    chart = explorer.scatter._chart
    assert chart is not None
    x, y = chart.places[4]
    explorer.scatter.view.on_click("hero", float(x), float(y))
    assert explorer.match == 4


def test_the_mouse_on_the_plane_names_the_picture_and_its_likeness(explorer: SimilarityExplorer) -> None:
    chart = explorer.scatter._chart
    assert chart is not None
    x, y = map(float, chart.places[5])
    explorer.scatter.view.on_hover("hero", x, y)
    assert "top · 0.71" in explorer.view.footer._right.value


def test_the_picture_under_the_mouse_is_shown_on_a_plane_of_dots(make: Make) -> None:
    explorer = make(images=[picture(channels=1, seed=seed) for seed in range(50)])
    before = pixels(explorer.scatter.view)
    chart = explorer.scatter._chart
    assert chart is not None
    explorer.scatter.view.on_hover("hero", *map(float, chart.places[30]))
    assert worker.wait(explorer.scatter.view, PATIENCE)
    assert (pixels(explorer.scatter.view) != before).any()
    explorer.scatter.view.on_hover(None)
    assert (pixels(explorer.scatter.view) == before).all()


def test_the_colours_of_the_dots_have_a_legend(make: Make) -> None:
    legend = make(labels=KINDS).view._legend.value
    assert re.findall(r"</i>(\w+)<", legend) == ["left", "right", "all", "low", "top"]


def test_many_kinds_share_the_last_colour(make: Make) -> None:
    images = [picture(channels=1, seed=seed) for seed in range(14)]
    legend = make(images=images, labels=[f"kind {k}" for k in range(14)]).view._legend.value
    assert "5 others" in legend


def test_a_gallery_that_brings_its_labels_is_taken_whole(make: Make) -> None:
    class Brought:
        images = gallery()
        labels = list(KINDS)

    assert "right" in make(images=Brought()).view._legend.value


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
    for module in (state, view):
        monkeypatch.setattr(module, "ways", lambda: ("pca", "umap"))
    laid = Plane(np.zeros((6, 2), np.float32), "umap")
    monkeypatch.setattr(
        Codes, "plane", lambda codes, how, metric: laid if how == "umap" else plane(codes.values)
    )
    explorer = make()
    explorer.view.choices["plane"].value = "umap"
    assert settled(explorer).plane == "umap"
    assert "UMAP" in explorer.view._chart_title.value


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
