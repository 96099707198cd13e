"""What is asked of a pair: the neighbours of A, which picture is B, and the maps of both."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...embeddings.gallery import Codes
from ...embeddings.pairs import SimilarityMaps
from ...embeddings.result import Likeness
from ...errors import SettingError
from ...jobs import Job, worker
from ...probe import Probe
from ...session import Session
from .gallery_images import GalleryImages
from .state import Picture, same

MOST_RANKED = 64
SAME = "B and C are the same picture: take another one as B or as C, or remove C."
NONE_LEFT = "C is the only other picture of the gallery, so none is left for B: remove C."
NEXT = "C is the picture most like A, so B is the one after it."
ALONE = "The gallery has no other picture: A is compared with itself."


@dataclass(frozen=True)
class Ranking:
    """The neighbours of a query, as numbers in the gallery.

    Attributes
    ----------
    near : tuple of (int, float)
        Number and similarity, the most alike first.
    match : int, Image
        Picture B.
    notes : tuple of str
        What to mind.
    """

    near: tuple[tuple[int, float], ...]
    match: Picture
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Search:
    """A question about a pair, answered on the worker; `Session` sees it as a question and its method in one.

    Attributes
    ----------
    query : int or Image
        Picture A.
    match, foil : int, Image or None
        Pictures B and C.
    recipe : SimilarityMaps
        How they are compared, all filled in.
    codes : Codes or None
        The gallery's codes, as far as they are known.
    shelf : GalleryImages
        Opens the pictures.
    told : callable
        Called with the `Ranking` before the maps are made.
    """

    query: Picture
    match: Picture | None
    foil: Picture | None
    recipe: SimilarityMaps
    codes: Codes | None
    shelf: GalleryImages
    told: Callable[[Search, Ranking], None]

    @property
    def image(self) -> Picture:
        """Picture A."""
        return self.query

    @property
    def method(self) -> Search:
        """What answers the question."""
        return self

    def explain(self, probe: Probe, query: Picture) -> Iterator[Likeness]:
        """Yield the maps each time they sharpen, once the neighbours are found."""
        a = self.shelf.image(query)
        ranking = self.ranked()
        self.told(self, ranking)
        foil = None if self.foil is None else self.shelf.image(self.foil)
        for found in self.recipe.explain(probe, a, self.shelf.image(ranking.match), foil):
            yield dataclasses.replace(found, notes=(*found.notes, *ranking.notes))

    def ranked(self) -> Ranking:
        """Return the neighbours of A among the codes known so far."""
        if same(self.match, self.foil):
            raise SettingError(SAME)
        if self.codes is None or not len(self.codes):
            return Ranking((), self.query if self.match is None else self.match)
        row = None if not isinstance(self.query, int) else row_of(self.codes, self.query)
        asked = self.shelf.image(self.query) if row is None else row
        found = self.codes.nearest(asked, k=MOST_RANKED, metric=self.recipe.metric)
        places = self.codes.places[found.rows]
        near = tuple(zip(map(int, places), map(float, found.similarity), strict=True))
        if self.match is not None:
            return Ranking(near, self.match, found.notes)
        if not near:
            return Ranking((), self.query, (ALONE,))
        match, skipped = self._nearest(near)
        return Ranking(near, match, (*found.notes, *((NEXT,) if skipped else ())))

    def _nearest(self, near: tuple[tuple[int, float], ...]) -> tuple[int, bool]:
        """Return the neighbour that is B, and whether C, which is nearer, was passed over."""
        others = [number for number, _ in near if not same(number, self.foil)]
        if not others:
            raise SettingError(NONE_LEFT)
        return others[0], len(others) < len(near) and others[0] != near[0][0]


class SimilaritySession(Session):
    """A talk with a network about pairs of pictures."""

    def compare(self, search: Search, rest: float = 0.0) -> Job:
        """Ask about a pair; an earlier question that is not answered yet is dropped. Returns at once."""
        with self.lock:
            self.question, self.fresh, self._open, self.progress = search, False, True, 0.0
            asked: Any = search  # has what is asked of a Question
            return worker.submit(self, lambda job: self._answer(job, asked, None), rest=rest)

    def forgive(self) -> None:
        """Let go of an error that is shown, since what is on the screen is looked at again."""
        with self.lock:
            if self.state == "error":
                self.error, self.details, self.state = "", "", "idle"


def row_of(codes: Codes, number: int) -> int | None:
    """Return the row of a picture of the gallery, or None if its code is not known."""
    at = int(np.searchsorted(codes.places, number))
    return at if at < len(codes.places) and codes.places[at] == number else None
