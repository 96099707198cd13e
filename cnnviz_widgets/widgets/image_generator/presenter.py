"""Keeps what an image generator shows in step with its climb, its film and the photographs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from ...errors import CnnvizError
from ...explanation import Explanation, GeneratedImage
from ...objectives import Objective, words
from ...timers import Player
from ..core.elements import shown
from ..core.shell import Footer
from ..core.status import StatusLine
from . import text as say
from .film import Film
from .picture import GeneratorPicture
from .references import References
from .run import GeneratorRun, PausableAscent
from .state import GeneratorHost
from .view import GeneratorView, as_picked


class GeneratorStatus(StatusLine):
    """Says how far a climb is, and what was refused meanwhile.

    Parameters
    ----------
    host, footer, sentence, asked
        As for `StatusLine`.
    run : GeneratorRun
        What asks for climbs.
    """

    _host: GeneratorHost

    def __init__(
        self,
        host: GeneratorHost,
        footer: Footer,
        sentence: Callable[[Explanation], str],
        asked: Callable[[], tuple[str, str]],
        run: GeneratorRun,
    ) -> None:
        super().__init__(host, footer, sentence, asked)
        self._run = run

    @property
    def trouble(self) -> tuple[str, str]:
        """What went wrong last: what was refused, else what the session met."""
        refused = self._host.session.refused
        return (refused, "") if refused else super().trouble

    def wait_for_first(self) -> None:
        """Say that a climb is on its way, before the worker takes it up."""
        self._host.set_trait("error", "")
        self._say("computing")

    def say_shown(self) -> None:
        """Say what is on the screen, or what to mind of what the reader did."""
        remark = self._host.session.remark
        if remark:
            self._footer.say(remark)
        else:
            super().say_shown()

    def _say(self, state: str) -> None:
        super()._say(state)
        self._footer.offer(cancel=state == "computing")

    def _computing(self) -> tuple[str, str]:
        host, made = self._host, self._host.session.explanation
        sentence, progress = super()._computing()
        if made is None or host.session.remark:
            return host.session.remark or sentence, progress
        if host.session.fresh:
            return say.growing(made), progress
        climb = self._run.climb
        anew = climb is not None and not climb.begun
        return (say.anew(*self._asked()) if anew else sentence), progress

    def _stopped(self) -> str:
        host = self._host
        if host.session.remark:
            return host.session.remark
        if host.explanation is None or not host.session.fresh:
            return super()._stopped()
        return say.paused(host.explanation, self._run.changed)


DREAM = "DeepDream"
FRAME_SECONDS = 0.12


class GeneratorPresenter:
    """The picture, the film, the sentence and the marks on the controls; calls come with the widget's lock held.

    Parameters
    ----------
    host : GeneratorHost
        The generator.
    view : GeneratorView
        Its controls.
    run : GeneratorRun
        What asks for climbs.
    """

    def __init__(self, host: GeneratorHost, view: GeneratorView, run: GeneratorRun) -> None:
        self._host, self._view, self._run = host, view, run
        self.reel = Film()
        self._of: PausableAscent | None = None  # whose frames are on the reel
        self.beside = References(host, self._compared)
        self._drawing = GeneratorPicture(host, view, self.reel, self.beside, self.choose)
        self._player = Player(lambda: self._next(), FRAME_SECONDS)
        self._status = GeneratorStatus(host, view.footer, self._sentence, self._asked, run)
        self.rebuild()
        self._drawing.draw()

    @property
    def playing(self) -> bool:
        """Whether the film is played."""
        return self._player.playing

    @property
    def at_end(self) -> bool:
        """Whether the last frame is shown."""
        return self._host.frame >= len(self.reel) - 1

    def shows(self, climb: PausableAscent | None) -> bool:
        """Return whether the frames on the reel are those of a climb."""
        return climb is not None and self._of is climb

    # what the reader changed

    def rebuild(self) -> None:
        """Bring the controls in line with the traits."""
        host, recipe = self._host, self._host.recipe
        ready = recipe
        with suppress(CnnvizError):  # the session says what is wrong; the controls show what they stand at
            ready = self._run.filled(recipe)
        self._view.put(ready)
        if host.images:
            self._view.strip.mark(host.image)
        self._put_target(host.target)
        self._view.tell_reading(type(recipe))
        shown(self._view.dream, host.method != DREAM and "target" in recipe.specs() and bool(host.images))
        self._allow()

    def begin(self) -> None:
        """Say at once that a new climb is on its way; what is known of the picture before it does not hold."""
        if self._host.explanation is not None:
            self.beside.forget()
            self._view.picker.doubt(True)
            self._view.tell_real("")
            self._status.wait_for_first()

    def show_frame(self) -> None:
        """Show the frame that the trait names."""
        if self.reel.frames:
            self._show(self.reel.frames[self._host.frame].made)
            if self._host.session.state in ("idle", "cancelled"):
                self._status.follow()
            self._view.refresh_code()

    def choose(self, number: int) -> None:
        """Look at one picture of a grid: mark it at once, and ask what the network says of it."""
        self.beside.choose(number)
        self._view.picker.doubt(True)
        self._drawing.draw()

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        self._drawing.draw()

    def play(self) -> None:
        """Play the film from the frame that is shown, or from the first if that is the last."""
        if self.at_end:
            self._host.frame = 0
        self._player.start()
        self._allow()

    def stop(self) -> None:
        """Stop the film where it is."""
        self._player.stop()
        self._allow()

    def cut(self) -> None:
        """Leave out the frames after the one that is shown; the climb goes on from it."""
        self.reel.cut(self._host.frame + 1)
        self._of = self._run.climb
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
        session = self._host.session
        if what == "state" and session.state != "computing":
            session.forgive()
            if self._host.explanation is not None and not session.fresh:  # there will be no other picture
                self.beside.look(self._host.explanation)
        if what == "explanation" and isinstance(session.explanation, GeneratedImage):
            self._take(session.explanation)
        self._status.follow()
        self._allow()
        if self._host.explanation is None:
            self._drawing.draw()
        if what == "state" and session.state in ("idle", "cancelled") and session.fresh:
            self._view.refresh_code()

    def _take(self, made: GeneratedImage) -> None:
        """Put a picture on the reel, and show it unless the reader looks at an earlier one."""
        host, follows = self._host, self.at_end
        if self._of is not self._run.climb:
            self._of, follows = self._run.climb, True
            self.reel.cut(0)
            self.beside.meet(made)
            self._put_target(getattr(made.recipe, "target", None))
        self.reel.add(made)
        seen = made if follows or host.explanation is None else host.explanation
        with host.quietly():
            host.frame = self.reel.near(len(seen.curve))
        self._develop()
        if follows:
            self._show(made)
        else:
            self._mark()

    def _develop(self) -> None:
        self._view.transport.develop(self.reel.frames)
        self._mark()

    def _show(self, made: GeneratedImage) -> None:
        self._host.set_trait("explanation", made)
        self._drawing.draw()
        self._mark()
        self._tell_about(made)
        self._view.tell_reading(
            type(made.recipe), tuple(dict.fromkeys((*made.notes, *self._host.probe.notes)))
        )
        self.beside.look(made)

    def _mark(self) -> None:
        made = self._host.explanation
        self._view.transport.mark(self._host.frame, say.step_of(made) if made else "")
        self._allow()

    def _compared(self) -> None:
        """Show what the photographs are worth, once it is known."""
        made, beside = self._host.explanation, self.beside
        if made is not None:
            self._view.picker.doubt(False)
            self._view.picker.verdict.show(beside.top)
            self._put_target(getattr(made.recipe, "target", None))
            self._drawing.draw()
            self._tell_about(made)
            if beside.rival(made) and self._host.session.state == "idle":
                self._status.follow()

    def _sentence(self, made: Explanation) -> str:
        return say.shown(made, self.beside.rival(made) if isinstance(made, GeneratedImage) else None)

    def _tell_about(self, made: GeneratedImage) -> None:
        self._view.tell_about(f"{self._sentence(made)} {say.step_of(made)}")

    def _put_target(self, target: Objective | None) -> None:
        host, recipe = self._host, self._host.recipe
        matching = "target" not in recipe.specs()
        layer = host.layer
        if matching and not layer:
            with suppress(CnnvizError):  # a network without maps; the session says so
                layer = recipe.default_layer(host.probe)
        self._view.picker.put(as_picked(target), layer, matching)

    def _allow(self) -> None:
        host = self._host
        self._view.transport.allow(
            running=host.session.state == "computing" or self.playing,
            unfinished=host.paused,
            on_from_here=self._run.can_go_on and not self.at_end,
        )

    # beside the worker

    def _next(self) -> bool:
        """Show the next frame of the film; return whether there is one after it."""
        with self._host.lock:
            if self._host.closed or not self.playing:
                return False
            if not self.at_end:
                self._host.frame += 1
            if self.at_end:
                self.stop()
            return self.playing

    def _asked(self) -> tuple[str, str]:
        target = self._host.target
        return self._host.method, words(target, self._host.probe.labels) if target else ""
