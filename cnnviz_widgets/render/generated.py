"""Pictures that a method made, as they are or side by side."""

from __future__ import annotations

import math

import numpy as np

from ..explanation import GeneratedImage
from .colours import STAGE
from .resample import resized

GAP = 4


def columns_of(count: int) -> int:
    """Return how many pictures stand in a row: as many as make the grid about square."""
    return math.ceil(math.sqrt(count))


def drawn(explanation: GeneratedImage, side: int) -> np.ndarray:
    """Return the pictures in a grid, uint8 (h, w, 3), whose longer side is `side`; a single one fills it."""
    pictures = [image.rgb() for image in explanation.images]
    columns = columns_of(len(pictures))
    rows = math.ceil(len(pictures) / columns)
    height, width = pictures[0].shape[:2]
    scale = (side - GAP * (max(rows, columns) - 1)) / max(rows * height, columns * width)
    cell = max(1, int(height * scale + 0.5)), max(1, int(width * scale + 0.5))
    shape = (rows * (cell[0] + GAP) - GAP, columns * (cell[1] + GAP) - GAP, 3)
    sheet = np.full(shape, np.array(STAGE, np.uint8), np.uint8)
    for k, picture in enumerate(pictures):
        top, left = (k // columns) * (cell[0] + GAP), (k % columns) * (cell[1] + GAP)
        made = resized(picture.astype(np.float32), cell)
        sheet[top : top + cell[0], left : left + cell[1]] = np.clip(made + 0.5, 0, 255).astype(np.uint8)
    return sheet
