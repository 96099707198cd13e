"""The photographs and the digits of the demo."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..images.image import Image
from .packages import packaged_file

_HELD_OUT = Path(__file__).parent / "data" / "held_out_digits.npz"
_SHOWN_A_CLASS = 2


class PhotoSource(NamedTuple):
    """Which file of which installed package a photograph is."""

    name: str
    package: str
    inside: str
    install: str


PHOTO_SOURCES = (
    PhotoSource("chelsea", "skimage", "data/chelsea.png", "scikit-image"),
    PhotoSource("coffee", "skimage", "data/coffee.png", "scikit-image"),
    PhotoSource("rocket", "skimage", "data/rocket.jpg", "scikit-image"),
    PhotoSource("Grace Hopper", "matplotlib", "mpl-data/sample_data/grace_hopper.jpg", "matplotlib"),
    PhotoSource("hubble", "skimage", "data/hubble_deep_field.jpg", "scikit-image"),
    PhotoSource("astronaut", "skimage", "data/astronaut.png", "scikit-image"),
    PhotoSource("china", "sklearn", "datasets/images/china.jpg", "scikit-learn"),
    PhotoSource("flower", "sklearn", "datasets/images/flower.jpg", "scikit-learn"),
)


def photos() -> list[Image]:
    """Return eight photographs in colour at their own sizes, values 0 to 255, chelsea the cat first.

    They are read from the installed scikit-image, scikit-learn and matplotlib; nothing is fetched. ImageNet
    has no class for most of those after the rocket, which is worth a look too.

    Raises
    ------
    MissingPackageError
        If one of these packages, which the extra ``demo`` brings, is not installed.
    """
    return [photograph(source) for source in PHOTO_SOURCES]


def photograph(source: PhotoSource) -> Image:
    """Return one of the photographs."""
    return Image.load(packaged_file(source.package, source.inside, source.install), name=source.name)


def digits() -> list[Image]:
    """Return twenty handwritten digits, 28x28x1, values 0 to 255: two of each class, none trained on."""
    pixels, labels = held_out_digits()
    chosen = [np.flatnonzero(labels == label)[:_SHOWN_A_CLASS] for label in range(10)]
    return [
        Image(pixels[index], value_range=(0, 255), name=f"digit {labels[index]} ({'ab'[turn]})")
        for turn in range(_SHOWN_A_CLASS)
        for index in (of_class[turn] for of_class in chosen)
    ]


def held_out_digits() -> tuple[np.ndarray, np.ndarray]:
    """Return all held-out digits, uint8 (N, 28, 28, 1), and their labels, uint8 (N,)."""
    with np.load(_HELD_OUT, allow_pickle=False) as stored:
        return stored["pixels"][..., None], stored["labels"]
