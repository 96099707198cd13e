"""Many explanations as one picture: heads, cells and scales, on the screen and as a file with its code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ..colours import STAGE
from ..comparisons.result import Compared, Place
from ..errors import SettingError
from ..images.image import Image
from ..method import Method
from ..render import picture
from ..render.blend import ground
from ..render.picture import fitting
from ..render.text import clipped, font, wrapped
from ..style import Style
from .caption import drawn_as, shown, versions
from .code import Written, quoted, script
from .files import as_png
from .page import BRIGHT, DIM, MARGIN, sheet
from .png import Displayed
from .table_scales import cell_styles, checked_scale, ends, rule, scale_at

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


LEAST_SIDE, MOST_SIDE = 48, 1024


def grid_png(compared: Compared, style: Style | None = None, scale: str = "own", side: int = 168) -> bytes:
    """Return one figure with heads, scales and caption as a PNG file; see `Compared.save`."""
    style, lines = style or Style(), grid_details(compared, style or Style(), checked_scale(scale))
    page = sheet(grid(compared, style, scale, checked_side(side)), None, compared.title, lines)
    told = {
        "Title": compared.title,
        "Description": "\n".join(lines),
        "Software": versions(),
        "Style": repr(style),
        "Code": grid_code(compared, style, scale),
    }
    return as_png(page, told)


def checked_side(side: Any) -> int:
    """Return the longer side of a cell, or raise a `SettingError` that says which there may be."""
    if isinstance(side, bool) or not hasattr(side, "__index__") or not LEAST_SIDE <= int(side) <= MOST_SIDE:
        raise SettingError(
            f"side must be a whole number of px from {LEAST_SIDE} to {MOST_SIDE}; got {side!r}."
        )
    return int(side)


def displayed_grid(
    compared: Compared, style: Style | None = None, scale: str = "own", side: int = 168
) -> Displayed:
    """Return a figure as an object that a notebook displays."""
    lines = grid_details(compared, style or Style(), checked_scale(scale))
    return Displayed(grid_png(compared, style, scale, side), ". ".join((compared.title, *lines)))


def grid_details(compared: Compared, style: Style, scale: str) -> tuple[str, ...]:
    """Return the lines under the title: what is missing, settings, scale, style, model, pictures, versions."""
    done = [place for place in compared.places if place in compared.cells or place in compared.refused]
    parts = [place for place in done if place in compared.cells and compared.cells[place].done < 1]
    missing = len(compared.places) - len(done) + len(parts)
    names = ", ".join(image.name or "unnamed" for image in compared.images)
    kinds = {getattr(cell, "signed", False): cell for cell in compared.cells.values()}
    drawn = " and ".join(dict.fromkeys(drawn_as(cell, style) for cell in kinds.values()))
    lines = (
        f"Unfinished: {missing} of {len(compared.places)} are not whole." if missing else "",
        *(_method_line(compared, method) for method in compared.asked.get("methods", ())),
        f"Explained: {_targets(compared)}",
        rule(compared, scale),
        f"Drawn as {drawn}" if drawn else "",
        f"Model: {compared.model}" if compared.model else "",
        f"Pictures: {names}, {_size(compared, '×')}",
        *_notes(compared),
        versions(),
    )
    return tuple(line for line in lines if line)


def grid_code(
    compared: Compared,
    style: Style | None = None,
    scale: str = "own",
    *,
    probe: Mapping[str, Any] | None = None,
) -> str:
    """Return runnable Python that shows the figure again, as `code` does for one explanation.

    Parameters
    ----------
    compared : Compared
        What is compared; nothing of it needs to be computed.
    style, scale
        As for `Compared.show`.
    probe : mapping, optional
        Settings of the `Probe`.
    """
    written = Written()
    lists = {name: written.value(list(values), name) for name, values in compared.asked.items() if values}
    how = [*written.style(style), *([f'scale="{scale}"'] if scale != "own" else [])]
    names = ", ".join(quoted(image.name or "unnamed") for image in compared.images)
    several = f"images: a list of the pictures {names}, here {_size(compared, 'x')}"
    lines = (
        "found = cnnviz.compare(",
        "    probe,",
        "    images,",
        *(f"    {name}={values}," for name, values in lists.items()),
        ")",
        f"found.show({', '.join(how)})",
    )
    return script(written, compared.model, several, probe, lines)


def _notes(compared: Compared) -> list[str]:
    """Return each note of the cells once, and before it the row, the column or the cells that it is about."""
    noted: dict[str, list[Place]] = {}
    for place, cell in compared.cells.items():
        for note in cell.notes:
            if not note.startswith("Flat"):
                noted.setdefault(note, []).append(place)
    about = {note: _where(compared, sorted(places)) for note, places in noted.items()}
    return [f"{where}: {note}" if where else note for note, where in about.items()]


def _where(compared: Compared, places: list[Place]) -> str:
    """Return the heads of whole rows or columns if places fill some, else of each; empty if they are all."""
    made = compared.cells
    if len(places) == len(made) > 1:
        return ""
    for axis, heads in enumerate((compared.rows.heads, compared.columns.heads)):
        lines = sorted({place[axis] for place in places})
        several = len(heads) > 1
        if several and len(places) == sum(place[axis] in lines for place in made):
            return ", ".join(heads[line] for line in lines)
    return "; ".join(compared.at(place) for place in places)


def _size(compared: Compared, times: str) -> str:
    """Return the size of the pictures, or that there are several."""
    (height, width), *others = dict.fromkeys(image.size for image in compared.images)
    return "of several sizes" if others else f"{height} {times} {width}"


def _method_line(compared: Compared, method: Method) -> str:
    """Return a method with its settings as they came out, and its layer if that is not what differs."""
    made = [cell.recipe for cell in compared.cells.values() if cell.recipe.label == method.label]
    recipe = next((one for one in made if _begun_as(one, method)), method)
    layered = "layer" not in (compared.rows.kind, compared.columns.kind)
    told = {
        name: getattr(recipe, name)
        for name in recipe.specs()
        if name != "target" and (name != "layer" or layered)
    }
    settings = " · ".join(f"{name} {shown(value)}" for name, value in told.items())
    return f"{method.label}: {settings}" if settings else method.label


def _begun_as(recipe: Method, method: Method) -> bool:
    """Tell whether a recipe with everything filled in is a method's, of which some was left open."""
    given = {name: getattr(method, name) for name in method.specs() if name not in ("layer", "target")}
    return all(value is None or value == getattr(recipe, name) for name, value in given.items())


def _targets(compared: Compared) -> str:
    """Return what is explained: the targets compared, or the same one everywhere, or the top class of each."""
    if "target" in (compared.rows.kind, compared.columns.kind):
        return "each target by itself"
    found = dict.fromkeys(cell.target for cell in compared.cells.values() if cell.target)
    return ", ".join(found) if len(found) <= 3 else "the natural target of each picture"
