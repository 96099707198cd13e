"""The question and the answer, with a method that goes on only when the test lets it."""

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
import pytest

from cnnviz_widgets import Heatmap, Image, Probe
from cnnviz_widgets.errors import ImageError, LayerError, SettingError
from cnnviz_widgets.jobs import worker
from cnnviz_widgets.method import Method
from cnnviz_widgets.session import Session, one_sentence
from tests.models import functional, picture

PATIENCE = 20


@dataclass(frozen=True)
class Slow(Method):
    """A method whose steps are told from outside: a number is a step done, an error is raised, None is the end."""

    label: ClassVar[str] = "Slow"
    orders: queue.Queue[Any] = field(default_factory=queue.Queue, compare=False)
    name: str = ""

    def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
        while (order := self.orders.get(timeout=PATIENCE)) is not None:
            if isinstance(order, BaseException):
                raise order
            yield Heatmap(**self.about(probe, image), values=np.full((2, 2), order, np.float32), done=order)

    def tell(self, *orders: Any) -> "Slow":
        for order in orders:
            self.orders.put(order)
        return self


@pytest.fixture(scope="module")
def probe() -> Probe:
    return Probe(functional())


@pytest.fixture
def session(probe: Probe) -> Iterator[Session]:
    made = Session(probe)
    yield made
    made.cancel()
    assert made.wait(PATIENCE)
    made.unobserve_all()


class Log:
    """What a session published, in order, and a way to wait for it."""

    def __init__(self, session: Session) -> None:
        self.session, self.changed = session, threading.Condition()
        self.states: list[str] = []
        self.answers: list[tuple[str, float]] = []
        session.observe(self._note, ["state", "explanation"])

    def _note(self, change: dict[str, Any]) -> None:
        with self.changed:
            if change["name"] == "state":
                self.states.append(change["new"])
            else:
                self.answers.append((change["new"].recipe.name, change["new"].done))
            self.changed.notify_all()

    def until(self, true: Callable[["Log"], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: true(self), PATIENCE), (self.states, self.answers)


def answered(session: Session, name: str = "good") -> Any:
    """Ask a question that is answered at once, and return the answer."""
    session.ask(picture(), Slow(name=name).tell(1.0, None))
    assert session.wait(PATIENCE)
    assert session.state == "idle"
    return session.explanation


# the good way


def test_it_begins_idle_with_nothing_to_show(session: Session) -> None:
    assert (session.state, session.explanation, session.error, session.fresh) == ("idle", None, "", False)


def test_an_answer_sharpens_in_steps_and_ends_idle(session: Session) -> None:
    log, method = Log(session), Slow(name="a")
    session.ask(picture(), method.tell(0.25))
    log.until(lambda log: log.answers == [("a", 0.25)])
    assert (session.state, session.progress, session.fresh) == ("computing", 0.25, True)
    method.tell(1.0, None)
    assert session.wait(PATIENCE)
    assert log.states == ["computing", "idle"]
    assert (session.progress, session.explanation.done) == (1.0, 1.0)


def test_an_answer_says_how_long_it_took_and_how_often_the_network_ran(session: Session) -> None:
    def twice() -> None:
        session.probe.predict(picture())
        session.probe.predict(picture())

    session.ask(picture(), Slow().tell(1.0, None), first=twice)
    assert session.wait(PATIENCE)
    assert session.seconds > 0
    assert session.calls == 2


def test_another_question_is_answered_between_two_answers(session: Session, probe: Probe) -> None:
    other, log, method = Session(probe), Log(session), Slow(name="climb")
    session.ask(picture(), method.tell(0.25))
    log.until(lambda log: log.answers == [("climb", 0.25)])
    other.ask(picture(), Slow(name="short").tell(1.0, None))
    method.tell(0.5)
    assert other.wait(PATIENCE)
    assert (other.state, session.state) == ("idle", "computing")
    method.tell(1.0, None)


def test_what_others_run_in_between_does_not_count(session: Session, probe: Probe) -> None:
    other, log, method = Session(probe), Log(session), Slow()
    session.ask(picture(), method.tell(0.25))
    log.until(lambda log: len(log.answers) == 1)
    other.ask(picture(), Slow().tell(1.0, None), first=lambda: (probe.predict(picture()), None)[1])
    method.tell(0.5, 0.75, 1.0, None)
    assert session.wait(PATIENCE)
    assert other.wait(PATIENCE)
    assert (session.calls, other.calls) == (0, 1)


def test_the_time_left_is_known_only_in_the_middle_of_the_work(session: Session) -> None:
    log, method = Log(session), Slow()
    assert session.seconds_left is None
    session.ask(picture(), method.tell(0.5))
    log.until(lambda log: len(log.answers) == 1)
    assert session.seconds_left is not None
    assert session.seconds_left >= 0
    method.tell(1.0, None)
    assert session.wait(PATIENCE)
    assert session.seconds_left is None


def test_the_progress_of_the_question_before_is_gone_when_the_next_begins(session: Session) -> None:
    answered(session)
    seen: list[float] = []
    session.observe(lambda change: seen.append(session.progress), "state")
    answered(session)
    assert seen[0] == 0.0


def test_what_has_to_be_known_first_runs_before_the_answer_on_the_worker(session: Session) -> None:
    names: list[str] = []
    session.ask(
        picture(), Slow().tell(1.0, None), first=lambda: names.append(threading.current_thread().name)
    )
    assert session.wait(PATIENCE)
    assert names == ["cnnviz-worker"]


# the newer question wins


def test_a_question_that_was_overtaken_is_never_answered_on_the_screen(session: Session) -> None:
    log, old, new = Log(session), Slow(name="old"), Slow(name="new")
    session.ask(picture(), old.tell(0.5))
    log.until(lambda log: log.answers == [("old", 0.5)])
    session.ask(picture(), new.tell(1.0, None))
    old.tell(1.0, None)
    assert session.wait(PATIENCE)
    assert log.answers == [("old", 0.5), ("new", 1.0)]
    assert log.states == ["computing", "idle"]


def test_an_error_of_a_question_that_was_overtaken_is_not_shown(session: Session) -> None:
    log, old = Log(session), Slow(name="old")
    session.ask(picture(), old.tell(0.5))
    log.until(lambda log: len(log.answers) == 1)
    session.ask(picture(), Slow(name="new").tell(1.0, None))
    old.tell(ValueError("too late"))
    assert session.wait(PATIENCE)
    assert (session.state, session.error) == ("idle", "")


def test_of_a_hail_of_questions_only_the_last_one_stays_and_none_comes_back(session: Session) -> None:
    log, stop = Log(session), threading.Event()
    asked: list[int] = []
    lock = threading.Lock()

    def hammer() -> None:
        for _ in range(150):
            with lock:
                asked.append(len(asked))
                steps = [k / 4 for k in range(1, 5)]
                session.ask(picture(), Slow(name=f"{asked[-1]:04}").tell(*steps, None))

    def watch() -> None:
        while not stop.is_set():
            with session.lock:
                if session.fresh:
                    assert session.explanation.recipe.name == session.question.method.name

    threads = [threading.Thread(target=hammer) for _ in range(4)]
    watcher = threading.Thread(target=watch)
    watcher.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert session.wait(PATIENCE)
    stop.set()
    watcher.join(PATIENCE)
    names = [name for name, _ in log.answers]
    assert names == sorted(names)
    assert log.answers[-1] == ("0599", 1.0)
    assert session.state == "idle"


def test_a_question_at_rest_is_dropped_for_the_next_without_being_taken_up(session: Session) -> None:
    log = Log(session)
    for k in range(10):
        session.ask(picture(), Slow(name=str(k)).tell(1.0, None), rest=0.1)
    assert session.wait(PATIENCE)
    assert log.answers == [("9", 1.0)]


def test_two_sessions_do_not_disturb_each_other(session: Session, probe: Probe) -> None:
    other = Session(probe)
    session.ask(picture(), Slow(name="one").tell(1.0, None))
    other.ask(picture(), Slow(name="other").tell(1.0, None))
    assert session.wait(PATIENCE)
    assert other.wait(PATIENCE)
    assert [s.explanation.recipe.name for s in (session, other)] == ["one", "other"]


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


def test_a_second_refusal_replaces_the_first(session: Session) -> None:
    session.refuse(ValueError("one"))
    session.refuse(ValueError("two"))
    assert session.error == "ValueError: two"


def test_one_sentence_has_no_line_breaks_and_keeps_our_own_words() -> None:
    assert one_sentence(SettingError("a\n  b")) == "a b"


def test_the_worker_is_left_with_nothing_to_do(session: Session) -> None:
    answered(session)
    assert not worker.busy(session)
