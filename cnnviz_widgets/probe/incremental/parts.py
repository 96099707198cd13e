"""A network in parts of a few layers, so that what is compiled for one patch serves the others."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from .fold import Unit
from .plan import Fetch, Task, WholePart, WindowPart

if TYPE_CHECKING:
    from .planner import Planner

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
