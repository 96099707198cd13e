"""A similarity explorer, as its view, its presenter and their pieces see it."""

from __future__ import annotations

from typing import Any, Protocol

from ...embeddings.decomposition import Place
from ...embeddings.pairs import SimilarityMaps
from ...images.image import Image
from ..canvas import Canvas
from ..core.host import Host
from .gallery_codes import GalleryCodes
from .gallery_images import GalleryImages
from .scatter import Scatter
from .search import SimilaritySession
from .state import Picture


class SimilarityHost(Host, Protocol):
    """What a similarity explorer offers to the parts that it is made of; they know nothing else of it."""

    query: Any
    match: Any
    foil: Any
    metric: Any
    place: Any
    place_b: Any
    plane: Any
    click: Any

    @property
    def count(self) -> int:
        """How many pictures the gallery has."""

    @property
    def recipe(self) -> SimilarityMaps:
        """How pairs are compared, with all that was left open chosen from the model."""

    @property
    def session(self) -> SimilaritySession:
        """The talk with the network."""

    @property
    def gallery(self) -> GalleryImages:
        """The pictures."""

    @property
    def gallery_codes(self) -> GalleryCodes:
        """Their codes, as far as they are known."""

    @property
    def pair_canvases(self) -> tuple[Canvas, Canvas]:
        """The canvases of A and of B."""

    @property
    def scatter(self) -> Scatter:
        """All pictures as points."""

    def redraw(self) -> None:
        """Draw what is on the screen again."""

    def choose(self, number: int) -> None:
        """Take a picture of the gallery as what `click` says."""

    def revisit(self, place: int) -> None:
        """Take a picture of the strip as A."""

    def take_own(self, images: list[Image], refused: list[str]) -> None:
        """Take pictures that the reader brought."""

    def swap(self) -> None:
        """Swap A and B."""

    def drop_foil(self) -> None:
        """Compare A and B alone."""

    def turn(self, by: int) -> None:
        """Turn the pages of neighbours."""

    def seek(self, text: str) -> None:
        """Take the picture that a text names."""

    def seek_place(self, text: str) -> None:
        """Show what answers the cell of A that a text names."""

    def light(self, place: Place, on_b: bool = False) -> None:
        """Show what answers a cell of A, or of B."""

    def light_none(self) -> None:
        """Show the whole maps again."""

    def visited(self, picture: Picture) -> int | None:
        """Return where a picture stands in the strip, or None."""

    def visit(self, picture: Picture, image: Image) -> None:
        """Put a picture into the strip, unless it stands there."""
