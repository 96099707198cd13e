"""The course of a climb: begun, paused, gone on with, from its last picture or from an earlier one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...errors import CnnvizError, ImageError
from ...image import Image
from ...method import Method
from ...methods.activation_maximization import ActivationMaximization
from .climb import PausableClimb, goes_on

if TYPE_CHECKING:
    from .generator import ImageGenerator

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
