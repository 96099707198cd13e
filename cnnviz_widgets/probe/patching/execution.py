"""How a plan is run: a picture as it is, windows, and parts of a plan inside of compiled functions."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

import numpy as np

from ...lru import LRU
from ..answers import Asked, run_of
from ..engine import Engine
from .fused_layers import Unit, Weights, convolve, is_plain_convolution, is_plain_norm, normalise
from .layer_rules import Places
from .paste import Flat, Window, cut, flat, paste
from .plan import Fetch, Plan, Task, WholePart, WindowPart
from .position_groups import Batch
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


MOST_FUNCTIONS = 96
Values = dict[int, Any]


class Compiled:
    """The functions for pictures of one size.

    Parameters
    ----------
    engine : Engine
        The network.
    asked : Asked
        The questions.
    """

    def __init__(self, engine: Engine, asked: Asked) -> None:
        self.engine, self._asked = engine, asked
        self._functions: LRU[Hashable, Any] = LRU(MOST_FUNCTIONS)

    @property
    def count(self) -> int:
        """How many functions are held."""
        return len(self._functions)

    def windows(
        self, part: WindowPart, have: dict[int, int], batch: Batch, live: Values, still: Still
    ) -> Values:
        """Return the windows and means that a part gives, by number."""
        sizes, weights = _sizes(still), _weights(still, [task.unit for task in part.tasks])
        given = {slot: live[slot] for slot in part.takes}
        bases = {slot: still.flat(slot) for slot in part.bases}
        values = {slot: still.value(slot) for slot in part.still}

        def run(where: Any, extents: Any, given: Any, bases: Any, values: Any, weights: Any) -> Any:
            places = _places(part.windows, where, extents)
            return WindowRun(have, sizes, places, bases, values, weights).run(part, given)

        arguments = (*_where(batch, part.windows), given, bases, values, weights)

        def specs() -> tuple[Any, ...]:
            places = _any_place(len(part.windows))
            return (*places, _any_size(given), _like(bases), _like(values), _like(weights))

        return self._call(part.key, run, specs, arguments)

    def crossed(self, plan: Plan, batch: Batch, live: Values, still: Still, rows: slice) -> Values:
        """Return the values that whole maps begin with, by number, for some rows of a batch."""
        sizes, numbers = _sizes(still), tuple(plan.have[slot] for slot in plan.frontier)
        given = {slot: live[slot] for slot in plan.frontier}
        bases = {slot: still.flat(slot) for slot in plan.frontier}
        constant = {slot: still.value(slot) for slot in plan.constant}

        def run(where: Any, extents: Any, given: Any, bases: Any, constant: Any) -> Any:
            import tensorflow as tf

            whole = WindowRun(plan.have, sizes, _places(numbers, where, extents), bases, {}, {}).whole
            many = tf.shape(where)[1]
            return {
                **{slot: whole(slot, value) for slot, value in given.items()},
                **{slot: tf.repeat(value, many, axis=0) for slot, value in constant.items()},
            }

        arguments = (*_where(batch, numbers, rows), given, bases, constant)

        def specs() -> tuple[Any, ...]:
            return (*_any_place(len(numbers)), _any_size(given), _like(bases), _like(constant))

        made = self._call(("crossed", plan.frontier, plan.constant), run, specs, arguments)
        return {**made, **{slot: live[slot] for slot in plan.pooled}}

    def whole(self, part: WholePart, known: Values, still: Still) -> Values:
        """Return what a part gives on whole maps, by number."""
        weights = _weights(still, part.units)
        given = {slot: known[slot] for slot in part.takes}

        def run(given: Any, weights: Any) -> Any:
            return run_part(part, given, weights)

        return self._call(part.key, run, lambda: (_any_batch(given), _like(weights)), (given, weights))

    def answers(self, known: Values, feed: Any) -> list[Any]:
        """Return the answers, the names' first."""
        import tensorflow as tf

        given = {slot: known[slot] for slot in self._asked.slots}

        def run(given: Any, feed: Any) -> Any:
            return self._asked.answers(run_of(self.engine, given), feed)

        def specs() -> tuple[Any, ...]:
            numbers = tuple(tf.TensorSpec(np.shape(n), np.asarray(n).dtype) for n in feed)
            return _any_batch(given), numbers

        made: list[Any] = self._call(("answers",), run, specs, (given, feed))
        return made

    def _call(self, key: Hashable, run: Callable[..., Any], specs: Callable[[], Any], arguments: Any) -> Any:
        """Run a function, compiled for `specs` the first time; the least recently used go if there are too many."""
        import keras
        import tensorflow as tf

        def compiled() -> Any:
            with keras.StatelessScope():
                return tf.function(run, autograph=False).get_concrete_function(*specs())

        return self._functions.recalled(key, compiled)(*arguments)


def _sizes(still: Still) -> dict[int, tuple[int, int]]:
    """Return height and width of all maps by number."""
    return {slot: (shape[0], shape[1]) for slot, shape in still.shapes.items() if len(shape) == 3}


def _weights(still: Still, units: Iterable[Unit]) -> dict[int, Weights]:
    return {n: still.folded[n] for unit in units if (n := unit.outputs[0]) in still.folded}


def _where(batch: Batch, numbers: tuple[int, ...], rows: slice = np.s_[:]) -> tuple[Any, Any]:
    """Return first rows and columns of some windows, (2 windows, B), and their heights and widths, (2 windows,)."""
    import tensorflow as tf

    chosen = list(numbers)
    where, extents = batch.origins[chosen][:, :, rows], batch.extents[chosen]
    return tf.constant(where.reshape(-1, where.shape[-1])), tf.constant(extents.reshape(-1))


def _any_place(count: int) -> tuple[Any, Any]:
    import tensorflow as tf

    return tf.TensorSpec((2 * count, None), tf.int32), tf.TensorSpec((2 * count,), tf.int32)


def _places(numbers: tuple[int, ...], where: Any, extents: Any) -> dict[int, Window]:
    """Return where windows lie, by number."""
    import tensorflow as tf

    if not numbers:
        return {}
    first, size = tf.unstack(where), tf.unstack(extents)
    return {
        number: Window(first[2 * k], first[2 * k + 1], size[2 * k], size[2 * k + 1])
        for k, number in enumerate(numbers)
    }


def _any_size(tensors: Mapping[int, Any]) -> dict[int, Any]:
    """Return the specification of windows of any number and size."""
    import tensorflow as tf

    return {
        slot: tf.TensorSpec((None, None, None, tensor.shape[-1]), tensor.dtype)
        for slot, tensor in tensors.items()
    }


def _any_batch(tensors: Mapping[int, Any]) -> dict[int, Any]:
    """Return the specification of values of any number of positions."""
    import tensorflow as tf

    return {slot: tf.TensorSpec((None, *tensor.shape[1:]), tensor.dtype) for slot, tensor in tensors.items()}


def _like(tensors: Any) -> Any:
    """Return the specification of tensors of these shapes."""
    import tensorflow as tf

    return tf.nest.map_structure(lambda tensor: tf.TensorSpec(tensor.shape, tensor.dtype), tensors)
