"""Keeps what a latent mixer shows in step with what its session knows."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ...errors import CnnvizError
from ...explanation import Heatmap
from ...images.image import Image
from ...jobs import Job, worker
from ...probe import Probe
from ...render import as_text
from ...session import Question, Session
from ..core import text as core_text
from ..core.elements import data_url
from ..core.explanation_canvas import MOST_RATIO
from ..core.status import StatusLine, plain
from . import text
from .code_tiles import strongest_first
from .drawing import change, enlarged, focus, scene, small_map
from .endpoints import Rebuilt
from .mixture import Mixed, Order, as_maps
from .walk import WalkFilm

if TYPE_CHECKING:
    from .mixer import LatentMixer

ALONE = 220  # side of the small pictures where the canvas has no tiles


class MixerScreen(StatusLine):
    """The pictures, the film, the tiles of the code, and the sentence.

    Every call comes with the mixer's lock held, or takes it.

    Parameters
    ----------
    owner : LatentMixer
        Whose screen it is.
    """

    _owner: LatentMixer

    def __init__(self, owner: LatentMixer) -> None:
        super().__init__(owner, _unused, lambda: ("", ""))
        self._desk = owner._desk
        self._small: Heatmap | None = None
        self._tag = ""
        self._arranged: object = None
        self.ends: Sequence[Rebuilt] = ()
        self.film = WalkFilm(owner.probe, self._developed)
        owner._view.on_hover = self._hovered
        self.mark()

    def mark(self) -> None:
        """Bring the controls in line with the mixer's traits."""
        owner = self._owner
        self._desk.put()
        edit = owner.edit_of(owner.channel, owner.cell)
        self._desk.editor.put(edit, text.about_channel(edit), bool(owner.edits))
        self._desk.tiles.mark(owner.channel, {one.channel for one in owner.edits})

    def update(self, what: str) -> None:
        """Show what has changed: the mixture or the state."""
        session = self._owner.session
        if what == "explanation" and isinstance(session.explanation, Mixed):
            self._take(session.explanation)
        self.follow()

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        if self._owner.mixed is not None:
            self._draw(self._owner.mixed)
            self._desk.tiles.show(self._owner.mixed.code, self._owner.style)

    def look(self) -> None:
        """Show in the small map what is asked for."""
        mixed, beside = self._owner.mixed, self._owner.beside
        if mixed is None:
            return
        if beside == "change":
            worker.cancel(self)
            self._small, self._tag = change(mixed), text.change_tag(mixed)
            self._draw(mixed)
        else:
            chosen = (self._owner.channel, self._owner.cell) if beside == "channel" else (None, None)
            worker.submit(self, lambda job: self._focus(job, mixed, beside, *chosen), urgent=False)

    def wait(self, timeout: float | None) -> bool:
        """Wait for what is drawn after the mixture; False if `timeout` seconds pass first."""
        return worker.wait(self, timeout) and worker.wait(self.film, timeout)

    def close(self) -> None:
        """End what waits to be said or drawn."""
        worker.cancel(self)
        worker.cancel(self.film)
        super().close()

    # the mixture

    def _take(self, mixed: Mixed) -> None:
        """Show an answer."""
        owner = self._owner
        owner.set_trait("mixed", mixed)
        if owner.beside == "change":
            self._small, self._tag = change(mixed), text.change_tag(mixed)
        self._draw(mixed)
        another = self._arrange(mixed)
        self._desk.tiles.show(mixed.code, owner.style)
        if another:
            self.mark()
        if owner.beside != "change":
            self.look()
        self._desk.tell_notes(text.remarks(owner.probe, mixed, owner.output_range is not None))
        self._desk.refresh_code()
        self.film.develop(owner.steps(), owner.ends, mixed.codes)

    def _arrange(self, mixed: Mixed) -> bool:
        """Put the channels in the order of their strength in A and B; return whether these are other codes."""
        owner, recipe = self._owner, mixed.recipe
        codes = mixed.codes[:2]
        key = (recipe.layer, codes.tobytes())
        if key == self._arranged:
            return False
        self._arranged = key
        most = float(np.abs(codes).max(initial=0))
        order = strongest_first(codes)
        self._desk.tiles.arrange(order, most, bool((codes < 0).any()))
        self._desk.editor.fit(as_maps(mixed.code).shape[:2] if mixed.code.ndim == 3 else (1, 1), most)
        owner.suggest(order[0])
        return True

    def _draw(self, mixed: Mixed) -> None:
        owner, view = self._owner, self._owner._view
        ratio = min(view.pixel_ratio, MOST_RATIO)
        hero, tile = round(view.hero_size * ratio), round((view.tile_size or ALONE) * ratio)
        view.show(scene(mixed, self._small, self._tag, owner.style, hero, tile), moving=True)
        self._desk.show_alone("" if view.tile_size else self._alone(mixed))

    def _alone(self, mixed: Mixed) -> str:
        """Return both small pictures as HTML."""
        pictures = [("the pixels mixed", enlarged(mixed.pixels, ALONE))]
        if self._small is not None:
            drawn, scale = small_map(self._small, self._owner.style, ALONE)
            pictures.append((f"{self._tag}, {scale.low_text} to {scale.high_text}", drawn))
        figures = (
            f'<figure><img src="{data_url(drawn)}" alt="{said}"><figcaption>{said}</figcaption></figure>'
            for said, drawn in pictures
        )
        return f'<div class="cv-small">{"".join(figures)}</div>'

    def _focus(
        self, job: Job, mixed: Mixed, beside: str, channel: int | None, cell: tuple[int, int] | None
    ) -> None:
        """Find where the code looks; a walk that goes on does not stop it, or nothing would be seen of it."""
        owner = self._owner
        try:
            found = focus(owner.probe, mixed, channel, cell)
        except CnnvizError as error:
            with owner._lock:
                owner.session.refuse(error)
            return
        with owner._lock:
            if not owner._closed and owner.beside == beside and owner.mixed is not None:
                self._small, self._tag = found, text.focus_tag(channel, cell)
                self._draw(owner.mixed)

    def _developed(self, pictures: list[np.ndarray], ends: list[Rebuilt]) -> None:
        with self._owner._lock:
            if not self._owner._closed:
                self.ends = ends
                self._desk.walk.develop(pictures)
                self._desk.ends.tell(ends)

    # words

    def say_shown(self) -> None:
        """Say what is on the screen."""
        mixed, footer = self._owner.mixed, self._desk.footer
        if mixed is None:
            footer.say("Open a picture to begin.")
            return
        footer.say(text.sentence(mixed), core_text.shown_cost(self._owner.session))
        self._owner.set_trait("status", plain(footer.text))

    def _computing(self) -> tuple[str, str]:
        before = " The picture is the one before." if self._owner.mixed is not None else ""
        return f"The mixture is on its way.{before}", "waiting"

    def _stopped(self) -> str:
        return "<b>Stopped.</b> The picture is the one before."

    def _hovered(self, region: str | None, x: float = 0.0, y: float = 0.0) -> None:
        mixed = self._owner.mixed
        if region is None or mixed is None:
            self._desk.footer.hover(None)
            return
        values = {"hero": mixed.output, "photo": mixed.pixels.pixels}.get(region)
        if region == "map" and self._small is not None:
            values = self._small.values[..., None]
        if values is not None:
            row, column = (min(int(at * n), n - 1) for at, n in zip((y, x), values.shape[:2], strict=True))
            said = " ".join(as_text(float(v)) for v in values[row, column][:3])
            self._desk.footer.hover(f"pixel {row}, {column}: {said}")


def _unused(*_: object) -> str:
    """Stand in for what this screen says in its own way."""
    return ""


class LiveSession(Session):
    """Asks for one mixture after the other, and never drops one that is half made.

    A session that cancels what is being made shows nothing while questions come faster than answers. Here a question
    waits until the answer before it is on the screen, and only the latest one waits.
    """

    def __init__(self, probe: Probe, lock: Any = None) -> None:
        super().__init__(probe, lock)
        self._next: Question | None = None
        self._job: Job | None = None

    def order(self, image: Image, order: Order) -> None:
        """Ask for a mixture; returns at once."""
        with self.lock:
            self._next = self.question = Question(image, cast(Any, order))
            self.fresh, self._open = False, True
            if self._job is None or self._job.cancelled:
                self._job = worker.submit(self, self._serve)

    def _serve(self, job: Job) -> Generator[None, None, None]:
        while (question := self._taken(job)) is not None:
            yield from self._answer(job, question, None)

    def _taken(self, job: Job) -> Question | None:
        """Return the question that waits; None, and the end of this job, if there is none."""
        with self.lock:
            if job.cancelled:
                return None
            taken, self._next = self._next, None
            if taken is None:
                self._job = None
            return taken
