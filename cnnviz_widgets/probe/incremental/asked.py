"""What is asked of every patched picture: outputs, layers, or the values of targets."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...objective import (
    ClassScore,
    Contrast,
    LayerEnergy,
    Objective,
    ReconstructionError,
    Similarity,
    Unit,
    as_objective,
)
from ..engine import Engine
from ..score import Run, Score, score_of

if TYPE_CHECKING:
    from ..probe import Probe

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
    def feed(self) -> tuple[tuple[Any, ...], ...]:
        """Numbers that the scores are given."""
        return tuple(score.feed for score in self.scores)

    def answers(self, engine: Engine, values: Mapping[int, Any], feed: Any) -> list[Any]:
        """Return the answers, float32, the names' first, given values by number."""
        import tensorflow as tf

        def number(value: Any) -> Any:
            return tf.cast(value, tf.float32)

        run = Run(
            values.get(engine.image),
            lambda: number(values[engine.output]),
            lambda: number(engine.head.logits(values)),
            lambda name: values[engine.slots[name]],
        )
        own = {OUTPUT: lambda: run.output, LOGITS: lambda: run.logits}
        named = [own[name]() if name in own else number(run.layer(name)) for name in self.names]
        return named + [
            number(score.compute(run, given)) for score, given in zip(self.scores, feed, strict=True)
        ]


def asked(probe: Probe, engine: Engine, questions: Sequence[Question], image: Any) -> Asked:
    """Return the questions, checked against the model: names first, then targets."""
    names = tuple(
        q if q in (OUTPUT, LOGITS) else probe.layer(q).name for q in questions if isinstance(q, str)
    )
    targets = [probe.target(q, image) for q in questions if not isinstance(q, str)]
    reads = set(names).union(*(_reads(target) for target in targets))
    slots = frozenset(slot for name in reads for slot in _slots(engine, name))
    return Asked(names, tuple(score_of(target, probe) for target in targets), slots)


def _slots(engine: Engine, name: str) -> tuple[int, ...]:
    if name == LOGITS:
        return engine.head.needs
    return ({OUTPUT: engine.output, IMAGE: engine.image}.get(name, engine.slots.get(name, -1)),)


def _reads(target: Objective) -> set[str]:
    """Return what a target is computed from."""
    match target:
        case ClassScore(of="probability"):
            return {OUTPUT}
        case ClassScore():
            return {OUTPUT, LOGITS}
        case Unit(layer=name) | LayerEnergy(layer=name) | Similarity(layer=name):
            return {name}
        case ReconstructionError():
            return {OUTPUT, IMAGE}
        case Contrast(plus=plus, minus=minus):
            sides = [side for side in (as_objective(plus), as_objective(minus)) if side is not None]
            return set().union(*(_reads(side) for side in sides))
    return {OUTPUT}
