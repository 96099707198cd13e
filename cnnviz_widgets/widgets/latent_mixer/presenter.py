"""Keeps what a latent mixer shows in step with what its session knows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...errors import CnnvizError
from ...explanation import Heatmap
from ...jobs import Job, worker
from ...render import as_text
from ..canvas.scene import nothing
from ..core import text as core_text
from ..core.elements import data_url
from ..core.explanation_canvas import MOST_RATIO
from ..core.status import StatusLine, plain
from . import text
from .code_tiles import strongest_first
from .drawing import change, enlarged, focus, scene, small_map
from .endpoints import Rebuilt
from .mixture import Mixed, as_maps
from .state import MixerHost
from .view import MixerView
from .walk import WalkFilm

ALONE = 220  # side of the small pictures where the canvas has no tiles


class MixerPresenter(StatusLine):
    """The pictures, the film, the tiles of the code, and the sentence.

    Every call comes with the mixer's lock held, or takes it.

    Parameters
    ----------
    host : MixerHost
        The mixer.
    view : MixerView
        Its controls.
    """

    _host: MixerHost

    def __init__(self, host: MixerHost, view: MixerView) -> None:
        super().__init__(host, view.footer, nothing, lambda: ("", ""))
        self._view = view
        self._small: Heatmap | None = None
        self._tag = ""
        self._arranged: object = None
        self.ends: Sequence[Rebuilt] = ()
        self.film = WalkFilm(host.probe, self._developed)
        host.canvas.on_hover = self._hovered
        self.mark()

    def mark(self) -> None:
        """Bring the controls in line with the mixer's traits."""
        host = self._host
        self._view.put()
        edit = host.edit_of(host.channel, host.cell)
        self._view.editor.put(edit, text.about_channel(edit), bool(host.edits))
        self._view.tiles.mark(host.channel, {one.channel for one in host.edits})

    def update(self, what: str) -> None:
        """Show what has changed: the mixture or the state."""
        session = self._host.session
        if what == "explanation" and isinstance(session.explanation, Mixed):
            self._take(session.explanation)
        self.follow()

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        if self._host.mixed is not None:
            self._draw(self._host.mixed)
            self._view.tiles.show(self._host.mixed.code, self._host.style)

    def look(self) -> None:
        """Show in the small map what is asked for."""
        mixed, beside = self._host.mixed, self._host.beside
        if mixed is None:
            return
        if beside == "change":
            worker.cancel(self)
            self._small, self._tag = change(mixed), text.change_tag(mixed)
            self._draw(mixed)
        else:
            chosen = (self._host.channel, self._host.cell) if beside == "channel" else (None, None)
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
        host = self._host
        host.set_trait("mixed", mixed)
        if host.beside == "change":
            self._small, self._tag = change(mixed), text.change_tag(mixed)
        self._draw(mixed)
        another = self._arrange(mixed)
        self._view.tiles.show(mixed.code, host.style)
        if another:
            self.mark()
        if host.beside != "change":
            self.look()
        self._view.tell_notes(text.remarks(host.probe, mixed, host.output_range is not None))
        self._view.refresh_code()
        self.film.develop(host.steps(), host.ends, mixed.codes)

    def _arrange(self, mixed: Mixed) -> bool:
        """Put the channels in the order of their strength in A and B; return whether these are other codes."""
        host, recipe = self._host, mixed.recipe
        codes = mixed.codes[:2]
        key = (recipe.layer, codes.tobytes())
        if key == self._arranged:
            return False
        self._arranged = key
        most = float(np.abs(codes).max(initial=0))
        order = strongest_first(codes)
        self._view.tiles.arrange(order, most, bool((codes < 0).any()))
        self._view.editor.fit(as_maps(mixed.code).shape[:2] if mixed.code.ndim == 3 else (1, 1), most)
        host.suggest(order[0])
        return True

    def _draw(self, mixed: Mixed) -> None:
        host, canvas = self._host, self._host.canvas
        ratio = min(canvas.pixel_ratio, MOST_RATIO)
        hero, tile = round(canvas.hero_size * ratio), round((canvas.tile_size or ALONE) * ratio)
        canvas.show(scene(mixed, self._small, self._tag, host.style, hero, tile), moving=True)
        self._view.show_alone("" if canvas.tile_size else self._alone(mixed))

    def _alone(self, mixed: Mixed) -> str:
        """Return both small pictures as HTML."""
        pictures = [("the pixels mixed", enlarged(mixed.pixels, ALONE))]
        if self._small is not None:
            drawn, scale = small_map(self._small, self._host.style, ALONE)
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
        host = self._host
        try:
            found = focus(host.probe, mixed, channel, cell)
        except CnnvizError as error:
            with host.lock:
                host.refuse(error)
            return
        with host.lock:
            if not host.closed and host.beside == beside and host.mixed is not None:
                self._small, self._tag = found, text.focus_tag(channel, cell)
                self._draw(host.mixed)

    def _developed(self, pictures: list[np.ndarray], ends: list[Rebuilt]) -> None:
        with self._host.lock:
            if not self._host.closed:
                self.ends = ends
                self._view.walk.develop(pictures)
                self._view.ends.tell(ends)

    # words

    def say_shown(self) -> None:
        """Say what is on the screen."""
        mixed, footer = self._host.mixed, self._view.footer
        if mixed is None:
            footer.say("Open a picture to begin.")
            return
        footer.say(text.sentence(mixed), core_text.shown_cost(self._host.session))
        self._host.set_trait("status", plain(footer.text))

    def _computing(self) -> tuple[str, str]:
        before = " The picture is the one before." if self._host.mixed is not None else ""
        return f"The mixture is on its way.{before}", "waiting"

    def _stopped(self) -> str:
        return "<b>Stopped.</b> The picture is the one before."

    def _hovered(self, region: str | None, x: float = 0.0, y: float = 0.0) -> None:
        mixed = self._host.mixed
        if region is None or mixed is None:
            self._view.footer.hover(None)
            return
        values = {"hero": mixed.output, "photo": mixed.pixels.pixels}.get(region)
        if region == "map" and self._small is not None:
            values = self._small.values[..., None]
        if values is not None:
            row, column = (min(int(at * n), n - 1) for at, n in zip((y, x), values.shape[:2], strict=True))
            said = " ".join(as_text(float(v)) for v in values[row, column][:3])
            self._view.footer.hover(f"pixel {row}, {column}: {said}")
