"""A plan as two compiled functions: the windows of many positions, and the whole maps of a few of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .fold import Unit, convolve, is_plain_convolution, is_plain_norm, normalise
from .paste import Flat, Window, cut, flat, paste
from .plan import Fetch, Plan, Task
from .rules import Places
from .windows import Size


class Still:
    """What a network makes of one picture without a patch.

    Attributes
    ----------
    shapes : dict of int to tuple
        Shapes of the values by number, without the batch axis.
    kinds : dict
        Their types of numbers.
    """

    def __init__(self, units: list[Unit], feed: Mapping[int, Any]) -> None:
        self._units, self._feed = units, feed
        self._values: dict[int, Any] = {}
        self._flat: dict[int, Any] = {}
        self.shapes: dict[int, tuple[int, ...]] = {}
        self.kinds: dict[int, Any] = {}

    def value(self, slot: int) -> Any:
        """Return a value, (1, ...)."""
        return self._values[slot]

    def flat(self, slot: int) -> Any:
        """Return the rows of a value's unchanged maps."""
        if slot not in self._flat:
            self._flat[slot] = flat(self._values[slot])
        return self._flat[slot]

    def hold(self, bases: tuple[int, ...], still: tuple[int, ...]) -> None:
        """Run the network if a value is not there, and keep those named."""
        if all(slot in self._flat for slot in bases) and all(slot in self._values for slot in still):
            return
        values = dict(self._feed)
        kept_flat, kept = set(bases) | set(self._flat), set(still) | set(self._values)
        last = {slot: k for k, unit in enumerate(self._units) for slot in unit.inputs}
        for k, unit in enumerate([None, *self._units]):
            made = list(values) if unit is None else list(unit.outputs)
            if unit is not None:
                values.update(zip(unit.outputs, run_whole(unit, values), strict=False))
            for slot in made:
                self.shapes[slot], self.kinds[slot] = tuple(values[slot].shape[1:]), values[slot].dtype
                if slot in kept_flat and slot not in self._flat:
                    self._flat[slot] = flat(values[slot])
                if slot in kept:
                    self._values[slot] = values[slot]
            for slot in () if unit is None else unit.inputs:
                if last[slot] == k - 1:
                    values.pop(slot, None)


def run_whole(unit: Unit, values: Mapping[int, Any]) -> list[Any]:
    """Return the outputs of a unit on whole maps."""
    if is_plain_convolution(unit.step.op):
        return [convolve(unit, values[unit.inputs[0]])]
    if is_plain_norm(unit.step):
        return [normalise(unit.step.op, values[unit.inputs[0]])]
    return unit.step.call(values)


class WindowRun:
    """Runs the tasks of a plan inside of a compiled function.

    Parameters
    ----------
    plan : Plan
        What to do.
    sizes : mapping
        Height and width of each value's maps, by number.
    origins, extents : tensor
        int32 (windows, 2, B), first row and column of each window; (windows, 2), its height and width.
    bases, still : dict of int to tensor
        Rows of the unchanged maps, and values as they are without a patch.
    """

    def __init__(
        self, plan: Plan, sizes: Mapping[int, Size], origins: Any, extents: Any, bases: dict[int, Any],
        still: dict[int, Any],
    ) -> None:  # fmt: skip
        self.plan, self.sizes, self.bases, self.still = plan, sizes, bases, still
        self.origins, self.extents = origins, extents
        self.windows: dict[int, Window] = {}
        self.values: dict[int, Any] = {}

    def at(self, number: int) -> Window:
        """Return where the windows of a number are."""
        if number not in self.windows:
            first, size = self.origins[number], self.extents[number]
            self.windows[number] = Window(first[0], first[1], size[0], size[1])
        return self.windows[number]

    def run(self, picture: int, patch: Any) -> dict[int, Any]:
        """Return the windows that go over to whole maps, and the means, by number."""
        self.values[picture] = patch
        for task, fetch in zip(self.plan.tasks, self.plan.fetch, strict=True):
            self.values[task.unit.outputs[0]] = self._task(task, fetch)
        return {slot: self.values[slot] for slot in (*self.plan.frontier, *self.plan.pooled)}

    def whole(self, slot: int, values: Any) -> Any:
        """Return whole maps, (B, height, width, C), with windows pasted in."""
        import tensorflow as tf

        have = self.at(self.plan.have[slot])
        nothing, (height, width) = tf.zeros_like(have.top), self.sizes[slot]
        return tf.ensure_shape(
            paste(values, have, self._base(slot), Window(nothing, nothing, height, width), over=False),
            (None, height, width, values.shape[-1]),
        )

    def _task(self, task: Task, fetch: tuple[Fetch, ...]) -> Any:
        if task.rule is None:
            return self._mean(task)
        given = {slot: self._fetched(slot, how, task) for slot, how in zip(task.inputs, fetch, strict=True)}
        places = Places(self.at(task.read), self.at(task.made), self.at(task.renewed))
        return task.rule.run(task.unit, given, places)

    def _fetched(self, slot: int, how: Fetch, task: Task) -> Any:
        if how == "own":
            return self.values[slot]
        if how == "still":
            return self.still[slot]
        assert task.rule is not None
        want, base = self.at(task.read), self._base(slot)
        lowest, over = task.rule.lowest, task.rule.over
        if how == "cut":
            return cut(base, want, lowest, over)
        return paste(self.values[slot], self.at(self.plan.have[slot]), base, want, lowest, over)

    def _mean(self, task: Task) -> Any:
        """Return the mean over all places: the unchanged one and what the windows add to it."""
        import tensorflow as tf

        (slot,) = task.inputs
        more = self.values[slot] - cut(self._base(slot), self.at(task.read), over=False)
        height, width = self.sizes[slot]
        change = tf.reduce_sum(more, (1, 2), keepdims=task.unit.step.op.keepdims) / (height * width)
        return self.still[task.unit.outputs[0]] + change

    def _base(self, slot: int) -> Flat:
        return Flat(self.bases[slot], self.sizes[slot])


def run_rest(plan: Plan, values: dict[int, Any], wanted: set[int]) -> dict[int, Any]:
    """Return the wanted values, given all that crosses over as whole maps."""
    known = dict(values)
    for unit in plan.rest:
        known.update(zip(unit.outputs, run_whole(unit, known), strict=False))
    return {slot: known[slot] for slot in wanted}
