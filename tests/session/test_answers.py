"""The question and the answer: an answer sharpens, and the newer question wins."""

import threading

from cnnviz_widgets import Probe
from cnnviz_widgets.session import Session
from tests.models import picture
from tests.session.common import PATIENCE, Log, Slow, answered

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
