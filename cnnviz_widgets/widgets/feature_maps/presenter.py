"""Keeps what a feature map browser shows in step with what its session knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import CnnvizError
from ...explanation import ActivationMaps
from ...jobs import Job, worker
from ...render.collage import scaled
from ...render.scale import scale_of
from ...style import Style
from ..canvas.layout import Sheet
from ..controls.layer_picker import Film
from ..core import text as core_text
from ..core.explanation_canvas import MOST_RATIO
from ..core.status import StatusLine
from . import text as maps_wording
from .channel import Cell, ChannelView, KernelPictures, about, channel, kernel_pictures, scale_bar
from .wall import MOST

if TYPE_CHECKING:
    from .browser import FeatureMapBrowser


class MapsScreen:
    """The wall of maps, the large channel, the sentences, and the marks on the controls.

    Every call comes with the browser's lock held, or takes it.

    Parameters
    ----------
    browser : FeatureMapBrowser
        Whose screen it is.
    """

    def __init__(self, browser: FeatureMapBrowser) -> None:
        self._browser, self._desk = browser, browser._desk
        self.page, self.channel = 0, 0
        self._cell: Cell | None = None
        self._kernel_of: object = None
        self._large = ChannelView(browser._view, self._desk.footer.hover, self._picked)
        self._film = Film(browser.probe, browser._lock, self._desk.depth)
        self._status = StatusLine(browser, self._sentence, self._asked)
        self.mark()

    # what the reader changed

    def mark(self) -> None:
        """Bring the controls in line with the browser's traits."""
        browser, shown = self._browser, self._browser.explanation
        self._desk.strip.mark(browser.image)
        if browser.layer:
            self._desk.depth.mark(browser.layer)
        self._desk.put(browser.order, browser.scale, browser.style, bool(shown and shown.signed))

    def choose(self) -> None:
        """Show the channel that the trait names, on its page, unless its layer is yet to come."""
        browser, shown = self._browser, self._browser.explanation
        if shown is None or shown.layer != browser.layer:
            return
        self.channel, self._cell = browser.channel, None
        self._open_page()
        self.redraw()

    def look_at(self, cell: Cell | None) -> None:
        """Show what a cell can see; the strongest if None."""
        self._cell = cell
        self._draw_channel()

    def turn(self, by: int) -> None:
        """Turn the pages."""
        if self._browser.explanation is not None:
            last = self._desk.tiles.pages(self._browser.explanation) - 1
            self.page = min(max(self.page + by, 0), last)
            self._draw_wall()
            self._say()

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        if self._browser.explanation is None:
            return
        self._draw_wall()
        self._draw_channel()
        self._ask_kernel()
        self.mark()
        self._say()
        self._develop()

    def drawn_style(self) -> Style:
        """Return the style that the maps are drawn in: with one scale for all, if that is wanted."""
        style, maps = self._browser.style, self._browser.explanation
        if maps is None or self._browser.scale == "own":
            return style
        return style.replace(limit=scale_of(maps.values, maps.signed, style).high or None)

    # what the session answered

    def update(self, what: str) -> None:
        """Show what has changed: the explanation or the state."""
        session = self._browser.session
        if what == "explanation" and isinstance(session.explanation, ActivationMaps):
            self._take(session.explanation)
        self._status.follow()
        if what == "state" and session.state == "idle" and session.fresh:
            self._desk.refresh_code()
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
        browser = self._browser
        browser.set_trait("explanation", maps)
        with browser._quietly():
            browser.layer = maps.layer
            if not browser._picked_channel or browser.channel >= maps.values.shape[2]:
                browser.channel = maps.order[0]
        self.channel, self._cell = browser.channel, None
        self._open_page()
        self._desk.tell_notes(self._remarks(maps))
        self.redraw()

    def _open_page(self) -> None:
        maps = self._browser.explanation
        if maps is not None:
            self.page = maps.order.index(self.channel) // MOST

    def _picked(self, cell: Cell) -> None:
        with self._browser._lock:
            if not self._browser._closed:
                self.look_at(cell)

    # drawing

    def _draw_wall(self) -> None:
        browser, maps = self._browser, self._browser.explanation
        assert maps is not None
        tiles, ratio = self._desk.tiles, min(browser._view.pixel_ratio, MOST_RATIO)
        tiles.show(maps, self.drawn_style(), self.page, Sheet.of(browser._size).width, ratio)
        tiles.buttons.mark(self.channel)
        self._desk.footer.pages(self.page, tiles.pages(maps), maps_wording.pages(maps, self.page))

    def _draw_channel(self) -> None:
        browser, maps = self._browser, self._browser.explanation
        if maps is None:
            return
        shown = channel(browser.probe, maps, self.channel, self._cell)
        self._large.show(shown, self.drawn_style())
        _, scale = scaled(maps, self.drawn_style(), self.channel)
        bar = scale_bar(scale, maps.unit, browser.scale == "shared")
        self._desk.tell_channel(self.channel, about(shown), bar)

    def _develop(self) -> None:
        """Have the film drawn like the wall, once there are no questions."""
        browser = self._browser
        if browser.session.state == "idle" and browser.explanation is not None:
            self._film.develop(browser.explanation, browser.style)

    def _ask_kernel(self) -> None:
        """Draw the kernel behind the channel on the worker, unless it is there."""
        browser, maps = self._browser, self._browser.explanation
        if maps is None:
            return
        number, style = self.channel, browser.style.replace(opacity=1.0)
        if self._kernel_of != (maps, number, style):
            self._kernel_of = (maps, number, style)
            worker.submit(self, lambda job: self._show_kernel(job, maps, number, style))

    def _show_kernel(self, job: Job, maps: ActivationMaps, number: int, style: Style) -> None:
        try:
            found = kernel_pictures(self._browser.probe, maps, number, style)
        except CnnvizError as error:  # the maps are there; of the kernel it is said why it is not
            found = KernelPictures("", (), str(error))
        markup = found.markup
        with self._browser._lock:
            if not job.cancelled and not self._browser._closed:
                self._desk.tell_kernel(found.heading, markup)

    # words

    def _say(self) -> None:
        """Say what is on the screen, unless there is something else to be said."""
        if self._browser.session.state == "idle":
            self._status.say_shown()
            self._desk.refresh_code()

    def _asked(self) -> tuple[str, str]:
        return maps_wording.on_its_way(self._browser.layer), ""

    def _sentence(self, maps: object) -> str:
        assert isinstance(maps, ActivationMaps)
        return maps_wording.shown_maps(maps, self.page)

    def _remarks(self, maps: ActivationMaps) -> tuple[str, ...]:
        browser = self._browser
        picture = browser.images[browser.image]
        return (*maps_wording.remarks(maps), *core_text.remarks(browser.probe, picture, maps))
