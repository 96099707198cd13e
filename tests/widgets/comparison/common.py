"""What the tests of the comparison share: a method that goes on when it is let, and the cells on the screen."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from cnnviz_widgets import Comparison, Heatmap, Image, Probe
from cnnviz_widgets.method import Method
from cnnviz_widgets.settings import objective

PATIENCE = 60
Make = Callable[..., Comparison]
QUICK = ["Grad-CAM", "Saliency"]


@dataclass(frozen=True, eq=False)
class Gate:
    """Holds a method up between two results."""

    reached: threading.Event
    open: threading.Event


@dataclass(frozen=True)
class Slow(Method):
    """Yields half of a result, waits to be let on, and yields the whole."""

    label: ClassVar[str] = "Slow"
    family: ClassVar[str] = "Pixels"
    help: ClassVar[str] = "Waits"
    source: ClassVar[str] = "this test"
    says: ClassVar[str] = "{places} wait for {target}."
    gate: ClassVar[Gate]
    runs: ClassVar[list[str]]

    target: Any = objective(help="what is explained")

    def passes(self, image: Image) -> int:
        return 10

    def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
        values = np.ones((2, 2), np.float32).cumsum(axis=1)
        self.runs.append(image.name)
        yield Heatmap(**self.about(probe, image), values=values, done=0.5, progress="1 of 2")
        self.gate.reached.set()
        assert self.gate.open.wait(PATIENCE)
        yield Heatmap(**self.about(probe, image), values=values)


def cell(comparison: Comparison, row: int, column: int) -> Any:
    return comparison.view.cells.buttons[row, column]


def sheets(comparison: Comparison) -> list[str]:
    return [part.value for part in comparison.view.cells._sheets.values()]
