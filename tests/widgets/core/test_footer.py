"""The line under the picture: the sentence, the figures beside it, progress and buttons."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from cnnviz_widgets.widgets.core import shell
from cnnviz_widgets.widgets.core.shell import Footer
from tests.widgets.page import HOSTILE
from tests.widgets.tree import visible


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


def test_what_was_done_is_told_beside_the_sentence_and_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    gone = threading.Event()
    monkeypatch.setattr(shell, "TOLD_SECONDS", 0.01)

    def live(act: Callable[[], None]) -> None:
        act()
        gone.set()

    footer = Footer(nothing, nothing, nothing, live)
    footer.say("The sentence.", "12 ms")
    with monkeypatch.context() as patch:
        patch.setattr(footer, "forget", nothing)
        footer.tell("Saved as <cat>.png by the browser.")
        assert "Saved as &lt;cat&gt;.png by the browser." in footer.widget.children[1].value
        assert footer.text == "The sentence."
        footer.say("Another one.", "13 ms")
        assert "Saved as" in footer.widget.children[1].value
        assert gone.wait(60)
    footer.forget()
    assert "13 ms" in footer.widget.children[1].value
    footer.close()
