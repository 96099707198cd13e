"""From an array to the batch that a network takes: its shape checked, its values finite, preprocessed by the user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import pixels
from ..errors import ImageError
from ..image import Image
from .facts import sized

Preprocess = Callable[[np.ndarray], np.ndarray]


def as_batch(
    images: Any, fit: Callable[[Any], Image], shape: tuple[int | None, ...], preprocess: Preprocess | None
) -> np.ndarray:
    """Return float32 (N, H, W, C) for an Image or a list of them, which are fitted, or an array, which must fit.

    Raises
    ------
    ImageError
        If there is no picture, or an array does not fit or holds NaN.
    """
    if isinstance(images, Image):
        images = [images]
    if isinstance(images, list | tuple):
        if not images:
            raise ImageError("the list of images is empty; give at least one.")
        images = np.stack([fit(image).pixels for image in images])
    batch = np.asarray(images, np.float32)
    batch = batch[None] if batch.ndim == 3 else batch
    fits = batch.ndim == 4 and all(w is None or w == n for w, n in zip(shape, batch.shape[1:], strict=True))
    if not fits:
        raise ImageError(
            f"the model takes arrays of shape {sized(('N', *shape))}; got {sized(batch.shape)}. "
            "Image objects are fitted by themselves."
        )
    if not len(batch):
        raise ImageError("the batch of images is empty; give at least one.")
    pixels.check_finite(batch)
    return batch if preprocess is None else _preprocessed(batch, preprocess)


def _preprocessed(batch: np.ndarray, preprocess: Preprocess) -> np.ndarray:
    try:
        made = np.asarray(preprocess(batch.copy()), np.float32)
    except Exception as error:
        raise ImageError(f"preprocess failed on an array of shape {sized(batch.shape)}: {error}") from error
    if made.shape != batch.shape:
        raise ImageError(
            f"preprocess must keep the shape {sized(batch.shape)}; it returned {sized(made.shape)}."
        )
    return made
