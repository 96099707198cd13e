"""The sentences under the picture, and the line that shows them."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

from cnnviz_widgets import ClassScore, GradCAM, Heatmap, Probe, Style
from cnnviz_widgets.render import as_text
from cnnviz_widgets.session import Session
from cnnviz_widgets.widgets import wording
from cnnviz_widgets.widgets.footer import Footer
from cnnviz_widgets.widgets.status import plain
from tests.models import functional, picture
from tests.widgets.page import HOSTILE
from tests.widgets.tree import visible


def heat(signed: bool = False, **more: Any) -> Heatmap:
    values = np.array([[-1 if signed else 0, 1]], np.float32)
    told = {"target": "“cat”", "layer": "conv_2", **more}
    return Heatmap(image=picture(), recipe=GradCAM(), values=values, signed=signed, **told)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "1 ms"), (0.0004, "1 ms"), (0.0414, "41 ms"), (0.9994, "999 ms"), (0.9996, "1.0 s"), (1.24, "1.2 s"),
        (2.94, "2.9 s"), (2.96, "3 s"), (9.9, "10 s"), (61, "61 s"), (119, "119 s"), (120, "2 min"), (3600, "60 min"),
    ],
)  # fmt: skip
def test_a_time_is_written_for_the_screen(seconds: float, text: str) -> None:
    assert wording.duration(seconds) == text


@pytest.mark.parametrize(
    ("passes", "each", "text"),
    [(0, 1.0, ""), (529, None, "529 pictures"), (529, 0.0075, "529 pictures, about 4 s")],
)
def test_a_setting_says_what_it_will_cost(passes: int, each: float | None, text: str) -> None:
    assert wording.forecast(passes, each) == text


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
    sentence = plain(wording.shown_sentence(heat(signed), Style(mode=mode), ""))
    assert sentence == f"{places} speak for “cat” in layer conv_2."


@pytest.mark.parametrize(
    ("colours", "places"),
    [("RdBu_r", "Red"), ("PuOr_r", "Orange"), ("grey", "Light")],
)
def test_the_sentence_names_the_colour_of_what_is_above_zero(colours: str, places: str) -> None:
    sentence = plain(wording.shown_sentence(heat(True), Style(signed_colormap=colours), ""))
    assert sentence.startswith(f"{places} places speak for")


def test_what_is_explained_of_a_class_is_called_its_logit() -> None:
    probe = Probe(functional())
    found = GradCAM(target=1)(probe, picture())
    told = wording.remarks(probe, picture(), found)
    assert told[0] == f"Explained is the logit, {as_text(found.scores['score'])}, before softmax."
    chance = GradCAM(target=ClassScore(1, of="probability"))(probe, picture())
    assert not any("logit" in remark for remark in wording.remarks(probe, picture(), chance))


def test_a_flat_map_says_why_instead() -> None:
    noted = heat(notes=("something else", "Flat: all is 0."))
    assert wording.shown_sentence(noted, Style(), "") == "Flat: all is 0."
    assert wording.shown_sentence(heat(), Style(), "Flat: all values are 3.") == "Flat: all values are 3."


def test_names_in_the_sentence_are_text_and_not_markup() -> None:
    sentence = wording.shown_sentence(heat(target=HOSTILE, layer=HOSTILE), Style(), "")
    assert "<img" not in sentence
    assert HOSTILE in plain(sentence)


def test_a_name_with_braces_is_shown_as_it_is() -> None:
    assert "{layer} {0}" in plain(wording.shown_sentence(heat(target="{layer} {0}"), Style(), ""))


def test_a_hostile_note_is_text_and_not_markup() -> None:
    assert "<img" not in wording.shown_sentence(heat(notes=("Flat " + HOSTILE,)), Style(), "")
    assert "<img" not in wording.shown_sentence(heat(), Style(), "Flat " + HOSTILE)


def test_a_hostile_progress_target_and_method_are_text_and_not_markup() -> None:
    assert "<img" not in wording.computing(heat(), False, HOSTILE, HOSTILE)
    assert "<img" not in wording.stopped(heat(progress=HOSTILE), True)
    assert "<img" not in wording.how_to_read(Hostile, f'x"{HOSTILE}')


@dataclass(frozen=True)
class Hostile:
    source: ClassVar[str] = HOSTILE
    reading: ClassVar[str] = HOSTILE


@pytest.mark.parametrize(("calls", "text"), [(0, "no model call"), (1, "1 model call"), (2, "2 model calls")])
def test_the_cost_of_an_answer_counts_the_model_calls(calls: int, text: str) -> None:
    session = Session(Probe(functional()))
    session.seconds, session.calls = 0.041, calls
    assert wording.shown_cost(session) == f"41 ms · {text}"


def test_while_computing_a_picture_that_is_the_one_before_is_called_so() -> None:
    waiting = plain(wording.computing(heat(), False, "Score-CAM", "“tiger cat”"))
    assert waiting == "Score-CAM for “tiger cat” is on its way. The picture is the one before."
    assert plain(wording.computing(None, False, "Score-CAM", "")) == "Score-CAM is on its way."


def test_a_partial_map_is_called_coarse() -> None:
    assert "Coarse map shown" in wording.computing(heat(progress="2 of 9"), True, "Occlusion", "")


def test_progress_says_how_far_and_how_long_yet() -> None:
    assert wording.computing_progress(None, None) == "waiting"
    assert wording.computing_progress(heat(progress="217 of 529"), 3.1) == "217 of 529 · 3 s left"
    assert wording.computing_progress(heat(progress="217 of 529"), 0.5) == "217 of 529"


def test_after_cancel_the_sentence_says_what_there_is() -> None:
    assert plain(wording.stopped(None, False)) == "Stopped. Nothing was drawn yet."
    assert plain(wording.stopped(heat(), False)) == "Stopped. The picture is the one before."
    partial = wording.stopped(heat(progress="217 of 529"), True)
    assert plain(partial) == "Stopped. The map is from 217 of 529 places, coarse elsewhere."


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
    assert wording.paper_link(source) == link


def test_markup_is_taken_off_and_its_text_kept() -> None:
    assert plain("<b>a</b> &lt;b&gt; &amp; c") == "a <b> & c"


# the line under the picture


def nothing(*_: Any) -> None:
    """Take what a button gives."""


@pytest.fixture
def footer() -> Footer:
    return Footer(nothing, nothing, nothing)


def test_at_first_neither_cancel_nor_again_nor_pages_are_offered(footer: Footer) -> None:
    assert [visible(w) for w in (footer.cancel, footer.again, footer.pager)] == [False] * 3


def test_a_sentence_is_heard_by_a_screen_reader(footer: Footer) -> None:
    footer.say("All is <b>well</b>.", "41 ms")
    assert 'role="status" aria-live="polite"' in footer._say.value
    assert "All is <b>well</b>." in footer._say.value
    assert "41 ms" in footer._right.value


def test_an_error_is_an_alert_with_its_traceback_folded_and_escaped(footer: Footer) -> None:
    footer.say("No.", details=f"Traceback {HOSTILE}")
    assert 'role="alert"' in footer._say.value
    assert "<details>" in footer._say.value
    assert "<img" not in footer._say.value


def test_a_sentence_after_an_error_is_none(footer: Footer) -> None:
    footer.say("No.", details="Traceback")
    footer.say("Yes.")
    assert "cv-bad" not in footer._say.value


def test_what_is_under_the_mouse_takes_the_place_of_the_cost_and_gives_it_back(footer: Footer) -> None:
    footer.say("All is well.", "41 ms")
    footer.hover(HOSTILE)
    assert "<img" not in footer._right.value
    assert "onerror" in footer._right.value
    footer.hover(None)
    assert "41 ms" in footer._right.value


def test_the_bar_is_as_long_as_the_work_done(footer: Footer) -> None:
    footer.progress(0.25)
    assert "25%" in footer.bar.value
    footer.progress(None)
    assert footer.bar.value == ""


def test_cancel_and_again_are_offered_one_at_a_time(footer: Footer) -> None:
    footer.offer(cancel=True)
    assert (visible(footer.cancel), visible(footer.again)) == (True, False)
    footer.offer(again=True)
    assert (visible(footer.cancel), visible(footer.again)) == (False, True)


def test_the_buttons_do_what_they_say() -> None:
    done: list[Any] = []
    footer = Footer(lambda: done.append("cancel"), lambda: done.append("again"), done.append)
    footer.cancel.click()
    footer.again.click()
    for button in (footer.pager.children[0], footer.pager.children[-1]):
        button.click()
    assert done == ["cancel", "again", -1, 1]


def test_pages_are_shown_only_where_there_are_several(footer: Footer) -> None:
    footer.pages(0, 1)
    assert not visible(footer.pager)
    footer.pages(1, 3)
    assert visible(footer.pager)
    assert footer._pages.value == "2 of 3"
