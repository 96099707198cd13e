"""Keeps what an occlusion explorer shows in step with its sweep, and with the patch where it lies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import CnnvizError
from ...explanation import Explanation, LabelMap
from ...images.image import Image
from ...methods.occlusion import Occlusion
from ...objectives import words
from ...occlusion import begun
from ...render import as_text
from ...render.picture import fitting
from ..canvas import Scene
from ..core import text as core_text
from ..core.explanation_canvas import MOST_RATIO, cell
from ..core.shell import Footer
from ..core.status import StatusLine
from . import text as say
from .clock import SweepClock
from .maps import OcclusionMaps, covered_photograph, faded, so_far
from .patch_answer import PatchAnswer
from .state import OcclusionHost, Place
from .view import OcclusionView


class PatchMouse:
    """Follows the mouse on the canvas.

    Parameters
    ----------
    screen : OcclusionPresenter
        What is on the canvas.
    host : OcclusionHost
        The widget.
    view : OcclusionView
        Its controls.

    Attributes
    ----------
    used : bool
        Whether the reader has dragged the patch already.
    """

    def __init__(self, screen: OcclusionPresenter, host: OcclusionHost, view: OcclusionView) -> None:
        self._screen, self._host, self._view = screen, host, view
        self._held: tuple[float, float] | None = None
        self.used = False
        canvas = host.canvas
        canvas.on_hover, canvas.on_click, canvas.on_drag = self._hovered, self._clicked, self._drag

    def _drag(self, what: str, x: float, y: float) -> None:
        with self._host.lock:
            if self._host.closed:
                return
            side, (height, width) = self._screen.ready.patch or 1, self._screen.image.size
            row, column = self._screen.place()
            down, across = y * height - row, x * width - column
            if what == "grab":
                inside = 0 <= down < side and 0 <= across < side
                self._held = (down, across) if inside else (side / 2, side / 2)
            if self._held is not None:
                self.used = self.used or what == "move"
                self._put(y * height - self._held[0], x * width - self._held[1])
            if what == "drop":
                self._held = None

    def _clicked(self, region: str, x: float, y: float) -> None:
        with self._host.lock:
            if region != "hero" and not self._host.closed:  # on the hero, the drag has done it
                side, (height, width) = self._screen.ready.patch or 1, self._screen.image.size
                self._put(y * height - side / 2, x * width - side / 2)

    def _put(self, down: float, across: float) -> None:
        """Move the patch as near to a corner as the picture allows."""
        side, (height, width) = self._screen.ready.patch or 1, self._screen.image.size
        place = min(max(round(down), 0), height - side), min(max(round(across), 0), width - side)
        if place != self._screen.place():
            self._host.stop()
            self._host.position = place

    def _hovered(self, region: str | None, x: float = 0.0, y: float = 0.0) -> None:
        shown = {"photo": 0, "map": 1}.get(region or "")
        maps = self._screen.tiles.maps
        found = None if shown is None or maps is None else maps[shown]
        values = getattr(found, "values", None)
        text = None
        if values is not None:
            value = values[cell(values.shape, x, y)]
            text = found.legend[int(value)] if isinstance(found, LabelMap) else as_text(float(value))
        self._view.footer.hover(text)


MOST_SECONDS = 120.0  # a sweep that takes longer waits for the reader once its coarse map is there
COARSE = 64  # positions
HINT = "drag the patch"


class OcclusionPresenter:
    """The picture with the patch, the two maps, the bars and the sentence; calls come with the widget's lock held.

    Parameters
    ----------
    host : OcclusionHost
        The widget.
    view : OcclusionView
        Its controls.

    Attributes
    ----------
    explained : int
        Index of the picture whose sweep is on the screen.
    """

    def __init__(self, host: OcclusionHost, view: OcclusionView) -> None:
        self._host, self._view = host, view
        self.explained = 0
        self.tiles = OcclusionMaps(rebuilds=host.probe.rebuilds)
        self.clock = SweepClock()
        self._behind = PatchAnswer(self, host, view)
        self._mouse = PatchMouse(self, host, view)
        self._status = OcclusionStatus(host, view.footer, self._sentence, self._asked, self.clock)
        self.rebuild()

    @property
    def image(self) -> Image:
        """The picture as the network takes it."""
        return self._host.fitted_image

    @property
    def ready(self) -> Occlusion:
        """The sweep with patch and stride filled in."""
        return self._host.recipe.fitted(self.image)

    def place(self) -> Place:
        """Return where the patch lies, moved into the picture if it has become larger."""
        image, side = self.image, self.ready.patch or 1
        place = self._host.position or tuple((length - side) // 2 for length in image.size)
        row, column = (min(at, length - side) for at, length in zip(place, image.size, strict=True))
        return row, column

    # what the reader changed

    def rebuild(self) -> None:
        """Bring the controls in line with the traits."""
        if not self._fits():
            return
        image, ready = self.image, self.ready
        self.clock.begin((image, ready.look, ready.stride), ready.patch or 1)
        self._view.put(ready, image, self.place(), self._host.map)
        self._view.strip.mark(self._host.image)
        self._tell_cost(None)

    def _fits(self) -> bool:
        """Return whether the patch fits the picture; if not, the session says so and the controls stay."""
        try:
            self._host.recipe.fitted(self.image)
        except CnnvizError:
            return False
        return True

    def look(self) -> None:
        """Draw the patch where it lies, and ask what the network makes of it."""
        if not self._fits():
            return
        self._view.put(self.ready, self.image, self.place(), self._host.map)
        self.redraw()
        self._behind.ask()

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        if not self._fits():
            return
        view, image = self._host.canvas, self.image
        ratio = min(view.pixel_ratio, MOST_RATIO)
        side, tile = round(view.hero_size * ratio), round(view.tile_size * ratio)
        hint, size = "" if self._mouse.used else HINT, fitting(image.size, side)
        hero = covered_photograph(image, self.ready, self.place(), self.pins(), size, hint)
        view.show(self._scene(hero, tile), moving=True)

    def wait(self, timeout: float | None) -> bool:
        """Wait for what is asked about the place of the patch; False if `timeout` seconds pass first."""
        return self._behind.wait(timeout)

    def close(self) -> None:
        """End what waits to be said or asked."""
        self._behind.close()
        self._status.close()

    # what the session answered

    def update(self, what: str) -> None:
        """Show what has changed: the explanation or the state."""
        host, session = self._host, self._host.session
        if what == "explanation" and session.explanation is not None:
            self._take(session.explanation)
        self._status.follow()
        if what == "state" and session.state == "idle" and session.fresh:
            if session.calls and host.explanation is not None and host.explanation.done == 1:
                self.clock.end(session.seconds)
            self._view.refresh_code()
            self._tell_cost(host.explanation)

    def _take(self, explanation: Explanation) -> None:
        host = self._host
        host.set_trait("explanation", explanation)
        self.explained = host.image
        swept = begun(host.probe, explanation.image, explanation.recipe, explanation.recipe.target)
        maps = self.tiles.take(explanation, swept)
        self._view.style.suit(any(getattr(one, "signed", False) for one in maps), blended=True)
        self._measure(explanation, swept.grid.count)
        picture = host.images[host.image]
        self._view.verdict.caution(core_text.caution(host.probe, picture))
        self._view.tell_notes(core_text.remarks(host.probe, picture, explanation))
        self.look()

    def _measure(self, explanation: Explanation, count: int) -> None:
        """Learn how fast the sweep is, and stop one that would take minutes once its coarse map is there."""
        self.clock.step(explanation.done, count)
        if explanation.done < 1:
            self._tell_cost(explanation)
        long = self.clock.left > MOST_SECONDS and explanation.done * count >= COARSE
        if long and not self._host.patient:
            self._host.session.cancel()

    def _scene(self, hero: Any, tile: int) -> Scene:
        if self.tiles.maps is None:
            return Scene(hero)
        style, ready = self._host.style, self.ready
        scene = self.tiles.scene(hero, style, tile)
        if self._view.legend.value != self.tiles.words:
            self._view.legend.value = self.tiles.words
        self._view.style.put(style)
        if self.tiles.maps[0].image != self.image:
            return faded(scene)
        return so_far(scene, self.image, self.place(), ready) if self._host.playing else scene

    # the patch where it lies

    def seen(self, rebuilt: Image | None) -> None:
        """Say what is known of the patch, and show what was rebuilt from the covered picture, if anything was."""
        if rebuilt is not None:
            self.tiles.rebuilt = rebuilt
            self.redraw()
        self._status.follow()

    def pins(self) -> dict[int, Place]:
        """Return the pinned places, by number, that the patch, as it is now, still fits into."""
        side, (height, width) = self.ready.patch or 1, self.image.size
        return {
            number: (row, column)
            for number, (row, column) in enumerate(self._host.pins, 1)
            if row + side <= height and column + side <= width
        }

    # words

    def _tell_cost(self, explanation: Explanation | None) -> None:
        self._view.tell_cost(say.cost(explanation, self._host.recipe.passes(self.image), self.clock))

    def _sentence(self, explanation: Explanation) -> str:
        return self._behind.sentence(explanation.recipe.target)

    def _asked(self) -> tuple[str, str]:
        target = self._host.target
        return "Occlusion", words(target, self._host.probe.labels) if target else ""


class OcclusionStatus(StatusLine):
    """While the sweep goes on, the sentence is the one about the patch; the figures tell of the sweep.

    Parameters
    ----------
    host, footer, sentence, asked
        As for `StatusLine`.
    clock : SweepClock
        What measures the sweep.
    """

    def __init__(
        self,
        host: OcclusionHost,
        footer: Footer,
        sentence: Callable[[Explanation], str],
        asked: Callable[[], tuple[str, str]],
        clock: SweepClock,
    ) -> None:
        super().__init__(host, footer, sentence, asked)
        self._clock = clock

    def _computing(self) -> tuple[str, str]:
        sentence, _ = super()._computing()
        session, left = self._host.session, self._clock.left
        shown = session.explanation
        # the clock's time, not the session's: that counts what it took to get ready as if it came with each position
        progress = core_text.computing_progress(shown if session.fresh else None, left or None)
        return (self._sentence(shown) if shown else sentence), progress

    def _stopped(self) -> str:
        left = self._clock.left
        return say.paused(left) if left > MOST_SECONDS else super()._stopped()
