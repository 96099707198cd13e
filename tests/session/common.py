"""What the tests of the session share: a method that goes on only when the test lets it, and a log."""

import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from cnnviz_widgets import Heatmap, Image, Probe
from cnnviz_widgets.method import Method
from cnnviz_widgets.session import Session
from tests.models import picture

PATIENCE = 20


@dataclass(frozen=True)
class Slow(Method):
    """A method whose steps are told from outside: a number is a step done, an error is raised, None is the end."""

    label: ClassVar[str] = "Slow"
    orders: queue.Queue[Any] = field(default_factory=queue.Queue, compare=False)
    name: str = ""

    def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
        while (order := self.orders.get(timeout=PATIENCE)) is not None:
            if isinstance(order, BaseException):
                raise order
            yield Heatmap(**self.about(probe, image), values=np.full((2, 2), order, np.float32), done=order)

    def tell(self, *orders: Any) -> "Slow":
        for order in orders:
            self.orders.put(order)
        return self


class Log:
    """What a session published, in order, and a way to wait for it."""

    def __init__(self, session: Session) -> None:
        self.session, self.changed = session, threading.Condition()
        self.states: list[str] = []
        self.answers: list[tuple[str, float]] = []
        session.observe(self._note, ["state", "explanation"])

    def _note(self, change: dict[str, Any]) -> None:
        with self.changed:
            if change["name"] == "state":
                self.states.append(change["new"])
            else:
                self.answers.append((change["new"].recipe.name, change["new"].done))
            self.changed.notify_all()

    def until(self, true: Callable[["Log"], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: true(self), PATIENCE), (self.states, self.answers)


def answered(session: Session, name: str = "good") -> Any:
    """Ask a question that is answered at once, and return the answer."""
    session.ask(picture(), Slow(name=name).tell(1.0, None))
    assert session.wait(PATIENCE)
    assert session.state == "idle"
    return session.explanation
