"""What a similarity explorer asks, and when: codes first, then neighbours and maps, the plane once codes are there."""

from __future__ import annotations

import time

from ...errors import CnnvizError, ImageError
from . import text as say
from .host import SimilarityHost
from .presenter import SimilarityPresenter
from .search import Search, row_of

OFTEN = 1.0  # seconds between two looks at the neighbours while codes are being computed


class QuestionFlow:
    """The order of what is asked; calls come with the widget's lock held.

    Parameters
    ----------
    host : SimilarityHost
        The widget.
    presenter : SimilarityPresenter
        What shows how far it is.
    untouched : bool
        Whether nobody has chosen picture A, so that another one may take its place if it cannot be opened.
    """

    def __init__(self, host: SimilarityHost, presenter: SimilarityPresenter, untouched: bool) -> None:
        self._host, self._presenter = host, presenter
        self._untouched, self._looked_at = untouched, 0.0

    def ask(self, rest: float = 0.0) -> None:
        """Ask for the codes, the neighbours and the maps that the traits name."""
        host = self._host
        try:
            recipe = host.recipe
        except CnnvizError as error:
            host.session.fail(error)
            return
        host.session.forgive()
        host.gallery_codes.want(recipe)
        if host.gallery_codes.running:
            self._presenter.tell_plane(
                "still by the earlier codes" if host.scatter.is_laid else "drawn once all codes are there"
            )
        self.lay_out()
        self._compare(rest)

    def follow(self, name: str) -> None:
        """Follow a trait that has changed: another A forgets B, C and the place, another layer the place."""
        host = self._host
        with host.quietly():
            if name == "query":
                host.match = host.foil = host.place = host.place_b = None
                self._untouched = False
            elif name in ("layer", "pooled"):
                host.place = host.place_b = None
            elif name in ("place", "place_b") and getattr(host, name) is not None:
                setattr(host, "place" if name == "place_b" else "place_b", None)
        if name in ("place", "place_b"):
            host.session.forgive()
            host.redraw()
            return
        self._put_controls()
        if name != "click":
            self.ask()

    def gathered(self) -> None:
        """Follow the codes: look for neighbours now and then, and lay all out once they are whole."""
        host, gathering = self._host, self._host.gallery_codes
        codes = gathering.codes
        self.lay_out()
        if codes is not None and gathering.complete and not len(codes):
            host.session.fail(ImageError(say.none_opened(codes)))
        elif codes is not None and len(codes):
            if self._untouched and row_of(codes, 0) is None:
                with host.quietly():
                    host.query = int(codes.places[0])
            if gathering.complete or time.monotonic() - self._looked_at > OFTEN:
                self._compare()
        self._presenter.follow()

    def lay_out(self) -> None:
        """Have the plane laid out, unless more codes are on their way."""
        host, codes = self._host, self._host.gallery_codes.codes
        if codes is not None and not host.gallery_codes.running:
            host.scatter.lay(codes, host.plane, host.metric)

    def _compare(self, rest: float = 0.0) -> None:
        """Ask for the neighbours and the maps; without a code to compare with, they have to wait."""
        host, codes = self._host, self._host.gallery_codes.codes
        if host.match is None and (codes is None or not len(codes)):
            self._presenter.follow()
            return
        self._looked_at = time.monotonic()
        told = self._presenter.pages.take
        search = Search(host.query, host.match, host.foil, host.recipe, codes, host.gallery, told)
        host.session.compare(search, rest)
        self._presenter.follow()

    def _put_controls(self) -> None:
        """Bring the controls in line; settings that do not fit each other are said below when they are asked for."""
        try:
            self._presenter.put()
        except CnnvizError:
            return
