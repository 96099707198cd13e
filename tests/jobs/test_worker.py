"""The worker itself: contexts, errors, waiting, many threads, and the end of the process."""

import subprocess
import sys
import threading

import pytest

from cnnviz_widgets.jobs import Job, Worker
from tests.jobs.common import PATIENCE, finish, held, here, noting


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


@pytest.mark.parametrize("kind", [ValueError, KeyboardInterrupt, SystemExit])
def test_an_error_in_a_job_is_reported_and_the_next_job_runs(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, kind: type[BaseException]
) -> None:
    seen, errors = list[str](), list[str]()
    monkeypatch.setattr(threading, "excepthook", lambda args: errors.append(f"{args.exc_value}"))

    def fail(job: Job) -> None:
        raise kind("out of paint")

    gate = held(worker)
    worker.submit("me", fail)
    worker.submit("you", noting(seen, "waiting"))
    gate.open.set()
    finish(worker, "me", "you")
    worker.submit("me", noting(seen, "next"))
    finish(worker, "me")
    assert (errors, seen) == (["out of paint"], ["waiting", "next"])


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
