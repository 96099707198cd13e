"""The one worker thread: who goes first, who is dropped, and what nothing may stop."""

import contextvars
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator

import pytest

from cnnviz_widgets.jobs import Job, Work, Worker

PATIENCE = 20
here = contextvars.ContextVar("here", default="nowhere")


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made._leave()


class Gate:
    """Work that says when it has begun, and goes on when it is let."""

    def __init__(self) -> None:
        self.begun, self.open = threading.Event(), threading.Event()
        self.saw_cancelled: bool | None = None

    def __call__(self, job: Job) -> None:
        self.begun.set()
        assert self.open.wait(PATIENCE)
        self.saw_cancelled = job.cancelled


def noting(seen: list[str], name: str) -> Callable[[Job], None]:
    """Return work that writes a name down."""
    return lambda job: seen.append(name)


def held(worker: Worker) -> Gate:
    """Keep the worker busy until the gate opens."""
    gate = Gate()
    worker.submit("gate", gate)
    assert gate.begun.wait(PATIENCE)
    return gate


def finish(worker: Worker, *owners: object) -> None:
    for owner in owners:
        assert worker.wait(owner, PATIENCE)


def test_of_one_owner_the_latest_waiting_job_runs_and_the_others_never_do(worker: Worker) -> None:
    seen: list[str] = []
    gate = held(worker)
    jobs = [worker.submit("me", noting(seen, str(k))) for k in range(5)]
    gate.open.set()
    finish(worker, "me")
    assert seen == ["4"]
    assert [job.cancelled for job in jobs] == [True] * 4 + [False]


def test_a_running_job_sees_that_a_newer_one_has_come(worker: Worker) -> None:
    gate, seen = Gate(), list[str]()
    worker.submit("me", gate)
    assert gate.begun.wait(PATIENCE)
    worker.submit("me", noting(seen, "newer"))
    gate.open.set()
    finish(worker, "me")
    assert (gate.saw_cancelled, seen) == (True, ["newer"])


def test_a_running_job_sees_that_it_is_cancelled(worker: Worker) -> None:
    gate = held(worker)
    assert worker.cancel("gate")
    gate.open.set()
    finish(worker, "gate")
    assert gate.saw_cancelled is True


def test_a_cancelled_waiting_job_never_runs(worker: Worker) -> None:
    seen: list[str] = []
    gate = held(worker)
    job = worker.submit("me", noting(seen, "me"))
    assert worker.cancel("me")
    gate.open.set()
    finish(worker, "gate", "me")
    assert (seen, job.cancelled) == ([], True)


def test_to_cancel_nothing_says_so(worker: Worker) -> None:
    assert worker.cancel("nobody") is False


def test_owners_do_not_cancel_each_other(worker: Worker) -> None:
    seen: list[str] = []
    gate = held(worker)
    for owner in "abc":
        worker.submit(owner, noting(seen, owner))
    gate.open.set()
    finish(worker, *"abc")
    assert (seen, gate.saw_cancelled) == (["a", "b", "c"], False)


def test_owners_are_told_apart_by_being_equal_not_by_looking_alike(worker: Worker) -> None:
    class Owner:
        pass

    seen: list[str] = []
    one, other = Owner(), Owner()
    gate = held(worker)
    worker.submit(one, noting(seen, "one"))
    worker.submit(other, noting(seen, "other"))
    gate.open.set()
    finish(worker, one, other)
    assert seen == ["one", "other"]


def test_what_is_not_urgent_waits_for_what_is(worker: Worker) -> None:
    seen: list[str] = []
    gate = held(worker)
    worker.submit("film", noting(seen, "film"), urgent=False)
    worker.submit("me", noting(seen, "me"))
    gate.open.set()
    finish(worker, "film", "me")
    assert seen == ["me", "film"]


def test_what_rests_is_dropped_for_a_newer_wish_before_it_begins(worker: Worker) -> None:
    seen: list[str] = []
    for k in range(20):
        worker.submit("slider", noting(seen, str(k)), rest=0.2)
    finish(worker, "slider")
    assert seen == ["19"]


def test_what_rests_does_not_hold_up_the_others(worker: Worker) -> None:
    seen: list[str] = []
    resting = worker.submit("slider", noting(seen, "slider"), rest=3600)
    worker.submit("me", noting(seen, "me"), urgent=False)
    finish(worker, "me")
    assert seen == ["me"]
    assert worker.busy("slider")
    assert not resting.cancelled
    worker.cancel("slider")


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


def test_a_job_runs_with_the_context_of_whoever_asked(worker: Worker) -> None:
    seen: list[str] = []
    gate = held(worker)
    for owner in ("Paris", "Rome"):
        token = here.set(owner)
        worker.submit(owner, lambda job: seen.append(here.get()))
        here.reset(token)
    gate.open.set()
    finish(worker, "Paris", "Rome")
    assert seen == ["Paris", "Rome"]


def test_an_error_in_a_job_is_reported_and_the_next_job_runs(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, errors = list[str](), list[str]()
    monkeypatch.setattr(threading, "excepthook", lambda args: errors.append(f"{args.exc_value}"))

    def fail(job: Job) -> None:
        raise ValueError("out of paint")

    worker.submit("me", fail)
    finish(worker, "me")
    worker.submit("me", noting(seen, "next"))
    finish(worker, "me")
    assert (errors, seen) == (["out of paint"], ["next"])


def test_to_wait_on_the_worker_itself_returns_at_once(worker: Worker) -> None:
    answers: list[bool] = []
    worker.submit("me", lambda job: answers.append(worker.wait("me")))
    finish(worker, "me")
    assert answers == [False]


def test_a_job_may_ask_for_its_own_successor(worker: Worker) -> None:
    seen: list[str] = []
    worker.submit("me", lambda job: worker.submit("me", noting(seen, "successor")) and None)
    finish(worker, "me")
    assert seen == ["successor"]


def test_to_wait_too_long_returns_false(worker: Worker) -> None:
    gate = held(worker)
    assert worker.wait("gate", 0.01) is False
    assert worker.busy("gate")
    gate.open.set()
    finish(worker, "gate")
    assert not worker.busy("gate")


def test_to_wait_for_nobody_returns_true(worker: Worker) -> None:
    assert worker.wait("nobody", 0)


def test_wishes_from_many_threads_leave_the_last_of_each_owner(worker: Worker) -> None:
    last: dict[int, int] = {}

    def hammer(owner: int) -> None:
        for k in range(200):
            worker.submit(owner, lambda job, k=k: last.__setitem__(owner, k))

    threads = [threading.Thread(target=hammer, args=(owner,)) for owner in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    finish(worker, *range(4))
    assert last == dict.fromkeys(range(4), 199)


def test_one_thread_serves_all_owners(worker: Worker) -> None:
    names: set[int] = set()
    for owner in range(10):
        worker.submit(owner, lambda job: names.add(threading.get_ident()))
    finish(worker, *range(10))
    assert len(names) == 1


LEAVING = """
import threading
from cnnviz_widgets.jobs import worker
begun = threading.Event()
def work(job):
    begun.set()
    while not job.cancelled:
        job._cancelled.wait(30)
    print("stopped between two steps", flush=True)
worker.submit("me", work)
worker.submit("never", lambda job: print("must not run"))
begun.wait(30)
"""


def test_the_process_ends_cleanly_while_a_job_runs() -> None:
    done = subprocess.run([sys.executable, "-c", LEAVING], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout, done.stderr) == (0, "stopped between two steps\n", "")
