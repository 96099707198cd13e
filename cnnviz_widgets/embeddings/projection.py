"""Many codes laid out in a plane, so that what is alike lies close."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass, field

import numpy as np

from ..errors import MissingPackageError, SettingError, did_you_mean
from .decomposition import check_metric

HOWS = ("pca", "umap")
WIDE = 512  # numbers of a code from which on the axes of a thousand codes take a second
MOST_FITTED = {
    True: 512,
    False: 8192,
}  # wide or not: how many codes, evenly picked, the axes are worked out from
FEWEST_FOR_UMAP = 5
ROUNDING = 1e-6


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
    codes = np.asarray(codes, np.float32)
    few = len(codes) < FEWEST_FOR_UMAP
    if how == "umap" and not few:
        return _umap(codes, metric, seed)
    note = f"UMAP needs at least {FEWEST_FOR_UMAP} pictures; these {len(codes)} are laid out by PCA."
    return _pca(codes, metric, (note,) if how == "umap" else ())


def _pca(codes: np.ndarray, metric: str, notes: tuple[str, ...]) -> Plane:
    """Project on the two directions of largest variance; each is turned so that its largest weight is above 0.

    The codes are read three times and never copied: what brings them to length 1 is applied to the points.
    """
    share = _to_unit(codes) if metric == "cosine" else np.ones(len(codes), np.float32)
    middle = share @ codes / len(codes)
    every = -(-len(codes) // MOST_FITTED[codes.shape[1] > WIDE])
    fitted = (codes[::every] * share[::every, None] - middle).astype(np.float64)
    points = np.zeros((len(codes), 2), np.float32)
    if np.abs(fitted).max() <= ROUNDING * np.abs(middle).max():
        return Plane(points, "pca", (0.0, 0.0), (*notes, "All codes are the same."))
    axes, shares = _axes(fitted)
    flat = axes.T.astype(np.float32)
    points[:, : len(axes)] = codes @ flat * share[:, None] - middle @ flat
    notes += (f"The axes are those of one code in {every}.",) if every > 1 else ()
    return Plane(points, "pca", (*shares, 0.0)[:2], notes)


def _to_unit(codes: np.ndarray) -> np.ndarray:
    """Return what brings each code to length 1, float32 (N,); 0 for a code that is all zero."""
    lengths = np.sqrt(np.einsum("ij,ij->i", codes, codes))
    return np.divide(1, lengths, out=np.zeros_like(lengths), where=lengths > 0)


def _axes(centred: np.ndarray) -> tuple[np.ndarray, list[float]]:
    """Return the two directions of largest variance, (2, D), and their shares of it.

    They come from the products of the codes with each other, or of the numbers of a code, whichever are fewer: a
    singular value decomposition of the codes themselves takes several times as long.
    """
    wide = centred.shape[1] > len(centred)
    sizes, found = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
    best = found[:, ::-1][:, :2]
    axes = (centred.T @ best if wide else best).T
    lengths = np.linalg.norm(axes, axis=1, keepdims=True)
    axes = np.divide(axes, lengths, out=np.zeros_like(axes), where=lengths > 0)
    axes *= np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])[:, None]
    kept, total = np.maximum(sizes[::-1][:2], 0), float(np.maximum(sizes, 0).sum())
    return axes, [float(size / total) if total else 0.0 for size in kept]


def _umap(codes: np.ndarray, metric: str, seed: int) -> Plane:
    """Lay neighbours beside each other: by distance, after bringing codes to length 1 for the cosine."""
    import umap  # type: ignore[import-not-found]

    laid = codes * _to_unit(codes)[:, None] if metric == "cosine" else codes
    made = umap.UMAP(
        n_neighbors=min(15, len(codes) - 1), random_state=seed, n_jobs=1, init="pca"
    ).fit_transform(laid)
    return Plane(np.asarray(made, np.float32), "umap", (), ("Distances between groups mean little in UMAP.",))
