"""One worker thread a process: for each owner the latest request wins, and a job is cancelled between its steps."""

from __future__ import annotations

import atexit
import contextvars
import itertools
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

_LEAVING_SECONDS = 5.0


@dataclass(eq=False)
class Job:
    """A piece of work that has been asked for.

    Attributes
    ----------
    owner : hashable
        Whose it is; a newer job of the same owner cancels this one.
    urgent : bool
        Whether it goes before those that are not.
    ready : float
        Monotonic time before which it rests.
    cancelled : bool
        True once it is no longer wanted; the work looks at it between its steps.
    """

    owner: Hashable
    work: Callable[[Job], None]
    urgent: bool
    number: int
    ready: float
    context: contextvars.Context = field(repr=False)
    _cancelled: threading.Event = field(default_factory=threading.Event, repr=False)

    @property
    def cancelled(self) -> bool:
        """Whether the job is no longer wanted."""
        return self._cancelled.is_set()

    def cancel(self) -> None:
        """Say that it is no longer wanted."""
        self._cancelled.set()


class Worker:
    """Runs jobs one after the other on a thread of its own, which starts with the first job.

    A job runs in the context of whoever asked for it, so that what it sends to the screen belongs to the same message
    as the request.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: dict[Hashable, Job] = {}
        self._running: Job | None = None
        self._numbers = itertools.count()
        self._thread: threading.Thread | None = None
        self._leaving = False

    def submit(
        self, owner: Hashable, work: Callable[[Job], None], *, urgent: bool = True, rest: float = 0.0
    ) -> Job:
        """Ask for `work(job)`; an earlier job of the same owner is cancelled. Returns at once.

        Jobs that are not urgent wait until no urgent one does. A job starts `rest` seconds from now at the earliest,
        so that a slider that is still moving, and asks again, costs nothing.
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
        running = self._running
        return owner in self._waiting or (running is not None and running.owner == owner)

    def _cancel(self, owner: Hashable) -> bool:
        waiting, running = self._waiting.pop(owner, None), self._running
        if waiting:
            waiting.cancel()
        if running and running.owner == owner:
            running.cancel()
            return True
        return waiting is not None

    def _run(self) -> None:
        while job := self._next():
            try:
                job.context.run(job.work, job)
            except Exception:  # the work reports its own errors; whatever else happens, the thread goes on
                threading.excepthook(_hook_arguments())
            finally:
                with self._changed:
                    self._running = None
                    self._changed.notify_all()
                del job

    def _next(self) -> Job | None:
        with self._changed:
            while not self._leaving:
                now = time.monotonic()
                ripe = [job for job in self._waiting.values() if job.ready <= now]
                if ripe:
                    job = min(ripe, key=lambda j: (not j.urgent, j.number))
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
