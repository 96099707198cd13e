"""Photograph and heat in one picture: the blend modes and the ground under a map, as pure functions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import PIL.Image

from ..colours import STAGE
from ..images.image import Image
from ..style import CHANNELS, Style

_LUMINANCE = (0.2126, 0.7152, 0.0722)
_GREYED = 0.65
_DIMMED = 0.94


@dataclass(frozen=True, eq=False)
class Ground:
    """A photograph to draw on.

    Attributes
    ----------
    photo : numpy.ndarray
        uint8 (H, W, 3), read-only.
    """

    photo: np.ndarray

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.photo.shape[0], self.photo.shape[1]

    @cached_property
    def planes(self) -> tuple[np.ndarray, ...]:
        """The three colours, each float32 (H, W), 0 to 255: planes are several times faster."""
        return tuple(self.photo[..., c].astype(np.float32) for c in range(3))

    @cached_property
    def grey(self) -> np.ndarray:
        """Luminance, float32 (H, W), 0 to 255."""
        red, green, blue = (np.float32(s) * p for s, p in zip(_LUMINANCE, self.planes, strict=True))
        return red + green + blue

    @cached_property
    def muted(self) -> tuple[np.ndarray, ...]:
        """The colours drawn back towards grey, so that heat stands out."""
        return tuple((p * (1 - _GREYED) + self.grey * _GREYED) * np.float32(_DIMMED) for p in self.planes)

    @cached_property
    def light(self) -> np.ndarray:
        """The factor by which light and shade of the photograph show through a colour laid on it."""
        return np.float32(0.2 + 0.8 * 0.35) + np.float32(0.8 * 1.1 / 255) * self.grey


@lru_cache(maxsize=12)
def ground(image: Image, size: tuple[int, int]) -> Ground:
    """Return a picture scaled to (height, width); the last few are kept, by content."""
    photo = image.rgb()
    if photo.shape[:2] != size:
        larger = size[0] * size[1] > photo.shape[0] * photo.shape[1]
        # Lanczos rings where a small picture is enlarged.
        how = PIL.Image.Resampling.BICUBIC if larger else PIL.Image.Resampling.LANCZOS
        photo = np.array(PIL.Image.fromarray(photo).resize(size[::-1], how))
    photo.setflags(write=False)
    return Ground(photo)


Planes = tuple[np.ndarray, ...]


@dataclass(frozen=True, eq=False)
class Paint:
    """A map ready to be laid on a photograph, at its size.

    Attributes
    ----------
    heat : numpy.ndarray
        float32 (H, W), 0 to 1 or -1 to 1; or (H, W, 3), -1 to 1, which brings its own colours:
        mid-grey is zero.
    colours : numpy.ndarray
        uint8 (256, 3).
    signed : bool
        Whether zero is the middle of the colours.
    """

    heat: np.ndarray
    colours: np.ndarray
    signed: bool = False

    def strength(self) -> np.ndarray:
        """Return how far from zero each place is, float32 (H, W), 0 to 1."""
        size = np.abs(self.heat) if self.signed or self.heat.ndim == 3 else self.heat
        return size.max(axis=2) if size.ndim == 3 else size

    def planes(self) -> Planes:
        """Return the colours of the map, three times float32 (H, W), 0 to 255."""
        if self.heat.ndim == 3:
            return tuple(np.float32(127.5) + np.float32(127.5) * self.heat[..., c] for c in range(3))
        factor, zero = (127.0, 128.5) if self.signed else (255.0, 0.5)
        index = (self.heat * np.float32(factor) + np.float32(zero)).astype(np.uint8)
        return tuple(np.take(self.colours[:, c].astype(np.float32), index) for c in range(3))


def blend(ground: Ground, paint: Paint, style: Style) -> np.ndarray:
    """Draw a map on a photograph in the style's mode.

    Returns
    -------
    numpy.ndarray
        uint8 (H, W, 3); ``side by side`` is twice as wide and a little more.
    """
    return _MODES[style.mode](ground, paint, style)


def overlay(ground: Ground, paint: Paint, style: Style) -> np.ndarray:
    """Lay colour where it is hot; cold places show the photograph, hot ones keep its light and shade."""
    cover = np.float32(style.opacity) * step(paint.strength(), 0.15, 0.7)
    bare = 1 - cover
    cover *= ground.light
    made = []
    for hue, base in zip(paint.planes(), _receding(ground, style.opacity), strict=True):
        hue *= cover
        hue += base * bare
        made.append(hue)
    return as_picture(made)


def spotlight(ground: Ground, paint: Paint, style: Style) -> np.ndarray:
    """Keep full colour where it is hot; elsewhere the photograph is a dark grey."""
    lit = step(paint.strength(), 0.15, 0.6)
    greyed = np.float32(min(1.0, 2 * style.opacity))
    made = []
    for plane in ground.planes:
        cold = (plane + greyed * (ground.grey - plane)) * np.float32(1 - style.opacity)
        made.append(cold + lit * (plane - cold))
    return as_picture(made)


def outline(ground: Ground, paint: Paint, style: Style) -> np.ndarray:
    """Draw the contour at half of the scale and dim what lies outside."""
    strength = paint.strength()
    width = max(1.0, max(ground.size) / 400)
    away = _distance(strength, 0.5)
    drawn = np.float32(min(1.0, style.opacity / 0.8))
    inside = np.clip(away + np.float32(0.5), 0, 1)
    line = drawn * np.clip(np.float32(width + 0.5) - np.abs(away), 0, 1)
    halo = drawn * np.float32(0.5) * np.clip(np.float32(width + 2) - np.abs(away), 0, 1)
    kept = (1 - np.float32(0.5625 * style.opacity) * (1 - inside)) * (1 - halo)
    for_it, against = paint.colours[224].astype(np.float32), paint.colours[32].astype(np.float32)
    negative = paint.heat < 0 if paint.signed and paint.heat.ndim == 2 else None
    made = []
    for c, plane in enumerate(ground.planes):
        ink = for_it[c] if negative is None else np.where(negative, against[c], for_it[c])
        under = plane * kept
        made.append(under + line * (ink - under))
    return as_picture(made)


def bare_map(ground: Ground, paint: Paint, style: Style) -> np.ndarray:
    """Draw the map alone."""
    return as_picture(paint.planes())


def mask(ground: Ground, paint: Paint, style: Style) -> np.ndarray:
    """Multiply the photograph by the heat, on the ground of the stage."""
    seen = 1 - np.float32(style.opacity) * (1 - paint.strength())
    lit = [
        dark + seen * (plane - dark)
        for plane, dark in zip(ground.planes, map(np.float32, STAGE), strict=True)
    ]
    return as_picture(lit)


def add(ground: Ground, paint: Paint, style: Style) -> np.ndarray:
    """Add the heat to one or all colour channels; what is below zero is taken away."""
    made: list[np.ndarray] = []
    for plane, name in zip(ground.planes, CHANNELS[1:], strict=True):
        heat = paint.heat[..., len(made)] if paint.heat.ndim == 3 else paint.heat
        amount = 255 * style.opacity if style.channel in ("all", name) else 0.0
        made.append(plane + np.float32(amount) * heat)
    return as_picture(made)


def side_by_side(ground: Ground, paint: Paint, style: Style) -> np.ndarray:
    """Draw the photograph and, at its right, the overlay."""
    return beside(ground.photo, overlay(ground, paint, style))


_MODES: dict[str, Callable[[Ground, Paint, Style], np.ndarray]] = {
    "overlay": overlay,
    "spotlight": spotlight,
    "outline": outline,
    "map": bare_map,
    "mask": mask,
    "add": add,
    "side by side": side_by_side,
}


def beside(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return two pictures of one size next to each other, a gap between them."""
    height, width = left.shape[:2]
    gap = np.full((height, max(2, round(width / 40)), 3), STAGE, np.uint8)
    return np.concatenate([left, gap, right], axis=1)


def halves(width: int) -> tuple[slice, slice]:
    """Return the columns of either picture in what `beside` returned, which is `width` pixels wide."""
    side = next(n for n in range(width // 2, 0, -1) if 2 * n + max(2, round(n / 40)) <= width)
    return slice(0, side), slice(width - side, width)


def step(values: np.ndarray, low: float, high: float) -> np.ndarray:
    """Rise smoothly from 0 at `low` to 1 at `high`."""
    t = (values - np.float32(low)) * np.float32(1 / (high - low))
    np.clip(t, 0, 1, out=t)
    rise = 3 - 2 * t
    t *= t
    return np.multiply(t, rise, out=rise)


def as_picture(planes: Planes | list[np.ndarray]) -> np.ndarray:
    """Return planes of 0 to 255 as uint8 (H, W, 3), rounded and kept in range."""
    made = np.empty((*planes[0].shape, 3), np.uint8)
    for c, plane in enumerate(planes):
        rounded = plane + np.float32(0.5)
        made[..., c] = np.clip(rounded, 0, 255, out=rounded)
    return made


def _receding(ground: Ground, opacity: float) -> Planes:
    """Return the photograph under an overlay: muted from half opacity on, itself at none."""
    if opacity >= 0.5:
        return ground.muted
    share = np.float32(2 * opacity)
    return tuple(p + share * (m - p) for p, m in zip(ground.planes, ground.muted, strict=True))


def _distance(strength: np.ndarray, level: float) -> np.ndarray:
    """Return how many pixels each place is inside (above 0) a contour, to first order."""
    squared = np.zeros_like(strength)
    for axis in (0, 1):
        if strength.shape[axis] > 1:
            squared += np.square(np.gradient(strength, axis=axis))
    steep = np.sqrt(squared)
    return (strength - np.float32(level)) / np.maximum(steep, np.float32(1e-6))
