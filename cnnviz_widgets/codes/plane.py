"""Many codes laid out in a plane, so that what is alike lies close."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field

import numpy as np

from ..decomposition import check_metric
from ..errors import MissingPackageError, SettingError, did_you_mean

HOWS = ("pca", "umap")
MOST_FITTED = (
    4096  # axes of so many codes, evenly picked, differ from those of all by less than a point is wide
)
FEWEST_FOR_UMAP = 5


@dataclass(frozen=True, eq=False)
class Plane:
    """Codes as points.

    Attributes
    ----------
    points : numpy.ndarray
        float32 (N, 2): x to the right, y up.
    how : str
        ``pca`` or ``umap``.
    shares : tuple of float
        Share of the codes' variance along x and y; empty for UMAP, whose axes mean nothing.
    notes : tuple of str
        What to mind.
    """

    points: np.ndarray = field(repr=False)
    how: str
    shares: tuple[float, ...] = ()
    notes: tuple[str, ...] = ()


def ways() -> tuple[str, ...]:
    """Return the ways that are there: ``pca`` always, ``umap`` if umap-learn is installed."""
    return HOWS if importlib.util.find_spec("umap") else HOWS[:1]


def plane(codes: np.ndarray, how: str = "pca", metric: str = "cosine", seed: int = 0) -> Plane:
    """Lay codes out in a plane.

    Parameters
    ----------
    codes : numpy.ndarray
        (N, D).
    how : str
        ``pca``: the two directions in which the codes differ most. ``umap``: neighbours stay neighbours.
    metric : str
        ``cosine`` lays out directions, codes brought to length 1; any other the codes themselves.
    seed : int
        Seed of UMAP.

    Raises
    ------
    SettingError
        If there is no such way or metric.
    MissingPackageError
        For ``umap`` without umap-learn.
    """
    check_metric(metric)
    if how not in HOWS:
        raise SettingError(f"how must be 'pca' or 'umap'; got {how!r}.{did_you_mean(how, HOWS)}")
    if how == "umap" and how not in ways():
        raise MissingPackageError(
            "how='umap' needs umap-learn: pip install 'cnnviz_widgets[umap]'. Without it, use how='pca'."
        )
    laid = np.asarray(codes, np.float32)
    if metric == "cosine":
        lengths = np.linalg.norm(laid, axis=1, keepdims=True)
        laid = np.divide(laid, lengths, out=np.zeros_like(laid), where=lengths > 0)
    few = len(laid) < FEWEST_FOR_UMAP
    if how == "umap" and few:
        found = _pca(laid)
        note = f"UMAP needs at least {FEWEST_FOR_UMAP} pictures; these {len(laid)} are laid out by PCA."
        return Plane(found.points, "pca", found.shares, (note,))
    return _pca(laid) if how == "pca" else _umap(laid, seed)


def _pca(codes: np.ndarray) -> Plane:
    """Project on the two directions of largest variance; each is turned so that its largest weight is above 0."""
    middle = codes.mean(axis=0)
    every = max(1, -(-len(codes) // MOST_FITTED))
    fitted = (codes[::every] - middle).astype(np.float64)
    _, sizes, axes = np.linalg.svd(fitted, full_matrices=False)
    axes = axes[:2] * np.sign(axes[:2][np.arange(len(axes[:2])), np.abs(axes[:2]).argmax(axis=1)])[:, None]
    points = np.zeros((len(codes), 2), np.float32)
    points[:, : len(axes)] = (codes - middle) @ axes.T.astype(np.float32)
    total = float((sizes**2).sum())
    shares = tuple(float(size**2 / total) if total else 0.0 for size in sizes[:2])
    notes = (f"The axes are those of every {every}th code.",) if every > 1 else ()
    same = ("All codes are the same.",) if not total else ()
    return Plane(points, "pca", (*shares, 0.0, 0.0)[:2], (*notes, *same))


def _umap(codes: np.ndarray, seed: int) -> Plane:
    import umap  # type: ignore[import-not-found]

    near = min(15, len(codes) - 1)
    laid = umap.UMAP(n_neighbors=near, random_state=seed, n_jobs=1, init="pca").fit_transform(codes)
    return Plane(np.asarray(laid, np.float32), "umap", (), ("Distances between groups mean little in UMAP.",))
