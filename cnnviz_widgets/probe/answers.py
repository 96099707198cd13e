"""Several questions about whole pictures, answered by one run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .engine import BATCH, Engine, _not_scolded
from .incremental.asked import LOGITS, OUTPUT, Asked
from .score import Run


def answers(engine: Engine, asked: Asked, images: np.ndarray) -> list[np.ndarray]:
    """Return the answers for a batch as the network gets it, float32 (N, ...): the names' first, then the targets'."""
    feed = tuple(number for given in asked.feed for number in given)
    compiled = engine._function(("answers", asked.key), lambda: _compile(engine, asked, feed))
    return engine._in_batches(compiled, images, feed, BATCH)


def _compile(engine: Engine, asked: Asked, feed: tuple[Any, ...]) -> Any:
    import keras
    import tensorflow as tf

    @tf.function(input_signature=engine._signature(None, feed), autograph=False)
    def answer(images: Any, given: Any) -> Any:
        with keras.StatelessScope():
            run, _ = engine._run(images, set())
            return tuple(tf.cast(value, tf.float32) for value in _values(run, asked, given))

    return _not_scolded(answer)


def _values(run: Run, asked: Asked, given: tuple[Any, ...]) -> Iterator[Any]:
    for name in asked.names:
        yield run.output if name == OUTPUT else run.logits if name == LOGITS else run.layer(name)
    start = 0
    for score in asked.scores:
        yield score.compute(run, given[start : start + len(score.feed)])
        start += len(score.feed)
