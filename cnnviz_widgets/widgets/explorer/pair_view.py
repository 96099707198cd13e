"""The pictures that go in beside the one explained, each with the name of its input, next to the photograph."""

from __future__ import annotations

import dataclasses

import numpy as np
import PIL.Image
import PIL.ImageDraw

from ...colours import STAGE
from ...explanation import Explanation
from ...images.image import Image
from ...render import as_text
from ...render.blend import ground
from ...render.text import font
from ..canvas import Scene
from ..canvas.scene import nothing
from ..core.answer_view import AnswerView
from ..core.explanation_canvas import cell

OWN = "input"
MOST = 4
GAP, TEXT = 0.03, 0.06  # as shares of the tile's side


class PairView(AnswerView):
    """Two pictures, or a few, in the tile of the photograph."""

    def __init__(self) -> None:
        super().__init__(nothing, nothing)
        self._shown: dict[str, Image] = {}

    def dress(self, explanation: Explanation, scene: Scene) -> Scene:
        """Put the other pictures beside the photograph, each under the name of its input."""
        self._shown = dict([(OWN, explanation.image), *explanation.beside.items()][:MOST])
        if scene.photo is None or len(self._shown) < 2:
            return scene
        photo = side_by_side(self._shown, max(scene.photo.shape[:2]))
        return dataclasses.replace(scene, photo=photo, tags=("", scene.tags[1]))

    def text_at(self, region: str, x: float, y: float) -> str | None:
        """Return which picture is under the mouse, and its pixel there."""
        if region != "photo" or len(self._shown) < 2:
            return None
        number = min(int(x * len(self._shown)), len(self._shown) - 1)
        name, image = list(self._shown.items())[number]
        named = f"{name}: {image.name or 'unnamed'}"
        left, width, top, height = _place(image, number, len(self._shown))
        across, down = (x - left) / width, (y - top) / height
        if not (0 <= across <= 1 and 0 <= down <= 1):
            return named
        row, column = cell(image.pixels.shape, across, down)
        values = " ".join(as_text(float(v)) for v in image.pixels[row, column][:3])
        return f"{named} · pixel {row}, {column}: {values}"


def side_by_side(pictures: dict[str, Image], side: int) -> np.ndarray:
    """Return pictures next to each other on a square ground, uint8 (side, side, 3), each with its name below it."""
    made = PIL.Image.new("RGB", (side, side), STAGE)
    pen, face = PIL.ImageDraw.Draw(made), font(max(8, round(TEXT * side)))
    for number, (name, image) in enumerate(pictures.items()):
        left, width, top, height = _place(image, number, len(pictures))
        at = max(1, round(height * side)), max(1, round(width * side))
        made.paste(PIL.Image.fromarray(ground(image, at).photo), (round(left * side), round(top * side)))
        room = side / len(pictures) - GAP * side
        middle = (number + 0.5) / len(pictures) * side
        under = (top + height + GAP) * side
        pen.text((middle, under), _fitting(name, face, room), (213, 217, 224), face, anchor="ma")
    return np.array(made)


def _place(image: Image, number: int, count: int) -> tuple[float, float, float, float]:
    """Return left, width, top and height of a picture of several, as shares of the square ground."""
    most = 1 / count - GAP / 2
    rows, columns = image.size
    scale = most / max(rows, columns)
    width, height = columns * scale, rows * scale
    return (number + 0.5) / count - width / 2, width, 0.5 - height / 2, height


def _fitting(name: str, face: PIL.ImageFont.FreeTypeFont | PIL.ImageFont.ImageFont, room: float) -> str:
    """Return a name, cut where it is too long for the room."""
    if face.getlength(name) <= room:
        return name
    kept = next((n for n in range(len(name) - 1, 0, -1) if face.getlength(name[:n] + "…") <= room), 1)
    return name[:kept] + "…"
