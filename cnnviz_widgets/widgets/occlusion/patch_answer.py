"""The bars, the pins and the sentence about the patch where it lies, asked and read on a thread of their own."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, Protocol

import numpy as np

from ...errors import CnnvizError
from ...images.image import Image
from ...jobs import Job, Worker
from ...lru import LRU
from ...methods.occlusion import Occlusion
from ...objectives import Objective, as_objective
from ...occlusion import Swept, begun, covered_picture, glance
from ...probe import Probe
from ...timers import AfterRest
from . import text as say
from .state import OcclusionHost, Place
from .view import OcclusionView

KEPT = 64


class PatchQuestion:
    """A peek behind the patch, and what an autoencoder makes of the covered picture.

    Parameters
    ----------
    probe : Probe
        The network.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._kept: LRU[Hashable, Any] = LRU(KEPT)

    def at(self, image: Image, ready: Occlusion, place: Place, target: Objective | None) -> Swept:
        """Return all that is asked about the patch at one place."""
        asked = begun(self._probe, image, ready, target).asked  # the same for all classes
        key = (image, ready.look, place, asked)
        return self._kept.recalled(key, lambda: glance(self._probe, image, ready, place, target))

    def rebuilt(self, image: Image, ready: Occlusion, place: Place) -> Image | None:
        """Return what is rebuilt from the covered picture; None for a network that does not rebuild its picture."""
        if not self._probe.rebuilds:
            return None
        return self._kept.recalled((image, ready.look, place), lambda: self._rebuild(image, ready, place))

    def _rebuild(self, image: Image, ready: Occlusion, place: Place) -> Image:
        made = self._probe.predict(Image(covered_picture(image, ready, place), image.range))[0]
        ends = [Image(np.full_like(image.pixels, end), image.range) for end in image.range]
        low, high = (
            float(given.mean()) for given in self._probe.prepared(ends)
        )  # it rebuilds what it was given
        if not high > low:  # each picture is given in a range of its own
            low, high = float(made.min()), float(made.max()) + 1e-12
        return Image(np.clip((made - low) / (high - low), 0, 1), (0, 1))


LATE_SECONDS = 0.25
hand = Worker()  # what is under the reader's hand does not wait for the end of a sweep


class PatchScene(Protocol):
    """What is shown of the patch, and who is told what was found."""

    @property
    def image(self) -> Image:
        """The picture as the network takes it."""

    @property
    def ready(self) -> Occlusion:
        """The sweep with patch and stride filled in."""

    def place(self) -> Place:
        """Return where the patch lies."""

    def pins(self) -> dict[int, Place]:
        """Return the pinned places, by number."""

    def seen(self, rebuilt: Image | None) -> None:
        """Say what is known of the patch, and show what was rebuilt, if anything was."""


class PatchAnswer:
    """Asks what the network makes of the patch, and shows it; calls come with the widget's lock held, or take it.

    While the patch is moved, what is shown may be of a place that it has just left.

    Parameters
    ----------
    scene : PatchScene
        Where the patch lies.
    host : OcclusionHost
        The widget.
    view : OcclusionView
        Its controls.
    """

    def __init__(self, scene: PatchScene, host: OcclusionHost, view: OcclusionView) -> None:
        self._scene, self._host, self._view = scene, host, view
        self._peek = PatchQuestion(self._host.probe)
        self._seen: Swept | None = None
        self._pinned: Image | None = None  # the picture that is told of beside the pins
        self._at: Any = None  # what was asked, and the place, that belongs to it
        self._slow = False  # whether the answer is awaited so long that the one before would mislead
        self._late = AfterRest(self._say_late, LATE_SECONDS)

    def ask(self) -> None:
        """Ask about the patch where it lies, and about the pins; what was said of another picture's pins goes."""
        if self._pinned is not None and self._pinned != self._scene.image:
            self._view.tell_pins(dict.fromkeys(range(1, len(self._host.pins) + 1), "…"))
            self._pinned = None
        hand.submit(self, self._look)
        self._late.ask()

    def sentence(self, target: Objective) -> str:
        """Return, as HTML, the sentence about the patch."""
        if self._seen is None or self._slow:
            return "Looking behind the patch."
        return say.covered_here(self._seen, target)

    def wait(self, timeout: float | None) -> bool:
        """Wait for what was asked; False if `timeout` seconds pass first."""
        return hand.wait(self, timeout)

    def close(self) -> None:
        """End what waits to be asked or said."""
        self._late.close()
        hand.cancel(self)
        hand.wait(self, 10)

    def _question(self) -> tuple[Image, Any, Objective | None]:
        return self._scene.image, self._scene.ready, as_objective(self._host.recipe.target)

    def _look(self, job: Job) -> None:
        host = self._host
        with host.lock:
            question = self._question()
            place, pins = self._scene.place(), self._scene.pins()
        try:
            self._see(question, place)
            pinned = {
                number: self._peek.at(*question[:2], pin, question[2])
                for number, pin in pins.items()
                if not job.cancelled
            }
        except CnnvizError as error:
            with host.lock:
                host.session.fail(error)
            return
        with host.lock:
            if not job.cancelled and not host.closed:
                target = question[2] or host.probe.target(None, question[0])
                said = dict.fromkeys(range(1, len(host.pins) + 1), say.OUTSIDE)
                self._view.tell_pins(
                    said | {number: say.pinned(one, target) for number, one in pinned.items()}
                )
                self._pinned = question[0]

    def _see(self, question: tuple[Image, Any, Objective | None], place: tuple[int, int]) -> None:
        """Find out about one place, and show it unless something else is asked by then."""
        host, (image, ready, target) = self._host, question
        seen, top = self._peek.at(image, ready, place, target), host.probe.top(image)
        rebuilt = self._peek.rebuilt(image, ready, place)
        with host.lock:
            if host.closed or self._question() != question:
                return
            self._seen, self._at, self._slow = seen, (question, place), False
            if top:
                now = seen.chances()[0]
                self._view.verdict.compare(top, [float(now[index]) for index, _, _ in top])
            self._view.verdict.mark(target or host.probe.target(None, image))
            self._scene.seen(rebuilt)

    def _say_late(self) -> None:
        with self._host.lock:
            asked = self._question(), self._scene.place()
            if not self._host.closed and self._at != asked and hand.busy(self):
                self._slow = True
                self._scene.seen(None)
