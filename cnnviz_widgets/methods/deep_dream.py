"""DeepDream: what a layer sees in a picture, seen more and more, from coarse to fine."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..errors import ImageError, SettingError
from ..explanation import NOISE, GeneratedImage
from ..image import Image
from ..method import GENERATED, Method, register
from ..objective import LayerEnergy, Objective, words
from ..probe import AnySize, Probe
from ..resample import resized
from ..settings import choice, number, objective, whole

LEAST = 32  # shorter side of the smallest octave in pixels, unless the picture itself is shorter
USUAL = 4
EVERY = 2  # steps between two pictures
GREY = 0.5
UNMOVED = "The score did not move: nothing in the picture excites the target. Choose another layer."


@register
@dataclass(frozen=True)
class DeepDream(Method):
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
    family: ClassVar[str] = GENERATED
    help: ClassVar[str] = "Shows more and more of what a layer sees in the picture"
    source: ClassVar[str] = "Mordvintsev, Olah, Tyka, Google Research blog 2015, Inceptionism"
    says: ClassVar[str] = "Dreamt to raise {target}."
    reading: ClassVar[str] = (
        "Early layers dream of strokes and textures, late ones of parts and whole things, where the picture suggests "
        "them. What appears is what the network was trained to see, not what is there."
    )
    unit: ClassVar[str] = "pixel"
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
        target = LayerEnergy(_middle(probe)) if self.target is None else probe.target(self.target, image)
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

    def explain(self, probe: Probe, image: Image) -> Iterator[GeneratedImage]:
        """Yield the picture every few steps, each time at the size of the octave that it is in."""
        ready = self.resolved(probe, image)
        slopes = AnySize(probe, ready.target, image.range, ready.tile)  # type: ignore[arg-type]
        low, high = image.range
        whole_picture = (
            (image.pixels - low) / (high - low) if ready.begin == "picture" else ready._noise(image)
        )
        source = np.random.default_rng(ready.seed)
        sizes = ready.sizes(image.size)
        total = ready.steps * len(sizes)
        curve: list[float] = []
        dreamt = resized(whole_picture, sizes[0])
        for octave, size in enumerate(sizes):
            if octave:
                dreamt = _grown(dreamt, whole_picture, size)
            for step in range(ready.steps):
                dreamt, score = ready._stepped(slopes, dreamt, source)
                curve.append(score)
                if not np.isfinite(score):
                    raise SettingError(f"DeepDream stopped at step {len(curve)}: the score is not finite.")
                if (step + 1) % EVERY == 0 or step + 1 == ready.steps:
                    yield ready._drawn(probe, image, dreamt, curve, len(curve) / total)

    def _stepped(
        self, slopes: AnySize, picture: np.ndarray, source: np.random.Generator
    ) -> tuple[np.ndarray, float]:
        """Return the picture after a step, within 0 and 1, and the score before it."""
        down, right = (int(n) for n in source.integers(-self.jitter, self.jitter + 1, 2))
        score, slope = slopes(np.roll(picture, (down, right), (0, 1)))
        slope = np.roll(slope, (-down, -right), (0, 1))
        strength = float(np.abs(slope).mean())
        if strength > 0:
            picture = np.clip(picture + slope * (self.rate / strength), 0, 1).astype(np.float32)
        return picture, score

    def _noise(self, image: Image) -> np.ndarray:
        drawn = np.random.default_rng((self.seed, 1)).normal(GREY, 0.1, image.pixels.shape)
        return np.clip(drawn, 0, 1).astype(np.float32)

    def _drawn(
        self, probe: Probe, image: Image, picture: np.ndarray, curve: list[float], done: float
    ) -> GeneratedImage:
        low, high = image.range
        still = len(curve) > 1 and max(curve) == min(curve) and done == 1
        notes = (UNMOVED,) if still else ()
        return GeneratedImage(
            **self.about(probe, image), unit=self.unit, values=(picture * (high - low) + low)[None].astype(np.float32),
            curve=np.array(curve, np.float32)[:, None], targets=(words(self.target, probe.labels),),  # type: ignore[arg-type]
            scores={"score": curve[-1], "first score": curve[0]}, notes=notes, done=done,
            progress=f"{len(curve)} of {self.steps * (self.octaves or 1)} steps",
        )  # fmt: skip


def _middle(probe: Probe) -> str:
    """Return a layer that sees parts of things: two thirds of the way from the first to the last with maps."""
    spatial = probe.spatial_layers
    return spatial[len(spatial) * 2 // 3].name if spatial else probe.last_spatial()


def _grown(dreamt: np.ndarray, whole: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return what was dreamt at a larger size, with what the picture itself has there and lost at the smaller one."""
    own, smaller = resized(whole, size), resized(resized(whole, dreamt.shape[:2]), size)
    return np.clip(resized(dreamt, size) + own - smaller, 0, 1).astype(np.float32)
