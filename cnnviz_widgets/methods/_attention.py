"""What the attention methods share: which layer is meant, which token asks, and the sentences about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import LayerError, SettingError, listed
from ..explanation import Mark, Outline
from ..images.image import Image
from ..method import Method
from ..probe import AttentionLayer, Probe, Tokens

CLASS_TOKEN, MEAN = "class token", "mean"
Query = str | tuple[int, int]


def layer_of(probe: Probe, name: str | None) -> AttentionLayer:
    """Return a layer of attention, the last one if none is named.

    Raises
    ------
    LayerError
        If the network has none, or the layer named is none.
    """
    known = {layer.name: layer for layer in probe.attention_layers}
    if not known:
        raise LayerError(probe.why_no_attention)
    if name is None:
        return list(known.values())[-1]
    if name not in known:
        said = f"{name} is no layer of attention. These are: {listed(known)}."
        raise LayerError(f"{said} {probe.why_no_attention}".rstrip())
    return known[name]


def placed(tokens: Tokens | None, layer: AttentionLayer) -> Tokens:
    """Return the lay-out of tokens, which must be known for a map.

    Raises
    ------
    LayerError
        If it is not.
    """
    if tokens is None:
        raise LayerError(
            f"The tokens of {layer.name} are not known to be places of the picture. If they are, give "
            "Probe(token_grid=(rows, columns)); probe.attention(image) has the numbers."
        )
    return tokens


@dataclass(frozen=True)
class Asking:
    """Which tokens' numbers are shown: one of a number, or the mean of all.

    Attributes
    ----------
    query : str or tuple
        ``class token``, ``mean`` or (row, column).
    at : int or None
        The token's number among all; None for the mean.
    """

    query: Query
    at: int | None

    def of(self, weights: np.ndarray) -> np.ndarray:
        """Return the row of a matrix that is asked for, or the mean of its rows."""
        return np.asarray(weights.mean(axis=0) if self.at is None else weights[self.at])

    def marks(self, grid: tuple[int, int]) -> tuple[Mark, ...]:
        """Return the frame of the token that is asked, of (rows, columns) of them; nothing for one without a place."""
        if isinstance(self.query, str):
            return ()
        (row, column), (rows, columns) = self.query, grid
        return (
            Outline(column / columns, row / rows, 1 / columns, 1 / rows, "Frame: the token that is asked."),
        )

    @property
    def words(self) -> str:
        """Who asks, for the beginning of a sentence."""
        if self.at is None:
            return "Tokens, on average,"
        return "The class token" if isinstance(self.query, str) else f"Token {self.query[0]}, {self.query[1]}"


def asking(method: str, query: Any, tokens: Tokens | None, layer: str) -> Asking:
    """Return who asks, checked; None is the class token if there is one, else the mean over all tokens.

    Raises
    ------
    SettingError
        If there is no such token.
    """
    extra = tokens is not None and tokens.extra > 0
    if query is None:
        query = CLASS_TOKEN if extra else MEAN
    if query == MEAN:
        return Asking(MEAN, None)
    if query == CLASS_TOKEN:
        if tokens is None or not extra:
            raise SettingError(
                f"{method}.query: {layer} has no class token. Use 'mean', or (row, column) of a token."
            )
        return Asking(CLASS_TOKEN, 0 if tokens.before else tokens.places)
    return _place(method, query, tokens, layer)


def _place(method: str, query: Any, tokens: Tokens | None, layer: str) -> Asking:
    if tokens is None:
        raise SettingError(
            f"{method}.query must be 'mean': the tokens that ask in {layer} are no places; got {query!r}."
        )
    rows, columns = tokens.grid
    whole = isinstance(query, tuple | list) and len(query) == 2
    whole = whole and all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in query)
    if not whole or not (0 <= query[0] < rows and 0 <= query[1] < columns):
        raise SettingError(
            f"{method}.query must be 'class token', 'mean', or (row, column) from (0, 0) to "
            f"({rows - 1}, {columns - 1}) in {layer}; got {query!r}."
        )
    row, column = int(query[0]), int(query[1])
    return Asking((row, column), tokens.index(row, column))


class OfAttention(Method):
    """What is read in layers of attention, for one token or the mean of all, as a map of the places read."""

    def default_layer(self, probe: Probe) -> str:
        """Return the last layer of attention."""
        return layer_of(probe, None).name

    def shown(
        self, probe: Probe, image: Image, row: np.ndarray, tokens: Tokens, who: Asking
    ) -> dict[str, Any]:
        """Return what a `Heatmap` of the numbers of all tokens says, by field; there is no target in it."""
        values = np.ascontiguousarray(tokens.on_grid(row), np.float32)
        scores, notes = shares(row, tokens)
        return {
            **self.about(probe, image),
            "target": "",
            "values": values,
            "unit": "attention",
            "scores": scores,
            "notes": notes,
            "marks": who.marks((values.shape[0], values.shape[1])),
        }


def strongest(values: np.ndarray) -> str:
    """Return the two tokens with the most, in words: each by its row and column."""
    order = np.argsort(-values, axis=None, kind="stable")[:2]
    places = [np.unravel_index(k, values.shape) for k in order]
    return " and ".join(f"({int(row)}, {int(column)})" for row, column in places)


def shares(weights: np.ndarray, tokens: Tokens) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return what share of the weights goes to tokens that are no place, and a sentence if it is most."""
    total = float(weights.sum())
    share = 1 - float(tokens.on_grid(weights).sum()) / total if total else 0.0
    said = f"{share:.0%} goes to tokens that are no place of the picture, and is not in the map."
    found = {"largest": float(tokens.on_grid(weights).max())}
    return {**found, "extra tokens": share} if tokens.extra else found, (said,) if share > 0.5 else ()


def inside_windows(layer: AttentionLayer) -> tuple[str, ...]:
    """Return a sentence on the windows of a layer, if it has any."""
    said = f"{layer.name} has {layer.windows} windows: a token reads inside of its own, and nothing from the others."
    return (said,) if layer.windows > 1 else ()
