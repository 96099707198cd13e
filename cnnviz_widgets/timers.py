"""Timers: something done once it has been asked for and not again for a while, and something done step by step."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

REST = 0.3
LINGER = 10.0


class AfterRest:
    """Does something once nobody has asked for it for a while, in a thread that ends when unused."""

    def __init__(self, action: Callable[[], None], seconds: float = REST) -> None:
        self._action: Callable[[], None] | None = action
        self._seconds = seconds
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._due: float | None = None

    def ask(self) -> None:
        """Start the wait, or start it anew."""
        with self._changed:
            self._due = time.monotonic() + self._seconds
            if self._thread is None and self._action is not None:
                self._thread = threading.Thread(target=self._wait, name="cnnviz-timer", daemon=True)
                self._thread.start()
            self._changed.notify()

    def close(self) -> None:
        """Forget the action and end the thread."""
        with self._changed:
            self._action = None
            self._changed.notify()

    def _wait(self) -> None:
        while action := self._next():
            action()

    def _next(self) -> Callable[[], None] | None:
        """Return what to do once the time has come, or ``None`` when closed or unused for a while."""
        with self._changed:
            while self._action is not None:
                now = time.monotonic()
                if self._due is None:
                    if not self._changed.wait(LINGER) and self._due is None:
                        break
                elif self._due > now:
                    self._changed.wait(self._due - now)
                else:
                    self._due = None
                    return self._action
            self._thread = None
            return None


class Player:
    """Takes one step after the other, until a step says that it was the last or somebody stops it.

    Parameters
    ----------
    step : callable
        Takes a step, on a thread of its own, and returns whether there is one after it.
    seconds : float
        The time between two steps.
    """

    def __init__(self, step: Callable[[], bool], seconds: float) -> None:
        self._step, self._seconds = step, seconds
        self._clock: AfterRest | None = None

    @property
    def playing(self) -> bool:
        """Whether it goes on."""
        return self._clock is not None

    def start(self) -> None:
        """Go on; the first step comes after the time between two."""
        self._clock = AfterRest(self._tick, self._seconds)
        self._clock.ask()

    def stop(self) -> None:
        """Stop where it is."""
        clock, self._clock = self._clock, None
        if clock is not None:
            clock.close()

    def _tick(self) -> None:
        clock = self._clock
        if clock is not None and self._step():
            clock.ask()
