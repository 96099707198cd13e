"""Attention: from which places of the picture a token reads, head by head."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from ..errors import SettingError
from ..explanation import Heatmap
from ..images.image import Image
from ..method import register
from ..objectives import Objective
from ..probe import AttentionLayer, Probe
from ..settings import choice, layer_name, objective
from ._attention import (
    CLASS_TOKEN,
    MEAN,
    Asking,
    OfAttention,
    Query,
    asking,
    inside_windows,
    layer_of,
    placed,
    strongest,
)

TO, BY = "attends to", "attended by"


@register
@dataclass(frozen=True)
class Attention(OfAttention):
    """From which places of the picture a token reads, in one layer of attention.

    With q and k the queries and keys of a head, of size d, the weight with which token i reads from token j is
    A[i, j] = softmax over j of q_i k_j / sqrt(d), and the map is A[i, :] at the tokens that are places of the picture.
    ``attended by`` turns it round: A[:, i], how much each place reads from the token.

    The result is a `Heatmap` of the token grid, (rows, columns) float32: raw weights, from 0 to 1, of which those of
    one token add up to 1 together with the tokens that are no place; ``scores["extra tokens"]`` is the share of those.
    `query` left open is the class token if there is one, else the mean over all tokens. It depends on no target.

    Attention is where a token reads from, not what decides the class: compare with a gradient or with occlusion.

    Raises
    ------
    LayerError
        If the network has no attention, the layer is none, or its tokens are no places of the picture.
    SettingError
        If there is no such head or token.
    """

    label: ClassVar[str] = "Attention"
    family: ClassVar[str] = "Inside"
    help: ClassVar[str] = "From which places of the picture a token reads"
    source: ClassVar[str] = "Vaswani et al., NeurIPS 2017, arXiv:1706.03762, eq. 1"
    says: ClassVar[str] = "{places} are read from, in {layer}."
    reading: ClassVar[str] = (
        "Attention is where a token reads from, not what decides the class. "
        "Compare it with a gradient or with occlusion before you believe it."
    )
    rank: ClassVar[int] = 200

    head: int | str | None = choice(
        None,
        (MEAN,),
        kinds=(int, np.integer),
        pattern="the number of a head, from 0",
        help="which head is shown; the mean of all if empty",
    )
    query: Query | None = choice(
        None,
        (CLASS_TOKEN, MEAN),
        kinds=(tuple, list),
        pattern="(row, column) of a token",
        help="which token reads; the class token if there is one, else the mean over all, if empty",
    )
    direction: str = choice(TO, (TO, BY), help="what the token reads from, or which tokens read from it")
    layer: str | None = layer_name(help="layer of attention; the last one if empty")
    target: Objective | int | None = objective(
        help="only decides which pass is shared; attention does not depend on it"
    )

    def resolved(self, probe: Probe, image: Image) -> Self:
        """Return this method with layer, head and token chosen and checked."""
        made = super().resolved(probe, image)
        layer = layer_of(probe, made.layer)
        return made.replace(head=self._head(layer), query=self._asking(layer).query)

    def _head(self, layer: AttentionLayer) -> int | str:
        head = MEAN if self.head is None else self.head
        if head == MEAN:
            return MEAN
        if not isinstance(head, int | np.integer) or isinstance(head, bool) or not 0 <= head < layer.heads:
            raise SettingError(
                f"Attention.head must be 'mean', or from 0 to {layer.heads - 1} in {layer.name}; got {head!r}."
            )
        return int(head)

    def _asking(self, layer: AttentionLayer) -> Asking:
        read_by = self.direction == BY
        tokens = layer.key_tokens if read_by else layer.query_tokens
        found = asking("Attention", self.query, tokens, layer.name)
        if read_by and found.at is None:
            raise SettingError(
                f"Attention.query must be one token where direction is {BY!r}: what all tokens together are "
                f"read with is the same everywhere in {layer.name}. Give (row, column)."
            )
        return found

    def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
        """Yield one `Heatmap`."""
        layer, by = layer_of(probe, self.layer), self.direction == BY
        weights = probe.attention(image)[layer.name]
        matrix = weights.mean(axis=0) if isinstance(self.head, str) else weights[int(self.head or 0)]
        who = self._asking(layer)
        tokens = placed(layer.query_tokens if by else layer.key_tokens, layer)
        row = who.of(matrix.T if by else matrix)
        shown = self.shown(probe, image, row, tokens, who)
        head = "the mean of all heads" if self.head == MEAN else f"head {self.head}"
        verb = "is read most by" if by else "reads most from"
        verb = verb.replace("reads", "read") if who.at is None else verb
        shown["notes"] += inside_windows(layer)
        most = strongest(shown["values"])
        yield Heatmap(
            **shown, layer=layer.name, says=f"{who.words} {verb} {most}, in {head} of {layer.name}."
        )
