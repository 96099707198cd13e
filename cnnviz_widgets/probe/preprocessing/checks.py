"""The likely mistakes of preprocessing, tried out: what a network says of pictures that come to it in other ways."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import SettingError, did_you_mean, listed
from ...images.image import FitHow, Image

MEAN = np.array([0.485, 0.456, 0.406], np.float32)  # of ImageNet, RGB, of values 0 to 1
SPREAD = np.array([0.229, 0.224, 0.225], np.float32)
CAFFE = np.array([103.939, 116.779, 123.68], np.float32)  # of ImageNet, BGR, of values 0 to 255
NOW = "as now"


@dataclass(frozen=True)
class Way:
    """How a network answers to pictures prepared in one way.

    Attributes
    ----------
    name : str
        The way, e.g. ``0 to 1`` or ``BGR``; ``as now`` for the present one.
    right : int or None
        How many pictures are recognised; None if their classes are not known.
    confidence : float
        Mean probability of each picture's best class.
    entropy : float
        Mean entropy of the probabilities in bits, 0 for certain.
    """

    name: str
    right: int | None
    confidence: float
    entropy: float


@dataclass(frozen=True)
class PreprocessingCheck:
    """A table of the likely ways to prepare pictures, the present one first.

    Attributes
    ----------
    ways : tuple of Way
        The present way, and those that give the network other numbers.
    count : int
        How many pictures were asked about.
    sentence : str
        What the table says.
    """

    ways: tuple[Way, ...]
    count: int
    sentence: str

    def rows(self) -> list[dict[str, Any]]:
        """Return the table, a mapping for each way: ``way``, ``right`` if known, ``confidence``, ``entropy``."""
        return [
            {
                "way": way.name,
                **({} if way.right is None else {"right": way.right, "accuracy": way.right / self.count}),
                "confidence": way.confidence,
                "entropy": way.entropy,
            }
            for way in self.ways
        ]

    def __str__(self) -> str:
        width = max(len(way.name) for way in self.ways)
        return "\n".join([*(f"{way.name:{width}}  {self._told(way)}" for way in self.ways), self.sentence])

    def _repr_html_(self) -> str:
        lines = "".join(
            f"<tr><td>{html.escape(way.name)}</td><td>{html.escape(self._told(way))}</td></tr>"
            for way in self.ways
        )
        return f"<table>{lines}</table><p>{html.escape(self.sentence)}</p>"

    def _told(self, way: Way) -> str:
        right = "" if way.right is None else f"{way.right} of {self.count} right, "
        return f"{right}mean confidence {way.confidence:.2f}, entropy {way.entropy:.2f} bits"


def check_preprocessing(
    images: Sequence[Image],
    classes: np.ndarray | None,
    fit: Callable[[Image, FitHow], Image],
    prepare: Callable[[Sequence[Image]], np.ndarray],
    chances: Callable[[np.ndarray], np.ndarray],
    order: str,
) -> PreprocessingCheck:
    """Ask a network about pictures prepared as now, and in each of the ways that are often meant.

    Parameters
    ----------
    images : sequence of Image
        The pictures.
    classes : numpy.ndarray or None
        Their classes, int (N,), if they are known.
    fit : callable
        Brings a picture to what the network takes, in one of the ways of `Image.resized`.
    prepare : callable
        Takes fitted pictures and returns what the network gets, float32 (N, H, W, C).
    chances : callable
        Takes such an array and returns probabilities, (N, classes).
    order : str
        Order of the channels as the network gets them now.
    """
    fitted = [fit(image, "crop") for image in images]
    now = prepare(fitted)
    tried: dict[str, np.ndarray] = {NOW: now}
    for name, tensor in _ways(images, fitted, fit, prepare, order).items():
        width = float(now.max() - now.min()) or 1.0
        if tensor.shape == now.shape and float(np.abs(tensor - now).max()) > 1e-3 * width:
            tried[name] = tensor
    ways = tuple(_way(name, chances(tensor), classes) for name, tensor in tried.items())
    return PreprocessingCheck(ways, len(images), _sentence(ways, len(images)))


def _ways(
    images: Sequence[Image],
    fitted: Sequence[Image],
    fit: Callable[[Image, FitHow], Image],
    prepare: Callable[[Sequence[Image]], np.ndarray],
    order: str,
) -> dict[str, np.ndarray]:
    """Return what the network would get in each way, by name."""
    unit = np.stack([image.to_range((0.0, 1.0)).pixels for image in fitted])
    made = {"0 to 1": unit, "0 to 255": unit * 255, "-1 to 1": unit * 2 - 1}
    if unit.shape[-1] == 3:
        turned = [Image(image.pixels[..., ::-1], image.range) for image in fitted]
        made["RGB" if order == "BGR" else "BGR"] = prepare(turned)
        made["ImageNet's mean and spread"] = (unit - MEAN) / SPREAD
        made["ImageNet's mean, BGR"] = unit[..., ::-1] * 255 - CAFFE
    if unit.shape[-1] == 1:
        made["black for white"] = prepare(
            [Image(sum(image.range) - image.pixels, image.range) for image in fitted]
        )
    made["stretched, not cut"] = prepare([fit(image, "stretch") for image in images])
    return made


def _way(name: str, chances: np.ndarray, classes: np.ndarray | None) -> Way:
    best = chances.max(axis=-1)
    bits = -(chances * np.log2(np.clip(chances, 1e-12, 1))).sum(axis=-1)
    right = None if classes is None else int(np.sum(chances.argmax(axis=-1) == classes))
    return Way(name, right, float(best.mean()), float(bits.mean()))


def _sentence(ways: tuple[Way, ...], count: int) -> str:
    now, *others = ways
    if not others:
        return "No other way gives the network other numbers."
    if now.right is None:
        other = max(others, key=lambda way: way.confidence)
        told = f"a mean confidence of {now.confidence:.2f} as now, {other.confidence:.2f} with {other.name}"
        return (
            f"Without classes this is a hint and no proof, for values that are far too large make a network sure too: "
            f"{told}. Say of which class each picture is, Image(array, label=name), to count what is right."
        )
    other = max(others, key=lambda way: way.right or 0)  # the first of equals: the plainest
    if (other.right or 0) > now.right:
        return f"With {other.name} {other.right} of {count} are right, as now {now.right}."
    return f"As now {now.right} of {count} are right; no other way is better, {other.name} has {other.right}."


def class_indices(labels: Sequence[Any], names: Sequence[str] | None, classes: int, count: int) -> np.ndarray:
    """Return the classes of pictures as numbers, int (N,), from numbers, names or rows with a 1.

    Raises
    ------
    SettingError
        If there are not as many as pictures, or one is no class of the model.
    """
    given = list(labels)
    if len(given) != count:
        raise SettingError(f"labels must have one class a picture: {count} pictures, {len(given)} labels.")
    return np.array([_index(one, tuple(names or ()), classes) for one in given])


def _index(label: Any, names: tuple[str, ...], classes: int) -> int:
    if isinstance(label, str):
        if label in names:
            return names.index(label)
        if label.removeprefix("class ").isdecimal():
            label = int(label.removeprefix("class "))
        else:
            raise SettingError(
                f"labels must be classes of the model, {listed(names) if names else f'0 to {classes - 1}'}; got "
                f"{label!r}.{did_you_mean(label, names)}"
            )
    row = np.asarray(label)
    if row.ndim == 1 and row.size == classes and classes > 1:
        return int(row.argmax())
    if row.size == 1 and np.issubdtype(row.dtype, np.number) and 0 <= int(row.reshape(-1)[0]) < classes:
        return int(row.reshape(-1)[0])
    raise SettingError(f"labels must be classes of the model, 0 to {classes - 1}; got {label!r}.")
