"""What runs on windows and what on whole maps, in parts that are compiled one by one."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from .fused_layers import Unit
from .layer_rules import Rule

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
class WindowPart:
    """Tasks that follow one another.

    Attributes
    ----------
    tasks : tuple of Task
        What runs, in order.
    fetch : tuple of tuple of str
        For each task, how the windows of each input are had: as they are (``own``), with the unchanged map pasted
        around (``paste``), from the unchanged map (``cut``), or one place that serves for all (``still``).
    takes, gives : tuple of int
        Numbers of the values whose windows come in, and of those, means among them, that are used outside.
    windows : tuple of int
        Numbers of the windows that matter here.
    bases, still : tuple of int
        Numbers of the values of which the unchanged maps are needed, or the value as it is without a patch.
    """

    tasks: tuple[Task, ...]
    fetch: tuple[tuple[Fetch, ...], ...]
    takes: tuple[int, ...]
    gives: tuple[int, ...]
    windows: tuple[int, ...]
    bases: tuple[int, ...]
    still: tuple[int, ...]

    @property
    def key(self) -> Hashable:
        """What a compiled function depends on, beside network and picture size."""
        steps = tuple((task.unit.outputs, task.read, task.made, task.renewed) for task in self.tasks)
        return "windows", steps, self.fetch, self.takes, self.gives, self.windows, self.bases, self.still


@dataclass(frozen=True, eq=False)
class WholePart:
    """Units that follow one another on whole maps.

    Attributes
    ----------
    units : tuple of Unit
        What runs, in order.
    takes, gives : tuple of int
        Numbers of the values that come in, and of those that are used outside.
    """

    units: tuple[Unit, ...]
    takes: tuple[int, ...]
    gives: tuple[int, ...]

    @property
    def key(self) -> Hashable:
        """What a compiled function depends on, beside network and picture size."""
        return "whole", tuple(unit.outputs for unit in self.units), self.takes, self.gives


@dataclass(frozen=True, eq=False)
class Chain:
    """Rows (or columns) of all windows by number, for some classes of positions.

    Attributes
    ----------
    first : numpy.ndarray
        First row at each position of each class, int (windows, classes, N).
    count : numpy.ndarray
        How many rows, int (windows, classes).
    """

    first: np.ndarray
    count: np.ndarray

    def of(self, classes: slice) -> Chain:
        """Return that of some of the classes."""
        return Chain(self.first[:, classes], self.count[:, classes])


@dataclass(frozen=True, eq=False)
class Plan:
    """What is done for one size of patch and one set of positions.

    Attributes
    ----------
    parts : tuple of WindowPart
        What runs on windows, in order.
    rest : tuple of WholePart
        What runs on whole maps after them, in order.
    have : dict of int to int
        Number of the windows in which a value is changed, by the value's number.
    frontier, pooled : tuple of int
        Numbers of the values that go over from windows to whole maps, and of the means made from windows.
    constant : tuple of int
        Numbers of the values that whole maps need and the patch cannot change.
    rows, columns : Chain
        Where the windows lie.
    """

    parts: tuple[WindowPart, ...]
    rest: tuple[WholePart, ...]
    have: dict[int, int]
    frontier: tuple[int, ...]
    pooled: tuple[int, ...]
    constant: tuple[int, ...]
    rows: Chain
    columns: Chain

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Everything that runs on windows, in order."""
        return tuple(task for part in self.parts for task in part.tasks)

    @property
    def bases(self) -> tuple[int, ...]:
        """Numbers of the values of which the unchanged maps are needed."""
        return tuple(sorted({*self.frontier, *(slot for part in self.parts for slot in part.bases)}))

    @property
    def still(self) -> tuple[int, ...]:
        """Numbers of the values that are needed as they are without a patch."""
        return tuple(
            sorted({*self.constant, *self.pooled, *(slot for part in self.parts for slot in part.still)})
        )
