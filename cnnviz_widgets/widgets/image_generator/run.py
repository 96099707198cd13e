"""The run of a generator: begun, paused, gone on with, and what it reports on its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import traitlets

from ...errors import CnnvizError, ImageError
from ...explanation import GeneratedImage
from ...images.image import Image
from ...jobs import Job
from ...method import Method
from ...methods.activation_maximization import ActivationMaximization
from ...probe import Probe
from ...session import Session, one_sentence

if TYPE_CHECKING:
    from .generator import ImageGenerator


class PausableClimb:
    """What a session is asked for; a session that drops it leaves it as it is.

    Parameters
    ----------
    method : Method
        What makes the pictures.
    image : Image
        The picture to begin with, or to match.
    before : GeneratedImage, optional
        A picture to go on from.
    seen : Image, optional
        A photograph whose top class is raised where the method names no target.
    """

    def __init__(
        self,
        method: Method,
        image: Image,
        *,
        before: GeneratedImage | None = None,
        seen: Image | None = None,
    ) -> None:
        self.method, self.image, self.before, self._seen = method, image, before, seen
        self._steps: Iterator[Any] | None = None
        self._last: GeneratedImage | None = None

    @property
    def begun(self) -> bool:
        """Whether it has a picture already."""
        return self.before is not None or self._last is not None

    def explain(self, probe: Probe, image: Image) -> Iterator[GeneratedImage]:
        """Yield the last picture there was, if any, and the pictures from there on."""
        if self._steps is None:
            self._steps = self._start(probe, image)
        if self._last is not None:
            yield self._last  # whoever paused it may not have taken it
        for made in self._steps:
            self._last = made
            yield made

    def _start(self, probe: Probe, image: Image) -> Iterator[Any]:
        if self.before is not None:
            going: Any = self.method
            return iter(going.go_on(probe, self.before))
        if self._seen is None:
            return self.method.explain(probe, image)
        return self.method.replace(target=probe.natural_target(self._seen)).explain(probe, image)


def goes_on(method: Method, made: GeneratedImage | None) -> bool:
    """Return whether a method can go on from a picture."""
    return made is not None and made.state is not None and hasattr(method, "go_on")


NUMBERS = ("whole", "number")  # kinds of settings that have a slider
NOTHING = "There is nothing to go on from: the picture has all its steps, or its method cannot go on."


class Course:
    """Asks the session of a generator for a climb; calls come with the owner's lock held.

    Parameters
    ----------
    owner : ImageGenerator
        Whose climb it is.

    Attributes
    ----------
    climb : PausableClimb or None
        The one that was asked for last.
    gone_on : bool
        Whether it went on from a picture that was made with other settings.
    """

    def __init__(self, owner: ImageGenerator) -> None:
        self._owner = owner
        self.climb: PausableClimb | None = None
        self.gone_on = False

    @property
    def start(self) -> Image:
        """The picture to begin with, or to match: the photograph where the method takes one, else mid-grey."""
        owner, recipe = self._owner, self._owner.recipe
        try:
            return recipe.beginning(owner.probe)
        except ImageError:
            if not owner.images:
                raise ImageError(
                    f"{recipe.label} needs a picture: open one above, or give images after the model."
                ) from None
            return owner.probe.fit(owner.images[owner.image])

    def filled(self, recipe: Method) -> Method:
        """Return a method with all numbers that were left open as they will be used.

        Raises
        ------
        CnnvizError
            If there is nothing to begin with, or it does not fit.
        """
        start = self.start
        ready = recipe.fitted(start)
        left = [n for n, spec in ready.specs().items() if spec.kind in NUMBERS and getattr(ready, n) is None]
        return ready.resolved(self._owner.probe, start) if left else ready

    @property
    def paused(self) -> bool:
        """Whether a climb waits to be gone on with, and the settings as they stand let it."""
        waits = self.climb is not None and self._owner.session.state == "cancelled"
        return waits and (not self.changed or self._steps_left is not None)

    @property
    def changed(self) -> bool:
        """Whether settings have been changed since the climb was begun."""
        try:
            return self.climb is not None and self._owner.recipe.fitted(self.climb.image) != self.climb.method
        except CnnvizError:
            return True

    def begin(self, rest: float) -> None:
        """Climb from the start; what does not fit is said below the picture."""
        owner, recipe = self._owner, self._owner.recipe
        unnamed = owner.target is None and isinstance(recipe, ActivationMaximization) and owner.images
        try:
            image = self.start
            seen = owner.probe.fit(owner.images[owner.image]) if unnamed else None
            self.climb, self.gone_on = PausableClimb(recipe.fitted(image), image, seen=seen), False
        except CnnvizError as error:
            owner.session.fail(error)
            return
        self._ask(rest)
        owner._screen.begin()

    def resume(self) -> None:
        """Go on where it was paused; with other settings from the last picture, or anew where that cannot be."""
        if not self.changed:
            self._ask()
        elif self.can_go_on:
            self.go_on()
        else:
            self.begin(0.0)

    @property
    def can_go_on(self) -> bool:
        """Whether one can go on from the frame that is shown."""
        return bool(self._steps_left) and self._owner._screen.shows(self.climb)

    @property
    def _steps_left(self) -> int | None:
        """How many steps there are to make from the frame that is shown; None if one cannot go on from it."""
        owner, made = self._owner, self._owner.explanation
        if made is None or type(made.recipe) is not type(owner.recipe):
            return None
        try:
            ready: Any = owner.recipe.fitted(made.image)
            return ready.steps_left(made) if goes_on(ready, made) else None
        except CnnvizError:
            return None

    def go_on(self) -> None:
        """Leave out the frames after the one that is shown, and climb on from there."""
        owner, made = self._owner, self._owner.explanation
        if made is None or not self.can_go_on:
            owner.session.refuse(ImageError(NOTHING))
            return
        self.gone_on = self.gone_on or self.changed
        self.climb = PausableClimb(owner.recipe.fitted(made.image), made.image, before=made)
        owner._screen.cut()
        self._ask()

    def _ask(self, rest: float = 0.0) -> None:
        assert self.climb is not None
        question: Any = self.climb
        self._owner.session.ask(self.climb.image, question, rest=rest)


class Talk(Session):
    """Asks for climbs; a slip of the reader's does not end the one that goes on.

    Attributes
    ----------
    refused : str
        Why the reader's last wish cannot be met, in one sentence; empty again with the next one.
    remark : str
        What to mind of that wish, in HTML; empty again with the next one.
    """

    refused = traitlets.Unicode("")
    remark = traitlets.Unicode("")

    def ask(
        self, image: Image, method: Method, first: Callable[[], None] | None = None, rest: float = 0.0
    ) -> Job:
        """Ask a question as every session does, and forget what was refused before it."""
        with self.lock:
            self.forgive()
            self.progress = 0.0
            return super().ask(image, method, first, rest)

    def cancel(self) -> bool:
        """Stop computing as every session does, and forget what was refused before."""
        with self.lock:
            self.forgive()
            return super().cancel()

    def refuse(self, error: Exception) -> None:
        """Say what cannot be; a climb goes on, and a picture stays as it is."""
        with self.lock:
            self.refused = one_sentence(error)

    def fail(self, error: Exception) -> None:
        """Show why the question that the controls stand for cannot be asked; the one before is dropped."""
        with self.lock:
            self.forgive()
            super().fail(error)

    def forgive(self) -> None:
        """Let go of what was said of the reader's last wish."""
        self.refused = self.remark = ""
