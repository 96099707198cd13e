"""The number that falls as a picture is deleted: the probability of a class, or the target's own value."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..objective import ClassScore, Objective, words
from ..probe import Probe
from ..probe.targets import probabilities

Reader = Callable[[np.ndarray], np.ndarray]


def reader(probe: Probe, target: Objective) -> tuple[Reader, str, bool]:
    """Return a function from pictures (N, H, W, C) to numbers (N,), what they are, and if they are probabilities.

    For the score of a class they are its probability, also where the logit is explained, so that areas of different
    networks can be compared; plain scores of several classes are read as if a softmax followed. For any other target
    they are its value.
    """
    maps = len(probe.output_shape) != 1
    if not isinstance(target, ClassScore) or (not probe.squash and (maps or probe.outputs == 1)):
        return lambda pictures: probe.scores(pictures, target), words(target, probe.labels), False
    named = f"the probability of {words(ClassScore(target.index), probe.labels)}"
    if maps:
        chance = ClassScore(target.index, "probability")
        return lambda pictures: probe.scores(pictures, chance), named, True

    def chances(pictures: np.ndarray) -> np.ndarray:
        rows = [probabilities(row, probe.squash, probe.classes) for row in probe.predict(pictures)]
        return np.array([row[target.index] for row in rows], np.float32)

    return chances, named, True
