"""The network with another rule of backward flow at its activations, built beside it and never into it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..errors import listed
from .graph import Graph, Step
from .twin import Twin, own_activation, twin_of

Rule = Literal["guided", "deconvnet", "waking"]

# fmt: off
_NAMES = {
    "relu": "ReLU", "relu6": "ReLU6", "leaky_relu": "LeakyReLU", "leakyrelu": "LeakyReLU", "prelu": "PReLU",
    "elu": "ELU", "silu": "SiLU", "swish": "SiLU", "gelu": "GELU", "selu": "SELU", "celu": "CELU", "mish": "Mish",
    "hard_silu": "hard SiLU", "hardsilu": "hard SiLU", "hard_swish": "hard SiLU",
}
# fmt: on
_EXACT = {"ReLU", "ReLU6", "LeakyReLU", "PReLU"}


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
        (slot,) = self.inputs
        plain = super().call
        return [_ruled(lambda given: plain({slot: given})[0], values[slot], self.rule)]


def ruled(graph: Graph, rule: Rule) -> Ruled:
    """Return the graph with a rule at every activation that is one of the ReLU family."""
    made = [_with_rule(step, rule) for step in graph.steps]
    kinds = tuple(sorted({_kind(step) for step in made if isinstance(step, RuledStep)}))
    lost = [s.name for s in made if not isinstance(s, RuledStep) and _kind(s)]
    own = [step.name for step in made if _is_closed(step.op)]
    return Ruled(dataclasses.replace(graph, steps=made), kinds, tuple(_notes(kinds, lost + own)))


def _is_closed(op: Any) -> bool:
    """Return True for code of the model's author, which may hold activations of its own."""
    return type(op).__name__ == "Lambda" or not type(op).__module__.startswith("keras.")


def _with_rule(step: Step, rule: Rule) -> Step:
    if not _kind(step) or len(step.outputs) != 1:
        return step
    activation = own_activation(step.op)
    twin = None if activation is None else twin_of(step)
    if (activation is not None and twin is None) or (twin is None and len(step.inputs) != 1):
        return step
    fields = {f.name: getattr(step, f.name) for f in dataclasses.fields(step)}
    return RuledStep(**fields, rule=rule, twin=twin)


def _kind(step: Step) -> str:
    """Return which member of the ReLU family a step is or ends in, e.g. ``ReLU6``; empty if none."""
    op, kind = step.op, type(step.op)
    function = own_activation(op)
    if function is None and kind.__module__.startswith("keras."):
        if kind.__name__ != "Activation":
            six = kind.__name__ == "ReLU" and op.max_value == 6
            return "ReLU6" if six else _NAMES.get(kind.__name__.lower(), "")
        function = op.activation
    home = str(getattr(function, "__module__", ""))
    known = home.startswith(("keras.", "tensorflow."))
    return _NAMES.get(str(getattr(function, "__name__", "")), "") if known else ""


def _notes(kinds: tuple[str, ...], passed: list[str]) -> list[str]:
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
