"""The number that falls as a picture is deleted: the probability of a class, or the target's own value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..objectives import ClassScore, Objective, words
from ..probe import Probe
from ..probe.targets import probabilities

Reader = Callable[[np.ndarray], np.ndarray]


def reader(probe: Probe, target: Objective) -> tuple[Reader, str, bool]:
    """Return a function from pictures (N, H, W, C) to numbers (N,), what they are, and if they are probabilities.

    For the score of a class they are its probability, also where the logit is explained, so that areas of different
    networks can be compared; plain scores of several classes are read as if a softmax followed. For any other target
    they are its value.
    """
    if not isinstance(target, ClassScore):
        return (
            lambda pictures: probe.scores(pictures, target, fitted=True),
            words(target, probe.labels),
            False,
        )
    named = f"the probability of {words(replace(target, of='logit'), probe.labels)}"
    if len(probe.output_shape) != 1:
        chance = replace(target, of="probability")
        return lambda pictures: probe.scores(pictures, chance, fitted=True), named, True

    def chances(pictures: np.ndarray) -> np.ndarray:
        rows = [
            probabilities(row.reshape(-1), probe.squash, probe.task)
            for row in probe.predict(pictures, fitted=True)
        ]
        return np.array([row[target.number] for row in rows], np.float32)

    return chances, named, True
