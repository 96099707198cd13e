"""Keeps what an image generator shows in step with its climb, its film and the photographs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import CnnvizError
from ...explanation import GeneratedImage
from ...export import KINDS, film_bytes
from ...jobs import Job
from ...objective import words
from ..parts import shown
from ..status import StatusLine
from . import words as say
from .beside import Beside, aside
from .climb import PausableClimb, goes_on
from .drawing import Drawing
from .player import Player
from .reel import Reel

if TYPE_CHECKING:
    from .generator import ImageGenerator


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
        self.gone_on = False
        self.beside = Beside(owner, self._compared)
        self._drawing = Drawing(self)
        self._player = Player(lambda: self._next())
        self._status = _Status(owner, say.shown, self._asked)
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

    @property
    def can_go_on(self) -> bool:
        """Whether one can go on from the frame that is shown."""
        owner, made = self.owner, self.owner.explanation
        if made is None or self._of is not owner._climb or type(made.recipe) is not type(owner.recipe):
            return False
        try:
            ready = owner.recipe.fitted(made.image)
        except CnnvizError:
            return False
        return goes_on(ready, made) and len(made.curve) < (getattr(ready, "steps", 0) or 0)

    # what the reader changed

    def rebuild(self) -> None:
        """Bring the controls in line with the traits."""
        owner, recipe = self.owner, self.owner.recipe
        ready = recipe
        try:
            ready = recipe.fitted(owner.start)
        except CnnvizError:  # the session says what is wrong; the controls show what they stand at
            pass
        self._desk.put(ready)
        if owner.images:
            self._desk.strip.mark(owner.image)
        self._put_target(owner.target)
        self._desk.tell_reading(type(recipe))
        shown(self._desk.dream, owner.method != "DeepDream" and bool(owner.images))
        self._allow()

    def show_frame(self) -> None:
        """Show the frame that the trait names."""
        if self.reel.frames:
            self._show(self.reel.frames[self.owner.frame].made)
            if self.owner.session.state in ("idle", "cancelled"):
                self._status.follow()
            self._desk.refresh_code()

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

    def cut(self, changed: bool) -> None:
        """Leave out the frames after the one that is shown; the climb goes on from it, perhaps with other settings."""
        self.reel.cut(self.owner.frame + 1)
        self._of, self.gone_on = self.owner._climb, self.gone_on or changed
        self._develop()

    def save_film(self, kind: str) -> None:
        """Have the browser save the film, once it is encoded."""
        frames = self.owner.frames
        if frames:
            self._desk.footer.say(f"The film of {len(frames)} pictures is being written.")
            aside.submit((self, "film"), lambda job: self._write_film(job, frames, kind))

    def wait(self, timeout: float | None) -> bool:
        """Wait for what is looked up beside the climb; False if `timeout` seconds pass first."""
        return self.beside.wait(timeout) and aside.wait((self, "film"), timeout)

    def close(self) -> None:
        """End what waits to be said, shown or written, and let go of the film."""
        self._player.stop()
        aside.cancel((self, "film"))
        self.beside.close()
        self._status.close()
        self.reel.cut(0)
        self._of = None

    # what the session answered

    def update(self, what: str) -> None:
        """Show what has changed: the explanation or the state."""
        session = self.owner.session
        if what == "explanation" and isinstance(session.explanation, GeneratedImage):
            self._take(session.explanation)
        self._status.follow()
        self._allow()
        if what == "state" and session.state in ("idle", "cancelled") and session.fresh:
            self._desk.refresh_code()

    def _take(self, made: GeneratedImage) -> None:
        """Put a picture on the reel, and show it unless the reader looks at an earlier one."""
        owner, follows = self.owner, self.at_end
        if self._of is not owner._climb:
            self._of, self.gone_on, follows = owner._climb, False, True
            self.reel.cut(0)
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
        self._desk.tell_reading(type(made.recipe), (*made.notes, *self.owner.probe.notes))
        self.beside.look(made)

    def _mark(self) -> None:
        made = self.owner.explanation
        self._desk.transport.mark(self.owner.frame, say.step_of(made) if made else "")
        self._allow()

    def _compared(self) -> None:
        """Show what the photographs are worth, once it is known."""
        made, beside = self.owner.explanation, self.beside
        if made is not None:
            self._desk.picker.verdict.show(beside.top)
            self._put_target(getattr(made.recipe, "target", None))
            self._drawing.draw()

    def _put_target(self, target: object) -> None:
        owner, recipe = self.owner, self.owner.recipe
        matching = "target" not in recipe.specs()
        layer = owner.layer
        if matching and not layer:
            try:
                layer = recipe.default_layer(owner.probe)
            except CnnvizError:  # a network without maps; the session says so
                pass
        self._desk.picker.put(target, layer, matching)  # type: ignore[arg-type]

    def _allow(self) -> None:
        owner = self.owner
        self._desk.transport.allow(
            running=owner.session.state == "computing" or self.playing,
            unfinished=owner.paused,
            on_from_here=self.can_go_on and not self.at_end,
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

    def _write_film(self, job: Job, frames: list[GeneratedImage], kind: str) -> None:
        try:
            content = film_bytes(frames, kind)
        except CnnvizError as error:
            with self.owner._lock:
                self.owner.session.refuse(error)
            return
        with self.owner._lock:
            if not job.cancelled and not self.owner._closed:
                name = self.owner.file_name().removesuffix(".png")
                self._desk.deliver(content, f"{name}.{kind}", KINDS[kind])

    def _asked(self) -> tuple[str, str]:
        target = self.owner.target
        return self.owner.method, words(target, self.owner.probe.labels) if target else ""


class _Status(StatusLine):
    """The sentences of a climb: growing, paused; Play goes on, so that nothing is to be run again."""

    _owner: ImageGenerator

    def _say(self, state: str) -> None:
        super()._say(state)
        self._owner._desk.footer.offer(cancel=state == "computing")

    def _computing(self) -> tuple[str, str]:
        sentence, progress = super()._computing()
        made = self._owner.session.explanation
        return (say.growing(made) if self._owner.session.fresh and made else sentence), progress

    def _stopped(self) -> str:
        owner = self._owner
        if owner.explanation is None or not owner.session.fresh:
            return super()._stopped()
        return say.paused(owner.explanation, owner.changed)
