"""Objectives that name one number of a network: a class, a unit, a layer, an error, a likeness."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ..errors import TargetError
from ..image import Image


@dataclass(frozen=True)
class Objective:
    """A scalar read off a network; what a map explains."""

    def __neg__(self) -> Contrast:
        """Return the objective whose value is minus this one."""
        return Contrast(None, self)


@dataclass(frozen=True)
class ClassScore(Objective):
    """Score of one class.

    Parameters
    ----------
    index : int
        Class index from 0. A model with one sigmoid output has the classes 0 (no) and 1 (yes).
    of : str
        ``"logit"``, the score before softmax or sigmoid (default), ``"probability"``, or ``"log-probability"``, whose
        slope does not vanish where the network is sure.
    """

    index: int
    of: Literal["logit", "probability", "log-probability"] = "logit"

    def __post_init__(self) -> None:
        if self.of not in ("logit", "probability", "log-probability"):
            raise TargetError(
                f"ClassScore.of must be 'logit', 'probability' or 'log-probability'; got {self.of!r}."
            )
        object.__setattr__(self, "index", _whole("ClassScore.index", self.index))


@dataclass(frozen=True)
class Unit(Objective):
    """Activation of a unit, a channel or a place of a layer.

    Parameters
    ----------
    layer : str
        Name of the layer.
    channel : int, optional
        Channel index; all channels (their mean) if None.
    position : tuple of int, optional
        (row, column) of the cell; the mean over all cells if None.
    """

    layer: str
    channel: int | None = None
    position: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        check_layer("Unit", self.layer)
        if self.channel is not None:
            object.__setattr__(self, "channel", _whole("Unit.channel", self.channel))
        if self.position is None:
            return
        try:
            row, column = self.position
        except (TypeError, ValueError):
            raise TargetError(f"Unit.position must be (row, column); got {self.position!r}.") from None
        place = _whole("Unit.position row", row), _whole("Unit.position column", column)
        object.__setattr__(self, "position", place)


@dataclass(frozen=True)
class LayerEnergy(Objective):
    """Mean of a layer's squared activations, halved: how loudly the layer answers."""

    layer: str

    def __post_init__(self) -> None:
        check_layer("LayerEnergy", self.layer)


@dataclass(frozen=True)
class ReconstructionError(Objective):
    """Mean squared difference between an autoencoder's output and its input."""


@dataclass(frozen=True)
class Similarity(Objective):
    """How alike the image's code at a layer is to the code of a reference picture.

    Parameters
    ----------
    reference : Image
        The picture compared with; an array is taken too.
    layer : str
        The layer whose flattened activations are the code.
    metric : str
        ``"cosine"``, ``"dot"``, or ``"euclidean"`` (minus the distance, so that more is more alike).
    pooled : bool
        True takes the mean of the layer's maps over all places as the code, so that where a thing is does not count.
    """

    reference: Image
    layer: str
    metric: Literal["cosine", "dot", "euclidean"] = "cosine"
    pooled: bool = False

    def __post_init__(self) -> None:
        check_layer("Similarity", self.layer)
        if self.metric not in ("cosine", "dot", "euclidean"):
            raise TargetError(
                f"Similarity.metric must be 'cosine', 'dot' or 'euclidean'; got {self.metric!r}."
            )
        if not isinstance(self.reference, Image):
            object.__setattr__(self, "reference", Image.load(self.reference))


@dataclass(frozen=True)
class Contrast(Objective):
    """Value of one objective minus that of another: why this rather than that.

    Either side may be None, which counts as 0.
    """

    plus: Objective | int | None
    minus: Objective | int | None

    def __post_init__(self) -> None:
        for side in ("plus", "minus"):
            object.__setattr__(self, side, as_objective(getattr(self, side)))
        if self.plus is None and self.minus is None:
            raise TargetError("Contrast needs at least one objective; got None for both.")


@dataclass(frozen=True)
class Custom(Objective):
    """A number worked out by your own function of the model's output.

    Parameters
    ----------
    function : callable
        Takes the model's output for a batch (a tensor whose first axis is N) and returns one number an image, shape
        (N,), made with ``keras.ops`` or TensorFlow so that gradients can pass.
    name : str
        What to call it on the screen.
    """

    function: Callable[[Any], Any] = field(compare=True)
    name: str = "custom"

    def __post_init__(self) -> None:
        if not callable(self.function):
            raise TargetError(
                f"Custom.function must be a function of the model's output; got {self.function!r}."
            )


def _whole(where: str, value: Any) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__") or int(value) < 0:
        name = _by_name(value) if where == "ClassScore.index" else ""
        raise TargetError(f"{where} must be a whole number, at least 0; got {value!r}.{name}")
    return int(value)


def _by_name(given: Any) -> str:
    """Return where a class goes in by its name, which takes a network's labels; nothing for what is no name."""
    named = f" A class by its name is target={given!r} of a method, or probe.target({given!r})."
    return named if isinstance(given, str) else ""


def check_layer(owner: str, layer: Any) -> None:
    """Raise `TargetError` unless a layer's name is a name."""
    if not isinstance(layer, str) or not layer:
        raise TargetError(f"{owner}.layer must be the name of a layer in quotes; got {layer!r}.")


def as_objective(target: Objective | int | None) -> Objective | None:
    """Return an objective for what a user may type: an int is the class of that index, None stays None."""
    if target is None or isinstance(target, Objective):
        return target
    if not isinstance(target, bool) and hasattr(target, "__index__"):
        return ClassScore(int(target))
    raise TargetError(
        f"target must be a class index, an objective such as ClassScore(3), or None; got {target!r}."
        f"{_by_name(target)}"
    )
