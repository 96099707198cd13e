"""The sentences under the picture, and the line that shows them."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from cnnviz_widgets import (
    RISE,
    ClassScore,
    GradCAM,
    Heatmap,
    Image,
    IntegratedGradients,
    Method,
    Occlusion,
    Probe,
    ScoreCAM,
    SmoothGrad,
    Style,
)
from cnnviz_widgets.render import as_text
from cnnviz_widgets.session import Session
from cnnviz_widgets.widgets.core import text as core_text
from cnnviz_widgets.widgets.core.status import plain
from tests.models import functional, picture
from tests.widgets.page import HOSTILE


def heat(signed: bool = False, **more: Any) -> Heatmap:
    values = np.array([[-1 if signed else 0, 1]], np.float32)
    told = {"target": "“cat”", "layer": "conv_2", "recipe": GradCAM(), **more}
    return Heatmap(image=picture(), values=values, signed=signed, **told)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1 ms"), (0.0004, "1 ms"), (0.0414, "41 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (1.24, "1.2 s"),
        (2.94, "2.9 s"), (2.96, "3 s"), (9.9, "10 s"), (61, "61 s"), (119, "119 s"), (120, "2 min"), (3600, "60 min"),
    ],
)  # fmt: skip
def test_a_time_is_written_for_the_screen(seconds: float, text: str) -> None:
    assert core_text.duration(seconds) == text


@pytest.mark.parametrize(
    ("passes", "each", "text"),
    [(0, 1.0, ""), (529, None, "529 pictures"), (529, 0.0075, "529 pictures, about 4 s")],
)
def test_a_setting_says_what_it_will_cost(passes: int, each: float | None, text: str) -> None:
    assert core_text.forecast(passes, each) == text


@pytest.mark.parametrize(
    ("mode", "signed", "places"),
    [
        ("overlay", False, "Warm places"), ("overlay", True, "Red places"), ("spotlight", False, "Lit places"),
        ("spotlight", True, "Lit places"), ("outline", False, "Places inside the line"),
        ("outline", True, "Places inside the line"), ("map", False, "Bright places"), ("map", True, "Red places"),
        ("mask", False, "Lit places"), ("add", False, "Warm places"), ("side by side", True, "Red places"),
        ("side by side", False, "Warm places"),
    ],
)  # fmt: skip
def test_the_sentence_names_what_stands_out_in_each_mode(mode: str, signed: bool, places: str) -> None:
    sentence = plain(core_text.shown_sentence(heat(signed), Style(mode=mode), ""))
    assert sentence == f"{places} speak for “cat” in layer conv_2."


@pytest.mark.parametrize(
    ("colours", "places"),
    [("RdBu_r", "Red"), ("PuOr_r", "Orange"), ("grey", "Light")],
)
def test_the_sentence_names_the_colour_of_what_is_above_zero(colours: str, places: str) -> None:
    sentence = plain(core_text.shown_sentence(heat(True), Style(signed_colormap=colours), ""))
    assert sentence.startswith(f"{places} places speak for")


def test_what_is_explained_of_a_class_is_called_its_logit() -> None:
    probe = Probe(functional())
    found = GradCAM(target=1)(probe, picture())
    told = core_text.remarks(probe, picture(), found)
    assert told[0] == f"Explained is the logit, {as_text(found.scores['score'])}, before softmax."
    chance = GradCAM(target=ClassScore(1, of="probability"))(probe, picture())
    assert not any("logit" in remark for remark in core_text.remarks(probe, picture(), chance))


def test_a_flat_map_says_why_instead() -> None:
    noted = heat(notes=("something else", "Flat: all is 0."))
    assert core_text.shown_sentence(noted, Style(), "") == "Flat: all is 0."
    assert core_text.shown_sentence(heat(), Style(), "Flat: all values are 3.") == "Flat: all values are 3."


def test_names_in_the_sentence_are_text_and_not_markup() -> None:
    sentence = core_text.shown_sentence(heat(target=HOSTILE, layer=HOSTILE), Style(), "")
    assert "<img" not in sentence
    assert HOSTILE in plain(sentence)


def test_a_name_with_braces_is_shown_as_it_is() -> None:
    assert "{layer} {0}" in plain(core_text.shown_sentence(heat(target="{layer} {0}"), Style(), ""))


def test_a_hostile_note_is_text_and_not_markup() -> None:
    assert "<img" not in core_text.shown_sentence(heat(notes=("Flat " + HOSTILE,)), Style(), "")
    assert "<img" not in core_text.shown_sentence(heat(), Style(), "Flat " + HOSTILE)


def test_a_hostile_progress_target_and_method_are_text_and_not_markup() -> None:
    assert "<img" not in core_text.computing(heat(), False, HOSTILE, HOSTILE)
    assert "<img" not in core_text.stopped(heat(progress=HOSTILE), True)
    assert "<img" not in core_text.how_to_read(Hostile, f'x"{HOSTILE}')


@dataclass(frozen=True)
class Hostile:
    source: ClassVar[str] = HOSTILE
    reading: ClassVar[str] = HOSTILE


@pytest.mark.parametrize(("calls", "text"), [(0, "no model call"), (1, "1 model call"), (2, "2 model calls")])
def test_the_cost_of_an_answer_counts_the_model_calls(calls: int, text: str) -> None:
    session = Session(Probe(functional()))
    session.seconds, session.calls = 0.041, calls
    assert core_text.shown_cost(session) == f"41 ms · {text}"


def test_while_computing_a_picture_that_is_the_one_before_is_called_so() -> None:
    waiting = plain(core_text.computing(heat(), False, "Score-CAM", "“tiger cat”"))
    assert waiting == "Score-CAM for “tiger cat” is on its way. The picture is the one before."
    assert plain(core_text.computing(None, False, "Score-CAM", "")) == "Score-CAM is on its way."


def test_a_map_of_places_is_coarse_until_it_is_whole() -> None:
    part = heat(progress="217 of 529", recipe=Occlusion())
    assert plain(core_text.computing(part, True, "", "")).endswith("Coarse map shown, getting sharper.")
    assert plain(core_text.stopped(part, True)).endswith("from 217 of 529 places, coarse elsewhere.")


@pytest.mark.parametrize(
    ("method", "counted"),
    [
        (RISE, "masks"),
        (ScoreCAM, "channels"),
        (IntegratedGradients, "steps"),
        (SmoothGrad, "samples"),
        (GradCAM, "parts"),
    ],
)
def test_a_map_of_something_else_is_not_called_coarse(method: type[Method], counted: str) -> None:
    part = heat(progress="2 of 9", recipe=method())
    assert plain(core_text.computing(part, True, "", "")).endswith(" The map so far is shown.")
    assert plain(core_text.stopped(part, True)) == f"Stopped. The map is from 2 of 9 {counted}."


def test_progress_says_how_far_and_how_long_yet() -> None:
    assert core_text.computing_progress(None, None) == "waiting"
    assert core_text.computing_progress(heat(progress="217 of 529"), 3.1) == "217 of 529 · 3 s left"
    assert core_text.computing_progress(heat(progress="217 of 529"), 0.5) == "217 of 529"


def test_after_cancel_the_sentence_says_what_there_is() -> None:
    assert plain(core_text.stopped(None, False)) == "Stopped. Nothing was drawn yet."
    assert plain(core_text.stopped(heat(), False)) == "Stopped. The picture is the one before."


@pytest.mark.parametrize(
    ("source", "link"),
    [
        ("Someone, 2017, arXiv:1610.02391, eq. 1-2", "https://arxiv.org/abs/1610.02391"),
        ("Someone, arXiv:1311.2901; another", "https://arxiv.org/abs/1311.2901"),
        ("Someone, a book", ""),
        ('arXiv:"><script>', ""),
        ("", ""),
    ],
)
def test_the_paper_is_found_by_its_number(source: str, link: str) -> None:
    assert core_text.paper_link(source) == link


def test_markup_is_taken_off_and_its_text_kept() -> None:
    assert plain("<b>a</b> &lt;b&gt; &amp; c") == "a <b> & c"


@pytest.mark.parametrize(
    ("declared", "picture_range", "said"),
    [(None, (0, 255), True), ((0, 1), (0, 255), False), (None, (0, 1), False)],
)
def test_values_that_may_not_be_meant_are_a_caution(
    declared: tuple[float, float] | None, picture_range: tuple[float, float], said: bool
) -> None:
    shown = Image(np.ones((8, 8, 3), np.float32), picture_range)
    caution = core_text.caution(Probe(functional(), value_range=declared), shown)
    assert bool(caution) is said
    assert not said or "give value_range" in caution
