"""A picture with its value range: (H, W, C), read-only, known by its content."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Self

import numpy as np
import PIL.Image

from ..errors import ImageError
from . import arrays, files

FitHow = Literal["crop", "letterbox", "stretch"]


_MOST_KEPT = (
    2**22
)  # numbers of bytes whose float32 is kept; it is made anew for larger ones, such as photographs


@dataclass(frozen=True, eq=False)
class Image:
    """A picture as numbers.

    Parameters
    ----------
    array : array_like
        (H, W), (H, W, C), uint8 or any real type. A PIL image is taken too. Bytes are kept as bytes.
    value_range : tuple of float, optional
        Lowest and highest value that a pixel may have. If None it is inferred: uint8 is (0, 255); numbers within 0..1
        are (0, 1); within -1..1 with negatives (-1, 1); within 0..255 (0, 255); numbers of 16 bits have to be told.
    name : str
        What to call it on the screen.
    label : str
        Its class, where that is known.

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
    label: str = ""

    def __post_init__(self) -> None:
        raw = arrays.as_array(self.array)
        values = arrays.as_bytes(raw) if raw.dtype == np.uint8 else arrays.as_pixels(raw)
        declared = self.value_range is not None
        low_high = arrays.checked_range(self.value_range) if declared else arrays.inferred_range(raw, values)
        arrays.check_inside(values, low_high)
        self._become(values, low_high)

    def _become(self, values: np.ndarray, value_range: tuple[float, float] | None) -> None:
        values.setflags(write=False)
        object.__setattr__(self, "array", values)
        object.__setattr__(self, "value_range", value_range)

    @classmethod
    def load(
        cls,
        source: str | os.PathLike[str] | PIL.Image.Image | Any,
        name: str = "",
        value_range: tuple[float, float] | None = None,
    ) -> Self:
        """Open a picture: a path, a ``file:``, ``http:`` or ``https:`` address, file bytes, a PIL image or an array.

        The orientation noted by the camera is applied and transparency is laid on white. A file of more than 8 bits,
        such as a scan, keeps its numbers; what range they live in has to be told by `value_range` before it can be
        drawn or brought to a network's range, unless the network's own is none of the usual ones and holds them.

        Raises
        ------
        ImageError
            If there is no such file, or it is not a picture that Pillow reads.
        """
        if isinstance(source, cls):
            if value_range is None:
                return source
            return cls(source.array, value_range, name or source.name, source.label)
        if isinstance(source, PIL.Image.Image):
            return cls._of_file(files.taken(source, name or "the picture"), name, value_range)
        if isinstance(source, bytes | bytearray | memoryview):
            return cls._of_file(files.decoded(bytes(source), name or "the file"), name, value_range)
        if isinstance(source, str | os.PathLike):
            text = os.fspath(source)
            raw = files.decoded(files.fetched(text), text)
            return cls._of_file(raw, name or files.stem(text), value_range)
        return cls(source, value_range, name)

    @classmethod
    def _of_file(cls, raw: np.ndarray, name: str, value_range: tuple[float, float] | None) -> Self:
        """Return what a file holds; the range of more than 8 bits is left open until it is told."""
        if raw.dtype == np.uint8 or value_range is not None:
            return cls(raw, value_range, name)
        made = object.__new__(cls)
        object.__setattr__(made, "name", name)
        object.__setattr__(made, "label", "")
        made._become(arrays.as_pixels(raw), None)
        return made

    @property
    def pixels(self) -> np.ndarray:
        """The picture, float32 (H, W, C), read-only."""
        if self.array.dtype != np.uint8:
            return self.array
        return self._floats if self.array.size <= _MOST_KEPT else self._as_floats()

    @cached_property
    def _floats(self) -> np.ndarray:
        return self._as_floats()

    def _as_floats(self) -> np.ndarray:
        made = self.array.astype(np.float32)
        made.setflags(write=False)
        return made

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.array.shape[0], self.array.shape[1]

    @property
    def channels(self) -> int:
        """Number of channels."""
        return self.array.shape[2]

    @property
    def range(self) -> tuple[float, float]:
        """The value range, (low, high).

        Raises
        ------
        ImageError
            If it is a file of more than 8 bits whose range has not been told.
        """
        if self.value_range is None:
            least, most = float(self.array.min()), float(self.array.max())
            raise ImageError(
                f"{self.name or 'the picture'} holds numbers of more than 8 bits, here from {least:g} to {most:g}: say "
                "what range they live in, e.g. cnnviz.Image.load(path, value_range=(0, 65535)) for 16 bits, (0, 4095) "
                "for 12, (-1024, 3071) for Hounsfield units."
            )
        return self.value_range

    @cached_property
    def digest(self) -> str:
        """A name for the content: pictures with the same pixels and range share it."""
        made = hashlib.blake2b(digest_size=12)
        made.update(repr((self.array.shape, self.value_range)).encode())
        rows = max(1, _MOST_KEPT // max(1, self.array[0].size))
        for top in range(0, len(self.array), rows):
            made.update(np.ascontiguousarray(self.array[top : top + rows], np.float32).data)
        return made.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Image) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        height, width = self.size
        told = (
            "range not told" if self.value_range is None else "values {:g} to {:g}".format(*self.value_range)
        )
        label = f", label {self.label!r}" if self.label else ""
        return f"Image({self.name or 'unnamed'!r}, {height} x {width} x {self.channels}, {told}{label})"

    def rgb(self) -> np.ndarray:
        """Return the picture for the screen: uint8 (H, W, 3). One channel is grey; more than four show their mean."""
        low, high = self.range
        if self.array.dtype == np.uint8 and (low, high) == (0.0, 255.0) and self.channels in (1, 3, 4):
            shown = self.array[..., :3] if self.channels > 1 else self.array
            return np.broadcast_to(shown, (*self.size, 3)).copy()
        unit = (self.pixels - low) / (high - low)
        shown = unit[..., :3] if self.channels in (3, 4) else unit.mean(axis=-1, keepdims=True)
        return np.broadcast_to((shown * 255 + 0.5).astype(np.uint8), (*self.size, 3)).copy()

    def named(self, name: str = "", label: str = "") -> Image:
        """Return the same picture with another name or label; what is empty stays as it is."""
        made = object.__new__(Image)
        object.__setattr__(made, "name", name or self.name)
        object.__setattr__(made, "label", label or self.label)
        made._become(self.array, self.value_range)
        return made

    def _changed(self, values: np.ndarray, value_range: tuple[float, float]) -> Image:
        return Image(values, value_range, self.name, self.label)

    def to_range(self, value_range: tuple[float, float]) -> Image:
        """Return the same picture with its values mapped to another range."""
        if value_range == self.range:
            return self
        wanted = arrays.checked_range(value_range)
        return self._changed(arrays.mapped(self.pixels, self.range, wanted), wanted)

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
            made = arrays.cropped(self.array, size)
        elif how == "letterbox":
            made = arrays.letterboxed(self.array, size, ground=(low + high) / 2)
        else:
            made = arrays.scaled(self.array, size)
        return self._changed(np.clip(made, low, high), self.range)

    def with_channels(self, channels: int) -> Image:
        """Return the picture with 1 or 3 channels where that is plain: grey to colour or colour to grey."""
        if channels == self.channels:
            return self
        if self.channels == 1 and channels == 3:
            return self._changed(np.repeat(self.array, 3, axis=2), self.range)
        if self.channels == 3 and channels == 1:
            grey = self.pixels @ np.array([0.299, 0.587, 0.114], np.float32)
            low, high = self.range
            return self._changed(np.clip(grey, low, high)[..., None], self.range)
        first = self.size[0] == channels  # height
        cure = "Its channels seem to stand first: numpy.moveaxis(array, -3, -1)." if first else ""
        raise ImageError(
            f"the picture has {self.channels} channels; the model takes {channels}. "
            f"Give an array (H, W, {channels}). {cure}".rstrip()
        )
