"""Gradient ascent on pixels, step by step, shared by the methods that make pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..probe import Climber

EVERY = 8  # steps between two pictures
SETTLING = 0.4  # share of the steps, the last ones, in which the changes shrink to nothing
MOVED = 1e-6
STOPPED = "Stopped at step"


@dataclass(frozen=True, eq=False)
class Stage:
    """Where an ascent stands.

    Attributes
    ----------
    pictures : numpy.ndarray
        float32 (N, H, W, C) in the value range.
    curve : numpy.ndarray
        float32 (steps, N), scores so far.
    state : object
        What `ascend` goes on from.
    done : float
        0 to 1.
    notes : tuple of str
        What to mind.
    """

    pictures: np.ndarray
    curve: np.ndarray
    state: Any
    done: float
    notes: tuple[str, ...] = ()


def ascend(
    climber: Climber, steps: int, start: np.ndarray | None = None, before: Stage | None = None
) -> Iterator[Stage]:
    """Yield the pictures every few steps, from a start or from an earlier stage on, until all steps are made.

    An ascent that meets a number that is not finite ends with the last good pictures and says at which step.
    """
    notes: tuple[str, ...] = ()
    if before is None:
        state, said = climber.began(start)
        curve = np.zeros((0, len(climber.targets)), np.float32)
        notes = (said,) if said else ()
    else:
        state, curve = before.state, before.curve
        notes = tuple(note for note in before.notes if not note.startswith(STOPPED))
    last = Stage(climber.pictures(state), curve, state, max(state.step / steps, 1e-6), notes)
    while state.step < steps:
        count = min(EVERY, steps - state.step)
        state, scores = climber.advance(state, count, _share(state.step, count, steps))
        pictures = climber.pictures(state)
        if not (np.isfinite(scores).all() and np.isfinite(pictures).all()):
            yield _stopped(last, scores)
            return
        curve = np.concatenate([curve, scores])
        if state.step == steps:
            notes = (*notes, *_unmoved(curve))
        last = Stage(pictures, curve, state, state.step / steps, notes)
        yield last


def _share(first: int, count: int, steps: int) -> np.ndarray:
    """Return how much of each change is made: all of it, and towards the end less and less."""
    left = (steps - np.arange(first, first + count)) / max(steps * SETTLING, 1)
    return np.minimum(left, 1).astype(np.float32)


def _stopped(last: Stage, scores: np.ndarray) -> Stage:
    bad = np.flatnonzero(~np.isfinite(scores).all(axis=1))
    step = len(last.curve) + (int(bad[0]) if len(bad) else len(scores)) + 1
    note = (
        f"{STOPPED} {step}: the score or the picture is no longer a finite number. Shown is the last good "
        f"picture, of step {len(last.curve)}. Lower the rate, or climb the logit rather than a probability."
    )
    return Stage(last.pictures, last.curve, last.state, 1.0, (*last.notes, note))


def _unmoved(curve: np.ndarray) -> tuple[str, ...]:
    spread = curve.max(axis=0) - curve.min(axis=0)
    still = np.flatnonzero(spread <= MOVED * np.maximum(np.abs(curve).max(axis=0), 1))
    if not len(still):
        return ()
    which = (
        "The score" if curve.shape[1] == 1 else f"The score of picture {', '.join(str(k + 1) for k in still)}"
    )
    return (
        f"{which} did not move: it is {curve[-1, still[0]]:.4g} at every step. The unit may be dead, answering "
        "the same to any picture; begin with a picture it answers to, or choose another unit.",
    )
