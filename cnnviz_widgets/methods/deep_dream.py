"""DeepDream: what a layer sees in a picture, seen more and more, from coarse to fine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from ..errors import ImageError, SettingError
from ..explanation import NOISE, GeneratedImage
from ..images.image import Image
from ..method import register
from ..objectives import LayerEnergy, Objective, words
from ..probe import AnySize, Probe
from ..probe.layer_info import middle
from ..resampling import resized
from ..settings import choice, number, objective, whole
from ._dream import Dream, dreams
from ._going_on import GoingOn

LEAST = 32  # shorter side of the smallest octave in pixels, unless the picture itself is shorter
USUAL = 4
EVERY = 2  # steps between two pictures
GREY = 0.5
UNMOVED = "The score did not move: nothing in the picture excites the target. Choose another layer."


@register
@dataclass(frozen=True)
class DeepDream(GoingOn):
    """A picture in which a layer sees more of what it sees there already.

    Steps up the slope of the target (the energy of a layer, or a `Mixture` of several), each of the same mean size, on
    the picture at several sizes, from small to large: what appears at one size is enlarged and worked out at the next.
    What shrinking the picture lost is added back at each size. Before each step the picture is shifted at random and
    then shifted back, so that the seams of the tiles never stay in one place; tiles of at most `tile` pixels go through
    the network one by one, so that memory does not grow with the picture.

    The picture keeps its value range. The result is a `GeneratedImage` of one picture, of the size of the picture that
    went in, or larger by `enlarge`.

    Raises
    ------
    SettingError
        If the smallest octave would be shorter than 32 pixels, or smaller than the network takes.
    TargetError
        If the target lies behind a layer that takes one size alone.
    """

    label: ClassVar[str] = "DeepDream"
    stands: ClassVar[type] = Dream
    help: ClassVar[str] = "Shows more and more of what a layer sees in the picture"
    source: ClassVar[str] = "Mordvintsev, Olah, Tyka, Google Research blog 2015, Inceptionism"
    says: ClassVar[str] = "Dreamt to raise {target}."
    reading: ClassVar[str] = (
        "Early layers dream of strokes and textures, late ones of parts and whole things, where the picture suggests "
        "them. What appears is what the network was trained to see, not what is there."
    )
    rank: ClassVar[int] = 30

    target: Objective | int | None = objective(help="what is raised; the energy of a middle layer if empty")
    begin: str = choice("picture", ("picture", "noise"), help="where to begin: the picture given, or noise")
    octaves: int | None = whole(
        None, low=1, high=12, control_high=6, help="at how many sizes; four if so many fit"
    )
    octave_scale: float = number(
        1.4, low=1.05, high=4, control_high=2, help="how much larger each size is than the last"
    )
    steps: int = whole(10, low=1, high=1000, control_high=40, help="steps at each size")
    rate: float = number(
        0.015,
        low=0.0001,
        high=1,
        control_high=0.1,
        help="mean change of a pixel a step, as a share of its range",
    )
    enlarge: float = number(
        1.0, low=1, high=8, control_high=4, help="how much larger the result is than the picture"
    )
    jitter: int = whole(
        32, low=0, high=1000, control_high=64, unit="px", help="how far it is shifted before a step"
    )
    tile: int = whole(
        512,
        low=32,
        high=4096,
        unit="px",
        help="longest side that goes through the network at once",
        advanced=True,
    )
    seed: int = whole(
        0, low=0, high=2**31 - 1, control_high=20, help="seed of noise and shifts", advanced=True
    )

    def beginning(self, probe: Probe) -> Image:
        """Return noise of the size that the model takes, if the method begins with it."""
        if self.begin == "picture":
            raise ImageError("DeepDream dreams on a picture: give one after the model, or set begin='noise'.")
        height, width, channels = probe.input_shape
        low, high = probe.value_range or (0.0, 1.0)
        grey = np.full((height or 224, width or 224, channels or 3), (low + high) / 2, np.float32)
        return Image(grey, (low, high), NOISE)

    def resolved(self, probe: Probe, image: Image) -> DeepDream:
        """Return this method with its target and number of octaves chosen."""
        spatial = probe.spatial_layers
        usual = LayerEnergy(middle(spatial).name if spatial else probe.last_spatial())
        target = usual if self.target is None else probe.target(self.target, image)
        return self.replace(target=target, octaves=self.octaves or min(USUAL, self._most(image.size)))

    def passes(self, image: Image) -> int:
        """Return about how many pictures the network has to take: a step is one forward and one backward pass."""
        areas = sum((size[0] * size[1]) for size in self.sizes(image.size))
        return round(3 * self.steps * areas / (image.size[0] * image.size[1]))

    def sizes(self, size: tuple[int, int]) -> list[tuple[int, int]]:
        """Return (height, width) of each octave, the smallest first.

        Raises
        ------
        SettingError
            If the smallest would be too small.
        """
        octaves, most = self.octaves or min(USUAL, self._most(size)), self._most(size)
        shrunk = [self.enlarge / self.octave_scale**k for k in reversed(range(octaves))]
        found = [(round(size[0] * by), round(size[1] * by)) for by in shrunk]
        if octaves > most:
            raise SettingError(
                f"DeepDream.octaves: the smallest of {octaves} octaves would be {found[0][0]} x {found[0][1]} pixels, "
                f"and {min(LEAST, *size)} is the least. Use at most {most}, a smaller octave_scale, or enlarge the "
                "picture."
            )
        return found

    def _most(self, size: tuple[int, int]) -> int:
        """Return how many octaves fit, at least one."""
        room = min(size) * self.enlarge / min(LEAST, *size)
        return 1 + int(np.log(room) / np.log(self.octave_scale) + 1e-9)

    def steps_left(self, before: GeneratedImage) -> int:
        """Return how many steps there are to make from an earlier picture on; 0 if it has them all.

        Raises
        ------
        SettingError
            If its octaves have other sizes.
        """
        sizes = tuple(self.sizes(before.image.size))
        if sizes != before.state.sizes:
            made, asked = (", ".join(f"{h} x {w}" for h, w in each) for each in (before.state.sizes, sizes))
            raise SettingError(
                f"DeepDream.go_on keeps the sizes of a dream: this result was made at {made}, and octaves, "
                f"octave_scale and enlarge now ask for {asked}. Set them as they were, or begin anew."
            )
        return int(before.state.left(self.steps))

    def climb(self, probe: Probe, image: Image, before: Dream | None = None) -> Iterator[GeneratedImage]:
        """Yield the picture every few steps, each time at the size of the octave that it is in."""
        slopes = AnySize(probe, self.target, image.range, self.tile)  # type: ignore[arg-type]
        whole, sizes = self._whole(image), tuple(self.sizes(image.size))
        begun = before or Dream(resized(whole, sizes[0]), sizes)
        for dream in dreams(begun, whole, self.steps, partial(self._stepped, slopes)):
            if dream.step % EVERY == 0 or dream.step >= self.steps or dream.note:
                yield self._drawn(probe, image, dream)

    def _stepped(self, slopes: AnySize, picture: np.ndarray, before: int) -> tuple[np.ndarray, float]:
        """Return the picture after a step, within 0 and 1, and the score before it."""
        # A generator for each step, so that going on needs no more than the number of steps made.
        source = np.random.default_rng((self.seed, 0, before))
        down, right = (int(n) for n in source.integers(-self.jitter, self.jitter + 1, 2))
        score, slope = slopes(np.roll(picture, (down, right), (0, 1)))
        slope = np.roll(slope, (-down, -right), (0, 1))
        strength = float(np.abs(slope).mean())
        if strength != 0:
            picture = np.clip(picture + slope * (self.rate / strength), 0, 1).astype(np.float32)
        return picture, score

    def _whole(self, image: Image) -> np.ndarray:
        """Return the picture that is dreamt on, from 0 to 1, or noise of its size."""
        if self.begin == "noise":
            drawn = np.random.default_rng((self.seed, 1)).normal(GREY, 0.1, image.pixels.shape)
            return np.clip(drawn, 0, 1).astype(np.float32)
        low, high = image.range
        return np.asarray((image.pixels - low) / (high - low))

    def _drawn(self, probe: Probe, image: Image, dream: Dream) -> GeneratedImage:
        low, high = image.range
        curve, left = dream.curve, dream.left(self.steps)
        still = not left and len(curve) > 1 and curve.max() == curve.min()
        notes = (dream.note,) if dream.note else (UNMOVED,) if still else ()
        scores = {"score": float(curve[-1]), "first score": float(curve[0])} if len(curve) else {}
        total = len(curve) + left
        return GeneratedImage(
            **self.about(probe, image), unit=self.unit, state=dream, notes=notes, scores=scores, curve=curve[:, None],
            values=(dream.picture * (high - low) + low)[None].astype(np.float32),
            targets=(words(self.target, probe.labels),),  # type: ignore[arg-type]
            done=1.0 if dream.note else len(curve) / total, progress=f"{len(curve)} of {total} steps",
        )  # fmt: skip
