"""What goes into a network: the numbers of a picture, the likely mistakes on the way, the slices of a volume."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from copy import copy
from functools import cached_property
from typing import Any, Self

import numpy as np

from ...errors import ImageError, SettingError, TargetError
from ...images.image import FitHow, Image
from ...images.intake import loaded
from .. import model_info, targets
from ..engine import Engine
from ..inputs import Fitting
from ..volumes.volume import KeptSlices, Volume, slice_number
from .checks import PreprocessingCheck, check_preprocessing, class_indices
from .received import Received, receive, words_of


class Receiving:
    """The part of a `Probe` that tells what the network gets."""

    model: Any
    name: str
    task: str
    squash: str
    classes: int
    labels: tuple[str, ...] | None
    preprocess: Any
    input_shape: tuple[int | None, ...]
    output_shape: tuple[int | None, ...]
    volume: Volume | None
    engine: Engine
    _fitting: Fitting
    _found: model_info.Facts
    _token_grid: tuple[int, int] | None
    _made: KeptSlices

    def at_slice(self, index: int) -> Self:
        """Return the probe of another slice of the same volume, or frame of the same video.

        Its picture is ``probe.volume.picture()``. The model is not opened again for it, and the last few are kept.

        Raises
        ------
        SettingError
            If the probe has no volume, or that no such slice.
        """
        if self.volume is None:
            raise SettingError(
                f"{self.name} has no slices: give Probe(model, volume=array) for a model of volumes."
            )
        volume, number = self.volume, slice_number(index, self.volume.count, "at_slice: index")

        def make() -> Any:
            made = copy(self)
            for name in [
                name for name in vars(made) if isinstance(getattr(type(made), name, None), cached_property)
            ]:
                del vars(made)[name]  # worked out for this slice
            made.volume = volume.at(number)
            made.stand_on(model_info.at_slice(self._found, volume.axis, number, self._token_grid))
            made.engine.share(self.engine)
            return made

        return self._made.get(number, make)  # type: ignore[no-any-return]

    def prepared(self, images: Any, *, fitted: bool = False) -> np.ndarray:
        """Return pictures as the network gets them, fitted and preprocessed: float32 (N, H, W, C).

        With `fitted`, an array has the model's size and value range already, and is preprocessed only.
        """
        return self._as_batch(images, fitted=fitted)

    def received(self, image: Any, how: FitHow = "crop") -> Received:
        """Return what the network receives of a picture: the very numbers that go in, and how they came about.

        Parameters
        ----------
        image : Image or anything that `Image.load` opens
        how : str
            ``crop``, ``letterbox`` or ``stretch``, as for `fit`.
        """
        fitted = self.fit(image, how)
        given = image if isinstance(image, Image) else self._fitting.opened(image)
        notes = words_of(given, fitted, self.preprocess)
        size = self.about_size(fitted)
        return receive(given, fitted, how, self._as_batch, (*notes, size) if size else notes)

    def about_size(self, image: Image) -> str:
        """Return a sentence on the size of a picture; empty if there is nothing to say.

        A model written as a class that gives one answer for a picture of any size may have learnt from one size only.
        """
        first = self.engine.graph.first
        if first in (None, image.size) or len(self.output_shape) != 1:
            return ""
        (height, width), own = first or (0, 0), "{} x {}".format(*image.size)
        return (
            f"{self.name} takes pictures of any size: this one goes in at its own {own}, the first one was "
            f"{height} x {width}. Probe(model, size=({height}, {width})) brings all to that size."
        )

    def check_preprocessing(self, images: Any, labels: Sequence[Any] | None = None) -> PreprocessingCheck:
        """Try the likely mistakes of preprocessing: what the network says of pictures that come to it in other ways.

        The ways are values 0 to 1, 0 to 255, -1 to 1, channels in the other order, the mean and spread of ImageNet, all
        of the picture stretched instead of its middle cut out, and black for white; those that give the network the
        same numbers as now are left out.

        Parameters
        ----------
        images : anything that a widget takes as pictures
            Some dozens are enough.
        labels : sequence, optional
            The class of each, a number or a name; those that came with the pictures if left out. Without any, the
            table tells how sure the network is, which proves nothing.

        Raises
        ------
        TargetError
            If the network does not give classes.
        SettingError
            If labels do not fit.
        """
        if not self.gives_classes:
            raise TargetError(
                f"check_preprocessing counts what is recognised, so it needs a network that gives classes; the task of "
                f"{self.name} is {self.task}."
            )
        pictures = loaded(images, 0, self.input_shape[2], self.labels)
        if labels is None and all(picture.label for picture in pictures):
            labels = [picture.label for picture in pictures]
        classes = None if labels is None else class_indices(labels, self.labels, self.classes, len(pictures))
        return check_preprocessing(
            pictures, classes, self.fit, self._as_batch, self._chances_of, self.received(pictures[0]).order
        )

    def _chances_of(self, tensors: np.ndarray) -> np.ndarray:
        """Return probabilities, (N, classes), for arrays as the network gets them."""
        output = self.engine.predict(tensors)
        return targets.probabilities(output.reshape(len(output), -1), self.squash, self.task)

    def _each_size(
        self, images: Any, run: Callable[[np.ndarray], np.ndarray], prepared: bool, fitted: bool
    ) -> np.ndarray:
        """Return answers for pictures, one by one where a list holds several sizes."""
        several = isinstance(images, list | tuple) and len(images) > 1 and None in self.input_shape[:2]
        if not several or len({self.fit(image).size for image in images}) == 1:
            return run(self._as_batch(images, prepared, fitted))
        made = [run(self._as_batch([image], prepared, fitted)) for image in images]
        if len({answer.shape for answer in made}) > 1:
            raise ImageError(
                "the pictures have several sizes, and so have the answers: ask for them one by one, or bring them to "
                "one size with image.resized."
            )
        return np.concatenate(made)

    @abstractmethod
    def stand_on(self, found: model_info.Facts) -> None:
        """Make what runs the network."""

    @property
    @abstractmethod
    def gives_classes(self) -> bool:
        """True if the answer is one row of class scores for the whole picture."""

    @abstractmethod
    def fit(self, image: Any, how: FitHow = "crop") -> Image:
        """Return the picture as the model takes it."""

    @abstractmethod
    def _as_batch(self, images: Any, prepared: bool = False, fitted: bool = False) -> Any:
        """Return the pictures as the network gets them."""
