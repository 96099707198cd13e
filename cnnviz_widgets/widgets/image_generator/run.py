"""The run of a generator: begun, paused, gone on with, and what it reports on its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ...errors import CnnvizError, ImageError
from ...explanation import GeneratedImage
from ...images.image import Image
from ...method import Method
from ...methods.activation_maximization import ActivationMaximization
from ...probe import Probe
from ..canvas.scene import nothing
from .state import GeneratorHost


class PausableAscent:
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


class GeneratorRun:
    """Asks the session of a generator for a climb; calls come with the widget's lock held.

    Parameters
    ----------
    host : GeneratorHost
        The generator.

    Attributes
    ----------
    climb : PausableAscent or None
        The one that was asked for last.
    gone_on : bool
        Whether it went on from a picture that was made with other settings.
    on_begin : callable
        Called once a climb from the start was asked for.
    on_cut : callable
        Called when a climb goes on from the frame that is shown, without those after it.
    shows : callable
        Returns whether the frames that are shown are those of a climb.
    """

    def __init__(self, host: GeneratorHost) -> None:
        self._host = host
        self.on_begin: Callable[[], None] = nothing
        self.on_cut: Callable[[], None] = nothing
        self.shows: Callable[[PausableAscent | None], bool] = nothing
        self.climb: PausableAscent | None = None
        self.gone_on = False

    @property
    def start(self) -> Image:
        """The picture to begin with, or to match: the photograph where the method takes one, else mid-grey."""
        host, recipe = self._host, self._host.recipe
        try:
            return recipe.beginning(host.probe)
        except ImageError:
            if not host.images:
                raise ImageError(
                    f"{recipe.label} needs a picture: open one above, or give images after the model."
                ) from None
            return host.probe.fit(host.images[host.image])

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
        return ready.resolved(self._host.probe, start) if left else ready

    @property
    def paused(self) -> bool:
        """Whether a climb waits to be gone on with, and the settings as they stand let it."""
        waits = self.climb is not None and self._host.session.state == "cancelled"
        return waits and (not self.changed or self._steps_left is not None)

    @property
    def changed(self) -> bool:
        """Whether settings have been changed since the climb was begun."""
        try:
            return self.climb is not None and self._host.recipe.fitted(self.climb.image) != self.climb.method
        except CnnvizError:
            return True

    def begin(self, rest: float) -> None:
        """Climb from the start; what does not fit is said below the picture."""
        host, recipe = self._host, self._host.recipe
        unnamed = host.target is None and isinstance(recipe, ActivationMaximization) and host.images
        try:
            image = self.start
            seen = host.probe.fit(host.images[host.image]) if unnamed else None
            self.climb, self.gone_on = PausableAscent(recipe.fitted(image), image, seen=seen), False
        except CnnvizError as error:
            host.session.fail(error)
            return
        self._ask(rest)
        self.on_begin()

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
        return bool(self._steps_left) and self.shows(self.climb)

    @property
    def _steps_left(self) -> int | None:
        """How many steps there are to make from the frame that is shown; None if one cannot go on from it."""
        host, made = self._host, self._host.explanation
        if made is None or type(made.recipe) is not type(host.recipe):
            return None
        try:
            ready: Any = host.recipe.fitted(made.image)
            return ready.steps_left(made) if goes_on(ready, made) else None
        except CnnvizError:
            return None

    def go_on(self) -> None:
        """Leave out the frames after the one that is shown, and climb on from there."""
        host, made = self._host, self._host.explanation
        if made is None or not self.can_go_on:
            host.refuse(ImageError(NOTHING))
            return
        self.gone_on = self.gone_on or self.changed
        self.climb = PausableAscent(host.recipe.fitted(made.image), made.image, before=made)
        self.on_cut()
        self._ask()

    def _ask(self, rest: float = 0.0) -> None:
        assert self.climb is not None
        self._host.session.ask(self.climb.image, self.climb, rest=rest)
