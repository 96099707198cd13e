"""Opening by watching: `call` is traced once by TensorFlow, and the calls of layers in it are noted as they happen.

They are seen with Python's own hook for profilers, which belongs to one thread and writes nothing to the layers.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from .around import around
from .kinds import functional, is_compound

_FUNCTIONS = {"PartitionedCall", "StatefulPartitionedCall"}


@dataclass(eq=False)
class Seen:
    """A call of a layer or operation, seen in a trace.

    Attributes
    ----------
    op : keras.Operation
        What was called.
    args, kwargs : tuple, dict
        With what, tensors of the trace among them; the flags and masks that Keras added too.
    made : object
        What came out.
    inside : list of Seen
        Calls in it, if it is a model or a layer that is made of others.
    """

    op: Any
    args: tuple[Any, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    made: Any = None
    inside: list[Seen] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Trace:
    """A model's or layer's `call`, traced once.

    Attributes
    ----------
    function : object
        The traced function, which can be pruned.
    inputs : list of tensors
        What it takes, one for each distinct tensor among the arguments.
    outputs : object
        What came out, in its own structure.
    calls : list of Seen
        The calls in it, outermost, in the order in which they ended.
    hidden : list of str
        Names of layers that were called in graphs of their own, such as the body of a loop.
    """

    function: Any
    inputs: list[Any]
    outputs: Any
    calls: list[Seen]
    hidden: list[str]


def watched(op: Any, given: Any, training: bool | None) -> Trace:
    """Trace a model's or layer's `call` for arguments of the shapes of a recorded call.

    Parameters
    ----------
    op : keras.Layer
        What is traced.
    given : Called or Keras' own record
        The arguments.
    training : bool or None
        The training flag that the call is under, if any.
    """
    import keras
    import tensorflow as tf

    symbols = list({id(t): t for t in given.keras_tensors}.values())
    specs = [tf.TensorSpec(t.shape, t.dtype) for t in symbols]
    found: list[Any] = []

    def traced(*tensors: Any) -> Any:
        args, kwargs = given.fill_in({id(t): own for t, own in zip(symbols, tensors, strict=True)})
        flag = kwargs.pop("training", None) if training is None else training
        run = around(op, flag, symbolic=False)
        with keras.StatelessScope(), _noting(tf.compat.v1.get_default_graph()) as noted:
            made = run(*args, **kwargs)
        seen = noted.calls[0].inside if noted.calls else []
        found.extend([list(tensors), made, seen, list(noted.hidden)])
        return [tf.identity(t) for t in keras.tree.flatten(made) if tf.is_tensor(t)]

    function = tf.compat.v1.wrap_function(traced, specs)
    if any(op.type in _FUNCTIONS for op in function.graph.get_operations()):
        found.clear()
        with inlined():
            function = tf.compat.v1.wrap_function(traced, specs)
    return Trace(function, *found)


@contextmanager
def inlined() -> Iterator[None]:
    """See to it that bodies of `tf.function` are traced into the graph that calls them.

    As functions of their own they hide their layers, and have no gradient in a pruned graph (TensorFlow 2.21).
    """
    import tensorflow as tf

    before = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(before)


@contextmanager
def _noting(graph: Any) -> Iterator[_Watcher]:
    """Note the calls of layers and operations that this thread makes while it traces a graph."""
    before: Any = sys.getprofile()
    if hasattr(before, "disable"):  # the hook of `cProfile`, which cannot be put back otherwise
        before.disable()
    watcher = _Watcher(graph)
    sys.setprofile(watcher.see)
    try:
        yield watcher
    finally:
        sys.setprofile(None)
        if hasattr(before, "enable"):
            before.enable()
        else:
            sys.setprofile(before)


class _Watcher:
    """Sees each Python function begin and end, and keeps those that are calls of layers and operations."""

    def __init__(self, graph: Any) -> None:
        import keras

        self.calls: list[Seen] = []
        self._graph = graph
        self._layer = inspect.unwrap(keras.Layer.__call__).__code__
        self._operation = inspect.unwrap(keras.Operation.__call__).__code__
        self.hidden: dict[str, None] = {}
        self._open: list[tuple[Any, Seen, bool]] = []  # frame, call, whether calls in it are noted

    def see(self, frame: Any, event: str, given: Any) -> None:
        """Be told what the interpreter does."""
        code = frame.f_code
        if code is not self._layer and code is not self._operation:
            return
        if event == "call":
            self._begin(frame)
        elif event == "return" and self._open and self._open[-1][0] is frame:
            self._end(frame, given)

    def _begin(self, frame: Any) -> None:
        import tensorflow as tf

        op = frame.f_locals["self"]
        within = self._open[-1] if self._open else None
        if within is not None and (not within[2] or within[1].op is op):
            return  # in a layer that is one step, or the same call on its way through the base class
        if tf.compat.v1.get_default_graph() is not self._graph:
            self.hidden[str(op.name)] = None
        else:
            is_open = within is None or functional(op) is not None or is_compound(op)
            self._open.append((frame, Seen(op), is_open))

    def _end(self, frame: Any, made: Any) -> None:
        _, call, _ = self._open.pop()
        local = frame.f_locals
        asked, final = local.get("original_kwargs", {}), local["kwargs"]
        call.args = local.get("original_args", local["args"])
        call.kwargs = {**final, **{name: value for name, value in asked.items() if value is not None}}
        call.made = made
        (self._open[-1][1].inside if self._open else self.calls).append(call)
