"""Methods whose maps are given or read off the picture alone, so that a test knows what the checks must find."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

import cnnviz_widgets as cnnviz
from cnnviz_widgets.objectives import Objective
from cnnviz_widgets.settings import flag, objective


@dataclass(frozen=True)
class Given(cnnviz.Method):
    """A map that the test gives."""

    label, family = "Given", "Pixels"

    target: Objective | int | None = objective(help="what is explained")
    signed: bool = flag(False, help="whether values below zero mean something")
    values: Any = None

    def explain(self, probe: cnnviz.Probe, image: cnnviz.Image) -> Iterator[cnnviz.Heatmap]:
        yield cnnviz.Heatmap(
            **self.about(probe, image), values=np.asarray(self.values, np.float32), signed=self.signed
        )


@dataclass(frozen=True)
class Edges(cnnviz.Method):
    """Differences of neighbouring pixels: a map that no network has a part in, in two steps."""

    label, family = "Edges", "Pixels"

    target: Objective | int | None = objective(help="what is explained")

    def explain(self, probe: cnnviz.Probe, image: cnnviz.Image) -> Iterator[cnnviz.Heatmap]:
        edges = np.abs(np.diff(image.pixels.sum(axis=2), axis=1, append=0))
        for done in (0.5, 1.0):
            yield cnnviz.Heatmap(**self.about(probe, image), values=edges, done=done)
