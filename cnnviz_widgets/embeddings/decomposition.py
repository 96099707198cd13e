"""The similarity of two codes, taken apart exactly into what pairs of places add to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from ..errors import SettingError, TargetError

METRICS = ("cosine", "dot", "euclidean")
SLACK = 1e-5  # what rounding in float32 may make of two sums of the same numbers

Place = tuple[int, int]


@dataclass(frozen=True)
class Match:
    """A place in B that answers a place in A.

    Attributes
    ----------
    place : tuple of int
        (row, column) of the cell in B.
    likeness : float
        Cosine of what the layer answers at the two places, −1 to 1; 0 where either answers nothing.
    term : float
        What this pair of places adds to the similarity.
    """

    place: Place
    likeness: float
    term: float


@dataclass(frozen=True, eq=False)
class Decomposition:
    """Two codes by their places, and what every pair of places adds to their similarity.

    A code of maps laid side by side is compared place by place: only pairs of the same place add to it. A code that
    is a sum over places, as after global average pooling, is a sum over all pairs. The whole matrix, (h, w) times
    (h, w), is never made: a row of it, `terms`, is worked out when it is asked for.

    Attributes
    ----------
    a, b : numpy.ndarray
        float32 (h, w, D), what each place gives to the code; the two may differ in height and width if not aligned.
    aligned : bool
        True if the code is the places side by side, False if it is their sum.
    metric : str
        ``cosine``, ``dot`` or ``euclidean``: minus the distance.
    layer : str
        The layer that the places are cells of.

    Raises
    ------
    TargetError
        For the cosine of a code that is all zero.

    Notes
    -----
    With z the codes, a and b their places: cosine and dot have the terms <a_ij, b_kl> times 1 / (|z_a| |z_b|) or 1.
    The distance d of aligned codes has the terms −|a_ij − b_ij|² / d; that of sums −<a_ij, u> / n_b + <b_kl, u> / n_a
    with u = (z_a − z_b) / d and the numbers of places n. See Stylianou, Souvenir, Pless, WACV 2019, arXiv:1901.00536,
    for the case of the cosine after pooling.
    """

    a: np.ndarray = field(repr=False)
    b: np.ndarray = field(repr=False)
    aligned: bool
    metric: str
    layer: str = ""

    def __post_init__(self) -> None:
        check_metric(self.metric)
        if self.metric == "cosine" and not (self._codes[0].any() and self._codes[1].any()):
            raise TargetError(
                "a code is all zero: its cosine with anything is undefined. Use 'dot' or 'euclidean'."
            )

    @property
    def shape_a(self) -> tuple[int, int]:
        """(height, width) of A in cells."""
        return self.a.shape[0], self.a.shape[1]

    @property
    def shape_b(self) -> tuple[int, int]:
        """(height, width) of B in cells."""
        return self.b.shape[0], self.b.shape[1]

    @cached_property
    def on_a(self) -> np.ndarray:
        """What each place of A adds: the sum of its terms, float64 (h, w)."""
        if self.aligned:
            return self._same_place
        zb = self._codes[1]
        if self.metric == "euclidean":
            return -(self._a @ self._towards) + (zb @ self._towards) / self._a[..., 0].size
        return np.asarray(self._a @ zb * self._scale)

    @cached_property
    def on_b(self) -> np.ndarray:
        """What each place of B adds, float64 (h, w)."""
        if self.aligned:
            return self._same_place
        za = self._codes[0]
        if self.metric == "euclidean":
            return self._b @ self._towards - (za @ self._towards) / self._b[..., 0].size
        return np.asarray(self._b @ za * self._scale)

    @property
    def total(self) -> float:
        """The sum of all terms; it is the similarity."""
        return float(self.on_a.sum())

    @property
    def slack(self) -> float:
        """How far two ways to compute the similarity may differ by rounding."""
        sizes = [float(np.sqrt((code**2).sum())) for code in self._codes]
        return SLACK * (
            sizes[0] + sizes[1] if self.metric == "euclidean" else sizes[0] * sizes[1] * self._scale
        )

    def terms(self, place: Place) -> np.ndarray:
        """Return what a place of A adds with each place of B, float32 (h, w); all of these sum to the similarity."""
        row, column = self._checked(place)
        if self.aligned:
            made = np.zeros(self.shape_b, np.float32)
            made[row, column] = self._same_place[row, column]
            return made
        if self.metric == "euclidean":
            n_a, n_b = self._a[..., 0].size, self._b[..., 0].size
            own = self._a[row, column] @ self._towards
            return np.asarray(self._b @ self._towards / n_a - own / n_b, np.float32)
        return np.asarray(self._b @ self._a[row, column] * self._scale, np.float32)

    def likeness(self, place: Place) -> np.ndarray:
        """Return the cosine of a place of A with each place of B, float32 (h, w), −1 to 1: where B holds the same.

        A place that answers nothing is like none: 0.
        """
        row, column = self._checked(place)
        own = self._a[row, column]
        sizes = np.linalg.norm(self._b, axis=-1) * np.linalg.norm(own)
        made = np.divide(self._b @ own, sizes, out=np.zeros(self.shape_b), where=sizes > 0)
        return np.asarray(np.clip(made, -1, 1), np.float32)

    def matches(self, place: Place, count: int = 5) -> tuple[Match, ...]:
        """Return the places of B that are most like a place of A, best first."""
        alike, terms = self.likeness(place), self.terms(place)
        best = np.argsort(-alike, axis=None, kind="stable")[: max(0, count)]
        places = zip(*np.unravel_index(best, alike.shape), strict=True)
        return tuple(Match((int(r), int(c)), float(alike[r, c]), float(terms[r, c])) for r, c in places)

    def turned(self) -> Decomposition:
        """Return the same with A and B exchanged."""
        return Decomposition(self.b, self.a, self.aligned, self.metric, self.layer)

    @cached_property
    def _a(self) -> np.ndarray:
        return self.a.astype(np.float64)

    @cached_property
    def _b(self) -> np.ndarray:
        return self.b.astype(np.float64)

    @cached_property
    def _codes(self) -> tuple[np.ndarray, np.ndarray]:
        """Both codes, flat."""
        if self.aligned:
            return self._a.ravel(), self._b.ravel()
        return self._a.sum(axis=(0, 1)), self._b.sum(axis=(0, 1))

    @cached_property
    def _scale(self) -> float:
        """What the products of places are multiplied by."""
        za, zb = self._codes
        return 1.0 if self.metric == "dot" else float(1 / (np.linalg.norm(za) * np.linalg.norm(zb)))

    @cached_property
    def _towards(self) -> np.ndarray:
        """Direction from the code of B to that of A, of length 1; 0 if they are the same."""
        away = self._codes[0] - self._codes[1]
        distance = np.linalg.norm(away)
        return away / distance if distance else away

    @cached_property
    def _same_place(self) -> np.ndarray:
        """What each pair of the same place adds to an aligned code."""
        if self.metric != "euclidean":
            return np.asarray((self._a * self._b).sum(axis=-1) * self._scale)
        apart = ((self._a - self._b) ** 2).sum(axis=-1)
        return -apart / (np.sqrt(apart.sum()) or 1.0)

    def _checked(self, place: Place) -> Place:
        for axis, at, most in zip(("row", "column"), place, self.shape_a, strict=True):
            if not 0 <= at < most:
                raise SettingError(f"place {axis} must be from 0 to {most - 1}; got {at}.")
        return place


def check_metric(metric: str) -> None:
    """Raise `SettingError` if there is no such metric."""
    if metric not in METRICS:
        raise SettingError(f"metric must be 'cosine', 'dot' or 'euclidean'; got {metric!r}.")


def similarity_of(code_a: np.ndarray, code_b: np.ndarray, metric: str) -> float:
    """Return the similarity of two flat codes: cosine, dot product, or minus the Euclidean distance.

    Raises
    ------
    TargetError
        For the cosine of a code that is all zero.
    """
    a, b = code_a.astype(np.float64), code_b.astype(np.float64)
    if metric == "euclidean":
        return -float(np.linalg.norm(a - b))
    if metric == "dot":
        return float(a @ b)
    sizes = np.linalg.norm(a) * np.linalg.norm(b)
    if not sizes:
        raise TargetError(
            "a code is all zero: its cosine with anything is undefined. Use 'dot' or 'euclidean'."
        )
    return float(a @ b / sizes)
