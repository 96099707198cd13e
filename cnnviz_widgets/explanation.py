"""What a method found, as a frozen value: numbers in the method's own units, marks, and how to make them again."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from .drawable import Drawable
from .images.image import Image
from .regions import Mask

if TYPE_CHECKING:
    from .style import Style


@dataclass(frozen=True)
class MaskLine:
    """A white line where a mask ends.

    Attributes
    ----------
    mask : Mask
        (h, w) places.
    says : str
        What the line is, as a sentence.
    extent : tuple of float or None
        (top, left, height, width) of the places in shares of the picture; None if they are spread over all of it.
    """

    mask: Mask
    says: str = "White line: the mask."
    extent: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Ring:
    """A ring about a place.

    Attributes
    ----------
    x, y : float
        Its middle, from 0 to 1 of the picture's width and height.
    says : str
        What the place is, as a sentence.
    """

    x: float
    y: float
    says: str = "Ring: the place that is explained."


@dataclass(frozen=True)
class Outline:
    """A rectangle.

    Attributes
    ----------
    x, y, width, height : float
        Its upper left corner and its sides, from 0 to 1 of the picture's width and height.
    says : str
        What the rectangle is, as a sentence.
    """

    x: float
    y: float
    width: float
    height: float
    says: str = "Frame: the box that is explained."


Mark = MaskLine | Ring | Outline


NOISE = "noise"  # name of the image that stands for a beginning without a picture


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Drawable):
    """Result of a method; its type decides how it is drawn. At the end of a notebook's cell it shows its picture.

    Attributes
    ----------
    image : Image
        The picture explained, at the size the model takes.
    recipe : Method
        The method with all its settings filled in; its ``repr`` is the line of code that makes this again.
    target : str
        What was explained, in words.
    model : str
        Name of the model.
    scores : dict of str to float
        Numbers that go with the map, e.g. ``{"score": 7.1}``.
    notes : tuple of str
        What to mind when reading it.
    done : float
        How much of the work this result holds, 0 to 1.
    progress : str
        Where the work stands, e.g. ``217 of 529``.
    unit : str
        What the values are, in a word, e.g. ``vote``.
    says : str
        The sentence for under the picture where it is not the method's own; see `Method.says`.
    beside : dict of str to Image
        The pictures that went in with it, by the names of their inputs; `Probe.beside`.
    marks : tuple of MaskLine, Ring or Outline
        What is marked on the picture where it is saved, shown or explored, e.g. the place that is explained.
    extent : tuple of float or None
        (top, left, height, width) of where a layer's map lies on the picture, in shares of it; None if that is all
        of it. See `Probe.map_extent`.
    """

    image: Image
    recipe: Any
    target: str = ""
    model: str = ""
    scores: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    done: float = 1.0
    progress: str = ""
    unit: str = ""
    says: str = ""
    beside: dict[str, Image] = field(default_factory=dict, repr=False)
    marks: tuple[Mark, ...] = field(default=(), repr=False)
    extent: tuple[float, float, float, float] | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        """Return what was found of which picture, in one line."""
        whose = f" on {self.image.name}" if self.image.name not in ("", NOISE) else ""
        part = "" if self.done >= 1 else f", {self.done:.0%} of the work"
        return f"<{type(self).__name__}: {self.drawer.headline(self)}{whose}{part}>"

    def picture(self, style: Style | None = None, **how: Any) -> np.ndarray:
        """Return the picture as uint8 (H, W, 3); `how` goes to `cnnviz_widgets.render.picture`."""
        return self.drawer.picture(self, style, **how)

    def save(self, path: str | os.PathLike[str], style: Style | None = None, **how: Any) -> None:
        """Write a PNG with a caption that states method, layer, target, settings and versions."""
        self.drawer.save(self, path, style, **how)


@dataclass(frozen=True, eq=False, repr=False)
class Heatmap(Explanation):
    """One number a place.

    Attributes
    ----------
    values : numpy.ndarray
        float32 (h, w) in the method's own units and resolution.
    signed : bool
        True if values below zero mean something: the colours are then centred on zero.
    layer : str
        The layer that the map was read from; empty for the input's own pixels.
    grain : float
        Side in pixels of the steps that the values come in, 0 for a map whose every value is its own. The picture
        smooths over it, as it does over the cells of a layer; the bare map does not.
    places : tuple of int or None
        For a map of the picture's size that was measured at fewer places: how many down and across.
    """

    values: np.ndarray = field(default_factory=lambda: np.zeros((1, 1), np.float32))
    signed: bool = False
    layer: str = ""
    grain: float = 0.0
    places: tuple[int, int] | None = None


@dataclass(frozen=True, eq=False, repr=False)
class FilteredPixels(Heatmap):
    """A kernel's answer to the pixels, beside the map that its layer makes.

    Attributes
    ----------
    own : numpy.ndarray
        float32 (h, w), the layer's own map of the same channel.
    """

    own: np.ndarray = field(default_factory=lambda: np.zeros((1, 1), np.float32))


@dataclass(frozen=True, eq=False, repr=False)
class ActivationMaps(Explanation):
    """The maps of a layer, one a channel.

    Attributes
    ----------
    values : numpy.ndarray
        float32 (h, w, K).
    order : tuple of int
        Channel indices in the order in which to show them.
    layer : str
        The layer.
    """

    values: np.ndarray = field(default_factory=lambda: np.zeros((1, 1, 1), np.float32), repr=False)
    order: tuple[int, ...] = ()
    layer: str = ""

    @property
    def signed(self) -> bool:
        """True if any value is below zero."""
        return bool((self.values < 0).any())


@dataclass(frozen=True, eq=False, repr=False)
class Kernels(ActivationMaps):
    """The kernels of a layer, one a channel, drawn with mid-grey as zero.

    Attributes
    ----------
    values : numpy.ndarray
        float32 (h, w, K), one input channel of each kernel, or the mean of its colours.
    colours : numpy.ndarray or None
        float32 (h, w, K, 3) for kernels that take three channels.
    """

    colours: np.ndarray | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False, repr=False)
class ColourMap(Explanation):
    """One signed number a pixel and colour channel, drawn with mid-grey as zero.

    Attributes
    ----------
    values : numpy.ndarray
        float32 (H, W, 3).
    """

    values: np.ndarray = field(default_factory=lambda: np.zeros((1, 1, 3), np.float32), repr=False)
    signed: bool = True
    layer: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class LabelMap(Explanation):
    """One class a place, out of a few.

    Attributes
    ----------
    values : numpy.ndarray
        int32 (H, W), index of a class.
    legend : dict of int to str
        Index to name of the classes that occur: first the one of the bare picture, then the most frequent.
    """

    values: np.ndarray = field(default_factory=lambda: np.zeros((1, 1), np.int32), repr=False)
    legend: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False, repr=False)
class GeneratedImage(Explanation):
    """Pictures that a method made; `image` is where it began.

    Attributes
    ----------
    values : numpy.ndarray
        float32 (N, H, W, C), the pictures, in the value range of `image`.
    curve : numpy.ndarray
        float32 (steps, N), each picture's score at every step so far, as the network saw it then: moved a little.
    targets : tuple of str
        What each picture raises, in words.
    state : object
        Where the climb stands; hand this result to the method's `go_on` to continue from here.
    """

    values: np.ndarray = field(default_factory=lambda: np.zeros((1, 1, 1, 3), np.float32), repr=False)
    curve: np.ndarray = field(default_factory=lambda: np.zeros((0, 1), np.float32), repr=False)
    targets: tuple[str, ...] = ()
    state: Any = field(default=None, repr=False)

    @property
    def images(self) -> list[Image]:
        """The pictures, one by one, named by what they raise."""
        names = self.targets if len(self.targets) == len(self.values) else (self.target,) * len(self.values)
        return [Image(one, self.image.range, name) for one, name in zip(self.values, names, strict=True)]
