"""The neighbours of A, page by page: their pictures are opened on the worker, then shown in the row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...jobs import Job, worker
from . import words as say
from .desk import IN_A_ROW
from .neighbours import Neighbour
from .search import Ranking, Search

if TYPE_CHECKING:
    from .explorer import SimilarityExplorer


class Pages:
    """Which neighbours are in the row.

    Parameters
    ----------
    owner : SimilarityExplorer
        Whose neighbours they are.

    Attributes
    ----------
    ranking : Ranking or None
        The neighbours of A, and which picture is B.
    """

    def __init__(self, owner: SimilarityExplorer) -> None:
        self._owner, self._desk = owner, owner._desk
        self.ranking: Ranking | None = None
        self._page = 0
        self._desk.tell_near("", 0, 0)

    @property
    def shown(self) -> list[int]:
        """The pictures of the page, by their numbers."""
        near = () if self.ranking is None else self.ranking.near
        return [number for number, _ in _part(near, self._page)]

    def take(self, search: Search, ranking: Ranking) -> None:
        """Show the neighbours before the maps are made; called on the worker without the lock."""
        owner, before = self._owner, self.ranking
        page = self._page if before is not None and before.near == ranking.near else 0
        near = self._opened(ranking, page, search.recipe.metric)
        with owner._lock:
            if not owner._closed and owner.session.question is search:
                self.ranking = ranking
                owner.set_trait("neighbours", ranking.near)
                self._show(near, page)

    def turn(self, by: int) -> None:
        """Turn the pages."""
        if self.ranking is not None:
            last = max(0, (len(self.ranking.near) - 1) // IN_A_ROW)
            ranking, page = self.ranking, min(max(self._page + by, 0), last)
            metric = self._owner.recipe.metric
            worker.submit(self, lambda job: self._turned(job, ranking, page, metric))

    def close(self) -> None:
        """Turn no more."""
        worker.cancel(self)

    def _turned(self, job: Job, ranking: Ranking, page: int, metric: str) -> None:
        near = self._opened(ranking, page, metric)
        with self._owner._lock:
            if not job.cancelled and not self._owner._closed and ranking is self.ranking:
                self._show(near, page)

    def _opened(self, ranking: Ranking, page: int, metric: str) -> list[Neighbour]:
        """Open the pictures of a page."""
        shelf = self._owner._shelf
        return [
            Neighbour(number, shelf.name(number), say.number(value, metric), shelf.image(number).rgb())
            for number, value in _part(ranking.near, page)
        ]

    def _show(self, near: list[Neighbour], page: int) -> None:
        self._page = page
        ranked = len(self.ranking.near) if self.ranking is not None else 0
        first = page * IN_A_ROW
        self._desk.near.show(near)
        words = say.near(self._owner._gathering.codes, first, len(near), ranked)
        self._desk.tell_near(words, first, ranked)
        self._owner._screen.mark()


def _part(near: tuple[tuple[int, float], ...], page: int) -> tuple[tuple[int, float], ...]:
    return near[page * IN_A_ROW : (page + 1) * IN_A_ROW]
