"""What the methods that climb from noise share: presets, and the settings of the climb."""

# No postponed annotations: fields that are inherited must be readable in modules that do not import their types.
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from ..errors import ImageError, SettingError
from ..explanation import NOISE, GeneratedImage
from ..images.image import Image
from ..objectives import Objective, words
from ..probe import OPTIMISERS, Climber, ClimbPlan, Penalties, Probe, Shaking, Space
from ..settings import choice, number, whole
from ._ascent import Stage, ascend
from ._going_on import GoingOn

SIDE = 224  # of a picture for a model that takes any size
LEAST = 8
SMALL = 64  # a shorter side below which a picture is moved less: a turn or a stretch takes more of what is drawn there
# Chosen by looking; jitter is a share of the shorter side.
PRESETS: dict[str, dict[str, float]] = {
    "fast": {
        "steps": 96,
        "rate": 0.06,
        "jitter": 0.07,
        "rotation": 10,
        "zoom": 0.15,
        "blur": 1.0,
        "extremes": 0.3,
        "decay": 1.0,
    },
    "clean": {
        "steps": 256,
        "rate": 0.03,
        "jitter": 0.1,
        "rotation": 15,
        "zoom": 0.25,
        "blur": 0.5,
        "extremes": 0.15,
        "decay": 1.1,
    },
    "vivid": {
        "steps": 256,
        "rate": 0.05,
        "jitter": 0.1,
        "rotation": 15,
        "zoom": 0.25,
        "blur": 0.3,
        "extremes": 0.2,
        "decay": 1.2,
    },
}
MOVED_LESS = {"jitter": 0.04, "rotation": 8, "zoom": 0.1}


@dataclass(frozen=True)
class Generated(GoingOn):
    """A method that makes pictures by climbing a score."""

    stands: ClassVar[type] = Stage

    preset: str = choice(
        "clean", tuple(PRESETS), help="a set of the settings below, where they are left open"
    )
    begin: str = choice(
        "noise", ("noise", "picture"), help="where to begin: faint noise, or the picture given"
    )
    steps: int | None = whole(
        None, low=1, high=100_000, control_high=1000, help="how many steps; more are clearer"
    )
    space: str = choice(
        "fourier", ("fourier", "pixels"), help="what is changed: waves, or pixels", advanced=True
    )
    rate: float | None = number(
        None, low=0, high=10, control_high=0.2, help="how far a step goes; lower is steadier"
    )
    optimiser: str = choice(
        "Adam", OPTIMISERS, help="the Keras optimiser that makes the steps", advanced=True
    )
    jitter: int | None = whole(
        None,
        low=0,
        high=1000,
        control_high=40,
        unit="px",
        help="how far the picture is shifted before each look",
    )
    rotation: float | None = number(
        None, low=0, high=180, control_high=45, unit="degrees", help="how far it is turned before each look"
    )
    zoom: float | None = number(
        None, low=0, high=0.9, control_high=0.5, help="how much it grows or shrinks before each look"
    )
    beyond: str = choice(
        "reflect", ("reflect", "grey", "wrap"), help="what the network sees beyond its edges", advanced=True
    )
    variation: float = number(
        0.0,
        low=0,
        high=100,
        control_high=1,
        help="pull against differences of neighbours (TV)",
        advanced=True,
    )
    greyness: float = number(
        0.0,
        low=0,
        high=100,
        control_high=1,
        help="pull towards the ground (L2); keeps contrast low",
        advanced=True,
    )
    ground: float = number(
        0.5,
        low=0,
        high=1,
        help="the ground: 0 is black, 0.5 mid-grey, 1 white; for digits on black 0",
        advanced=True,
    )
    extremes: float | None = number(
        None, low=0, high=100, control_high=1, help="pull against black and white (L-p, p = 6)", advanced=True
    )
    blur: float | None = number(
        None,
        low=0,
        high=100,
        control_high=5,
        help="pull towards its own blurred copy; less grain",
        advanced=True,
    )
    decay: float | None = number(
        None, low=0, high=3, control_high=2, advanced=True,
        help="how much more long waves count than short ones; more gives larger shapes and stronger contrast",
    )  # fmt: skip
    seed: int = whole(
        0, low=0, high=2**31 - 1, control_high=20, help="seed of noise and moves", advanced=True
    )

    @abstractmethod
    def targets(self, image: Image) -> tuple[Objective, ...]:
        """Return what each picture raises."""

    def beginning(self, probe: Probe) -> Image:
        """Return mid-grey of the size that the model takes.

        Raises
        ------
        ImageError
            If the method is set to begin with a picture.
        """
        if self.begin == "picture":
            raise ImageError(
                f"{type(self).__name__}(begin='picture') needs a picture: give one after the model."
            )
        height, width, channels = probe.input_shape
        low, high = probe.value_range or (0.0, 1.0)
        grey = np.full((height or SIDE, width or SIDE, channels or 3), (low + high) / 2, np.float32)
        return Image(grey, (low, high), NOISE)

    def fitted(self, image: Image) -> Any:
        """Return this method with the preset's settings where none were given."""
        if min(image.size) < LEAST:
            raise SettingError(
                f"{type(self).__name__} makes pictures of at least {LEAST} x {LEAST} pixels; the model takes "
                f"{image.size[0]} x {image.size[1]}."
            )
        preset = PRESETS[self.preset] | (MOVED_LESS if min(image.size) < SMALL else {})
        preset["jitter"] = round(preset["jitter"] * min(image.size))
        return self.replace(**{name: value for name, value in preset.items() if getattr(self, name) is None})

    def passes(self, image: Image) -> int:
        """Return about how many pictures the network has to take: a step is one forward and one backward pass."""
        return 3 * self._total

    def steps_left(self, before: GeneratedImage) -> int:
        """Return how many steps there are to make from an earlier picture on; 0 if it has them all."""
        return max(self._total - len(before.curve), 0)

    @property
    def _total(self) -> int:
        return int(self.steps or PRESETS[self.preset]["steps"])

    def climber(self, probe: Probe, image: Image, targets: Sequence[Objective]) -> Climber:
        """Return what makes the steps; all settings are filled in."""
        plan = ClimbPlan(
            space=Space(self.space, image.size, decay=1.0 if self.decay is None else self.decay),
            shaking=Shaking(float(self.jitter or 0), self.rotation or 0.0, self.zoom or 0.0, self.beyond),
            penalties=Penalties(
                self.variation, self.greyness, self.extremes or 0.0, self.blur or 0.0, self.ground
            ),
            optimiser=self.optimiser, rate=self.rate or 0.0, apart=self.apart(probe, len(targets)),
        )  # fmt: skip
        return Climber(probe, targets, plan, image.range, self.seed)

    def apart(self, probe: Probe, count: int) -> tuple[str, float] | None:
        """Return the layer and weight by which several pictures are driven apart."""
        return None

    def climb(self, probe: Probe, image: Image, before: Stage | None = None) -> Iterator[GeneratedImage]:
        """Yield the pictures every few steps."""
        targets = self.targets(image)
        climber = self.climber(probe, image, targets)
        start = image.pixels if self.begin == "picture" else None
        for stage in ascend(climber, self._total, start, before):
            yield self.drawn(probe, image, targets, stage)

    def drawn(self, probe: Probe, image: Image, targets: Sequence[Objective], stage: Stage) -> GeneratedImage:
        """Return a stage as a result."""
        now = float(stage.curve[-1].mean()) if len(stage.curve) else 0.0
        return GeneratedImage(
            **self.about(probe, image), unit=self.unit, values=stage.pictures, curve=stage.curve, state=stage,
            scores={"score": now, "first score": float(stage.curve[0].mean()) if len(stage.curve) else 0.0},
            targets=tuple(words(target, probe.labels) for target in targets), notes=stage.notes, done=stage.done,
            progress=f"{len(stage.curve)} of {self.steps} steps",
        )  # fmt: skip
