"""A target's slope by the pixels of a picture of any size, in tiles, so that large pictures fit memory."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import TargetError
from ...objectives import Objective
from ..engine import traced
from ..run_errors import plainly
from ..scores import score_of
from .affine_preprocess import outlet_of

if TYPE_CHECKING:
    from ..probe import Probe

TILE = 512


class AnySize:
    """Slopes of a target whose layers do not mind how large the picture is.

    Parameters
    ----------
    probe : Probe
        The network.
    target : Objective
        What is asked for.
    value_range : tuple of float
        Lowest and highest value of a pixel.
    tile : int
        Longest side that goes through the network at once, in pixels.
    """

    def __init__(
        self, probe: Probe, target: Objective, value_range: tuple[float, float], tile: int = TILE
    ) -> None:
        self._probe, self._target, self._tile = probe, target, tile
        self._score = score_of(target, probe)
        channels = probe.input_shape[2] or 3
        self._outlet = outlet_of(probe.preprocess, channels, *value_range)
        key = ("any size", self._score.key, self._outlet)
        self._compiled = probe.engine.function(key, lambda: self._compile(channels))

    def __call__(self, picture: np.ndarray) -> tuple[float, np.ndarray]:
        """Return the mean score of the tiles and the slope by the picture, (H, W, C); `picture` is 0 to 1.

        Raises
        ------
        TargetError
            If the network does not take pictures of this size up to the target.
        """
        slope, scores, weights = np.empty_like(picture), [], []
        for rows in _parts(picture.shape[0], self._tile):
            for columns in _parts(picture.shape[1], self._tile):
                part = picture[rows, columns]
                score, slope[rows, columns] = self._of(part)
                scores.append(score)
                weights.append(part.size)
        return float(np.average(scores, weights=weights)), slope

    def _of(self, part: np.ndarray) -> tuple[float, np.ndarray]:
        import tensorflow as tf

        engine = self._probe.engine
        with engine.lock, plainly(self._probe.name):
            engine.calls += 1
            try:
                score, slope = self._compiled(tf.constant(part[None]), self._score.feed)
            except (ValueError, tf.errors.InvalidArgumentError) as error:
                if part.shape[:2] == self._probe.input_shape[:2]:
                    raise
                raise TargetError(self._too_odd(part)) from error
        return float(score.numpy()[0]), slope.numpy()[0]

    def _too_odd(self, part: np.ndarray) -> str:
        height, width, _ = self._probe.input_shape
        made_for = f"{height or 'any'} x {width or 'any'}"
        return (
            f"{self._probe.name} takes pictures of {made_for} and gives no answer to one of {part.shape[0]} x "
            f"{part.shape[1]}. Use fewer octaves or a smaller octave scale, or a target in a convolution "
            "before anything is flattened."
        )

    def _compile(self, channels: int) -> Any:
        import tensorflow as tf

        engine, score, outlet = self._probe.engine, self._score, self._outlet
        feeds = tuple(tf.TensorSpec(np.shape(n), np.asarray(n).dtype) for n in score.feed)

        @tf.function(
            input_signature=(tf.TensorSpec((1, None, None, channels), tf.float32), feeds),
            autograph=False,
        )
        def slopes(picture: Any, given: Any) -> Any:
            with engine.lots.held(), tf.GradientTape(watch_accessed_variables=False) as tape:
                tape.watch(picture)
                run, _ = engine.run(outlet(picture), set())
                value = score.compute(run, given)
            slope = tape.gradient(value, picture)
            if slope is None:
                raise TargetError(engine.no_slope())
            return tf.cast(value, tf.float32), slope

        return traced(slopes)


def _parts(length: int, most: int) -> Iterator[slice]:
    """Yield slices of about the same length that cover an axis, none longer than `most`."""
    edges = np.linspace(0, length, -(-length // most) + 1).round().astype(int)
    yield from (slice(int(a), int(b)) for a, b in pairwise(edges))
