"""The gallery's pictures as the network takes them, opened when they are looked at."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ...embeddings.encoding import Sources
from ...images.image import Image
from ...lru import LRU
from ...probe import Probe
from ..controls.layer_picker import steps
from .codegen import row_in
from .state import Picture

KEPT = 96

QUERIES = 6
ALL = 10  # a gallery of up to so many stands in the strip whole


class GalleryImages:
    """Opens pictures, and keeps those that were looked at last.

    Parameters
    ----------
    probe : Probe
        The network that they are fitted to.
    sources : Sources
        The gallery.
    """

    def __init__(self, probe: Probe, sources: Sources) -> None:
        self._probe, self._sources = probe, sources
        self._opened: LRU[int, Image] = LRU(KEPT)

    def image(self, picture: Picture) -> Image:
        """Return a picture, by its number or itself, at the size and range that the network takes.

        Raises
        ------
        ImageError
            If it cannot be opened.
        """
        if isinstance(picture, Image):
            return self._probe.fit(picture)
        return self._opened.recalled(picture, lambda: self._probe.fit(self._sources.image(picture)))

    def rows(self, pictures: Iterable[Picture | None]) -> list[str]:
        """Return what pictures are in Python; see `row_in`."""
        return ["" if one is None else row_in(self._sources, one) for one in pictures]

    @property
    def names(self) -> tuple[str, ...]:
        """What the pictures of the gallery are called."""
        return self._sources.names

    def name(self, picture: Picture) -> str:
        """Return what a picture is called."""
        return (
            (picture.name or "your picture") if isinstance(picture, Image) else self._sources.names[picture]
        )

    def found(self, text: str) -> list[int]:
        """Return the pictures that a text names: by name, by number, else by a part of their names."""
        wanted, names = text.strip().casefold(), [name.casefold() for name in self.names]
        if wanted in names:
            return [names.index(wanted)]
        if wanted.isdecimal() and int(wanted) < len(names):
            return [int(wanted)]
        begun = [k for k, name in enumerate(names) if name.startswith(wanted)]
        return begun or [k for k, name in enumerate(names) if wanted in name]


def numbers_for_strip(count: int, kinds: Sequence[str] | None) -> Sequence[int]:
    """Return which pictures of a gallery stand in the strip at first: all, one a kind or some evenly apart."""
    first = {kind: number for number, kind in reversed(list(enumerate(kinds or ())))}
    if count <= ALL:
        return range(count)
    return sorted(first.values())[:QUERIES] if len(first) > 1 else steps(count, QUERIES)
