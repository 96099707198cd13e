"""How long layers take on windows and on whole maps, from the work they do and the numbers they move."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from .fused_layers import Shapes, Unit
from .layer_rules import Rule
from .plan import Fetch, Task

Numbers = float | np.ndarray
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

    def seconds(self, work: Numbers, numbers: Numbers) -> Any:
        """Return how long some work takes that moves some numbers."""
        return work / self.work + numbers * BYTES / self.traffic


class Costs:
    """What each unit of a network costs.

    Parameters
    ----------
    steps : sequence of (Unit, Rule or None)
        The units, with how each runs on windows.
    shapes : mapping
        Shapes of the values by number, without the batch axis.
    rates : Rates
        How fast the machine is.

    Attributes
    ----------
    whole : numpy.ndarray
        Seconds of each unit on whole maps, for one position.
    ready : numpy.ndarray
        Seconds that each takes to get ready for a batch: its weights are read and laid out anew.
    crossing : dict of int to float
        Seconds that a value takes to go over to whole maps, by its number.
    """

    def __init__(self, steps: Sequence[tuple[Unit, Rule | None]], shapes: Shapes, rates: Rates) -> None:
        self._rates, numbers = rates, {slot: float(math.prod(shape)) for slot, shape in shapes.items()}
        self._channels = {slot: float(shape[-1]) for slot, shape in shapes.items() if shape}
        self._work = np.array([0.0 if rule is None else rule.work(unit) for unit, rule in steps])
        places = np.array([float(math.prod(shapes[unit.outputs[0]][:-1])) for unit, _ in steps])
        moved = np.array([sum(numbers[s] for s in (*unit.inputs, unit.outputs[0])) for unit, _ in steps])
        weights = np.array([_weights(unit) for unit, _ in steps])
        self.whole = rates.seconds(self._work * places, moved)
        fixed = np.where(self._work > 0, rates.shape, rates.shape / 10)
        self.ready = fixed + rates.seconds(np.zeros(len(steps)), WEIGHT_PASSES * weights)
        self.crossing = {slot: rates.seconds(0.0, 2 * many) for slot, many in numbers.items()}

    def on_windows(
        self, number: int, task: Task, fetch: tuple[Fetch, ...], read: float, renewed: float
    ) -> float:
        """Return how long a unit takes on windows of so many places in all that it reads, and renews."""
        channels = [self._channels[slot] for slot in task.inputs]
        if task.rule is None:
            return self._rates.seconds(0.0, 3.0 * read * channels[0])
        passes = [{"own": 1, "still": 0}.get(how, 3) * n for how, n in zip(fetch, channels, strict=True)]
        numbers = read * sum(passes) + renewed * self._channels[task.unit.outputs[0]]
        return self._rates.windows * self._rates.seconds(self._work[number] * renewed, numbers)


def _weights(unit: Unit) -> float:
    return float(sum(math.prod(weight.shape) for weight in getattr(unit.step.op, "weights", ())))


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
