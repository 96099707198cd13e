"""What is mixed, as frozen values: pictures with their weights, changes of the code, their ranges, what is decoded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ...errors import ImageError, SettingError
from ...images.image import Image
from ...probe import Probe

Ends = tuple[
    tuple[float, ...], tuple[float, ...]
]  # what is drawn darkest and brightest, one number or one a channel


def ends_of(probe: Probe, image: Image, declared: tuple[float, float] | None) -> Ends:
    """Return the output's values that mean the lowest and the highest value of a picture.

    They are those declared, else what `preprocess` makes of the two, for a network gives back what it takes.
    """
    if declared is not None:
        return (declared[0],), (declared[1],)
    if probe.preprocess is None:
        return (image.range[0],), (image.range[1],)
    flat = [Image(np.full_like(image.pixels, value), image.range) for value in image.range]
    low, high = probe.prepared(flat).mean(axis=(1, 2))
    if (np.abs(high - low) < 1e-12).any():
        return (image.range[0],), (image.range[1],)
    return tuple(map(float, low)), tuple(map(float, high))


def checked_output_range(value: Any) -> tuple[float, float] | None:
    """Return two numbers, the first the lower, or None; raises `SettingError` for anything else."""
    if value is None:
        return None
    try:
        low, high = (float(one) for one in value)
    except (TypeError, ValueError):
        low, high = 0.0, 0.0
    if not np.isfinite([low, high]).all() or low >= high:
        raise SettingError(f"output_range must be two numbers, the first the lower, or None; got {value!r}.")
    return low, high


def as_picture(output: np.ndarray, image: Image, ends: Ends) -> tuple[Image, float]:
    """Return an output as a picture in another's range, and the share of its numbers that lie beyond."""
    low, high = (np.array(end, np.float32) for end in ends)
    bottom, top = image.range
    mapped = (output - low) / (high - low) * np.float32(top - bottom) + np.float32(bottom)
    slack = 0.02 * (top - bottom)  # what the eye would miss is not worth a remark
    beyond = float(((mapped < bottom - slack) | (mapped > top + slack)).mean())
    return Image(np.clip(np.nan_to_num(mapped, nan=bottom), bottom, top), image.range, "the mixture"), beyond


Cell = tuple[int, int]


@dataclass(frozen=True)
class CodeEdit:
    """A change of one channel of a code: every value is multiplied by `scale`, then `add` is added.

    Attributes
    ----------
    channel : int
        Which channel, from 0; of a flat code which unit.
    scale : float
        0 silences the channel, 1 leaves it.
    add : float
        In the code's own numbers.
    cell : tuple of int or None
        (row, column) if only this cell of the channel's map is changed.
    """

    channel: int
    scale: float = 1.0
    add: float = 0.0
    cell: Cell | None = None

    @property
    def idle(self) -> bool:
        """Whether it changes nothing."""
        return self.scale == 1 and self.add == 0

    @property
    def place(self) -> Any:
        """The index of what it changes in a code."""
        return (..., self.channel) if self.cell is None else (*self.cell, self.channel)


@dataclass(frozen=True)
class Mixture:
    """A code to be made: the weighted sum of pictures' codes, then changed.

    Attributes
    ----------
    layer : str
        Where the codes are read and put back.
    parts : tuple of (Image, float)
        Pictures as the network takes them, with their weights; at least one.
    edits : tuple of CodeEdit
        Changes, one after the other.
    """

    layer: str
    parts: tuple[tuple[Image, float], ...]
    edits: tuple[CodeEdit, ...] = ()

    def codes(self, probe: Probe) -> np.ndarray:
        """Return the codes of the pictures, float32 (N, ...)."""
        return np.stack([code_of(probe, image, self.layer) for image, _ in self.parts])

    def summed(self, codes: np.ndarray) -> np.ndarray:
        """Return the weighted sum of the pictures' codes, without the changes."""
        weights = np.array([weight for _, weight in self.parts], np.float32)
        return np.tensordot(weights, codes, axes=1)

    def edited(self, code: np.ndarray) -> np.ndarray:
        """Return a changed copy of a code."""
        changed = code.copy()
        for edit in self.edits:
            changed[edit.place] = changed[edit.place] * np.float32(edit.scale) + np.float32(edit.add)
        return changed

    def pixels(self) -> Image:
        """Return the same weighted sum of the pictures themselves, within their range of values."""
        first = self.parts[0][0]
        summed = sum(np.float32(weight) * image.pixels for image, weight in self.parts)
        return Image(np.clip(summed, *first.range), first.range, "the pixels mixed")


@dataclass(frozen=True)
class Order:
    """A mixture to be decoded, as a `Session` asks for it.

    Attributes
    ----------
    mixture : Mixture
        What is mixed.
    ends : Ends
        What the network's output means on the screen.
    """

    mixture: Mixture
    ends: Ends

    def explain(self, probe: Probe, image: Image) -> Iterator[Mixed]:
        """Yield the one result."""
        codes = self.mixture.codes(probe)
        plain = self.mixture.summed(codes)
        code = self.mixture.edited(plain)
        start = plain if self.mixture.edits else codes[0]
        output, before = decoded(probe, np.stack([code, start]), self.mixture.layer, image)
        picture, beyond = as_picture(output, image, self.ends)
        pixels = self.mixture.pixels()
        yield Mixed(self.mixture, probe.name, codes, code, output, before, picture, pixels, beyond)


@dataclass(frozen=True, eq=False)
class Mixed:
    """What came of a mixture.

    Attributes
    ----------
    recipe : Mixture
        What was mixed.
    model : str
        Name of the network.
    codes : numpy.ndarray
        The codes of the pictures, float32 (N, ...).
    code : numpy.ndarray
        The code that was decoded, float32.
    output : numpy.ndarray
        What the network made of it, float32 (H, W, C).
    before : numpy.ndarray
        What it makes without the changes, or, if there are none, of the first picture's own code.
    picture : Image
        The output in the range of the pictures.
    pixels : Image
        The pictures mixed without the network.
    beyond : float
        Share of the output's numbers that lie beyond that range; they are drawn at its ends.
    """

    recipe: Mixture
    model: str
    codes: np.ndarray
    code: np.ndarray
    output: np.ndarray
    before: np.ndarray
    picture: Image
    pixels: Image
    beyond: float
    done: ClassVar[float] = 1.0
    progress: ClassVar[str] = ""


def code_of(probe: Probe, image: Image, layer: str) -> np.ndarray:
    """Return the code of a picture in the shape of the layer's output, from memory if it has been there."""
    shape = probe.layer(layer).shape
    if None in shape:
        return probe.encode([image], layer)[0]
    return probe.code(image, layer).reshape([n or 0 for n in shape])


def decoded(probe: Probe, codes: np.ndarray, layer: str, image: Image) -> np.ndarray:
    """Return what is decoded from codes, float32 (N, H, W, C), of the size of the picture.

    Raises
    ------
    ImageError
        If the network makes pictures of another size than it takes.
    """
    made = probe.decode(codes, layer)
    probe.check_finite(made, image)
    if made.shape[1:] != image.pixels.shape:
        (height, width), (high, wide) = image.size, made.shape[1:3]
        raise ImageError(
            f"{probe.name} makes {high} x {wide} pixels of a picture of {height} x {width}: "
            "give pictures of a size that it gives back."
        )
    return made


def as_maps(code: np.ndarray) -> np.ndarray:
    """Return a code as maps (h, w, K), those of a flat code of one cell each."""
    return code if code.ndim == 3 else code.reshape(-1, 1, code.shape[-1])
