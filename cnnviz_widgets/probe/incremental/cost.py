"""How long layers take on windows and on whole maps, from the work they do and the numbers they move."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .fold import Unit
from .pointwise import Shapes
from .rules import Rule

BYTES = 4
WEIGHT_PASSES = 10  # measured with oneDNN, which lays a kernel out for each call


@dataclass(frozen=True)
class Rates:
    """How fast the machine is.

    Attributes
    ----------
    work : float
        Multiplications and additions a second.
    traffic : float
        Bytes read or written a second.
    windows : float
        How many times longer windows take than whole maps for the same work.
    shape : float
        Seconds that a convolution takes to get ready for windows of another size, beside reading its weights.
    """

    work: float = 100e9
    traffic: float = 8e9
    windows: float = 1.0
    shape: float = 0.3e-3

    def seconds(self, work: float, numbers: float) -> float:
        """Return how long some work takes that moves some numbers."""
        return work / self.work + numbers * BYTES / self.traffic

    def ready(self, rule: Rule | None, unit: Unit) -> float:
        """Return how long a unit takes to get ready for a batch: its weights are read and laid out anew."""
        weights = sum(float(np.prod(weight.shape)) for weight in getattr(unit.step.op, "weights", ()))
        fixed = self.shape if rule is not None and rule.work(unit) else self.shape / 10
        return fixed + self.seconds(0, WEIGHT_PASSES * weights)


def whole_seconds(unit: Unit, rule: Rule | None, shapes: Shapes, rates: Rates) -> float:
    """Return how long a unit takes on whole maps."""
    made = shapes[unit.outputs[0]]
    work = rule.work(unit) * float(np.prod(made[:-1])) if rule is not None else 0.0
    return rates.seconds(work, sum(float(np.prod(shapes[slot])) for slot in (*unit.inputs, unit.outputs[0])))


@cache
def machine_rates() -> Rates:
    """Return how fast this machine is, measured once: a product of matrices and a sum of large arrays.

    The figures are powers of two, so that what else the machine does hardly ever changes what is computed on windows,
    and with it how an answer rounds.
    """
    import tensorflow as tf

    side, long = 768, tf.ones(2**22)
    square = tf.ones((side, side))
    work = 2 * side**3 / _shortest(lambda: tf.linalg.matmul(square, square))
    traffic = 3 * 4 * 2**22 / _shortest(lambda: long + long)
    return Rates(*(float(2 ** round(math.log2(rate))) for rate in (work, traffic)))


def _shortest(run: Any) -> float:
    """Return the least number of seconds that a call takes of several."""
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        run().numpy()
        taken.append(time.perf_counter() - begun)
    return min(taken)
