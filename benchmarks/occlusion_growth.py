"""How the time of a sweep grows with the number of positions and with the size of the picture, as a plot.

Run it with ``python benchmarks/occlusion_growth.py``; it draws ``docs/pictures/occlusion_growth.png``. Times are
those of the processor, both sides warmed; whole pictures are measured at 64 positions at most and scaled up.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy as np
from incremental import network, positions, timed, whole_pictures
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

import cnnviz_widgets as cnnviz

ROOT = Path(__file__).resolve().parent.parent
PLOT, PART = ROOT / "docs" / "pictures" / "occlusion_growth.png", 64


def growth() -> None:
    """Draw how the time of a sweep grows with the number of positions and with the size of the picture."""
    figure = Figure(figsize=(8, 3), layout="constrained")
    by_count, by_size = figure.subplots(1, 2)
    model, image = network("EfficientNet-Lite0")
    _curves(
        by_count, [(model, image, stride) for stride in (64, 32, 16, 11, 8)], "positions", lambda p, _: len(p)
    )
    sized = []
    for side in (96, 128, 160, 192, 224):
        keras.utils.set_random_seed(0)
        made = keras.applications.MobileNetV2((side, side, 3), weights=None, classifier_activation=None)
        pixels = np.random.default_rng(1).uniform(-1, 1, (side, side, 3)).astype(np.float32)
        sized.append((made, cnnviz.Image(pixels, (-1, 1)), -((16 - side) // 7)))
    _curves(by_size, sized, "side of the picture, pixels", lambda _, picture: picture.size[0])
    by_count.set_title("EfficientNet-Lite0, patch 16")
    by_size.set_title("MobileNetV2, 64 positions of patch 16")
    by_count.legend(frameon=False)
    FigureCanvasAgg(figure).print_png(PLOT)
    print(f"Drawn: {PLOT.relative_to(ROOT)}, {PLOT.stat().st_size / 1000:.0f} kB.", flush=True)


def _curves(axes: Any, cases: list[Any], label: str, along: Callable[[np.ndarray, Any], int]) -> None:
    """Draw processor seconds of whole pictures and of windows, over what `along` says of each case."""
    at, found = [], []
    for model, image, stride in cases:
        places = positions(image.size, 16, stride)
        patched = cnnviz.Probe(model).patched(image, ["output"], places, (16, 16))
        patches = patched.patches(np.full_like(image.pixels, np.mean(image.range)))
        few = min(len(places), PART)
        whole = whole_pictures(model, image.pixels, places, patches)
        scaled = _used(whole, few) * len(places) / few
        found.append((scaled, _used(patched.answers, patches)))
        at.append(along(places, image))
    for k, name in enumerate(("whole pictures", "windows")):
        axes.plot(at, [taken[k] for taken in found], marker="o", label=name)
    axes.set(xlabel=label, ylabel="processor seconds", ylim=(0, None))


def _used(work: Callable[[Any], Any], given: Any) -> float:
    """Return the processor seconds of the second call."""
    work(given)
    return timed(lambda: work(given))[1]


if __name__ == "__main__":
    growth()
