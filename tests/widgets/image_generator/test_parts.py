"""The film, the curve and the shelf of the image generator by themselves."""

import numpy as np
import pytest

from cnnviz_widgets import Image
from cnnviz_widgets.widgets.image_generator.film import Film
from cnnviz_widgets.widgets.image_generator.ranking import Excited, Score, at, shelf_picture
from cnnviz_widgets.widgets.image_generator.score_plot import LINE, ScorePlot
from tests.widgets.image_generator.common import Make, frame


def test_a_long_film_is_thinned_out_and_keeps_its_ends() -> None:
    reel = Film(most_frames=10)
    for step in range(1, 101):
        reel.add(frame(step))
    kept = [one.step for one in reel.frames]
    assert len(kept) <= 10
    assert (kept[0], kept[-1]) == (1, 100)
    assert kept == sorted(kept)


def test_a_film_keeps_to_its_bytes() -> None:
    state = np.zeros(1000, np.float32)
    each = 4 * 4 * 3 * 4 + 4000
    reel = Film(most_bytes=5 * each)
    for step in range(1, 30):
        reel.add(frame(step, state=state.copy()))
    assert reel.bytes <= 5 * each
    assert reel.frames[-1].step == 29


def test_a_picture_that_is_given_twice_is_kept_once() -> None:
    reel, one = Film(), frame(1)
    reel.add(one)
    reel.add(one)
    assert len(reel) == 1


def test_a_rising_score_is_drawn_from_lower_left_to_upper_right() -> None:
    curve = ScorePlot(np.linspace(0, 1, 50, dtype=np.float32)[:, None], shown=0)
    drawn = curve.drawn(200).astype(int)
    rows, columns = np.nonzero(np.abs(drawn - LINE).sum(axis=2) < 30)
    assert np.corrcoef(rows, columns)[0, 1] < -0.99


def test_the_curve_tells_the_step_under_the_mouse() -> None:
    curve = ScorePlot(np.zeros((11, 1)), 11, total=21)
    assert [curve.step_at(x) for x in (0.06, 0.5, 0.94, 0.0)] == [0, 10, None, None]


def test_the_mouse_reads_the_curve_the_pictures_and_the_grid(make: Make) -> None:
    generator = make(target=[0, 1, 2])
    read = generator.presenter._drawing._under
    assert read("photo", 0.94, 0.5).startswith("step 24: ")
    assert read("map", 0.1, 0.1) == generator.presenter.beside.found(generator.explanation).real[0].words
    assert read("hero", 0.9, 0.1).startswith("“dog”: log-odds ")
    assert read("hero", 0.9, 0.9) is None


@pytest.mark.parametrize(
    "scores", [np.zeros((0, 1)), np.full((5, 1), np.nan), np.ones((5, 2)), np.array([[1.0], [np.nan], [2.0]])]
)
def test_a_curve_of_anything_can_be_drawn(scores: np.ndarray) -> None:
    assert ScorePlot(scores, len(scores)).drawn(90).shape == (90, 90, 3)


def test_a_shelf_holds_four_photographs_in_their_order() -> None:
    colours = [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255)]
    pictures = [Image(np.full((8, 8, 3), colour, np.uint8), (0, 255), str(colour)) for colour in colours]
    found = [Excited(image, Score(5.0 - k)) for k, image in enumerate(pictures)]
    drawn = shelf_picture(found, 100)
    centres = [tuple(drawn[y, x]) for y in (20, 70) for x in (25, 75)]
    assert centres == colours[:4]
    assert at(found, 0.8, 0.2) is found[1]
    assert shelf_picture([], 100) is None


def test_a_share_is_read_in_per_cent() -> None:
    assert [str(Score(value, True)) for value in (0.5, 0.9999, 0.0004, 0.996)] == [
        "50 %",
        "100 %",
        "0 %",
        "99.6 %",
    ]
    assert str(Score(12.345)) == "12.3"
