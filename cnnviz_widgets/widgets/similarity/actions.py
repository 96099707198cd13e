"""What a reader does with a similarity explorer: choose pictures, exchange them, seek one, light up a place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from typing import Any

from ...decomposition import Place
from ...errors import CnnvizError, ImageError, LayerError, SettingError
from ...image import Image
from ...jobs import Job
from ...likeness import Likeness
from ..depth import steps
from ..root import RootWidget
from . import words as say
from .state import Picture, SimilarityState, same

QUERIES = 6
ALL = 10  # a gallery of up to so many stands in the strip whole


class Actions(RootWidget, SimilarityState):
    """The part of a `SimilarityExplorer` that answers to its buttons; every call may come from the page."""

    _desk: Any
    _screen: Any
    _shelf: Any
    _visited: list[Picture]
    _kinds: tuple[str, ...] | None
    explanation: Any  # Likeness | None

    def choose(self, number: int) -> None:
        """Take a picture of the gallery as what `click` says: A, B or C."""
        with self._lock:
            ranking = self._screen.pages.ranking
            match = self.match if ranking is None else ranking.match
            taken = {"match": (self.foil, "C"), "foil": (match, "B")}.get(self.click)
            if taken is not None and same(number, taken[0]):
                self.session.refuse(SettingError(say.taken(self._shelf.name(number), taken[1])))
                return
            before = getattr(self, self.click)
            setattr(self, self.click, number)
            if before == number and self.session.state == "error":
                self.ask()

    def revisit(self, place: int) -> None:
        """Take a picture of the strip as A."""
        with self._lock:
            self.query = self._visited[place]

    def take_own(self, images: list[Image], refused: list[str]) -> None:
        """Take a picture that the reader opened as A; those that could not be opened are said below."""
        with self._lock:
            if images:
                self._visit(images, images)
            if images and not refused:
                self.query = images[0]
            if refused:
                self.session.refuse(ImageError(" ".join(refused)))

    def swap(self) -> None:
        """Exchange A and B."""
        with self._lock:
            ranking = self._screen.pages.ranking
            if ranking is None:
                return
            with self._quietly():
                self.foil = None if same(self.foil, self.query) else self.foil
                self.query, self.match = ranking.match, self.query
                self.place, self.place_b = self.place_b, self.place
            self.ask()

    def drop_foil(self) -> None:
        """Compare A and B alone."""
        with self._lock:
            self.foil = None

    def turn(self, by: int) -> None:
        """Turn the pages of the neighbours: 1 to those further off, -1 back."""
        with self._lock:
            self._screen.pages.turn(by)

    def seek(self, text: str) -> None:
        """Take the picture that a text names, as a click on it would."""
        with self._lock:
            found = self._shelf.found(text)
            if found:
                self.choose(found[0])
            else:
                near = difflib.get_close_matches(text, self._shelf.names, n=1)
                self.session.refuse(SettingError(say.unknown(text, near)))

    def light(self, place: Place, on_b: bool = False) -> None:
        """Show what answers a cell of A, or of B; a code without exact parts says below why it cannot."""
        with self._lock:
            found = self.explanation
            if found is None:
                return
            try:
                checked = checked_place(found, place, on_b)
            except CnnvizError as error:
                self.session.refuse(error)
            else:
                setattr(self, "place_b" if on_b else "place", checked)

    def light_none(self) -> None:
        """Show the whole maps again."""
        with self._lock:
            self.place = self.place_b = None

    def seek_place(self, text: str) -> None:
        """Show what answers the cell of A that a text such as ``2, 1`` names; nothing shows the whole maps."""
        numbers = re.findall(r"\d+", text)
        if not text.strip():
            self.light_none()
        elif len(numbers) == 2:
            self.light((int(numbers[0]), int(numbers[1])))
        else:
            with self._lock:
                self.session.refuse(
                    SettingError(
                        f"A place is row, column of a cell, both from 0, such as 2, 1; got {text!r}."
                    )
                )

    def visited(self, picture: Picture) -> int | None:
        """Return where a picture stands in the strip, or None."""
        return next((k for k, one in enumerate(self._visited) if same(one, picture)), None)

    def visit(self, picture: Picture, image: Image) -> None:
        """Put a picture into the strip, unless it stands there."""
        if self.visited(picture) is None:
            self._visit([picture], [image])

    def _visit(self, pictures: Sequence[Picture], images: Sequence[Image]) -> None:
        """Put pictures into the strip."""
        self._visited += pictures
        self._desk.strip.append(images)

    def _fill_strip(self, job: Job) -> None:
        """Open pictures for the strip: all, one a kind or some evenly apart; those that open."""
        for number in self._strip_numbers():
            try:
                image = self._shelf.image(number)
            except CnnvizError:
                continue
            with self._lock:
                if job.cancelled or self._closed:
                    return
                self.visit(number, image)

    def _strip_numbers(self) -> Sequence[int]:
        first = {kind: number for number, kind in reversed(list(enumerate(self._kinds or ())))}
        if self.count <= ALL:
            return range(self.count)
        return sorted(first.values())[:QUERIES] if len(first) > 1 else steps(self.count, QUERIES)


def checked_place(found: Likeness, place: Place, on_b: bool) -> Place:
    """Return a cell of A, or of B, or raise an error if there is no such cell or the code has no exact parts."""
    if found.parts is None:
        why = next((one for one in found.notes if "exact" in one), "This code has no exact parts.")
        raise LayerError(f"{why.partition(' Use ')[0]} So none of its places can be asked what it is like.")
    shape = found.parts.shape_b if on_b else found.parts.shape_a
    for axis, at, most in zip(("row", "column"), place, shape, strict=True):
        if not 0 <= at < most:
            raise SettingError(f"The {axis} of a place must be from 0 to {most - 1}; got {at}.")
    return place
