"""Pictures run through the network once, a batch at a time, for their codes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from ..errors import ImageError
from ..image import Image
from ..probe import Probe, as_probe
from .pair import SimilarityMaps
from .sources import Skipped, Sources, sources_of

BATCH = 32


def encoded(
    model: Any, images: Any, layer: str | None, pooled: bool | None, keep: str | os.PathLike[str] | None
) -> Iterator[dict[str, Any]]:
    """Yield the fields of `Codes` after every batch; see `Codes.steps`."""
    probe, sources = as_probe(model), sources_of(images)
    settings = SimilarityMaps(layer, pooled=pooled).resolved(probe)
    growing = Growing(probe, sources, str(settings.layer), bool(settings.pooled))
    for begin in range(0, len(sources), BATCH):
        growing.take(range(begin, min(begin + BATCH, len(sources))))
        yield growing.now()


class Growing:
    """Codes that become more: rows are filled in and never change again."""

    def __init__(self, probe: Probe, sources: Sources, layer: str, pooled: bool) -> None:
        self.probe, self.sources, self.layer, self.pooled = probe, sources, layer, pooled
        self.values = np.zeros((0, 0), np.float32)
        self.places: list[int] = []
        self.digests: list[str] = []
        self.skipped: list[Skipped] = []
        self.size: tuple[int, int] | None = None
        self.dealt_with = 0

    def take(self, indices: range) -> None:
        """Add the codes of some pictures."""
        opened: list[tuple[int, str, Image]] = []
        for index in indices:
            self.dealt_with += 1
            try:
                digest, make = self.sources.opened(index)
                opened.append((index, digest, self._fitted(make())))
            except ImageError as error:
                self.skipped.append(Skipped(self.sources.names[index], str(error)))
        if not opened:
            return
        made = self.probe.activations([image for _, _, image in opened], self.layer)
        codes = made.mean(axis=(1, 2)) if self.pooled and made.ndim == 4 else made.reshape(len(made), -1)
        self._put([(index, digest) for index, digest, _ in opened], codes)

    def now(self) -> dict[str, Any]:
        """Return what is known as the fields of `Codes`."""
        count = len(self.places)
        values = self.values[:count]
        values.setflags(write=False)
        return {
            "values": values, "places": np.array(self.places, np.intp),
            "names": tuple(self.sources.names[k] for k in self.places), "digests": tuple(self.digests),
            "skipped": tuple(self.skipped), "probe": self.probe, "layer": self.layer, "pooled": self.pooled,
            "given": len(self.sources), "done": self.dealt_with / len(self.sources), "notes": (),
            "_sources": self.sources, "_size": self.size,
        }  # fmt: skip

    def _fitted(self, image: Image) -> Image:
        fitted = self.probe.fit(image)
        if None in self.probe.input_shape[:2]:
            self.size = self.size or fitted.size
            return fitted.resized(self.size, "crop")
        return fitted

    def _put(self, found: list[tuple[int, str]], codes: np.ndarray) -> None:
        if not self.values.size:
            self.values = np.zeros((len(self.sources), codes.shape[1]), np.float32)
        begin = len(self.places)
        self.values[begin : begin + len(found)] = codes
        self.places += [index for index, _ in found]
        self.digests += [digest for _, digest in found]
