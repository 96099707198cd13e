"""Keeps what a feature map browser shows in step with what its session knows."""

from __future__ import annotations

from ...errors import CnnvizError
from ...explanation import ActivationMaps
from ...jobs import Job, worker
from ...render.collage import scaled
from ...render.scale import scale_of
from ...style import Style
from ..controls.layer_picker import LayerFilm
from ..core import text as core_text
from ..core.explanation_canvas import MOST_RATIO
from ..core.status import StatusLine
from . import text as maps_wording
from .channel import Cell, ChannelView, KernelPictures, about, channel, kernel_pictures, scale_bar
from .state import FeatureMapsHost
from .view import FeatureMapsView
from .wall import MOST


class FeatureMapsPresenter:
    """The wall of maps, the large channel, the sentences, and the marks on the controls.

    Every call comes with the browser's lock held, or takes it.

    Parameters
    ----------
    host : FeatureMapsHost
        The browser.
    view : FeatureMapsView
        Its controls.
    """

    def __init__(self, host: FeatureMapsHost, view: FeatureMapsView) -> None:
        self._host, self._view = host, view
        self.page, self.channel = 0, 0
        self._cell: Cell | None = None
        self._kernel_of: object = None
        self._large = ChannelView(host.canvas, self._view.footer.hover, self._picked)
        self._film = LayerFilm(host.probe, host.lock, self._view.depth)
        self._status = StatusLine(host, view.footer, self._sentence, self._asked)
        self.mark()

    # what the reader changed

    def mark(self) -> None:
        """Bring the controls in line with the browser's traits."""
        host, shown = self._host, self._host.explanation
        self._view.strip.mark(host.image)
        if host.layer:
            self._view.depth.mark(host.layer)
        self._view.put(host.order, host.scale, host.style, bool(shown and shown.signed))

    def choose(self) -> None:
        """Show the channel that the trait names, on its page, unless its layer is yet to come."""
        host, shown = self._host, self._host.explanation
        if shown is None or shown.layer != host.layer:
            return
        self.channel, self._cell = host.channel, None
        self._open_page()
        self.redraw()

    def look_at(self, cell: Cell | None) -> None:
        """Show what a cell can see; the strongest if None."""
        self._cell = cell
        self._draw_channel()

    def turn(self, by: int) -> None:
        """Turn the pages."""
        if self._host.explanation is not None:
            last = self._view.tiles.pages(self._host.explanation) - 1
            self.page = min(max(self.page + by, 0), last)
            self._draw_wall()
            self._say()

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        if self._host.explanation is None:
            return
        self._draw_wall()
        self._draw_channel()
        self._ask_kernel()
        self.mark()
        self._say()
        self._develop()

    def drawn_style(self) -> Style:
        """Return the style that the maps are drawn in: with one scale for all, if that is wanted."""
        style, maps = self._host.style, self._host.explanation
        if maps is None or self._host.scale == "own":
            return style
        return style.replace(limit=scale_of(maps.values, maps.signed, style).high or None)

    # what the session answered

    def update(self, what: str) -> None:
        """Show what has changed: the explanation or the state."""
        session = self._host.session
        if what == "explanation" and isinstance(session.explanation, ActivationMaps):
            self._take(session.explanation)
        self._status.follow()
        if what == "state" and session.state == "idle" and session.fresh:
            self._view.refresh_code()
            self._develop()

    def cancel(self) -> None:
        """Let a new question go first."""
        self._film.cancel()
        if worker.cancel(self):
            self._kernel_of = None

    def wait(self, timeout: float | None) -> bool:
        """Wait for what is drawn after the maps; False if `timeout` seconds pass first."""
        return worker.wait(self, timeout) and worker.wait(self._film, timeout)

    def close(self) -> None:
        """End what waits to be said or drawn."""
        self.cancel()
        self._status.close()

    def _take(self, maps: ActivationMaps) -> None:
        """Show the maps of an answer, and a channel of them."""
        host = self._host
        host.set_trait("explanation", maps)
        with host.quietly():
            host.layer = maps.layer
            if not host.picked_channel or host.channel >= maps.values.shape[2]:
                host.channel = maps.order[0]
        self.channel, self._cell = host.channel, None
        self._open_page()
        self._view.tell_notes(self._remarks(maps))
        self.redraw()

    def _open_page(self) -> None:
        maps = self._host.explanation
        if maps is not None:
            self.page = maps.order.index(self.channel) // MOST

    def _picked(self, cell: Cell) -> None:
        with self._host.lock:
            if not self._host.closed:
                self.look_at(cell)

    # drawing

    def _draw_wall(self) -> None:
        host, maps = self._host, self._host.explanation
        assert maps is not None
        tiles, ratio = self._view.tiles, min(host.canvas.pixel_ratio, MOST_RATIO)
        tiles.show(maps, self.drawn_style(), self.page, host.picture_width, ratio)
        tiles.buttons.mark(self.channel)
        self._view.footer.pages(self.page, tiles.pages(maps), maps_wording.pages(maps, self.page))

    def _draw_channel(self) -> None:
        host, maps = self._host, self._host.explanation
        if maps is None:
            return
        shown = channel(host.probe, maps, self.channel, self._cell)
        self._large.show(shown, self.drawn_style())
        _, scale = scaled(maps, self.drawn_style(), self.channel)
        bar = scale_bar(scale, maps.unit, host.scale == "shared")
        self._view.tell_channel(self.channel, about(shown), bar)

    def _develop(self) -> None:
        """Have the film drawn like the wall, once there are no questions."""
        host = self._host
        if host.session.state == "idle" and host.explanation is not None:
            self._film.develop(host.explanation, host.style)

    def _ask_kernel(self) -> None:
        """Draw the kernel behind the channel on the worker, unless it is there."""
        host, maps = self._host, self._host.explanation
        if maps is None:
            return
        number, style = self.channel, host.style.replace(opacity=1.0)
        if self._kernel_of != (maps, number, style):
            self._kernel_of = (maps, number, style)
            worker.submit(self, lambda job: self._show_kernel(job, maps, number, style))

    def _show_kernel(self, job: Job, maps: ActivationMaps, number: int, style: Style) -> None:
        try:
            found = kernel_pictures(self._host.probe, maps, number, style)
        except CnnvizError as error:  # the maps are there; of the kernel it is said why it is not
            found = KernelPictures("", (), str(error))
        markup = found.markup
        with self._host.lock:
            if not job.cancelled and not self._host.closed:
                self._view.tell_kernel(found.heading, markup)

    # words

    def _say(self) -> None:
        """Say what is on the screen, unless there is something else to be said."""
        if self._host.session.state == "idle":
            self._status.say_shown()
            self._view.refresh_code()

    def _asked(self) -> tuple[str, str]:
        return maps_wording.on_its_way(self._host.layer), ""

    def _sentence(self, maps: object) -> str:
        assert isinstance(maps, ActivationMaps)
        return maps_wording.shown_maps(maps, self.page)

    def _remarks(self, maps: ActivationMaps) -> tuple[str, ...]:
        host = self._host
        picture = host.images[host.image]
        return (*maps_wording.remarks(maps), *core_text.remarks(host.probe, picture, maps))
