"""What the tests of the similarity explorer share: pictures of known likeness, and what the screen says."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import PIL.Image

from cnnviz_widgets import Image, SimilarityExplorer

PATIENCE = 60
Make = Callable[..., SimilarityExplorer]
KINDS = ("left", "left", "right", "all", "low", "top")


def quarters(*values: float, name: str = "") -> Image:
    """Return a picture whose four quarters have these values, row by row."""
    pixels = np.kron(np.array(values, np.float32).reshape(2, 2), np.ones((4, 4), np.float32))
    return Image(pixels[..., None], (0, 1), name)


def gallery() -> list[Image]:
    """Return pictures whose likeness to the first can be worked out: 0.995, 0, 0.5, 0 and 0.707 by cosine."""
    return [
        quarters(1, 0, 0, 0, name="alone"),
        quarters(1, 0.1, 0, 0, name="nearly alone"),
        quarters(0, 1, 0, 0, name="right"),
        quarters(0.9, 0.9, 0.9, 0.9, name="grey"),
        quarters(0, 0, 1, 1, name="low"),
        quarters(0.5, 0.5, 0, 0, name="top"),
    ]


def settled(explorer: SimilarityExplorer) -> SimilarityExplorer:
    assert explorer.wait(PATIENCE)
    return explorer


def changed(explorer: SimilarityExplorer, **traits: Any) -> SimilarityExplorer:
    for name, value in traits.items():
        setattr(explorer, name, value)
    return settled(explorer)


def ranked(explorer: SimilarityExplorer) -> list[int]:
    return [number for number, _ in explorer.neighbours]


def pixels(view: Any) -> np.ndarray:
    return np.asarray(PIL.Image.open(io.BytesIO(view.png())).convert("RGB")).astype(int)


def row(explorer: SimilarityExplorer) -> list[str]:
    buttons = explorer.view.near._buttons
    return [one.description for one in buttons if one.layout.display != "none"]


def pressed(explorer: SimilarityExplorer, style: str = "cv-on") -> list[str]:
    return [one.description for one in explorer.view.near._buttons if style in one._dom_classes]
