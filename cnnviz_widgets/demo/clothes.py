"""The gallery of the demo: pictures of clothes that the autoencoder was not trained on."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..images.arrays import scaled
from ..images.image import Image

CLOTHES_NAMES = (
    "T-shirt", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot",
)  # fmt: skip
SIDE = 64
_HELD_OUT = Path(__file__).parent / "data" / "held_out_clothes.npz"


class Gallery(NamedTuple):
    """Pictures and what each shows.

    Attributes
    ----------
    images : list of Image
        The pictures, each with a name of its own, such as ``sandal 7``.
    labels : list of str
        The kind of thing in each picture, in the order of the pictures.
    """

    images: list[Image]
    labels: list[str]


def gallery() -> Gallery:
    """Return 400 pictures of clothes, 64x64x1, values 0 to 1: forty of each of ten kinds, none trained on.

    Neighbours in the list are of different kinds. The pictures are from Fashion-MNIST (H. Xiao, K. Rasul and
    R. Vollgraf, arXiv:1708.07747), enlarged from 28x28.
    """
    pixels, labels = held_out_clothes()
    return _named(enlarged(pixels), labels)


def clothes() -> Gallery:
    """Return the pictures of `gallery` as they are, 28x28x1, the size that `transformer` takes."""
    return _named(*held_out_clothes())


def _named(pixels: np.ndarray, labels: np.ndarray) -> Gallery:
    kinds = [CLOTHES_NAMES[label] for label in labels]
    images = [
        Image(picture, (0, 1), f"{kind} {index // len(CLOTHES_NAMES) + 1}")
        for index, (picture, kind) in enumerate(zip(pixels, kinds, strict=True))
    ]
    return Gallery(images, kinds)


def held_out_clothes() -> tuple[np.ndarray, np.ndarray]:
    """Return the bundled pictures, float32 (400, 28, 28, 1), values 0 to 1, and their labels, uint8 (400,)."""
    with np.load(_HELD_OUT, allow_pickle=False) as stored:
        return stored["pixels"][..., None] / np.float32(255), stored["labels"]


def enlarged(pixels: np.ndarray) -> np.ndarray:
    """Return pictures (N, 28, 28, 1) at the size that the autoencoder takes, float32 (N, 64, 64, 1)."""
    return np.stack([scaled(picture, (SIDE, SIDE)) for picture in pixels])
