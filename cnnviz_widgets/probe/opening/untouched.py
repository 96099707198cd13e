"""Layers that are called symbolically come back as they were: attributes, records of calls, lists."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ..keras_internals import RECORDS, calls_of, layers_within, maker_of

LOCK = threading.RLock()
# What another thread that trains the model writes to it meanwhile is not put back.
_TRAINING = ("train_function", "test_function", "predict_function", "stop_training", "history", "optimizer")


@contextmanager
def untouched(op: Any) -> Iterator[None]:
    """Hold the lock of opening, and put back what is written to a layer and those below it, after any exception too.

    Keras' records of calls are left to `forget`, for other threads may add to them.
    """
    with LOCK:
        before = [(layer, dict(vars(layer)), _contents(layer)) for layer in layers_within(op)]
        try:
            yield
        finally:
            for layer, attributes, contents in before:
                _put_back(vars(layer), attributes)
                for held, items in contents:
                    _refill(held, items)


def _contents(layer: Any) -> list[tuple[Any, Any]]:
    """Return the lists, dicts and sets that a layer holds, each with a copy."""
    return [
        (value, kind(value))
        for name, value in vars(layer).items()
        for kind in (list, dict, set)
        if name not in RECORDS and isinstance(value, kind)
    ]


def _put_back(now: dict[str, Any], before: dict[str, Any]) -> None:
    for name in [name for name in now if name not in before and name not in _TRAINING]:
        del now[name]
    for name, value in before.items():
        if now.get(name, now) is not value and name not in _TRAINING:
            now[name] = value


def _refill(held: Any, items: Any) -> None:
    """Give a container its items back, past the methods with which Keras watches it."""
    if isinstance(held, list):
        if len(held) != len(items) or any(a is not b for a, b in zip(held, items, strict=True)):
            list.__setitem__(held, slice(None), items)
    elif isinstance(held, dict):
        if list(held) != list(items) or any(held[key] is not items[key] for key in items):
            dict.clear(held)
            dict.update(held, items)
    elif held != items:
        set.clear(held)
        set.update(held, items)


def nodes_after(inputs: list[Any]) -> list[Any]:
    """Return Keras' records of all calls that took one of some symbolic inputs, or what was made of them."""
    ours, found = {id(tensor) for tensor in inputs}, dict[int, Any]()
    waiting = [maker_of(tensor) for tensor in inputs]
    while waiting:
        op = waiting.pop()
        for node in calls_of(op):
            if id(node) not in found and any(id(tensor) in ours for tensor in node.input_tensors):
                found[id(node)] = node
                ours.update(id(tensor) for tensor in node.outputs)
                waiting.append(node.operation)
    return list(found.values())


def forget(nodes: list[Any]) -> None:
    """Take records of calls away from the operations that were called and from those that made their inputs."""
    known = {id(node) for node in nodes}
    sources = [maker_of(t) for node in nodes for t in node.input_tensors]
    for op in {
        id(op): op for op in (*(node.operation for node in nodes), *sources) if op is not None
    }.values():
        for name in RECORDS:
            held = getattr(op, name)
            for node in [node for node in held if id(node) in known]:
                held.remove(node)
