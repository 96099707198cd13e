"""A network made ready for windows: its units, plans, and compiled functions."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import numpy as np

from ...lru import LRU
from ..answers import Asked, run_of
from ..engine import Engine
from .cost import machine_rates
from .execution import Compiled, Still
from .fused_layers import folded, trains, units
from .layer_rules import rule_of
from .plan import Plan
from .planner import Planner
from .position_groups import Batch
from .windows import Size

MOST_NETWORKS, MOST_FAILED = 4, 256
MOST_LETTERS = 80  # of what is told of a failure
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
        and not any(trains(step) for step in graph.steps)
    )


def _surely_serves(engine: Engine) -> bool:
    try:
        return serves(engine)
    except Exception:  # an operation that does not tell what it was called with: whole pictures serve it
        return False


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
        self._planners: dict[Size, Planner] = {}
        self._functions: dict[Size, Compiled] = {}
        self._bases, self._values = set[int](), set[int]()

    @property
    def compiled(self) -> int:
        """How many functions are held, compiled."""
        return sum(compiled.count for compiled in self._functions.values())

    def still(self, picture: np.ndarray, like: Still | None) -> Still:
        """Return what the network makes of a picture (H, W, C), filled in as it is needed.

        `like` is that of another picture with the same weights, if there is one.
        """
        import tensorflow as tf

        feed = {
            slot: tf.cast(tf.constant(value)[None], self.engine.types[slot])
            for slot, value in self.engine.constants.items()
        }
        weights = folded(self.units) if like is None else like.folded
        still = Still(self.units, {**feed, self.engine.image: tf.constant(picture[None])}, weights)
        self.hold(still, (self.engine.image,), ())
        return still

    def hold(self, still: Still, bases: tuple[int, ...], values: tuple[int, ...]) -> None:
        """See to it that a picture's unchanged maps and values are there, and all that other plans asked for."""
        import keras

        self._bases.update(bases)
        self._values.update(values)
        with keras.StatelessScope():
            still.hold(tuple(sorted(self._bases)), tuple(sorted(self._values)))

    def planner(self, still: Still) -> Planner:
        """Return the planner for pictures of this size."""
        image, size = self.engine.image, _size(still, self.engine)
        if size not in self._planners:
            moved, steps = {image}, []
            for unit in self.units:
                if moved & set(unit.inputs):
                    moved.update(unit.outputs)
                    steps.append((unit, rule_of(unit, still.shapes)))
            wanted = set(self.asked.slots)
            self._planners[size] = Planner(steps, still.shapes, image, wanted, machine_rates())
        return self._planners[size]

    def run(self, plan: Plan, still: Still, batch: Batch, patches: np.ndarray, feed: Any) -> list[np.ndarray]:
        """Return the answers for one batch of patches, (B, h, w, C); `feed` are the numbers of its targets."""
        import tensorflow as tf

        compiled = self._functions.setdefault(_size(still, self.engine), Compiled(self.engine, self.asked))
        live: dict[int, Any] = {self.engine.image: tf.constant(patches)}
        ahead = _needed([part.takes for part in plan.parts], {*plan.frontier, *plan.pooled})
        for part, needed in zip(plan.parts, ahead, strict=True):
            live.update(compiled.windows(part, plan.have, batch, live, still))
            live = {slot: value for slot, value in live.items() if slot in needed}
        most, made = self.most_whole(plan, still), []
        for first in range(0, len(patches), most):
            rows = slice(first, first + most)
            few = live if most >= len(patches) else {slot: value[rows] for slot, value in live.items()}
            made.append(
                [
                    answer.numpy()
                    for answer in self._on_whole_maps(compiled, plan, still, batch, few, rows, feed)
                ]
            )
        return [np.concatenate(parts) for parts in zip(*made, strict=True)]

    def _on_whole_maps(
        self, compiled: Compiled, plan: Plan, still: Still, batch: Batch, live: dict[int, Any], rows: slice, feed: Any
    ) -> list[Any]:  # fmt: skip
        """Return the answers for some rows of a batch, given the windows that go over."""
        self.engine.calls += 1
        known = compiled.crossed(plan, batch, live, still, rows)
        ahead = _needed([part.takes for part in plan.rest], set(self.asked.slots))
        for part, needed in zip(plan.rest, ahead, strict=True):
            known.update(compiled.whole(part, known, still))
            known = {slot: value for slot, value in known.items() if slot in needed}
        return compiled.answers(known, feed)

    def glimpse(self, still: Still, pictures: np.ndarray, feed: Any) -> list[np.ndarray]:
        """Return the answers for a few whole pictures, (N, H, W, C), at once: nothing is compiled for it."""
        import keras
        import tensorflow as tf

        given = {slot: tf.repeat(value, len(pictures), axis=0) for slot, value in still.feed.items()}
        whole = Still(self.units, {**given, self.engine.image: tf.constant(pictures)}, still.folded)
        self.engine.calls += 1
        with keras.StatelessScope():
            whole.hold((), tuple(sorted(self.asked.slots)))
            values = {slot: whole.value(slot) for slot in self.asked.slots}
            return [answer.numpy() for answer in self.asked.answers(run_of(self.engine, values), feed)]

    def most_windows(self, plan: Plan, still: Still) -> int:
        """Return how many windows go at a time, so that they stay near the processor."""
        rows, columns = plan.rows.count[:, -1], plan.columns.count[:, -1]
        numbers = [
            int(rows[task.read] * columns[task.read]) * still.shapes[task.inputs[0]][-1]
            for task in plan.tasks
        ]
        return _fitting(WINDOW_BYTES, max(numbers, default=1), MOST_WINDOWS)

    def most_whole(self, plan: Plan, still: Still) -> int:
        """Return how many whole maps go at a time."""
        slots = [
            *plan.frontier,
            *(slot for part in plan.rest for unit in part.units for slot in unit.outputs),
        ]
        largest = max((int(np.prod(still.shapes[slot])) for slot in slots), default=1)
        return _fitting(WHOLE_BYTES, largest, MOST_WHOLE)


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
        self._serves = windows and _surely_serves(engine)
        self._ready: LRU[Hashable, Network] = LRU(MOST_NETWORKS)
        self._failed: LRU[Hashable, str] = LRU(MOST_FAILED)

    def give_up(self, asked: Asked, error: Exception) -> None:
        """Remember that windows fail for some questions, so that they are not tried again."""
        with self.engine.lock:
            self._ready.pop(asked.key, None)
            self._failed.keep(
                asked.key,
                f"Computing only what the patch can reach failed ({_in_short(error)}), so whole pictures were run: "
                "the map is the same, it takes longer.",
            )

    def why_not(self, asked: Asked) -> str:
        """Return why windows are not used for some questions, in a sentence; empty if they did not fail."""
        return self._failed.get(asked.key, "")

    def get(self, asked: Asked) -> Network | None:
        """Return what answers some questions, or None if windows are not made for such a network, or failed."""
        if not self._serves or self.engine.rows is not None or asked.key in self._failed:
            return None
        with self.engine.lock:
            return self._ready.recalled(asked.key, lambda: Network(self.engine, asked))


def _in_short(error: Exception) -> str:
    """Return the kind of an error and the beginning of what it says."""
    said = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    cut = said if len(said) <= MOST_LETTERS else f"{said[: MOST_LETTERS - 3]}..."
    return f"{type(error).__name__}: {cut}" if cut else type(error).__name__


def _fitting(bytes_: int, numbers: int, most: int) -> int:
    return int(np.clip(bytes_ // (4 * numbers), 4, most))


def _size(still: Still, engine: Engine) -> Size:
    return still.shapes[engine.image][0], still.shapes[engine.image][1]


def _needed(takes: list[tuple[int, ...]], end: set[int]) -> list[set[int]]:
    """Return, for each of several parts, the numbers of the values that are needed after it."""
    made = [end]
    for part in reversed(takes[1:]):
        made.append(made[-1] | set(part))
    return made[::-1][: len(takes)]
