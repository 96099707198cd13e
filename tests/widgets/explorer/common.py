"""What the tests of the Explorer share: how long they wait, what the screen shows, and a hold on the picture."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import PIL.Image

from cnnviz_widgets import Explorer, Heatmap, Image, Probe
from cnnviz_widgets.jobs import worker
from cnnviz_widgets.method import Method
from cnnviz_widgets.settings import flag, number, objective, whole

PATIENCE = 60
Make = Callable[..., Explorer]


def settled(explorer: Explorer) -> Explorer:
    assert explorer.wait(PATIENCE)
    assert worker.wait(explorer.presenter.film, PATIENCE)
    return explorer


def shown(explorer: Explorer) -> Any:
    return np.asarray(PIL.Image.open(io.BytesIO(explorer.canvas.png())).convert("RGB"))


def label(explorer: Explorer) -> str:
    return type(explorer.explanation.recipe).label


def own_method(level: float) -> type[Method]:
    @dataclass(frozen=True)
    class Own(Method):
        label: ClassVar[str] = "Own"
        family: ClassVar[str] = "Cover"
        help: ClassVar[str] = "a map of one's own"
        source: ClassVar[str] = "nobody"
        says: ClassVar[str] = "{places} are my own."

        reach: int = whole(3, low=1, high=9, help="how far", label="Reach <b>")
        share: float = number(0.5, low=0, high=1, help="how much")
        both: bool = flag(True, help="both sides")
        empty: int | None = whole(None, low=2, high=7, unit="px", help="left open")
        target: Any = objective(help="what")

        def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
            values = np.eye(4, dtype=np.float32) * self.reach + level
            yield Heatmap(**self.about(probe, image), values=values)

    return Own


class Held:
    """The picture on the screen before something goes wrong."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer, self.explanation = explorer, explorer.explanation
        self.pixels = shown(explorer)

    def stays_and_says(self, sentence: str) -> None:
        settled(self.explorer)
        assert sentence in self.explorer.error
        assert self.explorer.status == self.explorer.error
        assert 'role="alert"' in self.explorer.view.footer._say.value
        assert self.explorer.explanation is self.explanation
        np.testing.assert_array_equal(shown(self.explorer), self.pixels)

    def recovers(self) -> None:
        self.explorer.method, self.explorer.layer = "Grad-CAM", "relu_1"
        settled(self.explorer)
        assert self.explorer.error == ""
        assert 'role="status"' in self.explorer.view.footer._say.value
        assert self.explorer.explanation.layer == "relu_1"
