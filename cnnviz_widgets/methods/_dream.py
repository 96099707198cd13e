"""A dream on its way: a picture that is worked out at one size after the other, each larger than the last."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from ..resampling import resized


@dataclass(frozen=True, eq=False)
class Dream:
    """Where a dream stands.

    Attributes
    ----------
    picture : numpy.ndarray
        float32 (H, W, C) from 0 to 1, of the size of its octave.
    sizes : tuple
        (height, width) of every octave, the smallest first.
    octave : int
        Which of them it is at, from 0.
    step : int
        How many steps it has made there.
    curve : numpy.ndarray
        float32 (steps,), the score at every step so far, at all octaves.
    note : str
        Why it had to stop; empty otherwise.
    """

    picture: np.ndarray
    sizes: tuple[tuple[int, int], ...]
    octave: int = 0
    step: int = 0
    curve: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    note: str = ""

    def left(self, steps: int) -> int:
        """Return how many steps there are to make, with `steps` at each octave."""
        return max(steps - self.step, 0) + steps * (len(self.sizes) - 1 - self.octave)


def dreams(
    dream: Dream,
    whole: np.ndarray,
    steps: int,
    change: Callable[[np.ndarray, int], tuple[np.ndarray, float]],
) -> Iterator[Dream]:
    """Yield a dream after each further step, until it has `steps` at every octave.

    One that meets a number that is not finite ends with the last good picture and a note.

    Parameters
    ----------
    dream : Dream
        Where to begin.
    whole : numpy.ndarray
        (H, W, C) from 0 to 1, the picture that is dreamt on.
    steps : int
        How many steps to make at each octave.
    change : callable
        Takes a picture and the number of steps before it; returns the next picture and the score of this one.
    """
    good = dream = replace(dream, note="")
    while dream.left(steps):
        if dream.step >= steps:
            dream = _grown(dream, whole)
        picture, score = change(dream.picture, len(dream.curve))
        if not np.isfinite(score):
            yield _stopped(good, "the score", len(dream.curve) + 1)
            return
        if not np.isfinite(picture).all():
            yield _stopped(dream, "the picture", len(dream.curve) + 1)
            return
        curve = np.append(dream.curve, np.float32(score))
        good, dream = dream, replace(dream, picture=picture, step=dream.step + 1, curve=curve)
        yield dream


def _grown(dream: Dream, whole: np.ndarray) -> Dream:
    """Return a dream at its next size, with what the picture itself has there and lost at the smaller one."""
    size = dream.sizes[dream.octave + 1]
    own, smaller = resized(whole, size), resized(resized(whole, dream.picture.shape[:2]), size)
    grown = np.clip(resized(dream.picture, size) + own - smaller, 0, 1).astype(np.float32)
    return replace(dream, picture=grown, octave=dream.octave + 1, step=0)


def _stopped(good: Dream, what: str, step: int) -> Dream:
    note = (
        f"Stopped at step {step}: {what} is no longer a finite number. Shown is the last good picture, of step "
        f"{len(good.curve)}. Lower the rate, or raise an earlier layer."
    )
    return replace(good, note=note)
