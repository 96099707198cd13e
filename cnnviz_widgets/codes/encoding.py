"""Pictures run through the network once, a batch at a time, for their codes."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ImageError, ModelError
from ..image import Image
from ..probe import Probe, as_probe
from ..probe.code_layer import about_layer
from ..probe.stamp import fingerprint
from .keeping import checked_path, keep, kept
from .pair import SimilarityMaps
from .sources import Skipped, Sources, sources_of

BATCH = 32
SAME = 1e-3  # codes kept on disk may differ from fresh ones by this share of the largest number, which rounding makes


def encoded(
    model: Any, images: Any, layer: str | None, pooled: bool | None, file: str | os.PathLike[str] | None
) -> Generator[dict[str, Any], None, None]:
    """Yield the fields of `Codes` after every batch; see `Codes.steps`."""
    probe, sources = as_probe(model), sources_of(images)
    settings = SimilarityMaps(layer, pooled=pooled).resolved(probe)
    path = None if file is None else checked_path(file)
    growing = Growing(probe, sources, str(settings.layer), bool(settings.pooled), path)
    try:
        for begin in range(0, len(sources), BATCH):
            growing.take(range(begin, min(begin + BATCH, len(sources))))
            if begin + BATCH >= len(sources):
                growing.keep()
            yield growing.now()
    finally:
        growing.keep()


class Growing:
    """Codes that become more: rows are filled in and never change again.

    Parameters
    ----------
    probe : Probe
        The network.
    sources : Sources
        The pictures.
    layer : str
        The layer that holds the code.
    pooled : bool
        Whether the code is the mean of its maps.
    path : Path or None
        Where codes are kept, if they are.
    """

    def __init__(
        self, probe: Probe, sources: Sources, layer: str, pooled: bool, path: Path | None = None
    ) -> None:
        self.probe, self.sources, self.layer, self.pooled = probe, sources, layer, pooled
        self.values = np.zeros((0, 0), np.float32)
        self.places = np.zeros(len(sources), np.intp)
        self.digests = np.zeros(len(sources), "U24")
        self.count = 0
        self.skipped: list[Skipped] = []
        self.size: tuple[int, int] | None = None
        self.notes = about_layer(probe, layer, pooled)
        self.dealt_with, self.weights = 0, probe.looked()
        self.path, self._checked, self._new = path, False, False
        self._key = "" if path is None else self._made_key()
        self._kept, note = ({}, "") if path is None else kept(path, self._key)
        self.notes += (note,) if note else ()

    def take(self, indices: range) -> None:
        """Add the codes of some pictures: those that are kept are looked up, the others run together."""
        found: list[tuple[int, str, np.ndarray | None]] = []
        images: list[Image] = []
        for index in indices:
            self.dealt_with += 1
            try:
                digest, make = self.sources.opened(index)
                known = self._looked_up(digest, make) if digest in self._kept else None
                if known is None:
                    images.append(self._fitted(make()))
                found.append((index, digest, known))
            except ImageError as error:
                self.skipped.append(Skipped(self.sources.names[index], str(error)))
        fresh = iter(self._codes(images) if images else ())
        self._new = self._new or bool(images)
        self._put([(index, digest, next(fresh) if k is None else k) for index, digest, k in found])

    def keep(self) -> None:
        """Write what is known to the file, if there is one and something is new."""
        if self.path is None or not self._new:
            return
        self._new = False
        mine = set(self.digests[: self.count].tolist())
        others = [digest for digest in self._kept if digest not in mine]
        rows = [self._kept[digest] for digest in others]
        codes = np.concatenate([self.values[: self.count], *([np.stack(rows)] if rows else [])])
        keep(self.path, self._key, [*self.digests[: self.count], *others], codes)

    def now(self) -> dict[str, Any]:
        """Return what is known as the fields of `Codes`."""
        values, places, digests = (a[: self.count] for a in (self.values, self.places, self.digests))
        for array in (values, places, digests):
            array.setflags(write=False)
        return {
            "values": values, "places": places, "digests": digests, "skipped": tuple(self.skipped),
            "probe": self.probe, "layer": self.layer, "pooled": self.pooled, "given": len(self.sources),
            "done": self.dealt_with / len(self.sources), "notes": self._all_notes(), "_sources": self.sources,
            "_size": self.size, "_weights": self.weights,
        }  # fmt: skip

    def _all_notes(self) -> tuple[str, ...]:
        """Return what to mind of the network, once, and then of its codes."""
        return tuple(dict.fromkeys((*self.probe.notes, *self.notes)))

    def _codes(self, images: list[Image]) -> np.ndarray:
        check_same(self.probe, self.weights)
        self.probe.settle(images[0])
        made = self.probe.activations(images, self.layer)
        for code, image in zip(made, images, strict=True):
            self.probe.check_finite(code, image, layer=self.layer)
        return made.mean(axis=(1, 2)) if self.pooled and made.ndim == 4 else made.reshape(len(made), -1)

    def _fitted(self, image: Image) -> Image:
        fitted = self.probe.fit(image)
        if None not in self.probe.input_shape[:2]:
            return fitted
        self.size = self.size or fitted.size
        return fitted.resized(self.size, "crop")

    def _looked_up(self, digest: str, make: Any) -> np.ndarray | None:
        """Return a kept code; the first one is computed anew, and if the two differ all that is kept is dropped."""
        code = self._kept[digest]
        if self._checked:
            return code
        self._checked, fresh = True, self._codes([self._fitted(make())])[0]
        if fresh.shape == code.shape and np.abs(fresh - code).max() <= SAME * (np.abs(fresh).max() or 1):
            return code
        self._kept = {}
        self.notes += (
            "The file held codes that the model does not give to these pictures; they are computed anew.",
        )
        return None

    def _made_key(self) -> str:
        probe = self.probe
        own = getattr(probe.preprocess, "__qualname__", "") if probe.preprocess else ""
        return repr(
            (fingerprint(probe.model), self.layer, self.pooled, probe.input_shape, probe.value_range, own)
        )

    def _put(self, found: list[tuple[int, str, np.ndarray]]) -> None:
        if not found:
            return
        if not self.values.size:
            self.values = np.zeros((len(self.sources), len(found[0][2])), np.float32)
        rows = slice(self.count, self.count + len(found))
        self.places[rows], self.digests[rows], self.values[rows] = zip(*found, strict=True)
        self.count += len(found)


def check_same(probe: Probe, weights: int) -> None:
    """Raise a `ModelError` if the weights are not those that codes were made with: the two cannot be compared."""
    if probe.looked() != weights:
        raise ModelError(
            f"The weights of {probe.name} have changed since these codes were made, so that no code of now can be "
            "compared with them. Make them anew, by Codes.of or by opening the widget again."
        )
