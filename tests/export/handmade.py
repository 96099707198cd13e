"""A comparison made by hand, and its figure opened."""

from typing import Any

import numpy as np

import cnnviz_widgets as cnnviz
from cnnviz_widgets.comparisons.result import Axis, Compared
from cnnviz_widgets.explanation import Heatmap
from cnnviz_widgets.images.image import Image

PIXELS = np.random.default_rng(0).integers(0, 256, (2, 24, 24, 3), dtype=np.uint8)
IMAGES = Image(PIXELS[0], name="chelsea"), Image(PIXELS[1], name="coffee")
METHODS = cnnviz.GradCAM(layer="conv_1"), cnnviz.Occlusion(patch=4)


def heat(row: int, column: int, **more: Any) -> Heatmap:
    """Return a map whose highest value is 10 * row + column + 1."""
    values = np.linspace(0, 10 * row + column + 1, 9, dtype=np.float32).reshape(3, 3)
    about = {"values": values, "unit": "vote", "target": "“tiger cat”", "signed": bool(row)}
    return Heatmap(image=IMAGES[column], recipe=METHODS[row], **{**about, **more})


def compared(**more: Any) -> Compared:
    about: dict[str, Any] = {
        "rows": Axis("method", ("Grad-CAM", "Occlusion")),
        "columns": Axis("picture", ("chelsea", "coffee")),
        "images": IMAGES,
        "cells": {(r, c): heat(r, c) for r in range(2) for c in range(2)},
        "verdicts": {0: "tiger cat 39 %", 1: "espresso 95 %"},
        "model": "small net",
        "asked": {"methods": METHODS, "layers": (), "targets": ()},
    }
    return Compared(**{**about, **more})
