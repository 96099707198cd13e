"""The plane of all pictures on a canvas of its own: laid out in the background, read and clicked with the mouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ...colours import STAGE
from ...embeddings.gallery import Codes
from ...embeddings.projection import Plane
from ...errors import CnnvizError
from ...images.image import Image
from ...jobs import Job, Worker, worker
from ...render.labels import OTHERS, OWN, REST
from ..canvas import Canvas, Scene
from ..canvas.scene import nothing
from ..core.elements import square
from ..core.explanation_canvas import MOST_RATIO
from .chart import FEW, Called, Chart, Colour
from .gallery_images import GalleryImages
from .search import row_of

COLOURS = {"A": (255, 171, 107), "B": (255, 255, 255), "C": (77, 157, 232), "": (122, 128, 140)}
PALETTE = (OWN, *OTHERS)
THUMBNAIL = 96
planner = Worker()  # a plane may take seconds, in which the reader's questions are not to wait


class Scatter:
    """All pictures of a gallery as points.

    Every call comes with the widget's lock held, or takes it.

    Parameters
    ----------
    view : Canvas
        The canvas.
    shelf : GalleryImages
        Opens the pictures.
    kinds : sequence of str or None
        What each picture of the gallery shows, for the colours.
    lock : context manager
        The widget's lock.

    Attributes
    ----------
    laid : callable
        Called, with the lock held, with the words that go with the plane once it is drawn.
    hover : callable
        Called with the number of the picture under the mouse, or None.
    pick : callable
        Called with the number of the picture that was clicked.
    failed : callable
        Called with what went wrong.
    """

    def __init__(self, view: Canvas, shelf: GalleryImages, kinds: Sequence[str] | None, lock: Any) -> None:
        self.view, self._shelf, self._lock = view, shelf, lock
        self._kinds = None if kinds is None else tuple(kinds)
        self._order = tuple(dict.fromkeys(self._kinds or ()))
        self._chart: Chart | None = None
        self._codes: Codes | None = None
        self._key: Any = None
        self._called: tuple[tuple[int, str, Image], ...] = ()
        self._near: tuple[int, ...] = ()
        self._peeked: tuple[int, Image] | None = None
        self.laid: Callable[[str], None] = nothing
        self.failed: Callable[[Exception], None] = nothing
        self.hover: Callable[[int | None], None] = nothing
        self.pick: Callable[[int], None] = nothing
        view.on_hover, view.on_click = self._hovered, self._clicked
        self.draw()

    @property
    def is_laid(self) -> bool:
        """Whether there are points to be seen."""
        return self._chart is not None

    @property
    def legend(self) -> list[tuple[str, Colour]]:
        """Kinds of pictures and their colours."""
        named = [(name, _colour(k)) for k, name in enumerate(self._order[: len(PALETTE)])]
        rest = self._order[len(PALETTE) :]
        return [*named, (rest[0] if len(rest) == 1 else f"{len(rest)} others", REST)] if rest else named

    def lay(self, codes: Codes, how: str, metric: str) -> None:
        """Lay the codes out in a plane, unless they are; returns at once."""
        key = (id(codes), how, metric)
        if len(codes) and key != self._key:
            self._key = key
            planner.submit(self, lambda job: self._work(job, codes, how, metric))

    def mark(self, called: Sequence[tuple[int, str, Image]], near: Sequence[int]) -> None:
        """Show where some pictures of the gallery are: those with a letter, and those near A."""
        marked = tuple(called), tuple(near)
        if marked != (self._called, self._near):
            self._called, self._near = marked
            self.draw()

    def draw(self) -> None:
        """Draw what is known; the empty stage before that."""
        side = round(self.view.hero_size * min(self.view.pixel_ratio, MOST_RATIO))
        if self._chart is None or self._codes is None:
            self.view.show(Scene(np.full((side, side, 3), STAGE, np.uint8)))
            return
        rows = [(row_of(self._codes, number), letter, image) for number, letter, image in self._called]
        if self._peeked is not None and self._peeked[0] not in [number for number, _, _ in self._called]:
            rows.append((row_of(self._codes, self._peeked[0]), "", self._peeked[1]))
        called = [
            (Called(row, letter, COLOURS[letter]), square(image.rgb(), THUMBNAIL))
            for row, letter, image in rows
            if row is not None
        ]
        near = [row for row in (row_of(self._codes, number) for number in self._near) if row is not None]
        self.view.show(Scene(self._chart.drawn(side, called, near)), moving=True)

    def close(self) -> None:
        """Stop, and let go of the canvas."""
        planner.cancel(self)
        worker.cancel(self.view)
        self.laid = self.failed = self.hover = self.pick = nothing
        self.view.close()

    def _work(self, job: Job, codes: Codes, how: str, metric: str) -> None:
        try:
            found = codes.plane(how, metric)
            few = len(codes) <= FEW
            small = [self._thumbnail(int(number)) for number in codes.places] if few else None
            chart = Chart(found.points, self._coloured(codes), small)
        except Exception as error:
            with self._lock:
                if not job.cancelled:
                    self._key = None
                    self.failed(error)
            return
        with self._lock:
            if not job.cancelled:
                self._chart, self._codes = chart, codes
                self.draw()
                self.laid(_about(found, len(codes)))

    def _thumbnail(self, number: int) -> np.ndarray:
        return square(self._shelf.image(number).rgb(), THUMBNAIL)

    def _coloured(self, codes: Codes) -> np.ndarray | None:
        if self._kinds is None:
            return None
        place = {name: k for k, name in enumerate(self._order)}
        return np.array([_colour(place[self._kinds[number]]) for number in codes.places], np.uint8)

    def _at(self, x: float, y: float) -> int | None:
        if self._chart is None or self._codes is None:
            return None
        return int(self._codes.places[self._chart.nearest(x, y)])

    def _hovered(self, region: str | None, x: float = 0.0, y: float = 0.0) -> None:
        with self._lock:
            number = None if region is None else self._at(x, y)
            self.hover(number)
            if number is None:
                worker.cancel(self.view)
                self._peek(None)
            elif self._peeked is None or self._peeked[0] != number:
                worker.submit(self.view, lambda job: self._look(job, number))

    def _look(self, job: Job, number: int) -> None:
        """Open the picture under the mouse; one that cannot be opened is not shown."""
        try:
            image = self._shelf.image(number)
        except CnnvizError:
            return
        with self._lock:
            if not job.cancelled:
                self._peek((number, image))

    def _peek(self, peeked: tuple[int, Image] | None) -> None:
        if peeked != self._peeked:
            self._peeked = peeked
            self.draw()

    def _clicked(self, region: str, x: float, y: float) -> None:
        with self._lock:
            number = self._at(x, y)
            if number is not None:
                self.pick(number)


def _about(plane: Plane, count: int) -> str:
    """Return how points were laid out, and how much of what sets them apart is seen."""
    if count == 1:
        return "one picture, in the middle"
    held = f": shows {sum(plane.shares) * 100:.0f} % of the differences" if plane.shares else ""
    return f"{plane.how.upper()}{held}"


def _colour(k: int) -> Colour:
    return PALETTE[k] if k < len(PALETTE) else REST
