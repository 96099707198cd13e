"""What a similarity explorer asks, and when: codes first, then neighbours and maps, the plane once codes are there."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ...errors import CnnvizError, ImageError
from . import text as say
from .search import Search, row_of

if TYPE_CHECKING:
    from .explorer import SimilarityExplorer

OFTEN = 1.0  # seconds between two looks at the neighbours while codes are being computed


class Course:
    """The order of what is asked; calls come with the owner's lock held.

    Parameters
    ----------
    owner : SimilarityExplorer
        Whose questions they are.
    untouched : bool
        Whether nobody has chosen picture A, so that another one may take its place if it cannot be opened.
    """

    def __init__(self, owner: SimilarityExplorer, untouched: bool) -> None:
        self._owner, self._untouched, self._looked_at = owner, untouched, 0.0

    def ask(self, rest: float = 0.0) -> None:
        """Ask for the codes, the neighbours and the maps that the traits name."""
        owner = self._owner
        try:
            recipe = owner.recipe
        except CnnvizError as error:
            owner.session.fail(error)
            return
        owner.session.forgive()
        owner._gathering.want(recipe)
        if owner._gathering.running:
            owner._screen.tell_plane(
                "still by the earlier codes" if owner._plane.is_laid else "drawn once all codes are there"
            )
        self.lay_out()
        self._compare(rest)

    def follow(self, name: str) -> None:
        """Follow a trait that has changed: another A forgets B, C and the place, another layer the place."""
        owner = self._owner
        with owner._quietly():
            if name == "query":
                owner.match = owner.foil = owner.place = owner.place_b = None
                self._untouched = False
            elif name in ("layer", "pooled"):
                owner.place = owner.place_b = None
            elif name in ("place", "place_b") and getattr(owner, name) is not None:
                setattr(owner, "place" if name == "place_b" else "place_b", None)
        if name in ("place", "place_b"):
            owner.session.forgive()
            owner.redraw()
            return
        self._put_controls()
        if name != "click":
            self.ask()

    def gathered(self) -> None:
        """Follow the codes: look for neighbours now and then, and lay all out once they are whole."""
        owner, gathering = self._owner, self._owner._gathering
        codes = gathering.codes
        self.lay_out()
        if codes is not None and gathering.complete and not len(codes):
            owner.session.fail(ImageError(say.none_opened(codes)))
        elif codes is not None and len(codes):
            if self._untouched and row_of(codes, 0) is None:
                with owner._quietly():
                    owner.query = int(codes.places[0])
            if gathering.complete or time.monotonic() - self._looked_at > OFTEN:
                self._compare()
        owner._screen.follow()

    def lay_out(self) -> None:
        """Have the plane laid out, unless more codes are on their way."""
        owner, codes = self._owner, self._owner._gathering.codes
        if codes is not None and not owner._gathering.running:
            owner._plane.lay(codes, owner.plane, owner.metric)

    def _compare(self, rest: float = 0.0) -> None:
        """Ask for the neighbours and the maps; without a code to compare with, they have to wait."""
        owner, codes = self._owner, self._owner._gathering.codes
        if owner.match is None and (codes is None or not len(codes)):
            owner._screen.follow()
            return
        self._looked_at = time.monotonic()
        told = owner._screen.pages.take
        search = Search(owner.query, owner.match, owner.foil, owner.recipe, codes, owner._shelf, told)
        owner.session.compare(search, rest)
        owner._screen.follow()

    def _put_controls(self) -> None:
        """Bring the controls in line; settings that do not fit each other are said below when they are asked for."""
        try:
            self._owner._screen.put()
        except CnnvizError:
            return
