"""A network made ready for windows: its units, plans, and compiled functions."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine import Engine
from .asked import Asked
from .choose import rule_of
from .cost import machine_rates
from .fold import units
from .plan import Plan, Planner
from .run import Still, WindowRun, run_rest
from .sweep import Batch
from .windows import Size

MOST_NETWORKS, MOST_FUNCTIONS = 4, 8
WINDOW_BYTES, WHOLE_BYTES = 48 * 2**20, 16 * 2**20  # of the largest map of a batch
MOST_WINDOWS, MOST_WHOLE = 256, 256


def serves(engine: Engine) -> bool:
    """Return True if a network is of a kind that windows are made for: float32 maps, channels last, not opaque."""
    graph = engine.graph
    kinds = {str(getattr(step.op, "compute_dtype", "float32")) for step in graph.steps}
    known = all(step.shape is not None for step in graph.steps)
    return (
        known
        and kinds == {"float32"}
        and not graph.channels_first
        and not any(s.training for s in graph.steps)
    )


@dataclass(frozen=True, eq=False)
class Functions:
    """A plan, compiled.

    Attributes
    ----------
    windows, rest : callable
        From patches to the windows that go over to whole maps, and from those to the answers.
    """

    windows: Any
    rest: Any


class Network:
    """What of a network some questions read, for pictures of one size.

    Parameters
    ----------
    engine : Engine
        The network.
    asked : Asked
        The questions.
    """

    def __init__(self, engine: Engine, asked: Asked) -> None:
        self.engine, self.asked = engine, asked
        graph = engine.graph
        needed = {step for slot in asked.slots for step in graph.before(slot)}
        self.units = units([s for s in graph.steps if s in needed], graph.takers, set(asked.slots))
        self.folds = any(unit.norm is not None for unit in self.units)
        self.rates = machine_rates()
        self._planners: dict[Size, Planner] = {}
        self._functions: OrderedDict[Hashable, Functions] = OrderedDict()

    @property
    def compiled(self) -> int:
        """How many plans are held as compiled functions."""
        return len(self._functions)

    def still(self, picture: np.ndarray) -> Still:
        """Return what the network makes of a picture (H, W, C), filled in as it is needed."""
        import tensorflow as tf

        feed = {
            slot: tf.cast(tf.constant(value)[None], self.engine.types[slot])
            for slot, value in self.engine.constants.items()
        }
        still = Still(self.units, {**feed, self.engine.image: tf.constant(picture[None])})
        self.hold(still, (self.engine.image,), ())
        return still

    def hold(self, still: Still, bases: tuple[int, ...], values: tuple[int, ...]) -> None:
        """See to it that a picture's unchanged maps and values are there."""
        import keras

        with keras.StatelessScope():
            still.hold(bases, values)

    def planner(self, still: Still) -> Planner:
        """Return the planner for pictures of this size."""
        image = self.engine.image
        size = still.shapes[image][0], still.shapes[image][1]
        if size not in self._planners:
            moved, steps = {image}, []
            for unit in self.units:
                if moved & set(unit.inputs):
                    moved.update(unit.outputs)
                    steps.append((unit, rule_of(unit, still.shapes)))
            self._planners[size] = Planner(steps, still.shapes, image, set(self.asked.slots))
        return self._planners[size]

    def run(self, plan: Plan, still: Still, batch: Batch, patches: np.ndarray, feed: Any) -> list[np.ndarray]:
        """Return the answers for one batch of patches, (B, h, w, C); `feed` are the numbers of its targets."""
        import tensorflow as tf

        functions = self._compiled(plan, still)
        bases = {slot: still.flat(slot) for slot in plan.bases}
        values = {slot: still.value(slot) for slot in plan.still}
        crossing = {slot: bases[slot] for slot in plan.frontier}
        origins, extents = tf.constant(batch.origins), tf.constant(batch.extents)
        most, made = self.most_whole(plan, still), []
        begun = functions.windows(origins, extents, tf.constant(patches), bases, values)
        for first in range(0, len(patches), most):
            part = np.s_[first : first + most]
            few = begun if most >= len(patches) else {slot: value[part] for slot, value in begun.items()}
            self.engine.calls += 1
            answers = functions.rest(origins[:, :, part], extents, few, crossing, values, feed)
            made.append([answer.numpy() for answer in answers])
        return [np.concatenate(parts) for parts in zip(*made, strict=True)]

    def most_windows(self, plan: Plan, still: Still) -> int:
        """Return how many windows go at a time, so that they stay near the processor."""
        rows, columns = plan.rows[-1], plan.columns[-1]
        numbers = [
            rows[task.read].count * columns[task.read].count * still.shapes[task.inputs[0]][-1]
            for task in plan.tasks
        ]
        return _fitting(WINDOW_BYTES, max(numbers, default=1), MOST_WINDOWS)

    def most_whole(self, plan: Plan, still: Still) -> int:
        """Return how many whole maps go at a time."""
        slots = [*plan.frontier, *(slot for unit in plan.rest for slot in unit.outputs)]
        largest = max((int(np.prod(still.shapes[slot])) for slot in slots), default=1)
        return _fitting(WHOLE_BYTES, largest, MOST_WHOLE)

    def _compiled(self, plan: Plan, still: Still) -> Functions:
        key = (plan.key, len(plan.tasks), still.shapes[self.engine.image], self.asked.key)
        if key not in self._functions:
            self._functions[key] = self._compile(plan, still)
        self._functions.move_to_end(key)
        while len(self._functions) > MOST_FUNCTIONS:
            self._functions.popitem(last=False)
        return self._functions[key]

    def _compile(self, plan: Plan, still: Still) -> Functions:
        import keras
        import tensorflow as tf

        engine, asked = self.engine, self.asked
        sizes = {slot: (shape[0], shape[1]) for slot, shape in still.shapes.items() if len(shape) == 3}

        def windows(origins: Any, extents: Any, patches: Any, bases: Any, values: Any) -> Any:
            with keras.StatelessScope():
                return WindowRun(plan, sizes, origins, extents, bases, values).run(engine.image, patches)

        def rest(origins: Any, extents: Any, begun: Any, bases: Any, values: Any, feed: Any) -> Any:
            with keras.StatelessScope():
                run, rows = WindowRun(plan, sizes, origins, extents, bases, values), tf.shape(origins)[2]
                known = {slot: _repeated(value, rows) for slot, value in values.items()}
                known.update({slot: begun[slot] for slot in plan.pooled})
                known.update({slot: run.whole(slot, begun[slot]) for slot in plan.frontier})
                return asked.answers(engine, run_rest(plan, known, set(asked.slots)), feed)

        specs = self._specs(plan, still)
        return Functions(
            tf.function(windows, autograph=False).get_concrete_function(*specs[0]),
            tf.function(rest, autograph=False).get_concrete_function(*specs[1]),
        )

    def _specs(self, plan: Plan, still: Still) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
        import tensorflow as tf

        def many(slot: int, size: tuple[Any, ...]) -> Any:
            return tf.TensorSpec((None, *size, still.shapes[slot][-1]), still.kinds[slot])

        def like(tensors: Mapping[int, Any]) -> Any:
            return {slot: tf.TensorSpec(tensor.shape, tensor.dtype) for slot, tensor in tensors.items()}

        places = tf.TensorSpec((None, 2, None), tf.int32), tf.TensorSpec((None, 2), tf.int32)
        bases = {slot: still.flat(slot) for slot in plan.bases}
        values = like({slot: still.value(slot) for slot in plan.still})
        begun = {slot: many(slot, (None, None)) for slot in plan.frontier}
        begun.update({slot: many(slot, still.shapes[slot][:-1]) for slot in plan.pooled})
        feed = tuple(
            tuple(tf.TensorSpec(np.shape(n), np.asarray(n).dtype) for n in given) for given in self.asked.feed
        )
        crossing = like({slot: bases[slot] for slot in plan.frontier})
        first = (*places, many(self.engine.image, (None, None)), like(bases), values)
        return first, (*places, begun, crossing, values, feed)


class Networks:
    """Everything that was made ready of one network, by what is asked.

    Parameters
    ----------
    engine : Engine
        The network.
    windows : bool
        False for a network whose layers do not run on weights of their own: windows read those.
    """

    def __init__(self, engine: Engine, windows: bool = True) -> None:
        self.engine = engine
        self._serves = windows and serves(engine)
        self._ready: OrderedDict[Hashable, Network] = OrderedDict()

    def get(self, asked: Asked) -> Network | None:
        """Return what answers some questions, or None if the network is of a kind that windows are not made for."""
        if not self._serves:
            return None
        with self.engine.lock:
            if asked.key not in self._ready:
                self._ready[asked.key] = Network(self.engine, asked)
            self._ready.move_to_end(asked.key)
            while len(self._ready) > MOST_NETWORKS:
                self._ready.popitem(last=False)
            return self._ready[asked.key]


def _fitting(bytes_: int, numbers: int, most: int) -> int:
    return int(np.clip(bytes_ // (4 * numbers), 4, most))


def _repeated(value: Any, rows: Any) -> Any:
    import tensorflow as tf

    return tf.repeat(value, rows, axis=0)
