"""How long layers take on windows and on whole maps, from the work they do and the numbers they move."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .fold import Unit
from .pointwise import Shapes
from .rules import Rule
from .windows import Region

if TYPE_CHECKING:
    from .plan import Task

BYTES = 4


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
    """

    work: float = 100e9
    traffic: float = 8e9
    windows: float = 1.0

    def seconds(self, work: float, numbers: float) -> float:
        """Return how long some work takes that moves some numbers."""
        return work / self.work + numbers * BYTES / self.traffic


def whole_seconds(unit: Unit, rule: Rule | None, shapes: Shapes, rates: Rates) -> float:
    """Return how long a unit takes on whole maps."""
    made = shapes[unit.outputs[0]]
    work = rule.work(unit) * float(np.prod(made[:-1])) if rule is not None else 0.0
    return rates.seconds(work, sum(float(np.prod(shapes[slot])) for slot in (*unit.inputs, unit.outputs[0])))


def task_seconds(task: Task, have: dict[int, Region], shapes: Shapes, rates: Rates) -> float:
    """Return how long a unit takes on the windows of one position."""
    if task.move is None or task.rule is None:
        return rates.seconds(0, sum(3.0 * have[slot].area * shapes[slot][-1] for slot, _ in task.fetch))
    read, renewed = task.move.read.area, task.move.renewed.area
    numbers = float(renewed * shapes[task.unit.outputs[0]][-1])
    for slot, how in task.fetch:
        numbers += {"own": 1, "still": 0}.get(how, 3) * read * shapes[slot][-1]
    return rates.windows * rates.seconds(task.rule.work(task.unit) * renewed, numbers)
