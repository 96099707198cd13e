"""Networks that give other things than a row of classes: what is drawn, what a click means, and what stands beside."""

import io
from pathlib import Path
from typing import Any

import keras
import numpy as np
import PIL.Image
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Box, ClassScore, Explorer, Image, Mask, Output, Probe
from cnnviz_widgets.widgets.explorer.output_view import OutputView
from cnnviz_widgets.widgets.explorer.segmentation_view import SegmentationView
from cnnviz_widgets.widgets.explorer.steps_view import StepsView
from tests.answering import LETTERS, SIDE, boxes, by_brightness, by_column, distance, doubled
from tests.widgets.explorer.common import Make, settled, shown

BRIGHT_ROWS = 3


def half_bright(channels: int = 1) -> Image:
    """Return a picture whose first rows are bright and whose rest is dark."""
    pixels = np.full((SIDE, SIDE, channels), 0.1, np.float32)
    pixels[:BRIGHT_ROWS] = 0.9
    return Image(pixels, (0, 1))


@pytest.fixture(scope="module")
def segmenting() -> Probe:
    return Probe(by_brightness(), labels=["background", "sky"])


@pytest.fixture
def segmented(make: Make, segmenting: Probe) -> Explorer:
    return make(segmenting, [half_bright()], target=ClassScore(1, at="predicted"))


def rows(explorer: Explorer) -> list[tuple[str, str]]:
    return [(row.label, row.value) for row in explorer.view.verdict.rows]


def view(explorer: Explorer) -> Any:
    (only,) = explorer.view.answers
    return only


def opened(png: bytes) -> Any:
    return np.asarray(PIL.Image.open(io.BytesIO(png)).convert("RGB"))


def told(png: bytes) -> str:
    return str(PIL.Image.open(io.BytesIO(png)).text["Description"])  # type: ignore[attr-defined]


# segmentation


def test_classes_are_listed_by_the_share_of_the_picture_that_they_cover(segmented: Explorer) -> None:
    assert isinstance(view(segmented), SegmentationView)
    assert rows(segmented) == [("background", "62 % of the picture"), ("sky", "38 %")]
    assert "a class at every place" in segmented.view.verdict.heading


def test_all_of_a_class_is_explained_where_it_wins(segmented: Explorer) -> None:
    won = np.zeros((SIDE, SIDE), bool)
    won[:BRIGHT_ROWS] = True
    assert segmented.explanation.recipe.target == ClassScore(1, at=Mask(won))
    assert (view(segmented).how.value, view(segmented).chip.description) == (
        "All of it",
        "“sky” where it wins  ×",
    )


def test_a_click_on_the_mask_explains_the_class_that_wins_there_at_that_place(segmented: Explorer) -> None:
    segmented.canvas.on_click("photo", 0.3, 0.2)
    assert settled(segmented).explanation.recipe.target == ClassScore(1, at=(1, 2))
    assert (view(segmented).how.value, segmented.error) == ("Place", "")
    assert view(segmented).chip.description == "“sky” at 1, 2  ×"


def test_a_place_where_the_background_wins_is_said_to_be_outside_every_class(segmented: Explorer) -> None:
    segmented.canvas.on_click("photo", 0.3, 0.9)
    settled(segmented)
    assert "No class wins here. Shown: the background." in view(segmented).hint
    segmented.canvas.on_click("photo", 0.3, 0.1)
    settled(segmented)
    assert "Click the picture" in view(segmented).hint


@pytest.mark.parametrize("drag", ["on_drag", "on_tile_drag"])
def test_a_rectangle_drawn_on_the_picture_or_the_mask_explains_what_covers_most_of_it(
    segmented: Explorer, drag: str
) -> None:
    for what, x, y in (("grab", 0.3, 0.1), ("move", 0.4, 0.3), ("drop", 0.55, 0.45)):
        getattr(segmented.canvas, drag)(what, x, y)
    assert settled(segmented).explanation.recipe.target == ClassScore(1, at=Box(0, 2, 4, 3))
    assert view(segmented).how.value == "Box"


def test_a_drag_of_a_hairs_breadth_draws_no_rectangle(segmented: Explorer) -> None:
    before = segmented.target
    for what, x in (("grab", 0.3), ("move", 0.31), ("drop", 0.31)):
        segmented.canvas.on_drag(what, x, 0.3)
    assert segmented.target == before


def test_the_three_ways_can_be_chosen_without_a_mouse(segmented: Explorer) -> None:
    view(segmented).how.value = "Box"
    assert settled(segmented).target == ClassScore(1, at=Box(0, 0, BRIGHT_ROWS, SIDE))
    view(segmented).how.value = "Place"
    assert settled(segmented).target == ClassScore(1, at=(1, 3))
    view(segmented).how.value = "All of it"
    assert settled(segmented).target.at.places[:BRIGHT_ROWS].all()


def test_a_click_on_the_bar_of_a_class_explains_it_where_it_wins(segmented: Explorer) -> None:
    segmented.view.verdict.press(0)
    found = settled(segmented).explanation.recipe.target
    assert (found.index, found.at.places[BRIGHT_ROWS:].all()) == (0, True)
    assert segmented.view.verdict.marked == 0


def test_the_mask_line_can_be_switched_off(segmented: Explorer) -> None:
    before = shown(segmented)
    view(segmented).line.value = False
    without = shown(segmented)
    assert (without != before).any()
    view(segmented).line.value = True
    np.testing.assert_array_equal(shown(segmented), before)


def test_what_is_saved_has_the_line_the_ring_and_the_frame_that_the_screen_has(segmented: Explorer) -> None:
    whole = segmented.snapshot()
    assert "White line: the mask of “sky”." in told(whole)
    assert "White line: the mask of “sky”." in segmented.status
    segmented.target = ClassScore(1, at=(1, 2))
    at_place = settled(segmented).snapshot()
    assert "Ring: the place that is explained." in told(at_place)
    pixels = opened(at_place)  # a ring of radius 31 about row 1.5 and column 2.5 of 8
    assert pixels[180, 300].min() < 240 < pixels[180, 300 - 31].min()
    segmented.target = ClassScore(1, at=Box(0, 2, 2, 2))
    assert "Frame: the box that is explained." in told(settled(segmented).snapshot())


def test_what_is_saved_has_no_mask_line_where_it_is_switched_off(segmented: Explorer) -> None:
    with_line = segmented.snapshot()
    view(segmented).line.value = False
    assert "White line" not in told(segmented.snapshot()) + segmented.status
    assert (opened(with_line)[:960] != opened(segmented.snapshot())[:960]).any()


def test_an_explanation_that_is_saved_by_a_script_has_the_line(segmenting: Probe, tmp_path: Path) -> None:
    found = cnnviz.Saliency(target=ClassScore("sky", at=(1, 2)))(segmenting, half_bright())
    assert [type(mark).__name__ for mark in found.marks] == ["MaskLine", "Ring"]
    found.save(tmp_path / "sky.png")
    assert "White line: the mask of “sky”. Ring:" in told((tmp_path / "sky.png").read_bytes())
    assert "White line: the mask" in found.show().words


def test_the_code_of_a_place_makes_the_same_map_again(segmented: Explorer, segmenting: Probe) -> None:
    segmented.target = ClassScore("sky", at=(1, 2))
    settled(segmented)
    assert "target=cnnviz.ClassScore(1, at=(1, 2))" in segmented.code()
    scope: dict[str, Any] = {"model": segmenting.model, "image": half_bright()}
    exec(segmented.code().replace("heat.show()", ""), scope)
    np.testing.assert_allclose(scope["heat"].values, segmented.explanation.values, atol=1e-6)


def test_a_class_at_a_place_can_be_typed(segmented: Explorer) -> None:
    segmented.view.verdict.search.value = "sky at 1, 2"
    assert settled(segmented).target == ClassScore(1, at=(1, 2))
    segmented.view.verdict.search.value = "sky at 1, 99"
    assert "must lie in the output's places" in segmented.error


# sequence


def test_each_step_shows_what_wins_there_and_a_click_explains_it(make: Make) -> None:
    pixels = np.zeros((SIDE, SIDE, 1), np.float32)
    pixels[:, 4:6] = 1.0
    explorer = make(Probe(by_column(), labels=LETTERS, task="sequence"), [Image(pixels, (0, 1))])
    assert isinstance(view(explorer), StepsView)
    assert [step.description for step in view(explorer).steps] == ["a", "a", "b", "a"]
    view(explorer).steps[2].click()
    assert settled(explorer).explanation.recipe.target == ClassScore(1, at=2)
    assert explorer.error == ""
    assert rows(explorer)[0] == ("b", "99.3 %")
    assert "cv-on" in view(explorer).steps[2]._dom_classes


# rows of boxes


def test_the_best_rows_are_listed_with_box_class_and_score_and_explained_as_that_class_there(
    make: Make,
) -> None:
    explorer = make(Probe(boxes(), task="detection"), [half_bright()])
    assert explorer.error == ""
    assert rows(explorer)[0] == ("row 1: class 1 · 0 1 2 3", "5")
    assert explorer.view.verdict.marked == 0
    explorer.view.verdict.press(1)
    assert settled(explorer).explanation.recipe.target == ClassScore(0, at=0)
    assert explorer.error == ""


# pairs


def test_a_pair_says_its_distance_and_no_probability(make: Make) -> None:
    other = np.random.default_rng(0).random((SIDE, SIDE, 1)).astype(np.float32)
    explorer = make(Probe(distance(), inputs={"other": Image(other, (0, 1))}), [half_bright()])
    value = float(explorer.probe.predict([half_bright()])[0, 0])
    assert explorer.error == ""
    ((label, shown_as),) = rows(explorer)
    assert (label, "%" in shown_as) == ("distance (output 0)", False)
    assert float(shown_as) == pytest.approx(value, rel=0.01)


@pytest.fixture(scope="module")
def comparing() -> Probe:
    bright = Image(np.full((SIDE, SIDE, 1), 0.9, np.float32), (0, 1), "bright")
    return Probe(distance(), inputs={"other": bright})


def test_the_other_picture_of_a_pair_stands_beside_the_photograph(make: Make, comparing: Probe) -> None:
    explorer = make(comparing, [Image(np.full((SIDE, SIDE, 1), 0.4, np.float32), (0, 1), "grey")])
    photo = explorer.canvas._scene.photo
    side = len(photo)
    assert abs(int(photo[side // 2, side // 4, 0]) - 0.4 * 255) <= 1
    assert abs(int(photo[side // 2, 3 * side // 4, 0]) - 0.9 * 255) <= 1
    assert view(explorer).text_at("photo", 0.77, 0.52) == "other: bright · pixel 4, 4: 0.9"
    assert view(explorer).text_at("photo", 0.27, 0.52) == "input: grey · pixel 4, 4: 0.4"
    assert view(explorer).text_at("photo", 0.25, 0.1) == "input: grey"
    assert "Beside “other”: bright." in explorer.view.verdict._below.value


def test_a_saved_pair_and_the_words_that_stand_for_it_name_the_other_picture(
    make: Make, comparing: Probe
) -> None:
    explorer = make(comparing, [half_bright()])
    assert "Beside it as other: bright, 8 × 8" in told(explorer.snapshot())
    assert "Beside it as other: bright, 8 × 8" in explorer.explanation.show().words


def test_the_other_picture_is_called_all_0_where_nobody_gave_one(make: Make) -> None:
    explorer = make(Probe(distance()), [half_bright()])
    assert {
        name: (image.name, image.pixels.max()) for name, image in explorer.explanation.beside.items()
    } == {"other": ("all 0", 0.0)}


# pictures


def test_a_click_on_the_output_explains_that_pixel_in_the_channel_chosen(make: Make) -> None:
    explorer = make(
        Probe(doubled(), task="image"), [half_bright(3)], target=Output(4, 4, 0), method="Saliency"
    )
    assert isinstance(view(explorer), OutputView)
    view(explorer).channel.value = 2
    assert settled(explorer).target == Output(4, 4, 2)
    explorer.canvas.on_click("photo", 0.3, 0.2)
    assert settled(explorer).target == Output(1, 2, 2)
    values = explorer.explanation.values
    assert np.unravel_index(values.argmax(), values.shape) == (1, 2)
    assert values.sum() == pytest.approx(values.max())


# one number without an axis of its own


def test_a_distance_that_comes_without_an_axis_is_a_number_to_explain(make: Make) -> None:
    image, other = keras.Input((SIDE, SIDE, 1), name="image"), keras.Input((SIDE, SIDE, 1), name="other")
    apart = keras.ops.sum(keras.ops.square(image - other), axis=(1, 2, 3))
    explorer = make(Probe(keras.Model([image, other], apart)), [half_bright()])
    expected = BRIGHT_ROWS * SIDE * 0.9**2 + (SIDE - BRIGHT_ROWS) * SIDE * 0.1**2
    assert explorer.error == ""
    assert explorer.explanation.recipe.target == Output(0)
    assert explorer.explanation.scores["score"] == pytest.approx(expected, rel=1e-5)


def test_numbers_of_three_pictures_that_come_without_an_axis_are_shown(make: Make) -> None:
    images = [keras.Input((SIDE, SIDE, 1), name=name) for name in ("anchor", "positive", "negative")]
    near, far = (
        keras.ops.sum(keras.ops.square(images[0] - other), axis=(1, 2, 3), keepdims=False)
        for other in images[1:]
    )
    explorer = make(Probe(keras.Model(images, [near, far])), [half_bright()])
    assert explorer.error == ""
    assert explorer.explanation.recipe.target == Output(0)
    assert [label for label, _ in rows(explorer)] == ["the number"]
