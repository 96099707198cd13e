"""Attention rollout: from which places of the picture a token has read, through all blocks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from ..errors import LayerError
from ..explanation import Heatmap
from ..images.image import Image
from ..method import register
from ..objectives import Objective
from ..probe import AttentionLayer, Probe
from ..settings import choice, layer_name, objective
from ._attention import CLASS_TOKEN, MEAN, OfAttention, Query, asking, layer_of, placed, strongest

_FUSED: dict[str, Callable[..., np.ndarray]] = {"mean": np.mean, "max": np.max, "min": np.min}


@register
@dataclass(frozen=True)
class AttentionRollout(OfAttention):
    """From which places of the picture a token has read, through all blocks up to a layer.

    With A_l the attention of block l, its heads brought together by their mean (or maximum, or minimum), each token
    also keeps what it was: Â_l = A_l + I, its rows divided by their sums. The map is the token's row of
    Â_L ... Â_2 Â_1, at the tokens that are places of the picture.

    The result is a `Heatmap` of the token grid, (rows, columns) float32, from 0 to 1; a token's numbers add up to 1
    together with the tokens that are no place (``scores["extra tokens"]``). `query` left open is the class token if
    there is one, else the mean over all tokens. It depends on no target, and knows nothing of the values that are
    read and of the dense layers between the blocks.

    Raises
    ------
    LayerError
        If the network has no attention, its tokens are no places of the picture, or their number changes on the way.
    SettingError
        If there is no such token.
    """

    label: ClassVar[str] = "Attention rollout"
    family: ClassVar[str] = "Inside"
    help: ClassVar[str] = "From which places a token has read, through all blocks"
    source: ClassVar[str] = "Abnar & Zuidema, ACL 2020, arXiv:2005.00928, section 3.1"
    says: ClassVar[str] = "{places} have been read from, up to {layer}."
    reading: ClassVar[str] = (
        "The attention of all blocks multiplied, as if nothing but reading happened. "
        "It is the same for every class, and says nothing of what the values read were."
    )
    rank: ClassVar[int] = 210

    heads: str = choice("mean", tuple(_FUSED), help="how the heads of a block are brought together")
    query: Query | None = choice(
        None,
        (CLASS_TOKEN, MEAN),
        kinds=(tuple, list),
        pattern="(row, column) of a token",
        help="whose reading is shown; the class token if there is one, else the mean over all, if empty",
    )
    layer: str | None = layer_name(help="up to which layer of attention; the last one if empty")
    target: Objective | int | None = objective(
        help="only decides which pass is shared; attention does not depend on it"
    )

    def resolved(self, probe: Probe, image: Image) -> Self:
        """Return this method with layer and token chosen and checked."""
        made = super().resolved(probe, image)
        layer = layer_of(probe, made.layer)
        found = asking("AttentionRollout", self.query, layer.query_tokens, layer.name)
        return made.replace(query=found.query)

    def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
        """Yield one `Heatmap`."""
        layers = _until(probe, layer_of(probe, self.layer))
        tokens = placed(layers[0].key_tokens, layers[0])
        weights = probe.attention(image)
        whole = rolled_out([weights[layer.name] for layer in layers], self.heads)
        who = asking("AttentionRollout", self.query, layers[-1].query_tokens, layers[-1].name)
        row = who.of(whole)
        shown = self.shown(probe, image, row, tokens, who)
        shown["scores"]["blocks"] = float(len(layers))
        verb = "have read most from" if who.at is None else "has read most from"
        most = strongest(shown["values"])
        yield Heatmap(
            **shown,
            layer=layers[-1].name,
            says=f"{who.words} {verb} {most}, through {len(layers)} layers of attention.",
        )


def rolled_out(attention: Sequence[np.ndarray], heads: str = "mean") -> np.ndarray:
    """Return from which token each token has read through all layers, float64 (tokens, tokens); rows add up to 1.

    Parameters
    ----------
    attention : sequence of numpy.ndarray
        (heads, tokens, tokens) of each layer, from the first to the last.
    heads : str
        ``mean``, ``max`` or ``min`` over the heads.
    """
    whole = np.eye(attention[0].shape[-1])
    for one in attention:
        kept = _FUSED[heads](one.astype(np.float64), axis=0) + np.eye(one.shape[-1])
        whole = (kept / kept.sum(axis=-1, keepdims=True)) @ whole
    return whole


def _until(probe: Probe, last: AttentionLayer) -> list[AttentionLayer]:
    layers = list(probe.attention_layers)
    upto = layers[: layers.index(last) + 1]
    for layer in upto:
        if (layer.queries, layer.keys) != (last.queries, last.queries):
            raise LayerError(
                f"Attention rollout multiplies layers whose tokens are the same; {layer.name} reads {layer.keys} "
                f"tokens for {layer.queries}, {last.name} has {last.queries}. Use Attention, layer by layer."
            )
    return upto
