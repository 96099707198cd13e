"""The view without a canvas: the same sheet composed as one image, for hosts where ipympl does not work."""

from __future__ import annotations

import importlib.util
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import ipywidgets
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ...timers import AfterRest
from .encoding import encode
from .layout import INK, STAGE, Box, Sheet, labels, map_tag
from .scene import Canvas, Scene

TYPE = 10.5  # CSS pixels
ANCHORS = {"left": "la", "center": "ma", "right": "ra"}


@lru_cache(maxsize=8)
def typeface(size: Any) -> Any:
    """Return the type that the canvas uses too, from Matplotlib's folder, or Pillow's own."""
    found = importlib.util.find_spec("matplotlib")
    if found is not None and found.origin is not None:
        path = Path(found.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
        if path.is_file():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)


class Composer:
    """Draws a scene on a sheet at a pixel ratio, with Pillow."""

    def __init__(self, sheet: Sheet, ratio: float) -> None:
        self.sheet, self.ratio = sheet, ratio
        self.image = Image.new("RGB", (round(sheet.width * ratio), round(sheet.height * ratio)), STAGE)
        self.draw = ImageDraw.Draw(self.image, "RGBA")
        self.type = typeface(TYPE * ratio)

    def scaled(
        self, left: float, top: float, right: float, bottom: float
    ) -> tuple[float, float, float, float]:
        """Return corners in screen pixels."""
        return left * self.ratio, top * self.ratio, right * self.ratio, bottom * self.ratio

    def compose(self, scene: Scene) -> Any:
        """Return the (h, w, 3) uint8 canvas."""
        boxes = self.sheet.boxes
        hero = self.paste(scene.hero, boxes["hero"], smooth=True)
        if scene.frame is not None:
            self.outline(hero, scene.frame)
        if "bar" in boxes:
            unit = self.scale(scene, boxes["bar"])
            if scene.photo is not None:
                self.paste(scene.photo, boxes["photo"], smooth=True)
                self.tag(scene.tags[0], boxes["photo"])
            if scene.map is not None:
                self.paste(scene.map, boxes["map"], smooth=False)
                self.tag(map_tag(scene.tags[1], unit), boxes["map"])
        return np.asarray(self.image)

    def paste(self, pixels: Any, box: Box, *, smooth: bool) -> Box:
        """Fit an array into a box, centred; return where it is, in CSS pixels."""
        height, width = pixels.shape[:2]
        factor = min(box.width / width, box.height / height)
        wide, high = width * factor, height * factor
        place = Box(box.x + (box.width - wide) / 2, box.y + (box.height - high) / 2, wide, high)
        size = max(round(wide * self.ratio), 1), max(round(high * self.ratio), 1)
        image = Image.fromarray(pixels)
        if image.size != size:
            image = image.resize(size, Image.Resampling.BICUBIC if smooth else Image.Resampling.NEAREST)
        self.image.paste(image, (round(place.x * self.ratio), round(place.y * self.ratio)))
        return place

    def outline(self, box: Box, area: tuple[float, float, float, float]) -> None:
        """Draw the white frame on the hero."""
        x, y, width, height = area
        left, top = box.x + x * box.width, box.y + y * box.height
        corners = self.scaled(left, top, left + width * box.width, top + height * box.height)
        self.draw.rectangle(corners, outline=(0, 0, 0, 150), width=round(3 * self.ratio))
        self.draw.rectangle(corners, outline="white", width=max(round(1.5 * self.ratio), 1))

    def text(self, words: str, x: float, y: float, colour: str, align: str = "left") -> None:
        """Write a line from its top."""
        self.draw.text((x * self.ratio, y * self.ratio), words, colour, self.type, ANCHORS[align])

    def tag(self, words: str, box: Box) -> None:
        """Write a label in a tile's corner, on a dark ground."""
        if words:
            wide = self.type.getlength(words) / self.ratio
            corners = self.scaled(box.x + 2.5, box.y + 2.5, box.x + 9.5 + wide, box.y + 19)
            self.draw.rectangle(corners, fill=(0, 0, 0, 140))
            self.text(words, box.x + 6, box.y + 4.5, "white")

    def scale(self, scene: Scene, box: Box) -> str:
        """Draw the bar, zero's mark and the texts; return the unit if there was no room for it."""
        if scene.bar is not None:
            size = round(box.width * self.ratio), round(box.height * self.ratio)
            bar = Image.fromarray(scene.bar[None]).resize(size, Image.Resampling.NEAREST)
            self.image.paste(bar, (round(box.x * self.ratio), round(box.y * self.ratio)))
            if scene.zero is not None:
                x = box.x + min(max(scene.zero * box.width, 1), box.width - 1)
                for colour, line, longer in (("black", 3, 3), (INK, 1.2, 2)):
                    ends = self.scaled(x, box.y - longer, x, box.y + box.height + longer)
                    self.draw.line(ends, colour, max(round(line * self.ratio), 1))
        placed, unit = labels(box.width, scene.low, scene.high, scene.unit, scene.zero)
        for label in placed:
            self.text(label.text, box.x + label.x, box.y + 10.5, INK, label.align)
        return unit


class ImageCanvas(Canvas):
    """The view as an ``ipywidgets.Image``: no pan, zoom, hover or click; see :class:`Canvas`.

    A host tells an image nothing of its screen, so :attr:`pixel_ratio` is 1 until someone sets it.
    """

    def __init__(self, size: str | int = "L") -> None:
        super().__init__(size)
        self.pixel_ratio = 1.0
        self._lock = threading.RLock()
        self._closed = False
        self._scene: Scene | None = None
        self._pixels: Any = None
        self._rest = AfterRest(self._sharpen)
        layout = ipywidgets.Layout(max_width="100%", height="auto")
        self.widget = ipywidgets.Image(format="png", layout=layout)
        self.resize(size)

    def show(self, scene: Scene, *, moving: bool = False) -> None:
        """Compose and send a scene, from any thread."""
        with self._lock:
            if self._closed:
                return
            self._scene = scene
            self._pixels = Composer(self.sheet, self.pixel_ratio).compose(scene)
            self._send(encode(self._pixels, moving=moving), "jpeg" if moving else "png")
        if moving:
            self._rest.ask()

    def resize(self, size: str | int) -> None:
        """Change to another size; the scene stays."""
        sheet = Sheet.of(size)
        with self._lock:
            if self._closed:
                return
            self.sheet = sheet
            self.widget.width = str(sheet.width)
            if self._scene is not None:
                self.show(self._scene)
            else:
                self._pixels = np.asarray(Composer(sheet, self.pixel_ratio).image)
                self._send(encode(self._pixels, moving=False), "png")

    def png(self) -> bytes:
        """Return the whole canvas as it is, as a PNG file."""
        with self._lock:
            return encode(self._pixels, moving=False)

    def close(self) -> None:
        """Free the image, its layout, the timer and the callbacks; a second call does nothing."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self.forget()
            self._rest.close()
            self.widget.layout.close()
            self.widget.close()
            self._scene = None

    def _send(self, data: bytes, kind: str) -> None:
        with self.widget.hold_sync():
            self.widget.format = kind
            self.widget.value = data

    def _sharpen(self) -> None:
        """Send the picture once more, lossless, unless that has been done."""
        with self._lock:
            if not self._closed and self.widget.format == "jpeg":
                self._send(encode(self._pixels, moving=False), "png")
