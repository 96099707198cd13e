"""Many explanations as one picture: heads, cells and scales."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ..compared import Compared, Place
from ..image import Image
from ..render import Style, picture
from ..render.colours import STAGE
from ..render.fonts import font
from ..render.ground import ground
from ..render.picture import fitting
from .scales import cell_styles, ends, scale_at
from .sheet import BRIGHT, DIM, MARGIN, wrapped

GAP = 10
BAR = 6
LINE = 15
HEAD = 132
DIMMED = 0.35


def grid(compared: Compared, style: Style, scale: str, side: int) -> np.ndarray:
    """Draw heads, cells and scales, uint8 (H, W, 3); cells have a longer side of `side` pixels."""
    return Grid(compared, style, scale, side).drawn()


class Grid:
    """A table of pictures that is being drawn.

    Parameters
    ----------
    compared : Compared
        What stands in it.
    style : Style
        Colours and blending.
    scale : str
        ``own`` or ``shared``.
    side : int
        Longer side of a cell in pixels.
    """

    def __init__(self, compared: Compared, style: Style, scale: str, side: int) -> None:
        self.compared, self.styles = compared, cell_styles(compared, style, scale)
        self.shared = compared.sharing if scale == "shared" else ""
        high, wide = np.max([fitting(image.size, side) for image in compared.images], axis=0)
        self.box = int(high), int(wide)
        self.photos = compared.columns.kind == "picture"
        self.corner = fitting(compared.images[0].size, HEAD) if compared.rows.kind != "picture" else (0, 0)
        self.corner = (0, 0) if self.photos else self.corner
        self.heads = [self._head(column) for column in range(len(compared.columns.heads))]
        tallest = LINE * max(map(len, self.heads)) + (BAR + LINE + 6) * (self.shared == "column")
        self.top = MARGIN + max(tallest, self.corner[0] + LINE * 2 * bool(self.corner[0])) + 6
        self.first = self.top + (self.box[0] + GAP) * self.photos
        self.step = self.box[0] + GAP + (0 if self.shared else LINE + 2), self.box[1] + GAP
        rows, columns = len(compared.rows.heads), len(compared.columns.heads)
        self.left = MARGIN + HEAD + GAP
        width = self.left + columns * self.step[1] - GAP + MARGIN
        height = self.first + rows * self.step[0] + (BAR + LINE + GAP) * (self.shared == "all")
        self.image = PIL.Image.new("RGB", (width, height), STAGE)
        self.pen = PIL.ImageDraw.Draw(self.image)

    def drawn(self) -> np.ndarray:
        """Draw everything."""
        self._draw_corner()
        for column, rows in enumerate(self.heads):
            self._draw_column_head(column, rows)
        for row in range(len(self.compared.rows.heads)):
            self._draw_row_head(row)
        for place in self.compared.places:
            self._draw_cell(place)
        if self.shared == "all":
            below = self.first + len(self.compared.rows.heads) * self.step[0]
            self._draw_bar(self.compared.places, self.left, below, self.image.width - MARGIN - self.left)
        return np.asarray(self.image)

    def _head(self, column: int) -> list[str]:
        """Return the rows of text above a column: its name, and what the network says of its picture."""
        said = self.compared.verdicts.get(column, "") if self.photos else ""
        name = wrapped(self.compared.columns.heads[column], self.box[1], 12, bold=True)
        return name + (wrapped(said, self.box[1], 12) if said else [])

    def _draw_column_head(self, column: int, rows: Sequence[str]) -> None:
        left, bars = self.left + column * self.step[1], (BAR + LINE + 6) * (self.shared == "column")
        names = len(wrapped(self.compared.columns.heads[column], self.box[1], 12, bold=True))
        at = self.top - 6 - bars - LINE * max(map(len, self.heads))
        for k, row in enumerate(rows):
            self.pen.text((left, at + k * LINE), row, BRIGHT if k < names else DIM, font(12, k < names))
        if bars:
            places = [place for place in self.compared.places if place[1] == column]
            self._draw_bar(places, left, self.top - bars, self.box[1])
        if self.photos:
            self._put(photograph(self.compared.images[column], max(self.box)), left, self.top)

    def _draw_corner(self) -> None:
        compared = self.compared
        if self.photos:
            self._words(["input"], self.top, DIM)
        elif self.corner[0]:
            self._put(photograph(compared.images[0], HEAD), MARGIN, MARGIN, self.corner)
            self._words(
                [compared.images[0].name, compared.verdicts.get(0, "")], MARGIN + self.corner[0] + 2, DIM
            )

    def _draw_row_head(self, row: int) -> None:
        compared, top = self.compared, self.first + row * self.step[0]
        under = self._words(wrapped(compared.rows.heads[row], HEAD, 12, bold=True), top, BRIGHT, bold=True)
        if compared.rows.kind == "picture":
            under = self._words(wrapped(compared.verdicts.get(row, ""), HEAD, 12), under, DIM)
            small = min(HEAD, self.box[0] - (under - top) - 4)
            if small >= 32:
                self._put(photograph(compared.images[row], small), MARGIN, under + 4, (small, small))
        if self.shared == "row":
            places = [place for place in compared.places if place[0] == row]
            self._draw_bar(places, MARGIN, under + 4, HEAD - GAP)

    def _draw_cell(self, place: Place) -> None:
        left, top = self.left + place[1] * self.step[1], self.first + place[0] * self.step[0]
        made = self.compared.cells.get(place)
        if made is None:
            self._draw_missing(place, left, top)
            return
        self._put(picture(made, self.styles[place], size=max(self.box)), left, top)
        if not self.shared:
            text = f"{ends(scale_at(self.compared, place, self.styles[place]))} {made.unit}"
            self._words([clipped(text, self.box[1], 11)], top + self.box[0] + 2, DIM, left=left, points=11)

    def _draw_missing(self, place: Place, left: int, top: int) -> None:
        """Draw the photograph darkly, and on it why there is nothing else."""
        photo = photograph(self.compared.images[self.compared.picture_at(place)], max(self.box))
        self._put((photo * DIMMED).astype(np.uint8), left, top)
        said = wrapped(self.compared.refused.get(place, "not computed"), self.box[1] - 12, 11)
        room = (self.box[0] - 8) // 14
        for k, row in enumerate(said if len(said) <= room else [*said[: room - 1], "…"]):
            self.pen.text((left + 6, top + 5 + 14 * k), row, BRIGHT, font(11))

    def _draw_bar(self, places: Sequence[Place], left: int, top: int, width: int) -> None:
        """Draw the scale that places share, with its ends and unit; nothing if none of them is computed."""
        found = next((place for place in places if place in self.compared.cells), None)
        if found is None:
            return
        scale = scale_at(self.compared, found, self.styles[found])
        strip = PIL.Image.fromarray(np.ascontiguousarray(scale.colours[None]))
        self.image.paste(strip.resize((width, BAR), PIL.Image.Resampling.BILINEAR), (left, top))
        right = f"{scale.high_text} {self.compared.cells[found].unit}"
        self.pen.text((left, top + BAR + 2), scale.low_text, DIM, font(11))
        self.pen.text((left + width, top + BAR + 2), right, DIM, font(11), anchor="ra")

    def _put(self, pixels: np.ndarray, left: int, top: int, room: tuple[int, int] | None = None) -> None:
        """Paste a picture in the middle of its room, that of a cell if none is given."""
        height, width = room or self.box
        at = left + (width - pixels.shape[1]) // 2, top + (height - pixels.shape[0]) // 2
        self.image.paste(PIL.Image.fromarray(pixels), at)

    def _words(
        self,
        rows: Sequence[str],
        top: int,
        colour: tuple[int, int, int],
        *,
        bold: bool = False,
        left: int = MARGIN,
        points: int = 12,
    ) -> int:
        """Write rows of text; return where the next one goes."""
        for row in rows:
            self.pen.text((left, top), row, colour, font(points, bold))
            top += LINE
        return top


def photograph(image: Image, side: int) -> np.ndarray:
    """Return a photograph, uint8, longer side `side`."""
    return ground(image, fitting(image.size, side)).photo


def clipped(text: str, width: int, points: int) -> str:
    """Return a text, cut so that it fits into `width` pixels."""
    face = font(points)
    if face.getlength(text) <= width:
        return text
    shorter = (text[:n].rstrip() + "…" for n in range(len(text) - 1, 0, -1))
    return next((cut for cut in shorter if face.getlength(cut) <= width), "")
