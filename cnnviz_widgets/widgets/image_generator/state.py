"""What can be observed, set and linked of an image generator."""

from __future__ import annotations

from typing import Any, Protocol

import traitlets

from ...errors import SettingError, did_you_mean, listed
from ...explanation import GeneratedImage
from ...method import Method, generators, named
from ...objectives import Objective, Several
from ..core.host import PictureHost
from ..core.state import PictureState, refusing
from .session import GeneratorSession


class GeneratorState(PictureState):
    """Traits of an image generator: those of every widget around a picture, and what is made.

    Attributes
    ----------
    method : str
        Label of the method; can be observed, set and linked.
    target : Objective or None
        What is raised; an int is a class, a list makes a grid with a picture for each. None leaves it to the method.
    layer : str
        The layer that activation matching matches; empty for the last one with maps.
    image : int
        Index of the photograph, where one is needed.
    frame : int
        Which of the pictures so far is shown, from 0; can be observed, set and linked. Beyond the last it is the last,
        so that a linked generator may be ahead.
    explanation : GeneratedImage or None
        What is on the screen; read-only.
    """

    method = traitlets.Unicode("").tag(sync=True)
    target = traitlets.Any(None, allow_none=True)
    frame = traitlets.Int(0).tag(sync=True)

    @traitlets.validate("method")
    @refusing
    def _known_method(self, proposal: Any) -> str:
        wanted = proposal["value"]
        label = named(wanted).label
        if label not in generators():
            hint = did_you_mean(wanted, generators())
            raise SettingError(
                f"method must be one that makes pictures: {listed(list(generators()))}; got {wanted!r}.{hint}"
            )
        return label

    @traitlets.validate("target")
    @refusing
    def _known_target(self, proposal: Any) -> Objective | None:
        wanted = proposal["value"]
        if wanted is None:
            return None
        if isinstance(wanted, list | tuple):
            wanted = Several(tuple(self.probe.target(one) for one in wanted))
        return self.probe.target(wanted)

    @traitlets.validate("frame")
    @refusing
    def _known_frame(self, proposal: Any) -> int:
        if proposal["value"] < 0:
            raise SettingError(f"frame must be a whole number, at least 0; got {proposal['value']}.")
        return min(int(proposal["value"]), max(self._frame_count() - 1, 0))

    def _frame_count(self) -> int:
        """Return how many pictures there are to choose from."""
        raise NotImplementedError


class GeneratorHost(PictureHost, Protocol):
    """An image generator, as its view, its presenter and their pieces see it."""

    method: Any
    target: Any
    frame: Any

    @property
    def session(self) -> GeneratorSession:
        """The talk with the network."""

    @property
    def recipe(self) -> Method:
        """The method with its settings as the controls stand."""

    @property
    def paused(self) -> bool:
        """Whether an ascent waits to be gone on with."""

    @property
    def frames(self) -> list[GeneratedImage]:
        """The pictures so far, in their order."""

    def change_setting(self, name: str, value: Any) -> None:
        """Change one setting of the present method."""

    def play(self) -> None:
        """Pause what runs; else go on, or show the film."""

    def go_on(self) -> None:
        """Leave out the frames after the one that is shown, and go on from there."""

    def dream(self) -> None:
        """Dream what is raised now into the photograph."""
