"""Which layers run on windows, and from where on whole maps are cheaper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .cost import Rates, task_seconds, whole_seconds
from .fold import Unit
from .pointwise import Shapes
from .rules import Move, Rule
from .windows import Region, hull

Fetch = Literal["own", "paste", "cut", "still"]


@dataclass(frozen=True, eq=False)
class Task:
    """One unit that runs on windows.

    Attributes
    ----------
    unit : Unit
        What runs.
    rule : Rule or None
        How; None for a mean over all places, which gives one row a position.
    move : Move or None
        What it reads and renews; None for a mean.
    fetch : tuple of (int, str)
        For each input, its number and how its windows are had: as they are (``own``), with the unchanged map pasted
        around (``paste``), from the unchanged map (``cut``), or one place that serves for all (``still``).
    """

    unit: Unit
    rule: Rule | None
    move: Move | None
    fetch: tuple[tuple[int, Fetch], ...]


@dataclass(frozen=True, eq=False)
class Plan:
    """What is done for one size of patch and one set of positions.

    Attributes
    ----------
    tasks : tuple of Task
        Units that run on windows, in order.
    rest : tuple of Unit
        Units that run on whole maps after them, in order.
    have : dict of int to Region
        Which windows of a value are changed, by its number.
    frontier : tuple of int
        Numbers of the values that go over from windows to whole maps.
    pooled : tuple of int
        Numbers of the means over all places made from windows.
    bases : tuple of int
        Numbers of the values whose unchanged maps are needed.
    still : tuple of int
        Numbers of the values that are needed as they are without a patch.
    regions : tuple of Region
        All regions met.
    seconds : float
        Predicted time for one position.
    """

    tasks: tuple[Task, ...]
    rest: tuple[Unit, ...]
    have: dict[int, Region]
    frontier: tuple[int, ...]
    pooled: tuple[int, ...]
    bases: tuple[int, ...]
    still: tuple[int, ...]
    regions: tuple[Region, ...]
    seconds: float

    @property
    def key(self) -> tuple[object, ...]:
        """What a compiled function depends on, beside the network and the size of the picture."""
        sizes = tuple(region.size for region in self.regions)
        return sizes, tuple(task.fetch for task in self.tasks), self.frontier


class Planner:
    """Plans for one network and one size of picture.

    Parameters
    ----------
    steps : sequence of (Unit, Rule or None)
        The network as far as the picture reaches and it is needed, with how each unit runs on windows.
    shapes : mapping
        Shapes of the values by number, without the batch axis.
    image : int
        Number of the picture.
    wanted : set of int
        Numbers of the values that are asked for, whole.
    """

    def __init__(
        self, steps: Sequence[tuple[Unit, Rule | None]], shapes: Shapes, image: int, wanted: set[int]
    ) -> None:
        self.steps, self.shapes, self.image, self.wanted = list(steps), shapes, image, wanted
        self.moved = {image, *(slot for unit, _ in steps for slot in unit.outputs)}
        self.last: dict[int, int] = {}
        for k, (unit, _) in enumerate(self.steps):
            self.last.update(dict.fromkeys(unit.inputs, k))
        self.last.update(dict.fromkeys(wanted, len(self.steps)))

    def plan(self, start: Region, rates: Rates, most: int | None = None) -> Plan:
        """Return the cheapest plan for a patch that covers `start`; at most `most` units look at windows."""
        tasks, have = self._tasks(start)
        totals = self._totals(tasks, have, rates)
        upto = int(np.argmin(totals if most is None else totals[: most + 1]))
        return self._finished([t for t in tasks[:upto] if t is not None], have, float(totals[upto]))

    def _tasks(self, start: Region) -> tuple[list[Task | None], dict[int, Region]]:
        """Return what each unit does on windows, None where it cannot, and what is changed of each value."""
        have, tasks = {self.image: start}, list[Task | None]()
        for unit, rule in self.steps:
            task = self._task(unit, rule, have)
            tasks.append(task)
            if task is not None and task.move is not None:
                have[unit.outputs[0]] = task.move.renewed
        return tasks, have

    def _task(self, unit: Unit, rule: Rule | None, have: dict[int, Region]) -> Task | None:
        given = [slot for slot in unit.inputs if slot in self.moved]
        if any(slot not in have for slot in given):
            return None
        if rule is None:
            return Task(unit, None, None, ((given[0], "own"),)) if is_mean(unit) else None
        sizes = {self.shapes[slot][:2] for slot in given}
        if len(sizes) != 1:
            return None
        move = rule.move(_joint([have[slot] for slot in given], *sizes))
        return Task(unit, rule, move, tuple((slot, self._fetch(slot, move, have)) for slot in unit.inputs))

    def _fetch(self, slot: int, move: Move, have: dict[int, Region]) -> Fetch:
        if slot in have:
            return "own" if have[slot].same_as(move.read) else "paste"
        return "still" if self.shapes[slot][:2] == (1, 1) else "cut"

    def _totals(self, tasks: list[Task | None], have: dict[int, Region], rates: Rates) -> np.ndarray:
        """Return the seconds for a position if the first 0, 1, 2 ... units are looked at for windows."""
        count, shapes = len(self.steps), self.shapes
        full = np.array([whole_seconds(unit, rule, shapes, rates) for unit, rule in self.steps])
        part = np.array(
            [f if t is None else task_seconds(t, have, shapes, rates) for t, f in zip(tasks, full, strict=True)]
        )
        crossing = np.zeros(count + 1)
        made = {self.image: 0, **{unit.outputs[0]: k + 1 for k, (unit, _) in enumerate(self.steps)}}
        for slot in have:
            begin, end = made[slot], self.last.get(slot, -1) + 1
            crossing[begin:end] += rates.seconds(0, 2 * float(np.prod(shapes[slot])))
        return crossing + np.append(0, np.cumsum(part)) + full.sum() - np.append(0, np.cumsum(full))

    def _finished(self, tasks: list[Task], have: dict[int, Region], seconds: float) -> Plan:
        done = {task.unit for task in tasks}
        rest = [unit for unit, _ in self.steps if unit not in done]
        windowed = {self.image, *(task.unit.outputs[0] for task in tasks if task.move)}
        have = {slot: region for slot, region in have.items() if slot in windowed}
        whole = self.wanted.union(*(unit.inputs for unit in rest))
        frontier = [slot for slot in have if slot in whole]
        pooled = [task.unit.outputs[0] for task in tasks if task.move is None]
        how = {way: {s for t in tasks for s, w in t.fetch if w == way} for way in ("paste", "cut", "still")}
        means = {slot for task in tasks if task.move is None for slot in task.unit.inputs}
        moves = [task.move for task in tasks if task.move]
        met = [*have.values(), *(r for m in moves for r in (m.read, m.renewed, m.made) if r is not None)]
        return Plan(
            tuple(tasks), tuple(rest), have, tuple(frontier), tuple(pooled),
            tuple(sorted({*frontier, *means, *how["paste"], *how["cut"]})),
            tuple(sorted({*pooled, *how["still"], *(whole - self.moved)})),
            tuple({id(region): region for region in met}.values()), seconds,
        )  # fmt: skip


def is_mean(unit: Unit) -> bool:
    """Return True for a mean over all places, which a patch changes by a difference of sums."""
    return unit.kind == "GlobalAveragePooling2D" and unit.step.op.data_format == "channels_last"


def _joint(regions: list[Region], size: tuple[int, int]) -> Region:
    """Return the windows that hold those of several values."""
    if len(regions) == 1:
        return regions[0]
    rows = hull([region.rows for region in regions], size[0])
    columns = hull([region.columns for region in regions], size[1])
    return Region(rows, columns)
