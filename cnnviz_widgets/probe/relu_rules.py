"""The network with another rule of backward flow at its activations, built beside it and never into it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import listed
from .graphs.graph import Graph, Step, has_weights
from .output.functions import relu_of
from .pre_activation import Twin, last_activation, own_activation, twin_of

Rule = Literal["guided", "deconvnet", "waking"]

# fmt: off
_NAMES = {
    "relu": "ReLU", "relu6": "ReLU6", "leaky_relu": "LeakyReLU", "leakyrelu": "LeakyReLU", "prelu": "PReLU",
    "elu": "ELU", "silu": "SiLU", "swish": "SiLU", "gelu": "GELU", "selu": "SELU", "celu": "CELU", "mish": "Mish",
    "hard_silu": "hard SiLU", "hardsilu": "hard SiLU", "hard_swish": "hard SiLU",
}
# fmt: on
_EXACT = {"ReLU", "ReLU6", "LeakyReLU", "PReLU"}
_COMPARING = {"Maximum", "Minimum", "Clip", "Where", "Greater", "GreaterEqual", "Less", "LessEqual"}


@dataclass(frozen=True)
class Ruled:
    """A graph whose activations follow a rule on the way back, and what was found on building it.

    Attributes
    ----------
    graph : Graph
        Same numbers of values, same answers; only slopes differ.
    kinds : tuple of str
        Kinds of activation that the rule was put on.
    notes : tuple of str
        What to mind.
    """

    graph: Graph
    kinds: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class RuledStep(Step):
    """A step whose activation follows a rule on the way back; `twin` is its layer without one, if it has one."""

    rule: Rule = "guided"
    twin: Twin | None = None

    def call(self, values: Mapping[int, Any]) -> list[Any]:
        """Run the operation; the answer is that of the step it stands for."""
        if self.twin is not None:
            return [_ruled(self.op.activation, self.twin.call(values), self.rule)]
        (slot,) = set(self.inputs)
        plain = super().call
        return [_ruled(lambda given: plain({slot: given})[0], values[slot], self.rule)]


def ruled(graph: Graph, rule: Rule) -> Ruled:
    """Return the graph with a rule at every activation that is one of the ReLU family.

    An author's activation is known by what it makes of some numbers.
    """
    found = [_found(step) for step in graph.steps]
    pairs = list(zip(graph.steps, found, strict=True))
    made = [_with_rule(step, one, rule) if one else step for step, one in pairs]
    kinds = tuple(sorted({one.kind for one in found if one}))
    closed = [step.name for step, one in pairs if one is None and _is_closed(step)]
    return Ruled(dataclasses.replace(graph, steps=made), kinds, tuple(_notes(kinds, closed)))


@dataclass(frozen=True)
class _Found:
    """An activation of the ReLU family: its kind, and the function if it is the end of a layer that does more."""

    kind: str
    function: Any = None


def is_relu(step: Step) -> bool:
    """Return True for a step that is, or ends in, an activation of the ReLU family."""
    return _found(step) is not None


def _found(step: Step) -> _Found | None:
    """Return which activation of the ReLU family a step is or ends in, or None."""
    if len(step.outputs) != 1 or len(set(step.inputs)) != 1 or not step.real:
        return None
    op, kind = step.op, type(step.op)
    if kind.__module__.startswith("keras."):
        six = kind.__name__ == "ReLU" and op.max_value == 6
        named = "ReLU6" if six else _NAMES.get(kind.__name__.lower(), "")
        if named:
            return _Found(named)
        if kind.__name__ == "Activation":
            named = _function_kind(op.activation)
            return _Found(named) if named else None
    function = last_activation(step)
    named = _function_kind(function) if function is not None else ""
    if named:
        return _Found(named, function)
    named = "" if function is not None or _cannot_be_tried(step) else _tried_kind(step)
    return _Found(named) if named else None


def _function_kind(function: Any) -> str:
    """Return which member of the ReLU family an activation function, or a layer used as one, is; empty if none."""
    kind = type(function)
    if kind.__module__.startswith("keras."):
        six = kind.__name__ == "ReLU" and function.max_value == 6
        named = "ReLU6" if six else _NAMES.get(kind.__name__.lower(), "")
        if named:
            return named
    if str(getattr(function, "__module__", "")).startswith("keras."):
        return _NAMES.get(str(getattr(function, "__name__", "")), "")
    return "" if has_weights(function) else relu_of(function)


def _cannot_be_tried(step: Step) -> bool:
    """Return True for what has weights, and for Keras' own operations that are no functions of one number."""
    name = type(step.op).__name__
    own = type(step.op).__module__.startswith("keras.") and name != "Lambda"
    return step.shape is None or has_weights(step.op) or (own and name not in _COMPARING)


def _tried_kind(step: Step) -> str:
    (slot,) = set(step.inputs)
    return relu_of(lambda x: step.call({slot: x})[0], 1 + len(step.shape or ()))


def _with_rule(step: Step, found: _Found, rule: Rule) -> Step:
    fields = {f.name: getattr(step, f.name) for f in dataclasses.fields(step)}
    return RuledStep(**fields, rule=rule, twin=None if found.function is None else twin_of(step))


def _is_closed(step: Step) -> bool:
    """Return True for what may hold a ReLU that is not seen: an author's code, a wrapped layer, a choice of two."""
    import keras

    kind = type(step.op)
    if kind.__name__ == "Lambda" or isinstance(step.op, keras.layers.Wrapper):
        return True
    if not kind.__module__.startswith("keras."):
        return not _is_of_keras(own_activation(step.op))
    function = own_activation(step.op) or (step.op.activation if kind.__name__ == "Activation" else None)
    return kind.__name__ in _COMPARING if function is None else not _is_of_keras(function)


def _is_of_keras(function: Any) -> bool:
    return str(getattr(function, "__module__", None) or type(function).__module__).startswith("keras.")


def _notes(kinds: tuple[str, ...], passed: list[str]) -> list[str]:
    if not kinds and passed:
        return [
            f"Whether there is a ReLU in {listed(passed)} cannot be told; elsewhere there is none: "
            "guided = plain gradient."
        ]
    notes = [] if kinds else ["No ReLU found: guided = plain gradient."]
    extended = [kind for kind in kinds if kind not in _EXACT]
    if extended:
        notes.append(
            f"Extension: the papers define the rule for ReLU; at {listed(extended)} the true derivative is taken "
            "and then only what is positive is kept."
        )
    if passed:
        notes.append(f"The rule does not reach inside {listed(passed)}: there the plain gradient flows.")
    return notes


def _ruled(function: Callable[[Any], Any], given: Any, rule: Rule) -> Any:
    """Return function(given), elementwise, with the slope of a rule.

    Guided: the true slope, of which only what is positive is kept. Deconvnet: what is positive of the slope from
    above, whatever the function does. Waking: all of the slope from above, so that it reaches a unit that is silent.
    """
    import tensorflow as tf

    let_through = tf.identity if rule == "waking" else tf.nn.relu

    @tf.custom_gradient
    def kept(values: Any) -> tuple[Any, Callable[[Any], Any]]:
        return tf.identity(values), tf.nn.relu

    @tf.custom_gradient
    def passed(values: Any, answer: Any) -> tuple[Any, Callable[[Any], Any]]:
        return tf.identity(answer), lambda slope: (tf.cast(let_through(slope), values.dtype), None)

    if rule == "guided":
        return function(kept(given))
    return passed(given, tf.stop_gradient(function(given)))
