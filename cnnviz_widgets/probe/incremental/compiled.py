"""The parts of a network as compiled functions, each made when it is first needed and fed the sizes of windows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

import numpy as np

from ..answers import Asked, run_of
from ..engine import Engine
from .fold import Unit, Weights
from .paste import Window
from .plan import Plan, WholePart, WindowPart
from .run import Still, WindowRun, run_part
from .sweep import Batch

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
        self._engine, self._asked = engine, asked
        self._functions: OrderedDict[Hashable, Any] = OrderedDict()

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
            return self._asked.answers(run_of(self._engine, given), feed)

        def specs() -> tuple[Any, ...]:
            numbers = tuple(tf.TensorSpec(np.shape(n), np.asarray(n).dtype) for n in feed)
            return _any_batch(given), numbers

        made: list[Any] = self._call(("answers",), run, specs, (given, feed))
        return made

    def _call(self, key: Hashable, run: Callable[..., Any], specs: Callable[[], Any], arguments: Any) -> Any:
        """Run a function, compiled for `specs` the first time; the least recently used go if there are too many."""
        import keras
        import tensorflow as tf

        if key not in self._functions:
            with keras.StatelessScope():
                function = tf.function(run, autograph=False)
                self._functions[key] = function.get_concrete_function(*specs())
        self._functions.move_to_end(key)
        while len(self._functions) > MOST_FUNCTIONS:
            self._functions.popitem(last=False)
        return self._functions[key](*arguments)


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
