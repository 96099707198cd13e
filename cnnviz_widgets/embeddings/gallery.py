"""The codes of many pictures, as a frozen value: who is near whom, and where they lie in a plane."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import ImageError, SettingError
from ..images.image import Image
from ..probe import Probe
from .encoding import Skipped, Sources, check_same, encoded
from .neighbours import Neighbours, nearest
from .projection import Plane, plane


@dataclass(frozen=True, eq=False)
class Codes:
    """The codes of many pictures at a layer.

    Made by `Codes.of`, or step by step by `Codes.steps`. The pictures of a folder or of a list of paths are opened one
    at a time and never held.

    Attributes
    ----------
    values : numpy.ndarray
        float32 (N, D), read-only, a row for every picture that could be opened.
    places : numpy.ndarray
        int (N,), read-only: which of the pictures given each row is of.
    digests : numpy.ndarray
        str (N,), read-only: a name for the content of each picture.
    skipped : tuple of Skipped
        Pictures that could not be opened, and why.
    probe : Probe
        The network.
    layer : str
        The layer that holds the code.
    pooled : bool
        True if the code is the mean of the layer's maps.
    given : int
        How many pictures there are in all, opened or not.
    done : float
        Share of them that has been dealt with, 0 to 1.
    notes : tuple of str
        What to mind.
    """

    values: np.ndarray = field(repr=False)
    places: np.ndarray = field(repr=False)
    digests: np.ndarray = field(repr=False)
    skipped: tuple[Skipped, ...]
    probe: Probe = field(repr=False)
    layer: str
    pooled: bool
    given: int
    done: float
    notes: tuple[str, ...]
    _sources: Sources = field(repr=False)
    _size: tuple[int, int] | None = field(repr=False)
    _weights: int = field(default=0, repr=False)

    @classmethod
    def steps(
        cls,
        model: Any,
        images: Any,
        layer: str | None = None,
        *,
        pooled: bool | None = None,
        keep: str | os.PathLike[str] | None = None,
    ) -> Iterator[Codes]:
        """Yield what is known after every batch, `done` rising to 1; to stop, ask no more and close the iterator.

        Parameters
        ----------
        model : Probe, keras.Model or path
            The network.
        images : sequence, or path of a folder
            Anything that `Image.load` opens; the picture files of a folder, those in folders below it too.
        layer : str, optional
            The layer that holds the code: bottleneck or penultimate layer if left out.
        pooled : bool, optional
            As for `similarity`.
        keep : path-like, optional
            A NumPy file, ending in ``.npz``, that codes are taken from and written to, also when it is stopped. It is
            for one model, layer and way to bring pictures into it; codes of another are computed anew and replace it.

        Raises
        ------
        LayerError, ImageError, SettingError, ModelError
            If there is no such layer, no picture at all, or the file is something else.
        """
        with closing(
            encoded(model, images, layer, pooled, keep)
        ) as steps:  # stopped, it still writes what it knows
            for found in steps:
                yield cls(**found)

    @classmethod
    def of(
        cls,
        model: Any,
        images: Any,
        layer: str | None = None,
        *,
        pooled: bool | None = None,
        keep: str | os.PathLike[str] | None = None,
    ) -> Codes:
        """Return the codes of all pictures; as `steps`, run to the end."""
        *_, last = cls.steps(model, images, layer, pooled=pooled, keep=keep)
        return last

    def __len__(self) -> int:
        return len(self.values)

    @property
    def progress(self) -> str:
        """Where the work stands, e.g. ``320 of 1000 · 2 skipped``."""
        skipped = f" · {len(self.skipped)} skipped" if self.skipped else ""
        return f"{len(self) + len(self.skipped)} of {self.given}{skipped}"

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What the picture of each row is called."""
        return tuple(self._sources.names[place] for place in self.places)

    @cached_property
    def lengths(self) -> np.ndarray:
        """Euclidean length of each code, float32 (N,)."""
        return np.sqrt(np.einsum("ij,ij->i", self.values, self.values))

    def image(self, row: int) -> Image:
        """Open the picture of a row, as the model takes it."""
        return self._fitted(self._sources.image(int(self.places[self._checked(row)])))

    def code(self, query: Any) -> np.ndarray:
        """Return the code of a row by its number, of a picture, or of itself if it is a code already: float32 (D,)."""
        if isinstance(query, int | np.integer) and not isinstance(query, bool):
            return np.asarray(self.values[self._checked(int(query))])
        if isinstance(query, np.ndarray) and query.ndim == 1:
            if query.shape != self.values.shape[1:]:
                raise SettingError(
                    f"a code at {self.layer} has {self.values.shape[1]} numbers; got {len(query)}."
                )
            return query.astype(np.float32)
        check_same(self.probe, self._weights)
        return self.probe.code(self._fitted(Image.load(query)), self.layer, self.pooled)

    def nearest(self, query: Any, k: int = 8, metric: str = "cosine") -> Neighbours:
        """Return the most similar pictures, best first; all are compared.

        Parameters
        ----------
        query : int, Image or anything that `Image.load` opens, or a code (D,)
            A row by its number, which is then left out itself, or a picture of one's own.
        k : int
            How many; fewer are returned where there are not so many.
        metric : str
            ``cosine``, ``dot`` or ``euclidean`` (minus the distance).

        Raises
        ------
        TargetError
            For the cosine of a query whose code is all zero.
        SettingError, ImageError
            If there is no such row, metric or count, or the picture cannot be taken.
        """
        self._check_any()
        own = int(query) if isinstance(query, int | np.integer) and not isinstance(query, bool) else None
        return nearest(self.values, self.lengths, self.code(query), k, metric, own)

    def plane(self, how: str = "pca", metric: str = "cosine", seed: int = 0) -> Plane:
        """Return the codes as points of a plane, by ``pca`` or ``umap``; see `Plane`."""
        self._check_any()
        return plane(self.values, how, metric, seed)

    def _check_any(self) -> None:
        if not len(self):
            raise ImageError(f"no picture could be opened: {self.progress}. `skipped` says why.")

    def _fitted(self, image: Image) -> Image:
        fitted = self.probe.fit(image)
        return fitted if self._size is None else fitted.resized(self._size, "crop")

    def _checked(self, row: int) -> int:
        if not 0 <= row < len(self):
            raise SettingError(f"row must be from 0 to {len(self) - 1}; got {row}.")
        return row
