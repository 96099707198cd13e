"""Cancelling and errors of a session: what is kept, what is said, what is asked again."""

from typing import Any

import pytest

from cnnviz_widgets.errors import ImageError, LayerError, SettingError
from cnnviz_widgets.jobs import worker
from cnnviz_widgets.session import Session, one_sentence
from tests.models import picture
from tests.session.common import PATIENCE, Log, Slow, answered

# cancelling


def test_cancel_stops_before_the_next_step_and_keeps_what_there_is(session: Session) -> None:
    log, method = Log(session), Slow(name="a")
    session.ask(picture(), method.tell(0.25))
    log.until(lambda log: len(log.answers) == 1)
    assert session.cancel()
    assert session.state == "cancelled"
    method.tell(0.5, 0.75, 1.0, None)
    assert session.wait(PATIENCE)
    assert log.answers == [("a", 0.25)]
    assert method.orders.qsize() == 3
    assert (session.state, session.explanation.done) == ("cancelled", 0.25)


def test_cancel_before_the_first_step_keeps_the_picture_before(session: Session) -> None:
    good = answered(session)
    session.ask(picture(seed=1), Slow(), rest=3600)
    assert session.cancel()
    assert session.wait(PATIENCE)
    assert (session.state, session.explanation, session.fresh) == ("cancelled", good, False)


def test_there_is_nothing_to_cancel_once_the_answer_is_whole(session: Session) -> None:
    answered(session)
    assert session.cancel() is False
    assert session.state == "idle"


def test_cancel_from_the_last_news_of_an_answer_does_not_call_it_stopped(session: Session) -> None:
    stopped: list[bool] = []

    def too_late(change: dict[str, Any]) -> None:
        if change["new"] == "idle":
            stopped.append(session.cancel())

    session.observe(too_late, "state")
    answered(session)
    assert (stopped, session.state) == ([False], "idle")


def test_after_cancel_the_same_question_can_be_asked_again(session: Session) -> None:
    log, method = Log(session), Slow(name="a")
    session.ask(picture(), method.tell(0.5))
    log.until(lambda log: len(log.answers) == 1)
    session.cancel()
    method.tell(0.75)
    assert session.wait(PATIENCE)
    answered(session, "again")
    assert log.states == ["computing", "cancelled", "computing", "idle"]


# errors


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (SettingError("Patch 9 is larger than the picture."), "Patch 9 is larger than the picture."),
        (ImageError("the picture holds NaN."), "the picture holds NaN."),
        (LayerError("The model has no layer 'x'."), "The model has no layer 'x'."),
        (ValueError("bad   shape\n in Conv2D"), "ValueError: bad shape in Conv2D"),
        (KeyError("maps"), "KeyError: 'maps'"),
        (RuntimeError(), "RuntimeError"),
        (RuntimeError("x" * 900), "RuntimeError: " + "x" * 300),
        (ValueError("ZOOM must be from 1 to 8"), "ValueError: ZOOM must be from 1 to 8"),
        (MemoryError(), "There is not enough memory for this."),
        (RuntimeError("OOM when allocating tensor"), "There is not enough memory for this."),
    ],
)
def test_an_error_is_shown_in_one_sentence_with_its_traceback(
    session: Session, error: Exception, sentence: str
) -> None:
    session.ask(picture(), Slow().tell(error))
    assert session.wait(PATIENCE)
    assert session.state == "error"
    assert session.error.startswith(sentence)
    assert "\n" not in session.error
    assert "Traceback" in session.details
    assert "in explain" in session.details


def test_an_error_keeps_the_last_good_picture_and_the_next_question_clears_it(session: Session) -> None:
    good = answered(session)
    session.ask(picture(), Slow().tell(ValueError("no")))
    assert session.wait(PATIENCE)
    assert session.explanation is good
    answered(session, "next")
    assert (session.state, session.error, session.details) == ("idle", "", "")
    assert session.explanation.recipe.name == "next"


def test_an_error_in_the_middle_keeps_the_part_that_came(session: Session) -> None:
    session.ask(picture(), Slow(name="a").tell(0.5, ValueError("no")))
    assert session.wait(PATIENCE)
    assert (session.state, session.explanation.done) == ("error", 0.5)


def test_an_error_of_what_comes_first_is_shown_too(session: Session) -> None:
    def first() -> None:
        raise ImageError("the picture has 5 channels.")

    session.ask(picture(), Slow().tell(1.0, None), first=first)
    assert session.wait(PATIENCE)
    assert (session.state, session.error) == ("error", "the picture has 5 channels.")


def test_an_error_of_an_observer_is_shown_and_does_not_stop_the_worker(session: Session) -> None:
    def broken(change: Any) -> None:
        raise ZeroDivisionError("in your own observer")

    session.observe(broken, "explanation")
    session.ask(picture(), Slow().tell(1.0, None))
    assert session.wait(PATIENCE)
    assert session.error == "ZeroDivisionError: in your own observer"
    session.unobserve(broken, "explanation")
    answered(session)


def test_a_picture_the_model_cannot_take_is_an_error_of_the_answer(session: Session) -> None:
    session.ask(picture(channels=5), Slow().tell(1.0, None))
    assert session.wait(PATIENCE)
    assert session.error.startswith("the picture has 5 channels; the model takes 3.")


def test_a_refusal_drops_the_question_at_hand(session: Session) -> None:
    log, method = Log(session), Slow(name="a")
    session.ask(picture(), method.tell(0.5))
    log.until(lambda log: len(log.answers) == 1)
    session.refuse(SettingError("stride must be a whole number of px, at least 1; got 0."))
    method.tell(1.0, None)
    assert session.wait(PATIENCE)
    assert log.answers == [("a", 0.5)]
    assert (session.state, session.error[:6]) == ("error", "stride")


def test_after_a_refusal_the_answer_is_still_that_of_the_question(session: Session) -> None:
    answered(session)
    session.refuse(SettingError("there is no file."))
    assert session.fresh


@pytest.mark.parametrize("how", ["asked", "not asked"])
def test_after_a_failure_the_answer_is_that_of_another_question(session: Session, how: str) -> None:
    answered(session)
    if how == "asked":
        session.ask(picture(channels=5), Slow().tell(1.0, None))
        assert session.wait(PATIENCE)
    else:
        session.fail(SettingError("stride must be at least 1."))
    assert (session.state, session.fresh) == ("error", False)


def test_a_second_refusal_replaces_the_first(session: Session) -> None:
    session.refuse(ValueError("one"))
    session.refuse(ValueError("two"))
    assert session.error == "ValueError: two"


def test_one_sentence_has_no_line_breaks_and_keeps_our_own_words() -> None:
    assert one_sentence(SettingError("a\n  b")) == "a b"


def test_the_worker_is_left_with_nothing_to_do(session: Session) -> None:
    answered(session)
    assert not worker.busy(session)


@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt])
def test_an_exception_that_ends_programs_ends_neither_the_worker_nor_the_wait(
    session: Session, kind: type[BaseException]
) -> None:
    good = answered(session)
    session.ask(picture(), Slow(name="bad").tell(kind("own code")))
    assert session.wait(PATIENCE)
    assert (session.state, session.error) == ("error", f"{kind.__name__}: own code")
    assert session.explanation is good
    answered(session, "again")
