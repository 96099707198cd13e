"""The pictures of a figure: each in a square window that can be moved, each drawn anew by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.transforms import Bbox, IdentityTransform

from .layout import Box

Area = tuple[float, float, float, float]
NEAREST_LOOK = 1 / 64  # of the picture's longer side


def alike(one: Any, other: Any) -> bool:
    """Return whether two arrays, or nothings, are the same."""
    return one is other or (one is not None and other is not None and bool(np.array_equal(one, other)))


class PictureAxes(Axes):
    """A square window on one picture whose longer side is 1; it keeps the picture's shape and stays on it."""

    name = "cnnviz_picture"
    middle = (0.5, 0.5)

    def look(self, x: float, y: float, side: float) -> None:
        """Show the square of this side about a place, moved and cut to the picture's own square."""
        side = min(max(side, NEAREST_LOOK), 1.0)
        slack = (1.0 - side) / 2
        x, y = (min(max(at, m - slack), m + slack) for at, m in zip((x, y), self.middle, strict=True))
        self.set_xlim(x - side / 2, x + side / 2)
        self.set_ylim(y + side / 2, y - side / 2)

    def settle(self) -> None:
        """Make the window square again after Matplotlib's own pan and zoom."""
        (left, right), (low, high) = self.get_xlim(), self.get_ylim()
        self.look((left + right) / 2, (low + high) / 2, max(abs(right - left), abs(high - low)))

    def format_coord(self, x: float, y: float) -> str:
        """Say nothing of Matplotlib's own about a place: its formatters are not safe in threads."""
        return ""

    def drag_pan(self, button: Any, key: Any, x: float, y: float) -> None:
        """Move with the left button, zoom with the right one."""
        super().drag_pan(button, "control" if button == 3 else None, x, y)
        self.settle()

    def _set_view_from_bbox(self, bbox: Any, direction: str = "in", *_: Any, **__: Any) -> None:
        super()._set_view_from_bbox(bbox, direction)  # type: ignore[misc]
        self.settle()


class PixelImage(AxesImage):
    """An image that copies its pixels where they fit the screen one to one, instead of resampling them."""

    def make_image(self, renderer: Any, magnification: float = 1.0, unsampled: bool = False) -> Any:
        """Return the pixels to draw and where; the name is Matplotlib's."""
        left, right, bottom, top = self.get_extent()
        (x0, y0), (x1, y1) = self.axes.transData.transform([(left, bottom), (right, top)])
        array: Any = self.get_array()
        height, width = array.shape[:2]
        fits = max(abs(x1 - x0 - width), abs(y1 - y0 - height)) < 0.01
        if not fits or magnification != 1 or self.axes.bbox.width + 0.01 < width:
            return super().make_image(renderer, magnification, unsampled)
        pixels = np.empty((height, width, 4), np.uint8)
        pixels[:, :, :3] = array[::-1]  # the lowest row first, as the renderer takes it
        pixels[:, :, 3] = 255
        return pixels, round(x0), round(y0), IdentityTransform()


class Picture:
    """One array in its window, letterboxed on the stage."""

    def __init__(self, figure: Figure, name: str) -> None:
        self.axes: Any = figure.add_axes((0, 0, 1, 1), axes_class=PictureAxes, label=name)
        self.axes.set_axis_off()
        self.axes.set_navigate(name == "hero")
        look = "nearest" if name == "map" else "antialiased"
        self.art = PixelImage(self.axes, interpolation=look, origin="upper", animated=True, visible=False)
        self.art.set_data(np.zeros((1, 1, 3), np.uint8))
        self.axes.add_image(self.art)
        self.art.mouseover = False
        self.axes.set_autoscale_on(False)
        self.axes.set_aspect("auto")
        self.size = (0.0, 0.0)
        self.pixels: Any = None

    def put(self, pixels: Any) -> bool:
        """Take an array over; return whether anything changes. The window stays if the shape does."""
        if alike(pixels, self.pixels):
            return False
        self.pixels = pixels
        self.art.set_visible(pixels is not None)
        if pixels is not None:
            self.art.set_data(pixels)
            height, width = (side / max(pixels.shape[:2]) for side in pixels.shape[:2])
            if not np.allclose((width, height), self.size, atol=2 / max(pixels.shape[:2])):
                self.size = width, height
                self.axes.middle = width / 2, height / 2
                self.art.set_extent((0, width, height, 0))
                self.home()
        return True

    def arrange(self, box: Box | None, width: float, height: float) -> None:
        """Move to a box of a canvas of this size, or hide without one."""
        self.axes.set_visible(box is not None)
        if box is not None:
            low = 1 - (box.y + box.height) / height
            self.axes.set_position((box.x / width, low, box.width / width, box.height / height))

    def home(self) -> None:
        """Show the whole picture."""
        self.axes.look(*self.axes.middle, 1.0)

    def window(self) -> Area | None:
        """Return what is seen, as x, y, width and height from 0 to 1 of the picture."""
        if self.pixels is None:
            return None
        (left, right), (low, high) = self.axes.get_xlim(), self.axes.get_ylim()
        width, height = self.size
        return left / width, high / height, (right - left) / width, (low - high) / height

    def place(self, x: float, y: float) -> tuple[float, float] | None:
        """Return a place in the window as 0 to 1 of the picture, or ``None`` beside it."""
        width, height = self.size
        inside = self.pixels is not None and 0 <= x <= width and 0 <= y <= height
        return (x / width, y / height) if inside else None

    def rectangles(self) -> tuple[Rectangle, Rectangle]:
        """Return a white rectangle on a dark one, hidden."""
        pair = Rectangle((0, 0), 1, 1), Rectangle((0, 0), 1, 1)
        for patch, colour, line in zip(pair, ("black", "white"), (3.2, 1.6), strict=True):
            patch.set(fill=False, edgecolor=colour, linewidth=line, alpha=0.6 if colour == "black" else 1.0)
            patch.set(animated=True, visible=False)
            self.axes.add_patch(patch)
        return pair

    def outline(self, pair: tuple[Rectangle, ...], area: Area | None) -> None:
        """Put the rectangles round an area given from 0 to 1, or hide them."""
        width, height = self.size
        for patch in pair:
            patch.set_visible(area is not None)
            if area is not None:
                x, y, w, h = area
                patch.set_bounds(x * width, y * height, w * width, h * height)


class Region:
    """A part of the canvas that is drawn anew by itself: empty ground first, then its artists."""

    def __init__(self, *artists: Any) -> None:
        self.artists = artists
        self.ground: Any = None
        self.stale = True

    def keep_ground(self, renderer: Any, box: Box | None, ratio: float) -> None:
        """Remember the empty stage under the region; a pixel more on each side for soft edges."""
        self.stale = True
        self.ground = None
        if box is None:
            return
        low, high = renderer.height - (box.y + box.height) * ratio, renderer.height - box.y * ratio
        left, right = box.x * ratio, (box.x + box.width) * ratio
        self.ground = renderer.copy_from_bbox(
            Bbox.from_extents(
                max(int(left) - 1, 0), max(int(low) - 1, 0),
                min(int(right) + 2, renderer.width), min(int(high) + 2, renderer.height),
            )
        )  # fmt: skip

    def draw(self, renderer: Any) -> None:
        """Draw it if it changed; nothing where it has no place."""
        if self.stale and self.ground is not None:
            renderer.restore_region(self.ground)
            for artist in self.artists:
                artist.draw(renderer)
        self.stale = False
