"""Keeps what a similarity explorer shows in step with its session, its codes and its traits."""

from __future__ import annotations

from collections.abc import Callable

from ...embeddings.decomposition import Place
from ...embeddings.result import Likeness
from ...images.image import Image
from ...jobs import Job, worker
from ...render import picture
from ..canvas.scene import nothing
from ..core.status import StatusLine, plain
from . import text as say
from .host import SimilarityHost
from .pair_view import PairView, looks_of
from .search import Ranking, Search
from .state import Picture
from .view import IN_A_ROW, Neighbour, SimilarityView


class NeighbourPages:
    """Which neighbours are in the row.

    Parameters
    ----------
    host : SimilarityHost
        The widget.
    view : SimilarityView
        Its controls.
    marked : callable
        Called when others are shown.

    Attributes
    ----------
    ranking : Ranking or None
        The neighbours of A, and which picture is B.
    """

    def __init__(self, host: SimilarityHost, view: SimilarityView, marked: Callable[[], None]) -> None:
        self._host, self._view, self._marked = host, view, marked
        self.ranking: Ranking | None = None
        self._page = 0
        self._view.tell_near("", 0, 0)

    @property
    def shown(self) -> list[int]:
        """The pictures of the page, by their numbers."""
        near = () if self.ranking is None else self.ranking.near
        return [number for number, _ in _part(near, self._page)]

    def take(self, search: Search, ranking: Ranking) -> None:
        """Show the neighbours before the maps are made; called on the worker without the lock."""
        host, before = self._host, self.ranking
        page = self._page if before is not None and before.near == ranking.near else 0
        near = self._opened(ranking, page, search.recipe.metric)
        with host.lock:
            if not host.closed and host.session.question is search:
                self.ranking = ranking
                host.set_trait("neighbours", ranking.near)
                self._show(near, page)

    def turn(self, by: int) -> None:
        """Turn the pages."""
        if self.ranking is not None:
            last = max(0, (len(self.ranking.near) - 1) // IN_A_ROW)
            ranking, page = self.ranking, min(max(self._page + by, 0), last)
            metric = self._host.recipe.metric
            worker.submit(self, lambda job: self._turned(job, ranking, page, metric))

    def close(self) -> None:
        """Turn no more."""
        worker.cancel(self)

    def _turned(self, job: Job, ranking: Ranking, page: int, metric: str) -> None:
        near = self._opened(ranking, page, metric)
        with self._host.lock:
            if not job.cancelled and not self._host.closed and ranking is self.ranking:
                self._show(near, page)

    def _opened(self, ranking: Ranking, page: int, metric: str) -> list[Neighbour]:
        """Open the pictures of a page."""
        shelf = self._host.gallery
        return [
            Neighbour(number, shelf.name(number), say.number(value, metric), shelf.image(number).rgb())
            for number, value in _part(ranking.near, page)
        ]

    def _show(self, near: list[Neighbour], page: int) -> None:
        self._page = page
        ranked = len(self.ranking.near) if self.ranking is not None else 0
        first = page * IN_A_ROW
        self._view.near.show(near)
        words = say.near(self._host.gallery_codes.codes, first, len(near), ranked)
        self._view.tell_near(words, first, ranked)
        self._marked()


def _part(near: tuple[tuple[int, float], ...], page: int) -> tuple[tuple[int, float], ...]:
    return near[page * IN_A_ROW : (page + 1) * IN_A_ROW]


FOIL_SIDE = 192


class SimilarityPresenter(StatusLine):
    """The pair, the neighbours, the plane's marks, the foil and the sentence; calls come with the widget's lock held.

    Parameters
    ----------
    host : SimilarityHost
        The widget.
    view : SimilarityView
        Its controls.

    Attributes
    ----------
    pages : NeighbourPages
        The neighbours of A.
    """

    _host: SimilarityHost

    def __init__(self, host: SimilarityHost, view: SimilarityView) -> None:
        super().__init__(host, view.footer, nothing, self._asked_for)
        self._view = view
        self.pair = PairView(host.pair_canvases, self._view.footer.hover, self._picked)
        self.pages = NeighbourPages(host, view, self.mark)
        self._shown: tuple[Picture | None, ...] = ()  # A, B and C of the maps on the screen
        self._view.tell_chart("", host.scatter.legend)
        host.scatter.hover, host.scatter.pick = self._hovered, host.choose
        host.scatter.laid = self.tell_plane
        host.scatter.failed = host.refuse
        self.put()

    # what the reader changed

    def put(self) -> None:
        """Move the controls to what the traits stand for."""
        host, recipe = self._host, self._host.recipe
        by = recipe.by if isinstance(recipe.by, str) else "gradient"
        values = {"metric": recipe.metric, "pooled": recipe.pooled, "by": by, "layer": recipe.layer}
        self._view.put({**values, "plane": host.plane, "click": host.click}, host.style)

    def tell_plane(self, words: str) -> None:
        """Say what the plane shows."""
        self._view.tell_chart(words, self._host.scatter.legend)

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        host, found = self._host, self._host.explanation
        if found is None:
            host.scatter.draw()
            return
        place, turned = self.place()
        self.pair.show(found, host.style, place, turned)
        self._view.style.put(host.style)
        self._view.style.suit(found.on_a.signed, blended=True)
        self._draw_foil(found)
        self._view.tell_place(None if turned else place)
        self.mark()
        self._view.tell_notes(say.notes(found, host.style, host.gallery_codes.codes, place is not None))
        self._view.refresh_code()
        self.follow()

    @property
    def pictures(self) -> tuple[Picture | None, ...]:
        """A, B and C of the maps on the screen."""
        return self._shown

    def place(self) -> tuple[Place | None, bool]:
        """Return the cell whose likes are shown, None if it is not in the maps at hand, and whether it is one of B."""
        host, found = self._host, self._host.explanation
        turned = host.place_b is not None
        place = host.place_b if turned else host.place
        if place is None or found is None or found.parts is None:
            return None, False
        shape = found.parts.shape_b if turned else found.parts.shape_a
        return (place if place[0] < shape[0] and place[1] < shape[1] else None), turned

    # what was found

    def update(self, what: str) -> None:
        """Show what has changed of the session: the maps or the state."""
        host, session = self._host, self._host.session
        if what == "explanation" and isinstance(session.explanation, Likeness):
            self._shown = self._roles(session.question)
            host.set_trait("explanation", session.explanation)
            host.visit(session.question.query, session.explanation.images[0])
            self.redraw()
            return
        self.follow()
        if what == "state" and session.state == "idle" and session.fresh:
            self._view.refresh_code()

    def close(self) -> None:
        """End what waits to be said or shown."""
        self.pages.close()
        super().close()

    # marks

    def mark(self) -> None:
        """Show everywhere which pictures are A, B and C."""
        host, found, ranking = self._host, self._host.explanation, self.pages.ranking
        match = None if ranking is None else ranking.match
        self._view.near.mark(_number(match), _number(host.foil))
        self._view.strip.mark(-1 if (at := host.visited(host.query)) is None else at)
        if found is None:
            return
        called = [
            (number, letter, image)
            for letter, number, image in zip("ABC", map(_number, self._shown), found.images, strict=False)
            if number is not None
        ]
        host.scatter.mark(called, self.pages.shown)

    def _roles(self, search: Search) -> tuple[Picture | None, ...]:
        """Return A, B and C of a question; its neighbours have been told."""
        return (
            search.query,
            search.match if self.pages.ranking is None else self.pages.ranking.match,
            search.foil,
        )

    def _draw_foil(self, found: Likeness) -> None:
        if found.on_foil is None:
            self._view.tell_foil("")
            return
        drawn = picture(found.on_foil, looks_of(found, self._host.style)[2], size=FOIL_SIDE)
        self._view.tell_foil(say.foil(found, drawn, found.on_foil.image.name))

    # the mouse

    def _picked(self, which: int, place: Place) -> None:
        host = self._host
        with host.lock:
            if host.closed:
                return
            self.pair.used = True
            if self.place() == (place, which == 1):
                host.light_none()
            else:
                host.light(place, which == 1)

    def _hovered(self, number: int | None) -> None:
        """Say which picture of the plane is under the mouse, and how alike it is if that is known."""
        name = None if number is None else self._host.gallery.name(number)
        near = {} if self.pages.ranking is None else dict(self.pages.ranking.near)
        alike = f" · {say.number(near[number], self._host.metric)}" if number in near else ""
        self._view.footer.hover(None if name is None else f"{name}{alike}")

    # words

    def follow(self) -> None:
        """Say what the session and the codes are at."""
        super().follow()
        host, gathering = self._host, self._host.gallery_codes
        if gathering.running:
            host.set_trait("progress", gathering.codes.done if gathering.codes is not None else 0.0)

    def say_shown(self) -> None:
        """Say what is on the screen."""
        host, found, footer = self._host, self._host.explanation, self._view.footer
        if found is None:
            footer.say(say.gathering(host.count, str(host.recipe.layer)))
        else:
            place, turned = self.place()
            sentence = (
                say.shown(found, host.style) if place is None else say.shown_place(found, place, turned)
            )
            footer.say(sentence, found.badge if place is None else "")
        host.set_trait("status", plain(footer.text))

    def _say(self, state: str) -> None:
        super()._say(state)
        host, gathering, footer = self._host, self._host.gallery_codes, self._view.footer
        if state == "error":
            return
        if gathering.running:
            done = gathering.codes.done if gathering.codes is not None else 0.0
            footer.progress(done)
            footer.offer(cancel=True)
            if state == "idle":
                footer.say(footer.text, say.gathered(gathering.codes, host.count, gathering.seconds_left))
        elif gathering.stopped:
            footer.offer(again=True)
            footer.say(say.stopped(gathering.codes, host.count))
            host.set_trait("status", plain(footer.text))

    def _asked_for(self) -> tuple[str, str]:
        return "The likeness", ""


def _number(one: Picture | None) -> int | None:
    return one if isinstance(one, int) and not isinstance(one, Image) else None
