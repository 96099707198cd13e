"""Keeps what an image generator shows in step with its climb, its film and the photographs."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from ...errors import CnnvizError
from ...explanation import Explanation, GeneratedImage
from ...objectives import Objective, words
from ..core.elements import shown
from ..core.status import StatusLine
from . import text as say
from .film import Reel
from .picture import Drawing
from .player import Player
from .references import Beside
from .run import PausableClimb
from .view import as_picked

if TYPE_CHECKING:
    from .generator import ImageGenerator


class ClimbStatus(StatusLine):
    """Says how far a climb is, and what was refused meanwhile."""

    _owner: ImageGenerator

    @property
    def trouble(self) -> tuple[str, str]:
        """What went wrong last: what was refused, else what the session met."""
        refused = self._owner.session.refused
        return (refused, "") if refused else super().trouble

    def wait_for_first(self) -> None:
        """Say that a climb is on its way, before the worker takes it up."""
        self._owner.set_trait("error", "")
        self._say("computing")

    def say_shown(self) -> None:
        """Say what is on the screen, or what to mind of what the reader did."""
        remark = self._owner.session.remark
        if remark:
            self._owner._desk.footer.say(remark)
        else:
            super().say_shown()

    def _say(self, state: str) -> None:
        super()._say(state)
        self._owner._desk.footer.offer(cancel=state == "computing")

    def _computing(self) -> tuple[str, str]:
        owner, made = self._owner, self._owner.session.explanation
        sentence, progress = super()._computing()
        if made is None or owner.session.remark:
            return owner.session.remark or sentence, progress
        if owner.session.fresh:
            return say.growing(made), progress
        climb = owner._course.climb
        anew = climb is not None and not climb.begun
        return (say.anew(*self._asked()) if anew else sentence), progress

    def _stopped(self) -> str:
        owner = self._owner
        if owner.session.remark:
            return owner.session.remark
        if owner.explanation is None or not owner.session.fresh:
            return super()._stopped()
        return say.paused(owner.explanation, owner._course.changed)


DREAM = "DeepDream"


class GeneratorScreen:
    """The picture, the film, the sentence and the marks on the controls; calls come with the owner's lock held.

    Parameters
    ----------
    owner : ImageGenerator
        Whose screen it is.
    """

    def __init__(self, owner: ImageGenerator) -> None:
        self.owner, self._desk = owner, owner._desk
        self.reel = Reel()
        self._of: PausableClimb | None = None  # whose frames are on the reel
        self.beside = Beside(owner, self._compared)
        self._drawing = Drawing(self)
        self._player = Player(lambda: self._next())
        self._status = ClimbStatus(owner, self._sentence, self._asked)
        self.rebuild()
        self._drawing.draw()

    @property
    def playing(self) -> bool:
        """Whether the film is played."""
        return self._player.playing

    @property
    def at_end(self) -> bool:
        """Whether the last frame is shown."""
        return self.owner.frame >= len(self.reel) - 1

    def shows(self, climb: PausableClimb | None) -> bool:
        """Return whether the frames on the reel are those of a climb."""
        return climb is not None and self._of is climb

    # what the reader changed

    def rebuild(self) -> None:
        """Bring the controls in line with the traits."""
        owner, recipe = self.owner, self.owner.recipe
        ready = recipe
        with suppress(CnnvizError):  # the session says what is wrong; the controls show what they stand at
            ready = owner._course.filled(recipe)
        self._desk.put(ready)
        if owner.images:
            self._desk.strip.mark(owner.image)
        self._put_target(owner.target)
        self._desk.tell_reading(type(recipe))
        shown(self._desk.dream, owner.method != DREAM and "target" in recipe.specs() and bool(owner.images))
        self._allow()

    def begin(self) -> None:
        """Say at once that a new climb is on its way; what is known of the picture before it does not hold."""
        if self.owner.explanation is not None:
            self.beside.forget()
            self._desk.picker.doubt(True)
            self._desk.tell_real("")
            self._status.wait_for_first()

    def show_frame(self) -> None:
        """Show the frame that the trait names."""
        if self.reel.frames:
            self._show(self.reel.frames[self.owner.frame].made)
            if self.owner.session.state in ("idle", "cancelled"):
                self._status.follow()
            self._desk.refresh_code()

    def choose(self, number: int) -> None:
        """Look at one picture of a grid: mark it at once, and ask what the network says of it."""
        self.beside.choose(number)
        self._desk.picker.doubt(True)
        self._drawing.draw()

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        self._drawing.draw()

    def play(self) -> None:
        """Play the film from the frame that is shown, or from the first if that is the last."""
        if self.at_end:
            self.owner.frame = 0
        self._player.start()
        self._allow()

    def stop(self) -> None:
        """Stop the film where it is."""
        self._player.stop()
        self._allow()

    def cut(self) -> None:
        """Leave out the frames after the one that is shown; the climb goes on from it."""
        self.reel.cut(self.owner.frame + 1)
        self._of = self.owner._course.climb
        self._develop()

    def wait(self, timeout: float | None) -> bool:
        """Wait for what is looked up beside the climb; False if `timeout` seconds pass first."""
        return self.beside.wait(timeout)

    def close(self) -> None:
        """End what waits to be said, shown or written, and let go of the film."""
        self._player.stop()
        self.beside.close()
        self._status.close()
        self.reel.cut(0)
        self._of = None

    # what the session answered

    def update(self, what: str) -> None:
        """Show what has changed: the explanation or the state."""
        session = self.owner.session
        if what == "state" and session.state != "computing":
            session.forgive()
            if self.owner.explanation is not None and not session.fresh:  # there will be no other picture
                self.beside.look(self.owner.explanation)
        if what == "explanation" and isinstance(session.explanation, GeneratedImage):
            self._take(session.explanation)
        self._status.follow()
        self._allow()
        if self.owner.explanation is None:
            self._drawing.draw()
        if what == "state" and session.state in ("idle", "cancelled") and session.fresh:
            self._desk.refresh_code()

    def _take(self, made: GeneratedImage) -> None:
        """Put a picture on the reel, and show it unless the reader looks at an earlier one."""
        owner, follows = self.owner, self.at_end
        if self._of is not owner._course.climb:
            self._of, follows = owner._course.climb, True
            self.reel.cut(0)
            self.beside.meet(made)
            self._put_target(getattr(made.recipe, "target", None))
        self.reel.add(made)
        seen = made if follows or owner.explanation is None else owner.explanation
        with owner._quietly():
            owner.frame = self.reel.near(len(seen.curve))
        self._develop()
        if follows:
            self._show(made)
        else:
            self._mark()

    def _develop(self) -> None:
        self._desk.transport.develop(self.reel.frames)
        self._mark()

    def _show(self, made: GeneratedImage) -> None:
        self.owner.set_trait("explanation", made)
        self._drawing.draw()
        self._mark()
        self._tell_about(made)
        self._desk.tell_reading(
            type(made.recipe), tuple(dict.fromkeys((*made.notes, *self.owner.probe.notes)))
        )
        self.beside.look(made)

    def _mark(self) -> None:
        made = self.owner.explanation
        self._desk.transport.mark(self.owner.frame, say.step_of(made) if made else "")
        self._allow()

    def _compared(self) -> None:
        """Show what the photographs are worth, once it is known."""
        made, beside = self.owner.explanation, self.beside
        if made is not None:
            self._desk.picker.doubt(False)
            self._desk.picker.verdict.show(beside.top)
            self._put_target(getattr(made.recipe, "target", None))
            self._drawing.draw()
            self._tell_about(made)
            if beside.rival(made) and self.owner.session.state == "idle":
                self._status.follow()

    def _sentence(self, made: Explanation) -> str:
        return say.shown(made, self.beside.rival(made) if isinstance(made, GeneratedImage) else None)

    def _tell_about(self, made: GeneratedImage) -> None:
        self._desk.tell_about(f"{self._sentence(made)} {say.step_of(made)}")

    def _put_target(self, target: Objective | None) -> None:
        owner, recipe = self.owner, self.owner.recipe
        matching = "target" not in recipe.specs()
        layer = owner.layer
        if matching and not layer:
            with suppress(CnnvizError):  # a network without maps; the session says so
                layer = recipe.default_layer(owner.probe)
        self._desk.picker.put(as_picked(target), layer, matching)

    def _allow(self) -> None:
        owner = self.owner
        self._desk.transport.allow(
            running=owner.session.state == "computing" or self.playing,
            unfinished=owner.paused,
            on_from_here=owner._course.can_go_on and not self.at_end,
        )

    # beside the worker

    def _next(self) -> bool:
        """Show the next frame of the film; return whether there is one after it."""
        with self.owner._lock:
            if self.owner._closed or not self.playing:
                return False
            if not self.at_end:
                self.owner.frame += 1
            if self.at_end:
                self.stop()
            return self.playing

    def _asked(self) -> tuple[str, str]:
        target = self.owner.target
        return self.owner.method, words(target, self.owner.probe.labels) if target else ""
