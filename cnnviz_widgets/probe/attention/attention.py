"""The part of a probe that reads attention: which layers have it, and what each token of a picture reads from which."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np

from ...errors import LayerError
from ...images.image import Image
from ..cache import Memory
from ..engine import Engine
from . import layers as attention
from .layers import AttentionLayer
from .weights import Attending, attending
from .windows import Windows


class Attention:
    """The part of a `Probe` that looks at layers of attention."""

    name: str
    input_shape: tuple[int | None, ...]
    engine: Engine
    memory: Memory

    @cached_property
    def attention_layers(self) -> tuple[AttentionLayer, ...]:
        """The layers of attention, from the input to the output; empty for a network that has none.

        Each tells its ``name``, how many ``heads`` it has, and how the tokens that ask and those that are read lie in
        the picture: ``query_tokens.grid`` is (rows, columns), ``query_tokens.extra`` how many are no place.

        `keras.layers.MultiHeadAttention`, `GroupQueryAttention`, `Attention` and `AdditiveAttention` are known. A
        layer of one's own, or one derived from those, is attention if there is a softmax in its `call` that weighs
        what tokens read from tokens, or if it returns such weights; `why_no_attention` tells what else can be done.
        """
        return self._attention_found[0]

    @cached_property
    def why_no_attention(self) -> str:
        """Why there is no attention to be read, or none in some layers of other authors, and the cure; else empty."""
        cure = attention.unread(self._may_attend, *self._attention_found)
        if self.attention_layers:
            return cure
        none = (
            f"{self.name} has no attention that can be read: no layer that is seen makes tokens of the whole picture "
            "read from each other."
        )
        return f"{none} {cure or 'Use a class map or a pixel method.'}"

    def attention(self, image: Any) -> Mapping[str, np.ndarray]:
        """Return with which weight each token reads from each other, for all heads of all layers of attention.

        Parameters
        ----------
        image : Image or anything that `Image.load` opens
            The picture. All layers come from one run, which is remembered as long as the weights stay as they are.

        Returns
        -------
        mapping of str to numpy.ndarray
            By layer, from the input to the output: float32 (heads, queries, keys), read-only. Row q holds what token q
            reads from; its numbers are from 0 to 1 and add up to 1, or are all 0 for a token that a mask takes out.
            In windows they add up to less by what is read from padding, and are 0 from one window to another.
            `attention_layers` tells which tokens are which places: with ``tokens = layer.key_tokens``,
            ``tokens.on_grid(scores[head, q])`` is the map (rows, columns)
            of what is read, and ``layer.query_tokens.index(row, column)`` the number q of a place.

        Raises
        ------
        LayerError
            If the network has no layer of attention that can be read.
        ModelError
            If the weights of a layer do not add up to 1.
        """
        if not self.attention_layers:
            raise LayerError(self.why_no_attention)
        fitted = self.fit(image)
        with self.memory.current():
            return self.memory.attention_of(fitted, lambda: self._read_attention(fitted))

    @cached_property
    def _may_attend(self) -> tuple[Attending, ...]:
        return attending(self.engine.graph)

    @cached_property
    def _attention_found(self) -> tuple[tuple[AttentionLayer, ...], tuple[str, ...]]:
        """The layers of attention, and the names of those that are closed because their windows are not found."""
        if not self._may_attend:
            return (), ()
        noise = self._noise(tuple(n or 64 for n in self.input_shape))
        scores = self._attention_scores(noise)
        windows = self._windows(noise.shape[1:], scores)
        layers = attention.layers_of(self.engine.graph, self._may_attend, scores, windows)
        return layers, attention.unplaced(self._may_attend, scores, layers)

    def _read_attention(self, image: Image) -> Mapping[str, np.ndarray]:
        batch = self._as_batch(image)
        scores = self._attention_scores(batch)
        windows = self._windows(batch.shape[1:], scores)
        found = attention.attention_of(self._may_attend, self.attention_layers, scores, windows)
        return MappingProxyType(found)

    def _windows(self, size: tuple[int, ...], scores: list[np.ndarray]) -> Mapping[str, Windows]:
        """Return how the tokens of layers with windows are sorted, found once for each size of pictures."""
        numbers = attention.windowed(scores)
        if not numbers or self.engine.rows not in (None, 1):
            return {}
        if size not in self._sorted:
            graph, found = self.engine.graph, self._may_attend
            told = self.engine.ask(
                ("windows", numbers),
                self._noise(size),
                lambda values, rows: attention.traces_of(graph, found, numbers, values, rows),
            )
            self._sorted[size] = attention.windows_of(graph, found, scores, told)
        return self._sorted[size]

    @cached_property
    def _sorted(self) -> dict[tuple[int, ...], Mapping[str, Windows]]:
        return {}

    def _noise(self, size: tuple[int, ...]) -> np.ndarray:
        return np.random.default_rng(0).uniform(0, 1, (1, *size)).astype(np.float32)

    def _attention_scores(self, pictures: np.ndarray) -> list[np.ndarray]:
        graph, found = self.engine.graph, self._may_attend
        return self.engine.ask(
            "attention", pictures, lambda values, rows: attention.scores_of(graph, found, values, rows)
        )

    def fit(self, image: Any) -> Image:
        """Return the picture as the model takes it."""
        raise NotImplementedError

    def _as_batch(self, images: Any) -> np.ndarray:
        """Return the pictures as the network gets them."""
        raise NotImplementedError
