"""The network on weights of its own, which are shuffled layer by layer while the user's model stays as it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ModelError, listed
from ..objectives import Objective, parts
from .cache import Memory
from .cam_weights import Pooled
from .engine import Engine
from .graphs.graph import Graph, Step
from .kernels import Kernel
from .output.head import Head
from .patching import Networks
from .pre_activation import Twin
from .probe import Probe
from .relu_rules import Rule, Ruled, ruled

Own = tuple[tuple[Any, Any], ...]


class RandomisedCopy:
    """A probe of the same layers on weights of its own; those weights can be shuffled.

    No layer is cloned and none is written to: each runs in a scope that puts a variable of the copy in the place of
    each of its own. So nested models, shared layers, Lambda layers and models written as a class are served alike,
    and what has been compiled for the copy serves every state of its weights.

    Shuffling puts the numbers of a weight into another order, each weight by itself, which keeps its distribution.
    Moving means and variances of a batch normalisation are shuffled as well. A weight whose numbers are all the same,
    such as a bias of zeros, stays as it is.

    Parameters
    ----------
    original : Probe
        What is copied.
    seed : int
        Seed of the shuffles; that of a layer does not depend on which others are shuffled.

    Attributes
    ----------
    probe : Probe
        The copy, to be asked like any other.

    Raises
    ------
    ModelError
        If there are no weights, or they are sealed in a SavedModel.
    """

    def __init__(self, original: Probe, seed: int = 0) -> None:
        engine = original.engine
        self._seed = seed
        _check_open(original.name, engine.graph)
        self._units = _units(engine.graph)
        self._own = {id(variable): _copied(variable) for unit in self._units.values() for variable in unit}
        if not self._own:
            raise ModelError(f"{original.name} has no weights that could be shuffled.")
        pairs = tuple(
            (variable, self._own[id(variable)]) for unit in self._units.values() for variable in unit
        )
        self.probe = _Copy(original, pairs)

    def layers(self, target: Objective) -> tuple[str, ...]:
        """Return the layers with weights that a target depends on, the topmost first."""
        steps = self.probe.engine.steps_of(target)
        needed = {id(variable) for step in steps for variable in _weights(step)}
        return tuple(name for name, unit in self._units.items() if any(id(v) in needed for v in unit))

    def restore(self) -> None:
        """Give the copy the weights that the model has now."""
        with self.probe.engine.lock:
            for unit in self._units.values():
                for variable in unit:
                    self._own[id(variable)].assign(variable)

    def shuffle(self, layer: str) -> None:
        """Shuffle the weights of a layer; other layers stay as they are, shuffled or not."""
        source = np.random.default_rng((self._seed, list(self._units).index(layer)))
        with self.probe.engine.lock:
            for variable in self._units[layer]:
                values = np.asarray(variable)
                mixed = source.permutation(values.reshape(-1)).reshape(values.shape)
                self._own[id(variable)].assign(mixed)


def _units(graph: Graph) -> dict[str, list[Any]]:
    """Return the weights by layer, the topmost first; a layer that is used twice stands where it is used last."""
    made: dict[str, list[Any]] = {}
    placed: set[int] = set()
    for step in reversed(graph.steps):
        fresh = [variable for variable in _weights(step) if id(variable) not in placed]
        placed.update(map(id, fresh))
        homes = list(dict.fromkeys(_home(variable) for variable in fresh))
        for home in reversed(homes):
            name = step.name.partition("#")[0] if len(homes) == 1 else home
            made.setdefault(name, []).extend(v for v in fresh if _home(v) == home)
    return made


def _weights(step: Step) -> list[Any]:
    """Return the variables of a step, among its arguments too, that hold real numbers; a dropout's seed is none."""
    import keras

    given = keras.tree.flatten((getattr(step.arguments, "args", ()), getattr(step.arguments, "kwargs", {})))
    held = [*getattr(step.op, "variables", ()), *(v for v in given if isinstance(v, keras.Variable))]
    return [variable for variable in held if "float" in str(variable.dtype)]


def _home(variable: Any) -> str:
    """Return the path of the layer that a weight belongs to; a step can be a whole model written as a class."""
    return str(variable.path.rpartition("/")[0])


def _copied(variable: Any) -> Any:
    import keras

    return keras.Variable(np.asarray(variable), dtype=variable.dtype, trainable=False, autocast=False)


def _check_open(name: str, graph: Graph) -> None:
    if any(type(step.op).__name__ == "TFSMLayer" for step in graph.steps):
        raise ModelError(
            f"{name} is a SavedModel, whose weights are sealed and cannot be shuffled. Load the .keras file instead."
        )

    sealed = [step.name for step in graph.steps if getattr(step.op, "sealed", False)]
    if sealed:
        raise ModelError(
            f"{name} reads weights inside of loops, at {listed(sealed)}, where they cannot be exchanged for "
            "shuffled ones."
        )


def _scope(own: Own) -> Any:
    import keras

    return keras.StatelessScope(list(own))


@dataclass(frozen=True, eq=False)
class _OwnStep(Step):
    """A step that runs on the copy's weights."""

    plain: Step | None = None
    own: Own = ()

    def call(self, values: Mapping[int, Any]) -> list[Any]:
        """Run the operation; `plain` may be a step under a rule, which calls it in its own way."""
        assert self.plain is not None
        if not self.own:
            return self.plain.call(values)
        with _scope(self.own):
            return self.plain.call(values)


@dataclass(frozen=True, eq=False)
class _OwnTwin(Twin):
    """A layer without its activation, on the copy's weights."""

    own: Own = ()

    def call(self, values: Mapping[int, Any]) -> Any:
        """Return what the layer makes before its activation."""
        with _scope(self.own):
            return super().call(values)


def _on_own(graph: Graph, own: Own) -> Graph:
    steps: list[Step] = []
    for step in graph.steps:
        fields = {f.name: getattr(step, f.name) for f in dataclasses.fields(Step)}
        held = {id(variable) for variable in _weights(step)}
        mine = tuple(pair for pair in own if id(pair[0]) in held)
        steps.append(_OwnStep(**fields, plain=step, own=mine))
    return dataclasses.replace(graph, steps=steps)


def _own_head(head: Head, graph: Graph, own: Own) -> Head:
    if head.twin is None:
        return head
    step = next(s for s in graph.steps if isinstance(s, _OwnStep) and s.plain is head.twin.step)
    return dataclasses.replace(head, twin=_OwnTwin(step, head.twin.layer, own))


class _CopyEngine(Engine):
    """Runs the copy."""

    def __init__(self, original: Engine, own: Own) -> None:
        plain = original.graph
        graph = _on_own(plain, own)
        inputs = {slot: name for name, slot in plain.inputs.items()}
        outputs = {slot: name for name, slot in plain.outputs.items()}
        constants = {inputs[slot]: value for slot, value in original.constants.items()}
        head = _own_head(original.head, graph, own)
        super().__init__(graph, inputs[original.image], outputs[original.output], constants, head)
        self._plain, self._own = plain, own
        self.rows = original.rows

    def ruled(self, rule: Rule) -> Ruled:
        """Return the copy with a rule at its activations, built once."""
        with self.lock:
            if rule not in self._ruled:
                found = ruled(self._plain, rule)
                self._ruled[rule] = dataclasses.replace(found, graph=_on_own(found.graph, self._own))
            return self._ruled[rule]

    def steps_of(self, target: Objective) -> list[Step]:
        """Return the steps that a target depends on, in an order in which they can run."""
        named = [getattr(part, "layer", None) for part in parts(target)]
        slots = [self.slots[name] if name else self.output for name in named]
        needed = {step for slot in slots for step in self.graph.before(slot)}
        return [step for step in self.graph.steps if step in needed]


@dataclass(frozen=True)
class _Weights:
    """What memory watches: the copy's weights, not the model's."""

    weights: tuple[Any, ...]


class _Copy(Probe):
    """A probe that runs on the copy's weights; all else is that of the original."""

    engine: _CopyEngine

    def __init__(self, original: Probe, own: Own) -> None:
        vars(self).update(vars(original))
        self._own = own
        self.engine = _CopyEngine(original.engine, own)
        self.engine.name = original.name
        self.memory = Memory(_Weights(tuple(mine for _, mine in own)), self.engine.lock)
        self._networks = Networks(self.engine, windows=False)

    def pooled(self) -> Pooled:
        """Return the averaged maps and their class weights, those of the copy."""
        with _scope(self._own):
            return super().pooled()

    def kernel(self, layer: str) -> Kernel:
        """Return the kernels of a convolution, those of the copy."""
        with _scope(self._own):
            return super().kernel(layer)
