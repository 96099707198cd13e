"""How an output is made: by what last steps, from what, and whether all of the picture is narrowed before."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..graphs.graph import Graph, Shape, Step, Values
from ..graphs.paths import back, narrows, weighs
from ..layer_info import CODE_WORDS, number_count
from ..pre_activation import own_activation
from ..receptive_field import kind_of
from .head import Head

# What authors call layers, outputs and models of each kind.
_CALLED = {
    "code": "^z$|^z_|embed|(?<!auto)encod|latent|projection|projector|backbone|extractor|feature|bottleneck|"
    "(?<!de)code",
    "numbers": "coord|keypoint|landmark|(^|_)pose|bbox|^box|angle|steer|(^|_)age$|price|regress|offset|heading|"
    "distance",
    "classes": "class|logit|predict|prob|softmax|label",
    "boxes": "yolo|ssd|retina|detect|anchor|boxes|bbox",
    "mask": "mask|segm|(^|_)seg($|_)|unet_seg",
    "picture": "depth(?!wise)|flow|restor|recon|rebuil|denois|decoded|generated|colou?riz|super|enlarg",
}
FITTING = 64  # side of the random pictures shown to a network that takes any size
_PASSING = {"Dropout", "Identity", "Activation", "Cast", "SpatialDropout2D", "ActivityRegularization"}
_SHAPING = {"Flatten", "Reshape", "Squeeze", "Permute", "Transpose", "ExpandDims"}
_SUMMING = {"Add", "Average"}
_SCALING = {"Divide", "TrueDivide", "Multiply", "Rescaling", *_SUMMING, "Subtract"}  # by a number
_FEATURES = {"BatchNormalization", "LayerNormalization", "GroupNormalization", "RMSNormalization", "Add"}
_LENGTHS = {"Norm", "Sqrt", "Rsqrt"}
_STEPWISE = ("LSTM", "GRU", "RNN", "Bidirectional", "TimeDistributed", "Conv1D", "SimpleRNN", "ConvLSTM")


@dataclass(frozen=True)
class Ending:
    """What the steps that make an output tell of it.

    Parameters
    ----------
    graph : Graph
        The network.
    image, output : int
        Numbers of the values that are the picture and the output.
    head : Head
        Where the logits are.
    shape, made : tuple
        Shapes of picture and output, without the batch axis.
    names : tuple of str
        What the output and the model are called.
    others : tuple of tuple
        Shapes of the other outputs.
    """

    graph: Graph
    image: int
    output: int
    head: Head
    shape: Shape
    made: Shape
    names: tuple[str, ...] = ()
    others: tuple[Shape, ...] = ()

    @property
    def squash(self) -> str:
        """``softmax``, that of a log-softmax too, ``sigmoid`` or empty; one not seen is known by its shares of 1."""
        shares = self.head.scale == "log-probability" or self._shares
        return self.head.squash or ("softmax" if shares else "")

    @property
    def _shares(self) -> bool:
        found = self._sample
        if found is None or found.shape[-1] < 2:
            return False
        return bool(found.min() >= 0 and np.abs(found.sum(axis=-1) - 1).max() < 1e-3)

    @cached_property
    def _sample(self) -> np.ndarray | None:
        """What comes out for two random pictures, if the last steps are not known by what they are; else None."""
        if self.known or self.head.squash:
            return None
        feed: dict[int, Any] = {}
        for name, slot in self.graph.inputs.items():
            shape = (2, *(n or FITTING for n in self.graph.input_shapes[name]))
            noise = np.random.default_rng(0).uniform(0, 1, shape) if slot == self.image else np.zeros(shape)
            feed[slot] = noise.astype(self.graph.input_types[name])
        return sample_of(self.graph, feed, self.output)

    @cached_property
    def chain(self) -> list[Step]:
        """The steps from the output back to where values come together."""
        return back(self.graph, self.output)

    def called(self, kind: str) -> bool:
        """Return True if what makes the output, or the output itself, has a name of a kind."""
        sums = [step.name for step in self.chain if weighs(step)][:1]
        first = [step.name for step in self.chain[:1]]
        own = [name.rpartition("/")[2] for name in (*first, *sums)]
        more = self.names if kind in ("code", "boxes", "mask", "picture") else self.names[:1]
        return any(re.search(_CALLED[kind], name.lower()) for name in (*own, *more))

    @cached_property
    def raw(self) -> bool:
        """True if it is a weighted sum as it comes out, or several of them added, with nothing else that counts."""
        return _is_raw(self.graph, self.output)

    @cached_property
    def known(self) -> bool:
        """True if all steps from the last weighted sum on are Keras' own, with activations that make no classes."""
        for step in self.chain:
            own = own_activation(step.op) or getattr(step.op, "activation", None)
            plain = own is None or getattr(own, "__module__", "keras").startswith("keras")
            if not kind_of(step.op) or kind_of(step.op) == "Lambda" or not plain:
                return False
            if weighs(step):
                return True
        return bool(self.chain)

    @cached_property
    def features(self) -> bool:
        """True if it is what a layer answers, not a weighted sum of it: pooled, flattened, normalised or added."""
        for step in self.chain:
            kind = kind_of(step.op)
            if _pools(step) or kind == "Flatten" or kind in _FEATURES:
                return True
            if weighs(step) or kind not in _PASSING | _SHAPING:
                return False
        return False

    @cached_property
    def normalised(self) -> bool:
        """True if it is brought to a length of 1."""
        for step in self.chain:
            if weighs(step):
                return False
            if kind_of(step.op) in ("UnitNormalization", "Normalize") or _normalises(step):
                return True
            if len(step.inputs) > 1:
                return self._by_its_length(step)
            if kind_of(step.op) not in _PASSING | _SHAPING:
                break
        lengths = None if self._sample is None else np.linalg.norm(self._sample, axis=-1)
        return lengths is not None and self.made[-1] != 1 and bool(np.abs(lengths - 1).max() < 1e-3)

    def _by_its_length(self, step: Step) -> bool:
        """Return True for a value divided by, or multiplied with one over, its own length."""
        if kind_of(step.op) not in ("TrueDivide", "Divide", "Multiply") or len(step.inputs) != 2:
            return False
        whole, length = step.inputs
        steps = back(self.graph, length)
        own = any(whole in one.inputs for one in self.graph.before(length))
        return own and any(kind_of(one.op) in _LENGTHS for one in steps)

    @cached_property
    def bounded(self) -> bool:
        """True if it ends in a tanh."""
        step = self.chain[0] if self.chain else None
        if step is None:
            return False
        own = own_activation(step.op) or getattr(step.op, "activation", None)
        return getattr(own, "__name__", "") == "tanh" or kind_of(step.op) == "Tanh"

    @cached_property
    def parts(self) -> tuple[tuple[int, bool], ...]:
        """Widths of what is put side by side on the last axis, and whether each is probabilities."""
        step = self.graph.makers.get(self.output)
        while step is not None and len(step.inputs) == 1 and kind_of(step.op) in _PASSING:
            step = self.graph.makers.get(step.inputs[0])
        axis = getattr(getattr(step, "op", None), "axis", None)
        if step is None or kind_of(step.op) != "Concatenate" or axis not in (-1, len(self.made)):
            return ()
        made = [self.graph.makers.get(slot) for slot in step.inputs]
        if any(one is None or not one.shape or one.shape[-1] is None for one in made):
            return ()
        return tuple((int(one.shape[-1]), self._squashes(one)) for one in made)  # type: ignore[union-attr,index,arg-type]

    def _squashes(self, step: Step | None) -> bool:
        """Return True if what a step gives was made by a softmax or sigmoid, whatever shapes it anew."""
        while step is not None:
            own = own_activation(step.op) or getattr(step.op, "activation", None)
            if kind_of(step.op) in ("Softmax", "Sigmoid") or getattr(own, "__name__", "") in (
                "softmax",
                "sigmoid",
            ):
                return True
            shaping = kind_of(step.op) in _PASSING | _SHAPING | {"Concatenate"}
            step = self.graph.makers.get(step.inputs[0]) if shaping and step.inputs else None
        return False

    @cached_property
    def boxes_apart(self) -> bool:
        """True if there are as many rows in two outputs, one of four coordinates each."""
        rows = self.made[:-1]
        alike = [shape for shape in self.others if shape[:-1] == rows and len(rows) == 1]
        return any(shape[-1] == 4 or self.made[-1] == 4 for shape in alike)

    @cached_property
    def stepwise(self) -> bool:
        """True if rows are made one after another, by a recurrent layer or a convolution along them."""
        for step in self.graph.before(self.output):
            if type(step.op).__name__.startswith(_STEPWISE) and len(step.shape or ()) == 2:
                return True
        return False

    @cached_property
    def tokens(self) -> bool:
        """True if rows are tokens that attend to each other."""
        return any("Attention" in type(step.op).__name__ for step in self.graph.before(self.output))

    @cached_property
    def from_a_row(self) -> bool:
        """True if it is one row that was shaped anew."""
        return any(
            kind_of(step.op) == "Reshape" and len(self._shape(step.inputs[0])) == 1 for step in self.chain
        )

    @cached_property
    def from_maps(self) -> bool:
        """True if it is maps that were shaped anew."""
        slots = {slot for step in self.chain if kind_of(step.op) == "Reshape" for slot in step.inputs}
        return any(len(self._shape(slot)) >= 3 for slot in slots)

    def _shape(self, slot: int) -> Shape:
        step = self.graph.makers.get(slot)
        return (step.shape or ()) if step is not None else ()

    @cached_property
    def narrow(self) -> list[Step]:
        """The steps that all of the picture passes through, those that make the output left out."""
        return inner_narrows(self.graph, self.image, self.output)

    @cached_property
    def code(self) -> bool:
        """True if all of the picture passes through fewer numbers than it has."""
        return any(_fewer(self.graph, step, self.shape) for step in self.narrow)

    @cached_property
    def narrowed(self) -> bool:
        """True if all of the picture passes through a row, or maps of at most half as many places."""
        return any(_smaller(self.graph, step, self.shape) for step in self.narrow)

    @cached_property
    def skips(self) -> bool:
        """True if maps of the picture's own size are put beside others, or added to them, near the end."""
        narrow = {step.name for step in self.narrow}
        merging = [
            s
            for s in self.graph.before(self.output)
            if kind_of(s.op) in ("Concatenate", "Add") and len(s.inputs) > 1
        ]
        beside = [step for step in merging if step.name in narrow or kind_of(step.op) == "Concatenate"]
        return any(self._joins_unlike(step) for step in beside)

    def _joins_unlike(self, step: Step) -> bool:
        """Return True if one of what comes together was made larger before, and another was not."""
        grown = [any(_enlarges(one) for one in self.graph.before(slot)) for slot in step.inputs]
        return any(grown) and not all(grown)


def sample_of(graph: Graph, feed: dict[int, Any], slot: int) -> np.ndarray | None:
    """Return a value as float32 for what goes in, or None if the network does not take that."""
    import keras
    import tensorflow as tf

    try:
        with keras.StatelessScope():
            tensors = {key: tf.constant(value) for key, value in feed.items()}
            made = np.asarray(keras.ops.convert_to_numpy(Values(graph, tensors)[slot]), np.float32)
    except Exception:
        return None
    return made if made.ndim > 1 and np.isfinite(made).all() else None


def part_read(graph: Graph, slot: int, indices: tuple[int | None, ...]) -> int:
    """Return the number of the value that holds a number of an output which several values are put together to.

    Parameters
    ----------
    graph : Graph
        The network.
    slot : int
        Number of the value that is the output.
    indices : tuple of int or None
        Which number of it, None on an axis of which several are read.
    """
    place = list(indices)
    while (step := graph.makers.get(slot)) is not None:
        kind = kind_of(step.op)
        if kind in _PASSING and len(step.inputs) == 1:
            slot = step.inputs[0]
            continue
        axis = getattr(step.op, "axis", None)
        if kind != "Concatenate" or not isinstance(axis, int):
            break
        axis = axis - 1 if axis > 0 else len(place) + axis
        if not 0 <= axis < len(place) or place[axis] is None:
            break
        found = _part(graph, step, axis, place[axis] or 0)
        if found is None:
            break
        slot, place[axis] = found
    return slot


def _part(graph: Graph, step: Step, axis: int, index: int) -> tuple[int, int] | None:
    """Return which of the values put together holds an index on an axis, and at which index of its own."""
    for taken in step.inputs:
        maker = graph.makers.get(taken)
        size = maker.shape[axis] if maker is not None and maker.shape and axis < len(maker.shape) else None
        if size is None:
            return None
        if index < size:
            return taken, index
        index -= size
    return None


def inner_narrows(graph: Graph, image: int, output: int) -> list[Step]:
    """Return the steps that all of the picture passes through before those that make the output."""
    ends: list[str] = []
    for step in back(graph, output):
        ends.append(step.name)
        if weighs(step):
            break
    else:
        ends = ends[:1]  # nothing is weighed: the last step alone makes the output
    return [step for step in narrows(graph, image, output) if step.name not in ends]


def code_steps(graph: Graph, image: int, output: int) -> list[Step]:
    """Return the steps that all of the picture passes through and that may hold its code.

    They are narrower than the picture, in numbers or in places, or called a code.
    """
    shape = next(graph.seen_shape(graph.input_shapes[n]) for n, slot in graph.inputs.items() if slot == image)
    return [
        step
        for step in inner_narrows(graph, image, output)
        if step.name.rpartition("/")[2].lower().startswith(CODE_WORDS)
        or _fewer(graph, step, shape)
        or _smaller(graph, step, shape)
    ]


def _fewer(graph: Graph, step: Step, shape: Shape) -> bool:
    size, most = number_count(step.shape or ()), number_count(shape)
    return size is not None and most is not None and bool(step.shape) and size < most


def _smaller(graph: Graph, step: Step, shape: Shape) -> bool:
    made = graph.seen_shape(step.shape or ())
    if len(made) == 1:
        return True
    size, whole = (_places(one) if len(one) == 3 else None for one in (made, shape))
    return size * 2 <= whole if size and whole else len(made) == 3 and _halves(step)


def _is_raw(graph: Graph, slot: int) -> bool:
    """Return True for a weighted sum that is only passed on, shaped anew or scaled, and for a sum or mean of such."""
    for step in back(graph, slot):
        kind = kind_of(step.op)
        if weighs(step):
            return _is_linear(step)
        if kind == "Activation" and not _is_linear(step):
            return False
        if kind in _SUMMING and len(step.inputs) > 1:
            return all(_is_raw(graph, taken) for taken in step.inputs)
        scaled = kind in _SCALING and len(step.inputs) == 1
        if kind not in _PASSING | _SHAPING and not scaled and not _pools(step):
            return False
    return False


def _is_linear(step: Step) -> bool:
    own = own_activation(step.op) or getattr(step.op, "activation", None)
    return own is None or getattr(own, "__name__", "") == "linear"


def _pools(step: Step) -> bool:
    return type(step.op).__name__.startswith("Global") or kind_of(step.op) == "Mean"


def _normalises(step: Step) -> bool:
    """Return True for a function or layer of the user's own that says so, such as a Lambda of `l2_normalize`."""
    op = step.op
    function = getattr(op, "function", None) if type(op).__name__ == "Lambda" else None
    used = getattr(getattr(function, "__code__", None), "co_names", ())
    named = (*used, type(op).__name__.lower(), getattr(function, "__name__", ""))
    return any(re.search("l2_?norm|unit_?norm|^normalize$", str(name).lower()) for name in named)


def _enlarges(step: Step) -> bool:
    kind = type(step.op).__name__
    return kind.startswith(("UpSampling", "Resize")) or ("Transpose" in kind and kind.startswith("Conv"))


def _halves(step: Step) -> bool:
    strides = getattr(step.op, "strides", None)
    strides = strides if isinstance(strides, tuple) else (strides,)
    return any(isinstance(n, int) and n > 1 for n in strides) and not _enlarges(step)


def _places(shape: Shape) -> int | None:
    sides = shape[:2]
    return None if None in sides else math.prod(n or 1 for n in sides)
