"""A picture with its value range: float32 (H, W, C), read-only, known by its content."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np
import PIL.Image

from . import picture_files, pixels
from .errors import ImageError

FitHow = Literal["crop", "letterbox", "stretch"]


@dataclass(frozen=True, eq=False)
class Image:
    """A picture as numbers.

    Parameters
    ----------
    array : array_like
        (H, W), (H, W, C), uint8 or any real type. A PIL image is taken too.
    value_range : tuple of float, optional
        Lowest and highest value that a pixel may have. If None it is inferred: uint8 is (0, 255); numbers within 0..1
        are (0, 1); within -1..1 with negatives (-1, 1); within 0..255 (0, 255).
    name : str
        What to call it on the screen.

    Attributes
    ----------
    pixels : numpy.ndarray
        float32, shape (H, W, C), read-only.

    Raises
    ------
    ImageError
        For a path, which `Image.load` opens, a wrong number of axes, an empty picture, NaN or infinite pixels, pixels
        outside a declared range, or a range that cannot be inferred.
    """

    array: Any = field(repr=False)
    value_range: tuple[float, float] | None = None
    name: str = ""

    def __post_init__(self) -> None:
        raw = pixels.as_array(self.array)
        values = pixels.as_pixels(raw)
        declared = self.value_range is not None
        low_high = pixels.checked_range(self.value_range) if declared else pixels.inferred_range(raw, values)
        pixels.check_inside(values, low_high)
        values.setflags(write=False)
        object.__setattr__(self, "array", values)
        object.__setattr__(self, "value_range", low_high)

    @classmethod
    def load(cls, source: str | os.PathLike[str] | PIL.Image.Image | Any, name: str = "") -> Self:
        """Open a picture: a path, a ``file:``, ``http:`` or ``https:`` address, file bytes, a PIL image or an array.

        The orientation noted by the camera is applied and transparency is laid on white.

        Raises
        ------
        ImageError
            If there is no such file, or it is not a picture that Pillow reads.
        """
        if isinstance(source, cls):
            return source
        if isinstance(source, PIL.Image.Image):
            return cls(picture_files.taken(source, name or "the picture"), name=name)
        if isinstance(source, bytes | bytearray | memoryview):
            return cls(picture_files.decoded(bytes(source), name or "the file"), name=name)
        if isinstance(source, str | os.PathLike):
            text = os.fspath(source)
            return cls(
                picture_files.decoded(picture_files.fetched(text), text),
                name=name or picture_files.stem(text),
            )
        return cls(source, name=name)

    @property
    def pixels(self) -> np.ndarray:
        """The picture, float32 (H, W, C), read-only."""
        return self.array

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]

    @property
    def channels(self) -> int:
        """Number of channels."""
        return self.pixels.shape[2]

    @property
    def range(self) -> tuple[float, float]:
        """The value range, (low, high)."""
        assert self.value_range is not None
        return self.value_range

    @cached_property
    def digest(self) -> str:
        """A name for the content: pictures with the same pixels and range share it."""
        made = hashlib.blake2b(digest_size=12)
        made.update(repr((self.pixels.shape, self.value_range)).encode())
        made.update(np.ascontiguousarray(self.pixels).data)
        return made.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Image) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        height, width = self.size
        low, high = self.range
        return f"Image({self.name or 'unnamed'!r}, {height} x {width} x {self.channels}, values {low:g} to {high:g})"

    def rgb(self) -> np.ndarray:
        """Return the picture for the screen: uint8 (H, W, 3). One channel is grey; more than four show their mean."""
        low, high = self.range
        unit = (self.pixels - low) / (high - low)
        shown = unit[..., :3] if self.channels in (3, 4) else unit.mean(axis=-1, keepdims=True)
        return np.broadcast_to((shown * 255 + 0.5).astype(np.uint8), (*self.size, 3)).copy()

    def to_range(self, value_range: tuple[float, float]) -> Image:
        """Return the same picture with its values mapped to another range."""
        if value_range == self.range:
            return self
        wanted = pixels.checked_range(value_range)
        return Image(pixels.mapped(self.pixels, self.range, wanted), wanted, self.name)

    def resized(self, size: tuple[int, int], how: FitHow = "stretch") -> Image:
        """Return the picture at another (height, width).

        ``crop`` scales the short side to 8/7 of the target and cuts out the middle, as ImageNet is evaluated, unless
        that would enlarge the picture, when it is scaled to fit exactly; ``letterbox`` keeps all of it and pads with
        the middle of the value range; ``stretch`` ignores the shape.
        """
        if how not in ("crop", "letterbox", "stretch"):
            raise ImageError(f"how must be 'crop', 'letterbox' or 'stretch'; got {how!r}.")
        if size == self.size:
            return self
        low, high = self.range
        if how == "crop":
            made = pixels.cropped(self.pixels, size)
        elif how == "letterbox":
            made = pixels.letterboxed(self.pixels, size, ground=(low + high) / 2)
        else:
            made = pixels.scaled(self.pixels, size)
        return Image(np.clip(made, low, high), self.range, self.name)

    def with_channels(self, channels: int) -> Image:
        """Return the picture with 1 or 3 channels where that is plain: grey to colour or colour to grey."""
        if channels == self.channels:
            return self
        if self.channels == 1 and channels == 3:
            return Image(np.repeat(self.pixels, 3, axis=2), self.range, self.name)
        if self.channels == 3 and channels == 1:
            grey = self.pixels @ np.array([0.299, 0.587, 0.114], np.float32)
            low, high = self.range
            return Image(np.clip(grey, low, high)[..., None], self.range, self.name)
        raise ImageError(
            f"the picture has {self.channels} channels; the model takes {channels}. Give an array (H, W, {channels})."
        )
