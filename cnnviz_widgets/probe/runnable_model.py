"""What scores and targets are told of a network: facts of its model, and answers to pictures; not how it is asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from ..images.image import Image
from ..objectives import Objective
from .layer_info import LayerInfo
from .volumes.volume import Volume


class ModelInfo(Protocol):
    """Facts of a model; see `Probe` for what they mean."""

    name: str
    squash: str
    scale: Any
    outputs: int
    classes: int
    first_class: int
    labels: tuple[str, ...] | None
    input_shape: tuple[int | None, ...]
    output_shape: tuple[int | None, ...]

    @property
    def task(self) -> str:
        """What kind of answer the network gives."""

    @property
    def volume(self) -> Volume | None:
        """The volume whose slice is the picture."""

    @property
    def gives_classes(self) -> bool:
        """True if the answer is one row of class scores for the whole picture."""

    @property
    def rebuilds(self) -> bool:
        """True if the network gives back a picture of the size that it takes."""

    @property
    def rebuilt_from(self) -> str:
        """What a rebuilt picture is compared with."""

    @property
    def bottleneck(self) -> LayerInfo | None:
        """The layer that holds the code of an autoencoder."""

    @property
    def output_layer(self) -> str | None:
        """The layer whose values are the output."""

    def layer(self, name: str) -> LayerInfo:
        """Return what is known of a layer."""

    def label(self, index: int) -> str:
        """Return the name of a class."""


class RunnableModel(ModelInfo, Protocol):
    """A model that can be asked what it makes of a picture."""

    def fit(self, image: Any) -> Image:
        """Return the picture as the model takes it."""

    @property
    def preprocess(self) -> Callable[[np.ndarray], Any] | None:
        """What the user does to pictures before they go in."""

    def prepared(self, images: Any, *, fitted: bool = False) -> np.ndarray:
        """Return the pictures as the network gets them, (N, H, W, C)."""

    def predict(self, images: Any) -> np.ndarray:
        """Return what the network answers, (N, ...)."""

    def activations(self, images: Any, layer: str) -> np.ndarray:
        """Return a layer's activations."""

    def code(self, image: Image, layer: str, pooled: bool = False) -> np.ndarray:
        """Return a layer's activations for one picture as a flat vector."""

    def top(self, image: Any, count: int = 5) -> list[tuple[int, str, float]]:
        """Return the most probable classes."""

    def class_scores(self, image: Any) -> np.ndarray:
        """Return the class scores of a picture."""

    def predicted(self, image: Any) -> np.ndarray:
        """Return the class that is predicted at each place."""

    def target(self, target: Any, image: Any = None) -> Objective:
        """Return a target checked against the model."""

    def natural_target(self, image: Any) -> Objective:
        """Return the target that is explained when none is named."""

    def check_finite(self, numbers: Any, image: Any) -> None:
        """Raise a `ModelError` for numbers that are not finite."""
