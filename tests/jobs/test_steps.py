"""Jobs in steps: between two of them another has its turn."""

import contextvars
import threading
from collections.abc import Generator

import pytest

from cnnviz_widgets.jobs import Job, Work, Worker
from tests.jobs.common import PATIENCE, Gate, finish, held, here, noting


def stepping(seen: list[str], name: str, steps: int, gate: Gate | None = None) -> Work:
    """Return work in steps that writes each down, and that it was cleaned up; it waits in the first for the gate."""

    def work(job: Job) -> Generator[None, None, None]:
        try:
            for k in range(steps):
                seen.append(f"{name}{k}")
                if gate is not None and k == 0:
                    gate(job)
                yield
        finally:
            seen.append(f"{name} ends in {threading.current_thread().name}")

    return work


def test_between_two_steps_of_a_job_another_has_its_turn(worker: Worker) -> None:
    seen, gate = list[str](), Gate()
    worker.submit("climb", stepping(seen, "step", 3, gate))
    assert gate.begun.wait(PATIENCE)
    worker.submit("me", noting(seen, "me"))
    gate.open.set()
    finish(worker, "climb", "me")
    assert seen[:4] == ["step0", "me", "step1", "step2"]


def test_two_jobs_in_steps_take_turns(worker: Worker) -> None:
    seen: list[str] = []
    gate = held(worker)
    worker.submit("a", stepping(seen, "a", 2))
    worker.submit("b", stepping(seen, "b", 2))
    gate.open.set()
    finish(worker, "a", "b")
    assert seen[:4] == ["a0", "b0", "a1", "b1"]


def test_what_is_not_urgent_need_not_wait_for_the_last_step_of_what_is(worker: Worker) -> None:
    seen: list[str] = []
    gate = held(worker)
    worker.submit("film", noting(seen, "film"), urgent=False)
    worker.submit("a", stepping(seen, "a", 2))
    gate.open.set()
    finish(worker, "a", "film")
    assert seen[:3] == ["a0", "film", "a1"]


def test_who_asks_first_goes_before_the_next_step_of_others(worker: Worker) -> None:
    seen, gate = list[str](), Gate()
    worker.submit("a", stepping(seen, "a", 2, gate))
    assert gate.begun.wait(PATIENCE)
    worker.submit("b", stepping(seen, "b", 2))
    worker.submit("me", noting(seen, "me"))
    gate.open.set()
    finish(worker, "a", "b", "me")
    assert seen[:5] == ["a0", "b0", "me", "a1", "b1"]


def test_a_job_that_has_more_steps_is_busy(worker: Worker) -> None:
    busy: list[bool] = []
    gate = Gate()
    worker.submit("climb", stepping([], "step", 2, gate))
    assert gate.begun.wait(PATIENCE)
    worker.submit("me", lambda job: busy.append(worker.busy("climb")))
    gate.open.set()
    finish(worker, "climb", "me")
    assert busy == [True]


def test_between_its_steps_a_job_is_never_taken_for_done(worker: Worker) -> None:
    seen: list[str] = []
    worker.submit("climb", stepping(seen, "step", 5000))
    busy = [True]
    while len(seen) < 5000:
        busy.append(worker.busy("climb") or len(seen) >= 5000)
    assert all(busy)


def test_a_job_cancelled_while_another_has_its_turn_only_cleans_up_where_it_ran(worker: Worker) -> None:
    seen, gate = list[str](), Gate()
    worker.submit("climb", stepping(seen, "step", 3, gate))
    assert gate.begun.wait(PATIENCE)
    worker.submit("me", lambda job: seen.append(str(worker.cancel("climb"))))
    gate.open.set()
    finish(worker, "climb", "me")
    worker.submit("after", noting(seen, "after"))
    finish(worker, "after")
    assert seen == ["step0", "True", "step ends in cnnviz-worker", "after"]


def test_a_job_in_steps_keeps_the_context_of_whoever_asked(worker: Worker) -> None:
    seen: list[str] = []

    def work(job: Job) -> Generator[None, None, None]:
        seen.append(here.get())
        yield
        seen.append(here.get())

    def ask() -> None:
        here.set("a cell")
        worker.submit("me", work)

    contextvars.copy_context().run(ask)
    finish(worker, "me")
    assert seen == ["a cell", "a cell"]


def test_a_job_that_fails_in_its_second_step_ends(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[str] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: failed.append(str(args.exc_value)))

    def work(job: Job) -> Generator[None, None, None]:
        yield
        raise RuntimeError("second step")

    worker.submit("me", work)
    finish(worker, "me")
    assert failed == ["second step"]
