"""What a network receives of a picture: the very numbers that go in, beside the picture as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...images import arrays
from ...images.image import FitHow, Image

_AS_IT_IS = "as it is"


@dataclass(frozen=True, eq=False)
class Received:
    """The tensor that goes into a network for one picture.

    Attributes
    ----------
    image : Image
        The picture as it was given.
    fitted : Image
        The picture at the network's size, channels and value range, before `preprocess`.
    tensor : numpy.ndarray
        float32 (H, W, C), read-only: exactly what goes in, after `preprocess`.
    order : str
        Order of the tensor's channels, found by pictures of one colour: ``RGB``, ``BGR``, ``grey``, or ``mixed`` where
        channels are blended or left out; empty for other numbers of channels.
    how : str
        What was cut away or stretched, in words.
    notes : tuple of str
        What to mind.
    """

    image: Image = field(repr=False)
    fitted: Image = field(repr=False)
    tensor: np.ndarray = field(repr=False)
    order: str
    how: str
    notes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """(height, width, channels)."""
        return self.tensor.shape

    @property
    def range(self) -> tuple[float, float]:
        """Lowest and highest number."""
        return float(self.tensor.min()), float(self.tensor.max())

    @property
    def mean(self) -> tuple[float, ...]:
        """Mean of each channel, in the tensor's order."""
        return tuple(float(m) for m in self.tensor.mean(axis=(0, 1), dtype=np.float64))

    def rgb(self) -> np.ndarray:
        """Return the tensor for the screen, uint8 (H, W, 3): black is its lowest number, white its highest.

        Channels are shown in their places: a tensor in the order BGR has red and blue exchanged on the screen, as the
        network gets them.
        """
        low, high = self.range
        return Image((self.tensor - low) / ((high - low) or 1.0), (0, 1)).rgb()

    def rows(self) -> tuple[tuple[str, str], ...]:
        """Return what is to be told beside the pictures: (what, in words), in order."""
        low, high = self.range
        return (
            ("shape", " × ".join(str(n) for n in self.shape)),
            ("range", f"{low:.4g} to {high:.4g}"),
            ("mean by channel", ", ".join(f"{m:.4g}" for m in self.mean)),
            ("channel order", self.order or f"{self.shape[2]} channels"),
            ("size", self.how),
        )

    def __str__(self) -> str:
        return "\n".join([*(f"{what}: {words}" for what, words in self.rows()), *self.notes])


def receive(
    given: Image, fitted: Image, how: FitHow, prepare: Callable[[Image], np.ndarray], notes: tuple[str, ...]
) -> Received:
    """Return what a network gets of a picture.

    Parameters
    ----------
    given, fitted : Image
        The picture before and after it was brought to what the model takes.
    how : str
        In which way, see `Image.resized`.
    prepare : callable
        Takes a fitted picture and returns what the network gets, float32 (1, H, W, C).
    notes : tuple of str
        What to mind.
    """
    tensor = np.array(prepare(fitted)[0], np.float32)
    tensor.setflags(write=False)
    return Received(
        given, fitted, tensor, channel_order(fitted, prepare), _fitted_how(given, fitted, how), notes
    )


def channel_order(fitted: Image, prepare: Callable[[Image], np.ndarray]) -> str:
    """Return in which order the channels of a picture come out, found by pictures of one colour each."""
    if fitted.channels == 1:
        return "grey"
    if fitted.channels != 3:
        return ""
    low, high = fitted.range
    black = np.full_like(fitted.pixels, low)
    dark = _middle(prepare(Image(black, fitted.range)))
    moved = np.empty((3, len(dark)))
    for channel in range(3):
        colour = black.copy()
        colour[..., channel] = high
        moved[channel] = np.abs(_middle(prepare(Image(colour, fitted.range))) - dark)
    if moved.shape[1] != 3:
        return "mixed"
    best = moved.argmax(axis=1)
    alone = moved.max(axis=1) > 0.99 * moved.sum(axis=1)
    if not (alone.all() and moved.max(axis=1).all()):
        return "mixed"
    return {"012": "RGB", "210": "BGR"}.get("".join(map(str, best)), "mixed")


def _middle(batch: np.ndarray) -> np.ndarray:
    return np.asarray(batch[0, batch.shape[1] // 2, batch.shape[2] // 2], np.float64)


def _fitted_how(given: Image, fitted: Image, how: FitHow) -> str:
    """Return what was done to a picture's size, in words."""
    (height, width), (to_height, to_width) = given.size, fitted.size
    sizes = f"{height} × {width} to {to_height} × {to_width}"
    if given.size == fitted.size:
        return f"{height} × {width}, {_AS_IT_IS}"
    if how == "stretch":
        return f"{sizes}, stretched"
    if how == "letterbox":
        return f"{sizes}, all of it, with grey where its shape does not fill it"
    inner = arrays.scaled_for_crop(given.size, fitted.size)
    if inner == fitted.size:
        return f"{sizes}, scaled"
    return f"{sizes}, scaled to {inner[0]} × {inner[1]} and its middle cut out"


def words_of(image: Image, fitted: Image, preprocess: Any) -> tuple[str, ...]:
    """Return what to mind of how a picture goes in."""
    notes = []
    if fitted.range != image.range:
        notes.append("Values {:g} to {:g} are mapped to {:g} to {:g}.".format(*image.range, *fitted.range))
    elif preprocess is None:
        notes.append("Values {:g} to {:g} go in as they are.".format(*image.range))
    if image.channels != fitted.channels:
        notes.append(f"{image.channels} channels are made {fitted.channels}.")
    if preprocess is not None:
        notes.append(f"preprocess: {getattr(preprocess, '__name__', type(preprocess).__name__)}.")
    return tuple(notes)
