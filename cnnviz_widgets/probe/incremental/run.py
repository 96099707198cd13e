"""What a network makes of a picture as it is, and how parts of a plan run inside of compiled functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .fold import Unit, Weights, convolve, is_plain_convolution, is_plain_norm, normalise
from .paste import Flat, Window, cut, flat, paste
from .plan import Fetch, Task, WholePart, WindowPart
from .rules import Places
from .windows import Size

Folded = Mapping[int, Weights]


class Still:
    """What a network makes of pictures: of one without a patch, for the most part.

    Parameters
    ----------
    units : list of Unit
        The network.
    feed : mapping
        Values of its inputs, (N, ...), by number.
    folded : mapping
        Weights of the convolutions that have a normalisation folded in, by the number of the output.

    Attributes
    ----------
    shapes : dict of int to tuple
        Shapes of the values by number, without the batch axis.
    kinds : dict
        Their types of numbers.
    """

    def __init__(self, units: list[Unit], feed: Mapping[int, Any], folded: Folded) -> None:
        self._units, self.feed, self.folded = units, feed, folded
        self._values: dict[int, Any] = {}
        self._flat: dict[int, Any] = {}
        self.shapes: dict[int, tuple[int, ...]] = {}
        self.kinds: dict[int, Any] = {}

    def value(self, slot: int) -> Any:
        """Return a value, (N, ...)."""
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
        values = dict(self.feed)
        kept_flat, kept = set(bases) | set(self._flat), set(still) | set(self._values)
        last = {slot: k for k, unit in enumerate(self._units) for slot in unit.inputs}
        for k, unit in enumerate([None, *self._units]):
            made = list(values) if unit is None else list(unit.outputs)
            if unit is not None:
                values.update(zip(unit.outputs, run_whole(unit, values, self.folded), strict=False))
            for slot in made:
                self.shapes[slot], self.kinds[slot] = tuple(values[slot].shape[1:]), values[slot].dtype
                if slot in kept_flat and slot not in self._flat:
                    self._flat[slot] = flat(values[slot])
                if slot in kept:
                    self._values[slot] = values[slot]
            for slot in () if unit is None else unit.inputs:
                if last[slot] == k - 1:
                    values.pop(slot, None)


def run_whole(unit: Unit, values: Mapping[int, Any], folded: Folded) -> list[Any]:
    """Return the outputs of a unit on whole maps."""
    if is_plain_convolution(unit.step.op):
        return [convolve(unit, values[unit.inputs[0]], folded.get(unit.outputs[0]))]
    if is_plain_norm(unit.step):
        return [normalise(unit.step.op, values[unit.inputs[0]])]
    return unit.step.call(values)


class WindowRun:
    """Runs a part of a plan on windows, inside of a compiled function.

    Parameters
    ----------
    have : mapping
        Number of the windows in which a value is changed, by the value's number.
    sizes : mapping
        Height and width of each value's maps, by number.
    windows : dict of int to Window
        Where the windows lie, by number.
    bases, still : dict of int to tensor
        Rows of the unchanged maps, and values as they are without a patch.
    folded : mapping
        Weights of the convolutions that have a normalisation folded in, by the number of the output.
    """

    def __init__(
        self, have: Mapping[int, int], sizes: Mapping[int, Size], windows: dict[int, Window], bases: dict[int, Any],
        still: dict[int, Any], folded: Folded,
    ) -> None:  # fmt: skip
        self._have, self._sizes, self._windows, self._bases = have, sizes, windows, bases
        self._still, self._folded = still, folded

    def run(self, part: WindowPart, given: Mapping[int, Any]) -> dict[int, Any]:
        """Return the windows and means that a part gives, by number, for the windows that it takes."""
        values = dict(given)
        for task, fetch in zip(part.tasks, part.fetch, strict=True):
            values[task.unit.outputs[0]] = self._task(task, fetch, values)
        return {slot: values[slot] for slot in part.gives}

    def whole(self, slot: int, values: Any) -> Any:
        """Return whole maps, (B, height, width, C), with windows pasted in."""
        import tensorflow as tf

        have = self._windows[self._have[slot]]
        nothing, (height, width) = tf.zeros_like(have.top), self._sizes[slot]
        return tf.ensure_shape(
            paste(values, have, self._base(slot), Window(nothing, nothing, height, width), over=False),
            (None, height, width, values.shape[-1]),
        )

    def _task(self, task: Task, fetch: tuple[Fetch, ...], values: Mapping[int, Any]) -> Any:
        if task.rule is None:
            return self._mean(task, values)
        given = {
            slot: self._fetched(slot, how, task, values) for slot, how in zip(task.inputs, fetch, strict=True)
        }
        places = Places(*(self._windows[number] for number in (task.read, task.made, task.renewed)))
        return task.rule.run(task.unit, given, places, self._folded.get(task.unit.outputs[0]))

    def _fetched(self, slot: int, how: Fetch, task: Task, values: Mapping[int, Any]) -> Any:
        if how == "own":
            return values[slot]
        if how == "still":
            return self._still[slot]
        assert task.rule is not None
        want, base = self._windows[task.read], self._base(slot)
        lowest, over = task.rule.lowest, task.rule.over
        if how == "cut":
            return cut(base, want, lowest, over)
        return paste(values[slot], self._windows[self._have[slot]], base, want, lowest, over)

    def _mean(self, task: Task, values: Mapping[int, Any]) -> Any:
        """Return the mean over all places: the unchanged one and what the windows add to it."""
        import tensorflow as tf

        (slot,) = task.inputs
        more = values[slot] - cut(self._base(slot), self._windows[task.read], over=False)
        height, width = self._sizes[slot]
        change = tf.reduce_sum(more, (1, 2), keepdims=task.unit.step.op.keepdims) / (height * width)
        return self._still[task.unit.outputs[0]] + change

    def _base(self, slot: int) -> Flat:
        return Flat(self._bases[slot], self._sizes[slot])


def run_part(part: WholePart, given: Mapping[int, Any], folded: Folded) -> dict[int, Any]:
    """Return what a part gives on whole maps, by number, for what it takes."""
    known = dict(given)
    for unit in part.units:
        known.update(zip(unit.outputs, run_whole(unit, known, folded), strict=False))
    return {slot: known[slot] for slot in part.gives}
