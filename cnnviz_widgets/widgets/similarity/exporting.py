"""What leaves the notebook of a similarity explorer: a PNG of the pair with its caption, and code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...embeddings.decomposition import Place
from ...errors import ImageError
from ...export import pair_png
from ..core.exporting import OnPaper, made_with
from .codegen import pair_code

if TYPE_CHECKING:
    from .gallery_images import Shelf
    from .presenter import SimilarityScreen

SAVED_SIDE = 480


class PairOnPaper(OnPaper):
    """A widget that shows one pair, and can be kept without the widget."""

    explanation: Any  # Likeness | None
    _screen: SimilarityScreen
    _shelf: Shelf
    _gallery: str  # what makes the gallery, in Python

    def snapshot(self) -> bytes:
        """Return the pictures with their maps and a caption as a PNG file."""
        if self.explanation is None:
            raise ImageError("there is no picture yet: call wait() first.")
        side = max(SAVED_SIDE, *self.explanation.on_a.image.size)
        return pair_png(self.explanation, self.style, size=side, place=self._place_of_a)

    def code(self) -> str:
        """Return the lines that make these maps again without widgets."""
        if self.explanation is None:
            return ""
        rows = self._shelf.rows(self._screen.pictures)
        made = made_with(self.probe)
        return pair_code(self.explanation, self.style, self._place_of_a, made, rows, self._gallery)

    def file_name(self) -> str:
        """Return a file name that says what the pictures are, e.g. ``shirt-3-like-coat-7.png``."""
        if self.explanation is None:
            return "picture.png"
        a, b = (image.name or "picture" for image in self.explanation.images[:2])
        return "".join(c if c.isalnum() or c == "_" else "-" for c in f"{a} like {b}".lower()) + ".png"

    @property
    def _place_of_a(self) -> Place | None:
        place, turned = self._screen.place()
        return None if turned else place
