"""What the tests of the worker share: a gate that holds a job, and notes of what ran."""

import contextvars
import threading
from collections.abc import Callable

from cnnviz_widgets.jobs import Job, Worker

PATIENCE = 20
here = contextvars.ContextVar("here", default="nowhere")


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
