"""Which layers run on windows, and from where on whole maps are cheaper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .choose import is_mean
from .cost import Rates, whole_seconds
from .fold import Unit
from .pointwise import Shapes
from .rules import Rule
from .windows import Span, hull

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
    inputs : tuple of int
        Numbers of the values it takes.
    read, made, renewed : int
        Numbers of the windows it reads, computes on the way and gives.
    """

    unit: Unit
    rule: Rule | None
    inputs: tuple[int, ...]
    read: int
    made: int
    renewed: int


@dataclass(frozen=True, eq=False)
class Plan:
    """What is done for one size of patch and one set of positions.

    Attributes
    ----------
    tasks : tuple of Task
        Units that run on windows, in order.
    fetch : tuple of tuple of str
        For each task, how the windows of each input are had: as they are (``own``), with the unchanged map pasted
        around (``paste``), from the unchanged map (``cut``), or one place that serves for all (``still``).
    rest : tuple of Unit
        Units that run on whole maps after them, in order.
    have : dict of int to int
        Number of the windows in which a value is changed, by the value's number.
    frontier, pooled : tuple of int
        Numbers of the values that go over from windows to whole maps, and of the means made from windows.
    bases, still : tuple of int
        Numbers of the values of which the unchanged maps are needed, or the value as it is without a patch.
    rows, columns : tuple of tuple of Span
        For each class of rows (columns), the rows of all windows by number.
    seconds, whole_seconds : float
        Predicted time for all positions, and if all were whole maps.
    """

    tasks: tuple[Task, ...]
    fetch: tuple[tuple[Fetch, ...], ...]
    rest: tuple[Unit, ...]
    have: dict[int, int]
    frontier: tuple[int, ...]
    pooled: tuple[int, ...]
    bases: tuple[int, ...]
    still: tuple[int, ...]
    rows: Chains
    columns: Chains
    seconds: float
    whole_seconds: float

    @property
    def key(self) -> tuple[object, ...]:
        """What a compiled function depends on, beside network and picture size."""
        return self.fetch, self.frontier


Chains = tuple[tuple[Span, ...], ...]


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
        self.have, self.windows = {image: 0}, 1
        self.tasks = [self._task(unit, rule) for unit, rule in steps]
        self.last: dict[int, int] = {}
        for k, (unit, _) in enumerate(self.steps):
            self.last.update(dict.fromkeys(unit.inputs, k))
        self.last.update(dict.fromkeys(wanted, len(self.steps)))

    def _task(self, unit: Unit, rule: Rule | None) -> Task | None:
        """Return what a unit does on windows, None where it cannot; number the windows on the way."""
        given = [slot for slot in unit.inputs if slot in self.moved]
        if any(slot not in self.have for slot in given) or len({self.shapes[s][:2] for s in given}) != 1:
            return None
        first = self.have[given[0]]
        if rule is None:
            return Task(unit, None, unit.inputs, first, first, first) if is_mean(unit) else None
        probe = Span(np.zeros(1, np.int64), 1)
        move = rule.move(probe, 0)
        read = first if len(given) == 1 and move.read is probe else self._number()
        made = read if move.made is None else self._number()
        renewed = read if move.renewed is move.read else self._number()
        self.have[unit.outputs[0]] = renewed
        return Task(unit, rule, unit.inputs, read, made, renewed)

    def _number(self) -> int:
        self.windows += 1
        return self.windows - 1

    def chain(self, start: Span, axis: int) -> tuple[Span, ...]:
        """Return the rows (axis 0) or columns (1) of all windows by number, given those of the patch."""
        spans: dict[int, Span] = {0: start}
        for task in self.tasks:
            if task is None or task.rule is None:
                continue
            given = [spans[self.have[slot]] for slot in task.inputs if slot in self.have]
            length = next(self.shapes[slot][axis] for slot in task.inputs if slot in self.have)
            move = task.rule.move(given[0] if len(given) == 1 else hull(given, length), axis)
            spans[task.read] = move.read
            spans[task.made] = move.read if move.made is None else move.made
            spans[task.renewed] = move.renewed
        return tuple(spans[k] for k in range(self.windows))

    def plan(self, rows: Chains, columns: Chains, counts: np.ndarray, rates: Rates, calls: int = 1) -> Plan:
        """Return the cheapest plan.

        Parameters
        ----------
        rows, columns : tuple of tuple of Span
            Chains of each class of rows and columns.
        counts : numpy.ndarray
            Number of positions in each pair of classes, (row classes, column classes).
        rates : Rates
            How fast the machine is.
        calls : int
            In how many parts the positions will be asked for.
        """
        fetch = [self._fetches(task, rows, columns) for task in self.tasks]
        totals = self._totals(fetch, rows, columns, counts, rates, calls)
        upto = int(np.argmin(totals))
        return self._finished(upto, fetch, rows, columns, (float(totals[upto]), float(totals[0])))

    def _fetches(self, task: Task | None, rows: Chains, columns: Chains) -> tuple[Fetch, ...]:
        if task is None or task.rule is None:
            return ("own",)
        return tuple(self._fetch(slot, task.read, rows, columns) for slot in task.inputs)

    def _fetch(self, slot: int, read: int, rows: Chains, columns: Chains) -> Fetch:
        if slot not in self.have:
            return "still" if self.shapes[slot][:2] == (1, 1) else "cut"
        own = self.have[slot]
        same = own == read or all(chain[own].same_as(chain[read]) for chain in (*rows, *columns))
        return "own" if same else "paste"

    def _totals(
        self,
        fetch: list[tuple[Fetch, ...]],
        rows: Chains,
        columns: Chains,
        counts: np.ndarray,
        rates: Rates,
        calls: int,
    ) -> np.ndarray:
        """Return the seconds for all positions if the first 0, 1, 2 ... units are looked at for windows."""
        tall = np.array([[span.count for span in chain] for chain in rows], float)
        wide = np.array([[span.count for span in chain] for chain in columns], float)
        areas = np.einsum("rw,cw,rc->w", tall, wide, counts)
        positions, batches = counts.sum(), np.minimum(counts, calls).sum()
        full = np.array(
            [positions * whole_seconds(unit, rule, self.shapes, rates) for unit, rule in self.steps]
        )
        part = full.copy()
        for k, task in enumerate(self.tasks):
            if task is not None:
                part[k] = self._part(task, fetch[k], areas, rates) + batches * rates.ready(
                    task.rule, task.unit
                )
        crossing = np.zeros(len(full) + 1)
        made = {self.image: 0, **{unit.outputs[0]: k + 1 for k, (unit, _) in enumerate(self.steps)}}
        for slot in self.have:
            numbers = 2.0 * positions * float(np.prod(self.shapes[slot]))
            crossing[made[slot] : self.last.get(slot, -1) + 1] += rates.seconds(0, numbers)
        return crossing + np.append(0, np.cumsum(part)) + full.sum() - np.append(0, np.cumsum(full))

    def _part(self, task: Task, fetch: tuple[Fetch, ...], areas: np.ndarray, rates: Rates) -> float:
        """Return how long a unit takes on the windows of all positions."""
        channels = [self.shapes[slot][-1] for slot in task.inputs]
        if task.rule is None:
            return rates.seconds(0, 3.0 * areas[task.read] * channels[0])
        passes = [{"own": 1, "still": 0}.get(how, 3) * n for how, n in zip(fetch, channels, strict=True)]
        numbers = areas[task.read] * sum(passes) + areas[task.renewed] * self.shapes[task.unit.outputs[0]][-1]
        return rates.windows * rates.seconds(task.rule.work(task.unit) * areas[task.renewed], numbers)

    def _finished(
        self,
        upto: int,
        fetch: list[tuple[Fetch, ...]],
        rows: Chains,
        columns: Chains,
        seconds: tuple[float, float],
    ) -> Plan:
        chosen = [
            (task, how) for task, how in zip(self.tasks[:upto], fetch, strict=False) if task is not None
        ]
        done = {task.unit for task, _ in chosen}
        rest = tuple(unit for unit, _ in self.steps if unit not in done)
        windowed = {self.image, *(task.unit.outputs[0] for task, _ in chosen if task.rule)}
        have = {slot: number for slot, number in self.have.items() if slot in windowed}
        whole = self.wanted.union(*(unit.inputs for unit in rest))
        frontier = tuple(slot for slot in have if slot in whole)
        pooled = tuple(task.unit.outputs[0] for task, _ in chosen if task.rule is None)
        bases, still = set(frontier), {*pooled, *(whole - self.moved)}
        for task, how in chosen:
            bases.update(
                s for s, w in zip(task.inputs, how, strict=True) if w in ("paste", "cut") or not task.rule
            )
            still.update(s for s, w in zip(task.inputs, how, strict=True) if w == "still")
        return Plan(
            tuple(task for task, _ in chosen), tuple(how for _, how in chosen), rest, have, frontier, pooled,
            tuple(sorted(bases)), tuple(sorted(still)), rows, columns, *seconds,
        )  # fmt: skip
