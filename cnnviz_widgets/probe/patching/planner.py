"""Which layers run on windows, from where on whole maps are cheaper, and the parts that a plan is cut into."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from .cost import Costs, Rates
from .fused_layers import Shapes, Unit
from .layer_rules import Rule, is_mean
from .plan import Chain, Fetch, Plan, Task, WholePart, WindowPart
from .windows import Span, hull

MOST_PARTS, LEAST_UNITS = 12, 4


def ends_of_parts(planner: Planner) -> tuple[int, ...]:
    """Return after how many units a part ends, 0 and all of them among these: where few values go on."""
    total = len(planner.steps)
    made = {planner.image: 0, **{s: k + 1 for k, (unit, _) in enumerate(planner.steps) for s in unit.outputs}}
    live = [0] * (total + 1)
    for slot, first in made.items():
        for k in range(first, planner.last.get(slot, first) + 1):
            live[k] += 1
    size, ends = max(LEAST_UNITS, -(-total // MOST_PARTS)), [0]
    while total - ends[-1] > size + size // 2:
        near = range(ends[-1] + size - size // 2, ends[-1] + size + size // 2 + 1)
        ends.append(min(near, key=lambda k: (live[k], abs(k - ends[-1] - size))))
    return (*ends, total) if total else (0,)


def window_parts(planner: Planner, upto: int, fetch: list[tuple[Fetch, ...]]) -> tuple[WindowPart, ...]:
    """Return what of the first units runs on windows."""
    made = []
    for begin, end in pairwise(planner.ends):
        if end > upto:
            break
        chosen = [
            (task, how) for task, how in zip(planner.tasks[begin:end], fetch[begin:end], strict=True) if task
        ]
        if chosen:
            made.append(_window_part(planner, [t for t, _ in chosen], [how for _, how in chosen]))
    return tuple(made)


def whole_parts(planner: Planner, units: set[Unit]) -> tuple[WholePart, ...]:
    """Return some units, which run on whole maps, by parts."""
    made = []
    for begin, end in pairwise(planner.ends):
        inside = tuple(unit for unit, _ in planner.steps[begin:end] if unit in units)
        if inside:
            takes = {slot for unit in inside for slot in unit.inputs}
            made.append(WholePart(inside, tuple(sorted(takes - _outputs(inside))), _gives(planner, inside)))
    return tuple(made)


def _window_part(planner: Planner, tasks: list[Task], fetch: list[tuple[Fetch, ...]]) -> WindowPart:
    units = tuple(task.unit for task in tasks)
    takes, bases, still, windows = set[int](), set[int](), set[int](), set[int]()
    for task, hows in zip(tasks, fetch, strict=True):
        windows |= {task.read, task.made, task.renewed}
        if task.rule is None:
            bases |= set(task.inputs)
            still.add(task.unit.outputs[0])
        for slot, how in zip(task.inputs, hows, strict=True):
            if how in ("own", "paste"):
                takes.add(slot)
            if how in ("paste", "cut"):
                bases.add(slot)
            if how == "still":
                still.add(slot)
            if how == "paste":
                windows.add(planner.have[slot])
    ordered = (tuple(sorted(found)) for found in (windows, bases, still))
    inside = tuple(sorted(takes - _outputs(units)))
    return WindowPart(tuple(tasks), tuple(fetch), inside, _gives(planner, units), *ordered)


def _outputs(units: tuple[Unit, ...]) -> set[int]:
    return {slot for unit in units for slot in unit.outputs}


def _gives(planner: Planner, units: tuple[Unit, ...]) -> tuple[int, ...]:
    """Return the numbers of the values made by some units that others use, or that are asked for."""
    own = set(units)
    return tuple(
        slot
        for unit in units
        for slot in unit.outputs
        if slot in planner.wanted or any(planner.steps[k][0] not in own for k in planner.users.get(slot, ()))
    )


@dataclass(frozen=True, eq=False)
class Estimate:
    """How long the positions take.

    Attributes
    ----------
    upto : int
        How many units are looked at for windows.
    fetch : list of tuple of str
        For each unit, how its inputs are had on windows.
    seconds, whole_seconds : float
        Predicted time for all positions, and if all were whole maps.
    """

    upto: int
    fetch: list[tuple[Fetch, ...]]
    seconds: float
    whole_seconds: float


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
    rates : Rates
        How fast the machine is.
    """

    def __init__(
        self,
        steps: Sequence[tuple[Unit, Rule | None]],
        shapes: Shapes,
        image: int,
        wanted: set[int],
        rates: Rates,
    ) -> None:
        self.steps, self.shapes, self.image, self.wanted = list(steps), shapes, image, wanted
        self.moved = {image, *(slot for unit, _ in steps for slot in unit.outputs)}
        self.have, self.windows = {image: 0}, 1
        self.tasks = [self._task(unit, rule) for unit, rule in steps]
        self.users = {
            slot: [k for k, (unit, _) in enumerate(steps) if slot in unit.inputs] for slot in self.moved
        }
        self.last = {slot: users[-1] for slot, users in self.users.items() if users}
        self.last.update(dict.fromkeys(wanted, len(self.steps)))
        self.ends = ends_of_parts(self)
        self.costs = Costs(self.steps, shapes, rates)

    def _task(self, unit: Unit, rule: Rule | None) -> Task | None:
        """Return what a unit does on windows, None where it cannot; number the windows on the way."""
        given = [slot for slot in unit.inputs if slot in self.moved]
        if any(slot not in self.have for slot in given) or len({self.shapes[s][:2] for s in given}) != 1:
            return None
        first = self.have[given[0]]
        if rule is None:
            return Task(unit, None, unit.inputs, first, first, first) if is_mean(unit) else None
        probe = Span(np.zeros((1, 1), np.int64), np.ones((1, 1), np.int64))
        move = rule.move(probe, 0)
        read = first if len(given) == 1 and move.read is probe else self._number()
        made = read if move.made is None else self._number()
        renewed = read if move.renewed is move.read else self._number()
        self.have[unit.outputs[0]] = renewed
        return Task(unit, rule, unit.inputs, read, made, renewed)

    def _number(self) -> int:
        self.windows += 1
        return self.windows - 1

    def chain(self, start: Span, axis: int) -> Chain:
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
        ordered = [spans[k] for k in range(self.windows)]
        return Chain(np.stack([s.first for s in ordered]), np.stack([s.count[:, 0] for s in ordered]))

    def estimate(self, rows: Chain, columns: Chain, counts: np.ndarray, calls: int = 1) -> Estimate:
        """Return how long the positions take, going over to whole maps where that is cheapest.

        Parameters
        ----------
        rows, columns : Chain
            Where the windows of each class of rows and columns lie.
        counts : numpy.ndarray
            Number of positions in each pair of classes, (row classes, column classes).
        calls : int
            In how many parts the positions will be asked for.
        """
        fetch = self._fetches(rows, columns)
        totals = self._totals(fetch, rows, columns, counts, calls)
        upto = min(self.ends, key=lambda end: float(totals[end]))
        return Estimate(upto, fetch, float(totals[upto]), float(totals[0]))

    def _fetches(self, rows: Chain, columns: Chain) -> list[tuple[Fetch, ...]]:
        """Return, for each unit that has a task, how its inputs are had."""
        made: list[tuple[Fetch, ...]] = []
        for task in self.tasks:
            if task is None or task.rule is None:
                made.append(("own",))
            else:
                made.append(tuple(self._fetch(slot, task.read, rows, columns) for slot in task.inputs))
        return made

    def _fetch(self, slot: int, read: int, rows: Chain, columns: Chain) -> Fetch:
        if slot not in self.have:
            return "still" if self.shapes[slot][:2] == (1, 1) else "cut"
        own = self.have[slot]
        return "own" if own == read or all(_same(chain, own, read) for chain in (rows, columns)) else "paste"

    def _totals(
        self, fetch: list[tuple[Fetch, ...]], rows: Chain, columns: Chain, counts: np.ndarray, calls: int
    ) -> np.ndarray:
        """Return the seconds for all positions if the first 0, 1, 2 ... units are looked at for windows."""
        areas = np.einsum("wr,wc,rc->w", rows.count, columns.count, counts)
        positions, batches = counts.sum(), np.minimum(counts, calls).sum()
        full = positions * self.costs.whole
        part = full.copy()
        for k, task in enumerate(self.tasks):
            if task is not None:
                own = self.costs.on_windows(k, task, fetch[k], areas[task.read], areas[task.renewed])
                part[k] = own + batches * self.costs.ready[k]
        crossing = np.zeros(len(full) + 1)
        made = {self.image: 0, **{unit.outputs[0]: k + 1 for k, (unit, _) in enumerate(self.steps)}}
        for slot in self.have:
            crossing[made[slot] : self.last.get(slot, -1) + 1] += positions * self.costs.crossing[slot]
        return crossing + np.append(0, np.cumsum(part)) + full.sum() - np.append(0, np.cumsum(full))

    def plan(self, estimate: Estimate, rows: Chain, columns: Chain) -> Plan:
        """Return what is done, as it was estimated."""
        parts = window_parts(self, estimate.upto, estimate.fetch)
        tasks = [task for part in parts for task in part.tasks]
        done = {task.unit for task in tasks}
        rest = [unit for unit, _ in self.steps if unit not in done]
        windowed = {self.image, *(task.unit.outputs[0] for task in tasks if task.rule)}
        have = {slot: number for slot, number in self.have.items() if slot in windowed}
        whole = self.wanted.union(*(unit.inputs for unit in rest))
        frontier = tuple(slot for slot in have if slot in whole)
        pooled = tuple(task.unit.outputs[0] for task in tasks if task.rule is None)
        constant = tuple(sorted(whole - self.moved))
        return Plan(parts, whole_parts(self, set(rest)), have, frontier, pooled, constant, rows, columns)


def _same(chain: Chain, one: int, other: int) -> bool:
    """Return True if two windows are the same rows at every position."""
    return np.array_equal(chain.count[one], chain.count[other]) and np.array_equal(
        chain.first[one], chain.first[other]
    )
