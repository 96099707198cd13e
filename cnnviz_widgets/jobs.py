"""One worker thread a process: jobs take turns step by step, and for each owner the latest request wins."""

from __future__ import annotations

import atexit
import contextvars
import itertools
import threading
import time
from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass, field

_LEAVING_SECONDS = 5.0

Work = Callable[["Job"], Generator[None, None, None] | None]


@dataclass(eq=False)
class Job:
    """A piece of work that has been asked for.

    Attributes
    ----------
    owner : hashable
        Whose it is; a newer job of the same owner cancels this one.
    work : callable
        Called with the job. If it returns a generator, others have their turn at each of its yields.
    urgent : bool
        Whether its first turn comes before those of others that are not, and before the next turn of any.
    ready : float
        Monotonic time before which it rests.
    cancelled : bool
        True once it is no longer wanted; the work looks at it between its steps.
    """

    owner: Hashable
    work: Work
    urgent: bool
    number: int
    ready: float
    context: contextvars.Context = field(repr=False)
    _cancelled: threading.Event = field(default_factory=threading.Event, repr=False)
    _steps: Generator[None, None, None] | None = field(default=None, repr=False)

    @property
    def cancelled(self) -> bool:
        """Whether the job is no longer wanted."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Say that it is no longer wanted."""
        self._cancelled.set()

    def step(self) -> bool:
        """Work until others may have their turn; return whether there is more to do.

        One that was cancelled while others had their turn only cleans up.
        """
        if self._steps is None:
            self._steps = self.work(self)
        elif self.cancelled:
            self._steps.close()
        if self._steps is None:
            return False
        ended = object()
        return next(self._steps, ended) is not ended

    @property
    def begun(self) -> bool:
        """Whether it is in the middle of its steps."""
        return self._steps is not None


class Worker:
    """Runs jobs on a thread of its own, which starts with the first job.

    A job that comes in steps goes to the end of the queue after each: who asks for a picture that takes no time need
    not wait for one that takes a minute.

    A job runs in the context of whoever asked for it, so that what it sends to the screen belongs to the same message
    as the request.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[Hashable, Job] = {}
        self._dropped: list[Job] = []  # cancelled between two steps, and not cleaned up yet
        self._running: Job | None = None
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None
        self._leaving = False

    def submit(self, owner: Hashable, work: Work, *, urgent: bool = True, rest: float = 0.0) -> Job:
        """Ask for `work(job)`; an earlier job of the same owner is cancelled. Returns at once.

        Where `work` is a generator function, other jobs have their turn at each yield, none of which gives a value.
        Jobs that are not urgent wait until no urgent one waits for its first turn. A job starts `rest` seconds from
        now at the earliest, so that a slider that is still moving, and asks again, costs nothing.
        """
        ready = time.monotonic() + rest
        job = Job(owner, work, urgent, next(self._numbers), ready, contextvars.copy_context())
        with self._changed:
            self._cancel(owner)
            self._waiting[owner] = job
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="cnnviz-worker", daemon=True)
                self._thread.start()
                atexit.register(self._leave)
            self._changed.notify_all()
        return job

    def cancel(self, owner: Hashable) -> bool:
        """Cancel the owner's job, waiting or running; return whether there was one."""
        with self._changed:
            found = self._cancel(owner)
            self._changed.notify_all()
            return found

    def wait(self, owner: Hashable, timeout: float | None = None) -> bool:
        """Wait until the owner has no job left; return False if `timeout` seconds pass first.

        On the worker thread itself it returns at once, since waiting would never end.
        """
        if threading.current_thread() is self._thread:
            return False
        with self._changed:
            return self._changed.wait_for(lambda: not self.busy(owner), timeout)

    def busy(self, owner: Hashable) -> bool:
        """Return whether the owner has a job waiting or running."""
        with self._changed:  # a job that is being taken up is for a moment in neither place
            running = self._running
            return owner in self._waiting or (running is not None and running.owner == owner)

    def _cancel(self, owner: Hashable) -> bool:
        waiting, running = self._waiting.pop(owner, None), self._running
        if waiting:
            waiting.cancel()
            if waiting.begun:
                self._dropped.append(waiting)
        if running and running.owner == owner:
            running.cancel()
            return True
        return waiting is not None

    def _run(self) -> None:
        while job := self._next():
            more = False
            try:
                more = job.context.run(job.step)
            except (
                BaseException
            ):  # the work reports its own errors; whatever else happens, the thread goes on
                threading.excepthook(_hook_arguments())
            finally:
                self._put_back(job, more)
                del job

    def _put_back(self, job: Job, more: bool) -> None:
        """End the turn of a job; one that has more to do waits for the next."""
        with self._changed:
            self._running = None
            if more and job.cancelled:
                self._dropped.append(job)
            elif more:
                job.number = next(self._numbers)
                self._waiting[job.owner] = job
            self._changed.notify_all()

    def _next(self) -> Job | None:
        with self._changed:
            while not self._leaving:
                if self._dropped:
                    return self._dropped.pop()
                now = time.monotonic()
                ripe = [job for job in self._waiting.values() if job.ready <= now]
                if ripe:
                    job = min(ripe, key=lambda j: (j.begun or not j.urgent, j.number))
                    self._running = self._waiting.pop(job.owner)
                    return job
                rest = min((job.ready - now for job in self._waiting.values()), default=None)
                self._changed.wait(rest)
            return None

    def _leave(self) -> None:
        """At the end of the process: stop between two steps, so that no library is torn down under a running one."""
        with self._changed:
            self._leaving = True
            self._waiting.clear()
            if self._running:
                self._running.cancel()
            self._changed.notify_all()
        if self._thread:
            self._thread.join(_LEAVING_SECONDS)


def _hook_arguments() -> threading.ExceptHookArgs:
    import sys

    return threading.ExceptHookArgs((*sys.exc_info(), threading.current_thread()))


worker = Worker()
