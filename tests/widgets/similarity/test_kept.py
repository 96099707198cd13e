"""What is kept of a pair, how it stands on the page, and how the explorer ends."""

import base64
from pathlib import Path
from typing import Any

import PIL.Image
import pytest
import traitlets
from ipywidgets.widgets import widget as registry

from cnnviz_widgets import SimilarityExplorer, Style
from cnnviz_widgets.demo import Gallery
from tests.widgets.similarity.common import KINDS, Make, changed, gallery, pixels, quarters, settled


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
    before, calls = pixels(explorer.pair_canvases[1]), explorer.probe.calls
    explorer.style = Style(mode="spotlight")
    assert (pixels(explorer.pair_canvases[1]) != before).any()
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
        explorer.view.helper.width = width
        sides[width] = [view.hero_size for view in explorer.pair_canvases]
    assert sides == {1000: [324, 324], 640: [310, 310], 300: [292, 292]}


@pytest.mark.parametrize(("width", "side"), [(1000, 300), (1260, 315), (1700, 420)])
def test_in_full_screen_the_plane_is_no_wider_than_the_room_beside_the_pair(
    make: Make, width: int, side: int
) -> None:
    explorer = make(size="auto")
    explorer.view.helper.width = width
    explorer.view.helper.full_screen = True
    assert explorer.scatter.view.hero_size == pytest.approx(side, abs=3)


def test_the_controls_follow_the_traits(explorer: SimilarityExplorer) -> None:
    changed(explorer, metric="dot", by="gradient", pooled=True, click="query")
    shown = {name: made.value for name, made in explorer.view.choices.items()}
    assert shown == {"metric": "dot", "by": "gradient", "pooled": True, "click": "query", "plane": "pca"}


def test_it_works_on_the_canvas_too(make: Make) -> None:
    explorer = make(renderer="ipympl")
    assert explorer.error == ""
    assert len({view.widget for view in (*explorer.pair_canvases, explorer.scatter.view)}) == 3


def test_the_page_is_told_of_each_canvas(make: Make) -> None:
    explorer = make(renderer="ipympl")
    views = *explorer.pair_canvases, explorer.scatter.view
    assert explorer.view.helper.canvases == [view.widget.model_id for view in views]


def test_an_explorer_of_the_same_name_is_closed(make: Make) -> None:
    first, second = make(name="demo"), make(name="demo")
    assert (first.closed, second.closed) == (True, False)


def test_closing_frees_everything_and_does_so_once(make: Make) -> None:
    before = len(registry._instances)
    for renderer in ("image", "ipympl"):
        explorer = make(renderer=renderer)
        explorer.foil = 3
        settled(explorer)
        explorer.close()
        explorer.close()
    assert len(registry._instances) == before
