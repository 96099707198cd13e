"""Keeps what a similarity explorer shows in step with its session, its codes and its traits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...decomposition import Place
from ...errors import LayerError
from ...image import Image
from ...jobs import Job, worker
from ...likeness import Likeness
from ...render import picture
from ...render.pair import styles
from ..status import StatusLine, plain
from . import words as say
from .desk import IN_A_ROW
from .neighbours import Neighbour
from .pair_view import PairView
from .search import Ranking, Search
from .state import Picture

if TYPE_CHECKING:
    from .explorer import SimilarityExplorer

FOIL_SIDE = 192


class SimilarityScreen(StatusLine):
    """The pair, the neighbours, the plane's marks, the foil and the sentence; calls come with the owner's lock held.

    Parameters
    ----------
    owner : SimilarityExplorer
        Whose screen it is.

    Attributes
    ----------
    ranking : Ranking or None
        The neighbours of A, and which picture is B.
    """

    _owner: SimilarityExplorer

    def __init__(self, owner: SimilarityExplorer) -> None:
        super().__init__(owner, _unused, self._asked_for)
        self._desk = owner._desk
        self.pair = PairView(owner._views, self._desk.footer.hover, self._picked)
        self.ranking: Ranking | None = None
        self._page = 0
        self._desk.tell_near("", 0, 0)
        self._desk.tell_chart("", owner._plane.legend)
        self.put()

    # what the reader changed

    def put(self) -> None:
        """Move the controls to what the traits stand for."""
        owner, recipe = self._owner, self._owner.recipe
        by = recipe.by if isinstance(recipe.by, str) else "gradient"
        values = {"metric": recipe.metric, "pooled": recipe.pooled, "by": by, "layer": recipe.layer}
        self._desk.put({**values, "plane": owner.plane, "click": owner.click}, owner.style)

    def redraw(self) -> None:
        """Draw what is on the screen again."""
        owner, found = self._owner, self._owner.explanation
        if found is None:
            owner._plane.draw()
            return
        place, turned = self.place()
        self.pair.show(found, owner.style, place, turned)
        self._desk.style.suit(found.on_a.signed, blended=True)
        self._draw_foil(found)
        self._mark()
        self._desk.tell_notes(say.notes(found, owner._gathering.codes, place is not None))
        self._desk.refresh_code()
        self.follow()

    def turn(self, by: int) -> None:
        """Turn the pages of the neighbours."""
        if self.ranking is not None:
            last = max(0, (len(self.ranking.near) - 1) // IN_A_ROW)
            self._page = min(max(self._page + by, 0), last)
            ranking, page, metric = self.ranking, self._page, self._owner.recipe.metric
            worker.submit(self, lambda job: self._turned(job, ranking, page, metric))

    def place(self) -> tuple[Place | None, bool]:
        """Return the cell whose likes are shown, None if it is not in the maps at hand, and whether it is one of B."""
        owner, found = self._owner, self._owner.explanation
        turned = owner.place_b is not None
        place = owner.place_b if turned else owner.place
        if place is None or found is None or found.parts is None:
            return None, False
        shape = found.parts.shape_b if turned else found.parts.shape_a
        return (place if place[0] < shape[0] and place[1] < shape[1] else None), turned

    # what was found

    def told(self, search: Search, ranking: Ranking) -> None:
        """Show the neighbours before the maps are made; called on the worker without the lock."""
        owner = self._owner
        near = self._row(ranking, 0, search.recipe.metric)
        with owner._lock:
            if not owner._closed and owner.session.question is search:
                self.ranking, self._page = ranking, 0
                owner.set_trait("neighbours", ranking.near)
                self._show_row(near)

    def update(self, what: str) -> None:
        """Show what has changed of the session: the maps or the state."""
        owner, session = self._owner, self._owner.session
        if what == "explanation" and isinstance(session.explanation, Likeness):
            owner.set_trait("explanation", session.explanation)
            self.redraw()
            return
        self.follow()
        if what == "state" and session.state == "idle" and session.fresh:
            self._desk.refresh_code()

    def wait(self, timeout: float | None) -> bool:
        """Wait until a page of neighbours is shown; False if `timeout` seconds pass first."""
        return worker.wait(self, timeout)

    def close(self) -> None:
        """End what waits to be said or shown."""
        worker.cancel(self)
        super().close()

    def _turned(self, job: Job, ranking: Ranking, page: int, metric: str) -> None:
        near = self._row(ranking, page, metric)
        with self._owner._lock:
            if not job.cancelled and not self._owner._closed and ranking is self.ranking:
                self._show_row(near)

    def _row(self, ranking: Ranking, page: int, metric: str) -> list[Neighbour]:
        """Open the pictures of a page of neighbours."""
        shelf = self._owner._shelf
        return [
            Neighbour(number, shelf.name(number), say.number(value, metric), shelf.image(number).rgb())
            for number, value in ranking.near[page * IN_A_ROW : (page + 1) * IN_A_ROW]
        ]

    def _show_row(self, near: list[Neighbour]) -> None:
        ranking, codes = self.ranking, self._owner._gathering.codes
        assert ranking is not None
        self._desk.near.show(near)
        first = self._page * IN_A_ROW
        self._desk.tell_near(say.near(codes, first, len(near), len(ranking.near)), first, len(ranking.near))
        self._mark()

    # marks

    def _mark(self) -> None:
        """Show everywhere which pictures are A, B and C."""
        owner, found, ranking = self._owner, self._owner.explanation, self.ranking
        match = None if ranking is None else ranking.match
        self._desk.near.mark(_number(match), _number(owner.foil))
        if found is None:
            return
        owner.visit(owner.query, found.images[0])
        self._desk.strip.mark(owner.visited(owner.query) or 0)
        roles = [("A", owner.query), ("B", match), ("C", owner.foil)]
        called = [
            (picture_, letter, image)
            for (letter, picture_), image in zip(roles, found.images, strict=False)
            if isinstance(picture_, int)
        ]
        near = [] if ranking is None else [number for number, _ in ranking.near[:IN_A_ROW]]
        owner._plane.mark(called, near)

    def _draw_foil(self, found: Likeness) -> None:
        if found.on_foil is None:
            self._desk.tell_foil("")
            return
        drawn = picture(found.on_foil, styles(found, self._owner.style)[2], size=FOIL_SIDE)
        self._desk.tell_foil(say.foil(found, drawn, found.on_foil.image.name))

    # the mouse

    def _picked(self, which: int, place: Place) -> None:
        owner = self._owner
        with owner._lock:
            found = owner.explanation
            if owner._closed or found is None:
                return
            if found.parts is None:
                why = next((note for note in found.notes if "exact" in note), "This code has no exact parts.")
                owner.session.refuse(LayerError(why))
                return
            self.pair.used = True
            owner.light(place, which == 1)

    # words

    def follow(self) -> None:
        """Say what the session and the codes are at."""
        super().follow()
        owner, gathering = self._owner, self._owner._gathering
        if gathering.running:
            owner.set_trait("progress", gathering.codes.done if gathering.codes is not None else 0.0)

    def say_shown(self) -> None:
        """Say what is on the screen."""
        owner, found, footer = self._owner, self._owner.explanation, self._desk.footer
        if found is None:
            footer.say(say.gathering(owner.count, str(owner.recipe.layer)))
        else:
            place, turned = self.place()
            sentence = (
                say.shown(found, owner.style) if place is None else say.shown_place(found, place, turned)
            )
            footer.say(sentence, found.badge)
        owner.set_trait("status", plain(footer.text))

    def _say(self, state: str) -> None:
        super()._say(state)
        owner, gathering, footer = self._owner, self._owner._gathering, self._desk.footer
        if state == "error":
            return
        if gathering.running:
            done = gathering.codes.done if gathering.codes is not None else 0.0
            footer.progress(done)
            footer.offer(cancel=True)
            if state == "idle":
                footer.say(footer.text, say.gathered(gathering.codes, owner.count, gathering.seconds_left))
        elif gathering.stopped:
            footer.offer(again=True)
            footer.say(say.stopped(gathering.codes, owner.count))
            owner.set_trait("status", plain(footer.text))

    def _asked_for(self) -> tuple[str, str]:
        return "The likeness", ""


def _number(one: Picture | None) -> int | None:
    return one if isinstance(one, int) and not isinstance(one, Image) else None


def _unused(*_: Any) -> str:
    """Stand in for the sentence, which this screen says in its own way."""
    return ""
