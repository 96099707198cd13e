"""What is asked of pictures, outputs, layers or the values of targets, and the answers, from one run."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..objectives import (
    ClassScore,
    Contrast,
    Direction,
    LayerEnergy,
    Matching,
    Mixture,
    Objective,
    ReconstructionError,
    Similarity,
    Unit,
    parts,
)
from .engine import BATCH, Engine, traced
from .runnable_model import RunnableModel
from .scores import Run, Score, score_of

Question = str | Objective | int | None
OUTPUT, LOGITS, IMAGE = "output", "logits", "image"


@dataclass(frozen=True, eq=False)
class Asked:
    """Questions to a network, and what of it they read.

    Attributes
    ----------
    names : tuple of str
        Outputs asked for as they are: ``output``, ``logits``, or a layer's name.
    scores : tuple of Score
        Values of targets asked for.
    slots : frozenset of int
        Numbers of the values that are read.
    """

    names: tuple[str, ...]
    scores: tuple[Score, ...]
    slots: frozenset[int]

    @property
    def key(self) -> Hashable:
        """What a compiled function depends on."""
        return self.names, tuple(score.key for score in self.scores)

    @property
    def feed(self) -> tuple[Any, ...]:
        """Numbers that the scores are given, one score's after another's."""
        return tuple(number for score in self.scores for number in score.feed)

    def answers(self, run: Run, feed: tuple[Any, ...]) -> list[Any]:
        """Return the answers, float32 (N, ...): the names' first, then the targets'."""
        import tensorflow as tf

        own = {OUTPUT: lambda: run.output, LOGITS: lambda: run.logits}
        made = [own[name]() if name in own else run.layer(name) for name in self.names]
        start = 0
        for score in self.scores:
            made.append(score.compute(run, feed[start : start + len(score.feed)]))
            start += len(score.feed)
        return [tf.cast(value, tf.float32) for value in made]


def run_of(engine: Engine, values: Mapping[int, Any]) -> Run:
    """Return a run whose values are known by number."""
    import tensorflow as tf

    return Run(
        values.get(engine.image),
        lambda: engine.as_row(tf.cast(values[engine.output], tf.float32)),
        lambda: engine.as_row(tf.cast(engine.head.logits(values), tf.float32)),
        lambda name: engine.graph.seen(engine.slots[name], values[engine.slots[name]]),
        lambda name: values[engine.slots[name]],
    )


def answers(engine: Engine, asked: Asked, images: np.ndarray, most: int = BATCH) -> list[np.ndarray]:
    """Return the answers for a batch as the network gets it, float32 (N, ...): the names' first, then the targets'.

    It runs in batches of `most`.
    """
    compiled = engine.function(("answers", asked.key), lambda: _compile(engine, asked), images.shape[1:])
    return engine.in_batches(compiled, images, asked.feed, most)


def _compile(engine: Engine, asked: Asked) -> Any:
    import tensorflow as tf

    @tf.function(input_signature=engine.signature(None, asked.feed), autograph=False)
    def answer(images: Any, feed: Any) -> Any:
        with engine.lots.held():
            run, _ = engine.run(images, set())
            return tuple(asked.answers(run, feed))

    return traced(answer)


def asked(probe: RunnableModel, engine: Engine, questions: Sequence[Question], image: Any) -> Asked:
    """Return the questions, checked against the model: names first, then targets."""
    names = tuple(
        q if q in (OUTPUT, LOGITS) else probe.layer(q).name for q in questions if isinstance(q, str)
    )
    targets = [probe.target(q, image) for q in questions if not isinstance(q, str)]
    reads = set(names).union(*(_reads(target, probe) for target in targets))
    slots = frozenset(slot for name in reads for slot in _slots(engine, name))
    return Asked(names, tuple(score_of(target, probe) for target in targets), slots)


def _slots(engine: Engine, name: str) -> tuple[int, ...]:
    if name == LOGITS:
        return engine.head.needs
    return ({OUTPUT: engine.output, IMAGE: engine.image}.get(name, engine.slots.get(name, -1)),)


def _reads(target: Objective, probe: RunnableModel) -> set[str]:
    """Return what a target is computed from."""
    match target:
        case ClassScore():
            return {OUTPUT, LOGITS}
        case Unit(layer=name) | LayerEnergy(layer=name) | Similarity(layer=name):
            return {name}
        case ReconstructionError():
            return {OUTPUT, probe.rebuilt_from or IMAGE}
        case Direction(layer=name) | Matching(layer=name):
            return {name}
        case Contrast() | Mixture():
            return set().union(*(_reads(part, probe) for part in parts(target)))
    return {OUTPUT}
