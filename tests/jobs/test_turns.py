"""The one worker thread: who goes first, who is dropped, and in which order."""

from cnnviz_widgets.jobs import Worker
from tests.jobs.common import PATIENCE, Gate, finish, held, noting


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
