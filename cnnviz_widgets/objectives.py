"""What is explained or maximised, as plain data: it names a number that the model yields, and computes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import isfinite
from typing import Any, Literal

import numpy as np

from .errors import TargetError
from .images.image import Image
from .regions import Box, Mask, Place, checked_place, is_whole, whole


@dataclass(frozen=True)
class Objective:
    """A scalar read off a network; what a map explains."""

    def __neg__(self) -> Contrast:
        """Return the objective whose value is minus this one."""
        return Contrast(None, self)


@dataclass(frozen=True)
class ClassScore(Objective):
    """Score of one class, of the whole picture or at some places of an output that has several.

    Parameters
    ----------
    index : int or str
        Class index from 0, or the class's name, which `Probe.target` looks up among the network's labels. A model with
        one sigmoid output has the classes 0 (no) and 1 (yes).
    of : str
        ``"logit"``, the score before softmax or sigmoid (default), ``"probability"``, or ``"log-probability"``, whose
        gradient does not vanish where the network is sure.
    at : int, tuple of int, Box, Mask or str, optional
        Where it is read, for an output with places: a step of a sequence or a row of boxes, a place (row, column) of a
        segmentation, a rectangle, any set of places (an array of True and False will do), or ``"predicted"``, where the
        class wins. The score is the mean over them; over all places if None.

    Raises
    ------
    TargetError
        If `of` or `at` is something else.
    """

    index: int | str
    of: Literal["logit", "probability", "log-probability"] = "logit"
    at: Place | None = None

    def __post_init__(self) -> None:
        if self.of not in ("logit", "probability", "log-probability"):
            raise TargetError(
                f"ClassScore.of must be 'logit', 'probability' or 'log-probability'; got {self.of!r}."
            )
        if not isinstance(self.index, str):
            object.__setattr__(self, "index", whole("ClassScore.index", self.index))
        elif not self.index.strip():
            raise TargetError("ClassScore.index must be a class index, or the name of a class; got ''.")
        object.__setattr__(self, "at", checked_place("ClassScore.at", self.at))

    @property
    def number(self) -> int:
        """The class index of an objective that `Probe.target` has checked.

        Raises
        ------
        TargetError
            If the class still has its name only.
        """
        if isinstance(self.index, str):
            raise TargetError(f"the class {self.index!r} has no number yet: use probe.target({self!r}).")
        return self.index


@dataclass(frozen=True, init=False)
class Output(Objective):
    """Any one number of the output, such as a coordinate, a pixel or a number of an embedding.

    Parameters
    ----------
    *indices : int
        Its indices, without the batch axis, e.g. ``Output(3, 6)`` for the seventh number of the fourth row.

    Raises
    ------
    TargetError
        If an index is no whole number.
    """

    indices: tuple[int, ...]

    def __init__(self, *indices: int) -> None:
        given = indices[0] if len(indices) == 1 and isinstance(indices[0], tuple | list) else indices
        if not given:
            raise TargetError("Output needs the indices of a number of the output, e.g. Output(3, 6).")
        object.__setattr__(self, "indices", tuple(whole("Output's indices", n) for n in given))

    def __repr__(self) -> str:
        return f"Output({', '.join(map(str, self.indices))})"


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
            object.__setattr__(self, "channel", whole("Unit.channel", self.channel))
        if self.position is None:
            return
        try:
            row, column = self.position
        except (TypeError, ValueError):
            raise TargetError(f"Unit.position must be (row, column); got {self.position!r}.") from None
        place = whole("Unit.position row", row), whole("Unit.position column", column)
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


def check_layer(owner: str, layer: Any) -> None:
    """Raise `TargetError` unless a layer's name is a name."""
    if not isinstance(layer, str) or not layer:
        raise TargetError(f"{owner}.layer must be the name of a layer in quotes; got {layer!r}.")


def as_objective(target: Objective | int | str | None) -> Objective | None:
    """Return an objective for what a user may type: an int or a name is that class, None stays None."""
    if target is None or isinstance(target, Objective):
        return target
    if isinstance(target, str):
        return ClassScore(target)
    one: Any = target
    if getattr(one, "shape", None) in ((1,), ()):
        one = np.asarray(one).item()
    if is_whole(one):
        return ClassScore(int(one))
    raise TargetError(
        f"target must be a class index or name, an objective such as ClassScore(3), or None; got {target!r}."
    )


@dataclass(frozen=True)
class Direction(Objective):
    """How far a layer's answer reaches along a direction of its channels, averaged over its places.

    Parameters
    ----------
    layer : str
        Name of the layer.
    vector : sequence of float
        One number a channel; its length does not matter, only where it points.
    """

    layer: str
    vector: tuple[float, ...]

    def __post_init__(self) -> None:
        check_layer("Direction", self.layer)
        try:
            made = tuple(float(x) for x in self.vector)
        except (TypeError, ValueError):
            raise TargetError(
                f"Direction.vector must be numbers, one a channel; got {self.vector!r}."
            ) from None
        if not all(map(isfinite, made)) or not any(made):
            raise TargetError("Direction.vector must be finite numbers that are not all 0.")
        object.__setattr__(self, "vector", made)


@dataclass(frozen=True)
class Matching(Objective):
    """How closely a layer's answer to the image matches its answer to a reference picture.

    Minus the squared distance of the two answers, as a share of the squared length of the reference's: 0 is a perfect
    match, -1 as far as no answer at all (Mahendran & Vedaldi, CVPR 2015, arXiv:1412.0035, eq. 3).

    Parameters
    ----------
    reference : Image
        The picture matched; an array is taken too.
    layer : str
        Name of the layer.
    """

    reference: Image
    layer: str

    def __post_init__(self) -> None:
        check_layer("Matching", self.layer)
        if not isinstance(self.reference, Image):
            object.__setattr__(self, "reference", Image.load(self.reference))


@dataclass(frozen=True)
class Mixture(Objective):
    """A weighted sum of objectives.

    Parameters
    ----------
    objectives : sequence of Objective or int
        What is added; an int is a class.
    weights : sequence of float, optional
        One an objective; all 1 if left out.
    """

    objectives: tuple[Objective, ...]
    weights: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        made = _several("Mixture", self.objectives)
        weights = tuple(float(w) for w in self.weights) or (1.0,) * len(made)
        if len(weights) != len(made):
            raise TargetError(f"Mixture needs one weight an objective, {len(made)}; got {len(weights)}.")
        object.__setattr__(self, "objectives", made)
        object.__setattr__(self, "weights", weights)


@dataclass(frozen=True)
class Several(Objective):
    """Objectives side by side, a picture for each; only methods that make pictures take it.

    Parameters
    ----------
    objectives : sequence of Objective or int
        One a picture; an int is a class.
    """

    objectives: tuple[Objective, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "objectives", _several("Several", self.objectives))


def _several(owner: str, objectives: Any) -> tuple[Objective, ...]:
    """Return the objectives, at least one, none of them a `Several`."""
    if isinstance(objectives, str | Objective) or not isinstance(objectives, Iterable):
        raise TargetError(f"{owner}.objectives must be a list of objectives; got {objectives!r}.")
    made = tuple(found for found in map(as_objective, objectives) if found is not None)
    if not made or any(isinstance(one, Several) for one in made):
        raise TargetError(f"{owner} needs at least one objective, and no Several among them.")
    return made


def parts(target: Objective | None) -> tuple[Objective, ...]:
    """Return the objectives that a target is made of; a `Contrast` has two."""
    if isinstance(target, Contrast):
        return parts(as_objective(target.plus)) + parts(as_objective(target.minus))
    if isinstance(target, Mixture | Several):
        return tuple(part for one in target.objectives for part in parts(one))
    return () if target is None else (target,)


def words(target: Objective | None, labels: tuple[str, ...] | None = None) -> str:
    """Return the objective as a reader would name it, e.g. ``"tiger cat"`` or ``channel 12 of conv_1``."""
    if isinstance(target, ClassScore):
        return _class_words(target, labels)
    if isinstance(target, Output):
        return _output_words(target, labels)
    if isinstance(target, Unit):
        return _unit_words(target)
    if isinstance(target, LayerEnergy):
        return f"the energy of {target.layer}"
    if isinstance(target, ReconstructionError):
        return "the reconstruction error"
    if isinstance(target, Similarity):
        return f"likeness to {target.reference.name or 'the reference'} in {target.layer}"
    if isinstance(target, Contrast):
        plus, minus = (
            words(as_objective(t), labels) if t is not None else "0" for t in (target.plus, target.minus)
        )
        return f"{plus} rather than {minus}"
    if isinstance(target, Direction):
        return f"a direction of {target.layer}"
    if isinstance(target, Matching):
        return f"{target.reference.name or 'the reference'} as {target.layer} has it"
    if isinstance(target, Mixture | Several):
        between = " and " if isinstance(target, Mixture) else ", "
        return between.join(words(one, labels) for one in target.objectives)
    return target.name if isinstance(target, Custom) else "the model's natural target"


def _class_words(target: ClassScore, labels: tuple[str, ...] | None) -> str:
    if isinstance(target.index, str):
        name = f"“{target.index}”"
    else:
        named = labels is not None and target.index < len(labels)
        name = f"“{labels[target.index]}”" if named and labels else f"class {target.index}"
    return name + _place_words(target.at) + (f" ({target.of})" if target.of != "logit" else "")


def _output_words(target: Output, labels: tuple[str, ...] | None) -> str:
    first, *more = target.indices
    named = f" (“{labels[first]}”)" if labels and not more and 0 <= first < len(labels) else ""
    return f"output {', '.join(map(str, target.indices))}{named}"


def _place_words(at: Place | None) -> str:
    match at:
        case None:
            return ""
        case int():
            return f" at {at}"
        case tuple():
            return f" at {', '.join(map(str, at))}"
        case Box(top=top, left=left, height=height, width=width):
            return f" in {height} × {width} at {top}, {left}"
        case Mask(name="predicted"):
            return " where it is predicted"
        case Mask(name=name) if name:
            return f" at {name}"
        case Mask(places=places):
            count = int(np.count_nonzero(places))
            return f" at {count} place{'s' * (count != 1)}"
    return " where it is predicted"


def _unit_words(unit: Unit) -> str:
    place = f"cell {unit.position[0]}, {unit.position[1]}" if unit.position else ""
    channel = f"channel {unit.channel}" if unit.channel is not None else ""
    what = " at ".join(p for p in (channel, place) if p) or "the mean"
    return f"{what} of {unit.layer}"
