"""What the tests of the image generator share: a fast method, and what the screen has come to."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from cnnviz_widgets import ActivationMaximization, GeneratedImage, ImageGenerator
from tests.models import picture

PATIENCE = 120
SIDE = 40
STEPS = 24
Make = Callable[..., ImageGenerator]
FAST = ActivationMaximization(preset="fast", steps=STEPS)


def settled(generator: ImageGenerator) -> ImageGenerator:
    assert generator.wait(PATIENCE)
    return generator


def steps(generator: ImageGenerator) -> list[int]:
    return [len(made.curve) for made in generator.frames]


def at_frame(generator: ImageGenerator, count: int, act: Callable[[], object]) -> ImageGenerator:
    """Begin anew, do something as soon as there are `count` frames of the new climb, and wait."""
    before = generator.frames[-1:]

    def look(_: Any) -> None:
        if len(generator.frames) == count and generator.frames[-1:] != before and not done:
            done.append(True)
            act()

    done: list[bool] = []
    generator.session.observe(look, "explanation")
    generator.ask()
    settled(generator)
    generator.session.unobserve(look, "explanation")
    assert done
    return generator


def side(generator: ImageGenerator) -> str:
    return re.sub(r"<[^>]+>", "", generator.view.real.value)


def frame(step: int, side: int = 4, state: Any = None) -> GeneratedImage:
    return GeneratedImage(
        image=picture(), recipe=FAST, curve=np.zeros((step, 1), np.float32), state=state,
        values=np.zeros((1, side, side, 3), np.float32),
    )  # fmt: skip
