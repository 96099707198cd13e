"""The question (probe, image, method) and the answer (explanation, progress, error) of one talk with a network."""

from __future__ import annotations

import re
import threading
import time
import traceback as tracebacks
from collections.abc import Callable, Generator, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

import traitlets

from .errors import CnnvizError
from .images.image import Image
from .jobs import Job, worker
from .probe import Probe

STATES = ("idle", "computing", "cancelled", "error")


class Answer(Protocol):
    """What is found, perhaps still sharpening."""

    @property
    def done(self) -> float:
        """How much of the work it holds, 0 to 1."""


class Answerable(Protocol):
    """What can be asked about a picture: a method with its settings, a mixture, an ascent, a pair."""

    def explain(self, probe: Any, image: Any) -> Iterator[Answer]:
        """Yield an answer each time it sharpens."""


@dataclass(frozen=True)
class Question:
    """What is asked: a picture, fitted or not, and what is asked about it."""

    image: Any
    method: Answerable


class Session(traitlets.HasTraits):
    """Asks a network on the worker thread, the latest question winning, and holds the latest answer.

    Observers of the answers are called on the worker thread. The last good explanation stays through errors and
    cancelling.

    Attributes
    ----------
    question : Question or None
        What was asked last.
    explanation : Explanation or None
        The latest answer, perhaps still sharpening; `fresh` tells whether it belongs to `question`.
    state : str
        ``idle``, ``computing``, ``cancelled`` or ``error``.
    progress : float
        Share of the work done, 0 to 1.
    error : str
        One sentence; empty if all is well.
    details : str
        The traceback that goes with it.
    seconds : float
        How long the last finished answer took.
    calls : int
        How many times the network was run for it.
    """

    question = traitlets.Any(None, allow_none=True)
    explanation = traitlets.Any(None, allow_none=True)
    state = traitlets.Enum(STATES, "idle")
    progress = traitlets.Float(0.0)
    error = traitlets.Unicode("")
    details = traitlets.Unicode("")
    seconds = traitlets.Float(0.0)
    calls = traitlets.Int(0)

    def __init__(self, probe: Probe, lock: Any = None) -> None:
        super().__init__()
        self.probe = probe
        self.lock = lock or threading.RLock()
        self.fresh = False
        self._open = False
        self._begun = 0.0
        self._answered = threading.Event()

    def ask(
        self, image: Image, method: Answerable, first: Callable[[], None] | None = None, rest: float = 0.0
    ) -> Job:
        """Ask a question; an earlier one that is not answered yet is dropped. Returns at once.

        `first` runs on the worker before the question is answered, for what has to be known with it. `rest` is how
        long to wait for a newer question before this one is taken up, in seconds.
        """
        question = Question(image, method)
        with self.lock:
            self.question, self.fresh, self._open = question, False, True
            return worker.submit(self, lambda job: self._answer(job, question, first), rest=rest)

    def turn_to(self, probe: Probe) -> None:
        """Ask another probe from the next question on: that of another slice of the same volume."""
        with self.lock:
            worker.cancel(self)
            self.probe = probe

    def cancel(self) -> bool:
        """Stop computing between two steps; what there is stays. Return whether there was anything to stop."""
        with self.lock:
            stopped, self._open = worker.cancel(self) and self._open, False
            if stopped:
                self.state = "cancelled"
            return stopped

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the answer; False if `timeout` seconds pass first."""
        return worker.wait(self, timeout)

    def wait_for_something(self, timeout: float) -> bool:
        """Wait for the first answer of all, be it coarse or an error; False if `timeout` seconds pass first."""
        return self._answered.wait(timeout)

    def refuse(self, error: Exception) -> None:
        """Show why a wish cannot be, such as a picture that does not open; the question stays what it was."""
        with self.lock:
            worker.cancel(self)
            self._show(error)

    def fail(self, error: Exception) -> None:
        """Show why the question that the controls stand for cannot be asked, or has no answer."""
        with self.lock:
            worker.cancel(self)
            self.fresh = False
            self._show(error)

    @property
    def seconds_left(self) -> float | None:
        """Predicted time until the answer is whole; None if nothing is known."""
        if self.state != "computing" or not 0 < self.progress < 1:
            return None
        return (time.monotonic() - self._begun) * (1 - self.progress) / self.progress

    def _answer(
        self, job: Job, question: Question, first: Callable[[], None] | None
    ) -> Generator[None, None, None]:
        """Publish one answer after the other; between them the questions of others have their turn."""
        try:
            self._set(job, progress=0.0, state="computing")
            self._begun, meter = time.monotonic(), _Meter(self.probe)
            looked = self.probe.question if _is_our_own(question.method) else nullcontext
            steps = question.method.explain(self.probe, question.image)
            with looked():
                if first is not None:
                    first()
                explanation = next(steps, None)
            while explanation is not None and not job.cancelled:
                self._publish(job, explanation)
                if explanation.done >= 1:  # there is only the end after it
                    explanation = next(steps, None)
                    continue
                meter.stop()
                yield
                meter.start()
                with looked():
                    explanation = next(steps, None)
            meter.stop()
            self._conclude(job, meter.seconds, meter.calls)
        except GeneratorExit:
            raise
        except (
            BaseException
        ) as error:  # a user's code may raise SystemExit: the widget must not wait for ever
            with self.lock:
                if not job.cancelled:
                    self.fresh = False
                    self._show(error)

    def _publish(self, job: Job, explanation: Answer) -> None:
        with self.lock:
            if not job.cancelled:
                self.fresh, self.progress = True, explanation.done
                self.explanation = explanation
                self._answered.set()

    def _conclude(self, job: Job, seconds: float, calls: int) -> None:
        with self.lock:
            self._open = self._open and job.cancelled
            self._set(job, seconds=seconds, calls=calls, state="idle", error="", details="")

    def _set(self, job: Job, **traits: Any) -> None:
        with self.lock:
            if not job.cancelled:
                for name, value in traits.items():
                    setattr(self, name, value)

    def _show(self, error: BaseException) -> None:
        self._open = False
        self.details = "".join(tracebacks.format_exception(error))
        self.error = one_sentence(error)
        self.state = "error"
        self._answered.set()


class _Meter:
    """Adds up the time and the runs of the network of one question, without those of others that had their turn."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self.seconds, self.calls = 0.0, 0
        self.start()

    def start(self) -> None:
        self._since, self._before = time.monotonic(), self._probe.calls

    def stop(self) -> None:
        self.seconds += time.monotonic() - self._since
        self.calls += self._probe.calls - self._before


def _is_our_own(method: Answerable) -> bool:
    """Return whether a method is of this package: a user's may write weights between what it asks the network."""
    return type(method).__module__.startswith(f"{__package__}.")


def one_sentence(error: BaseException) -> str:
    """Return what to show of an error on the screen: our own words as they are, others with their kind in front."""
    text = " ".join(str(error).split())
    if isinstance(error, CnnvizError):
        return text
    if isinstance(error, MemoryError) or re.search(r"\bOOM\b", text):
        return "There is not enough memory for this. Choose a smaller picture, or restart the kernel."
    return f"{type(error).__name__}: {text[:300]}" if text else type(error).__name__
