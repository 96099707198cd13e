"""The names of a model's classes by index, from whatever a user has them in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import SettingError

_ALLOWED = (
    "labels must be the names in the order of the classes, {index: name} or {name: index}, such as a generator's "
    "class_indices"
)


def checked_labels(labels: Any, classes: int, *, given: bool, binary: bool = False) -> tuple[str, ...] | None:
    """Return the names of all classes in their order, or None if there are none.

    Parameters
    ----------
    labels : sequence, mapping or array_like, optional
        Names in order (a list, a tuple, an array, a pandas Series or Index); ``{index: name}``, where indices may be
        numbers or their digits and may have gaps; ``{name: index}``; or what has ``class_names``, ``class_indices`` or
        ``classes_``, such as a data set, a generator or an encoder of labels.
    classes : int
        How many classes the model has.
    given : bool
        True if the user gave them. Names that only lie on the model and do not fit are left out.
    binary : bool
        True for one sigmoid: a single name is that of class 1, and class 0 is ``not`` that.

    Raises
    ------
    SettingError
        If they cannot be understood or do not fit the model, and the user gave them.
    """
    if labels is None:
        return None
    try:
        return _named(labels, classes, binary)
    except SettingError:
        if given:
            raise
        return None


def _named(labels: Any, classes: int, binary: bool) -> tuple[str, ...]:
    labels = _held(labels)
    if isinstance(labels, Mapping):
        return _from_mapping(labels, classes)
    names = [_name(name) for name in _in_order(labels)]
    if binary and len(names) == 1:
        return f"not {names[0]}", names[0]
    if len(names) != classes:
        raise SettingError(
            f"labels must name every class: the model has {classes}, labels has {len(names)}. "
            "Classes without a name may be left out of {index: name}."
        )
    return tuple(names)


def _held(labels: Any) -> Any:
    """Return what holds the names, where it is wrapped: by a data set, a generator, an encoder, a table's column."""
    for attribute in ("class_names", "class_indices", "classes_"):
        inside = getattr(labels, attribute, None)
        if inside is not None and not callable(inside):
            return inside
    if hasattr(labels, "items") and not isinstance(labels, Mapping):  # a Series: its index tells
        return dict(labels.items())
    if isinstance(labels, list | tuple) and labels and all(_is_pair(pair) for pair in labels):
        return dict(labels)
    return labels


def _is_pair(pair: Any) -> bool:
    return (
        isinstance(pair, tuple) and len(pair) == 2 and (_index(pair[0]) is None) != (_index(pair[1]) is None)
    )


def _in_order(labels: Any) -> list[Any]:
    if isinstance(labels, str | bytes):
        raise SettingError(f"{_ALLOWED}; got the text {_short(labels)}.")
    if isinstance(labels, set | frozenset):
        raise SettingError(f"{_ALLOWED}; got a set, which has no order.")
    shape = tuple(getattr(labels, "shape", (0,)))
    if len(shape) != 1 or not isinstance(labels, Iterable):
        what = f"of shape {shape}" if len(shape) > 1 else _short(labels)
        raise SettingError(f"{_ALLOWED}; got {type(labels).__name__} {what}.")
    return list(labels)


def _from_mapping(labels: Mapping[Any, Any], classes: int) -> tuple[str, ...]:
    by_name = bool(labels) and all(
        isinstance(key, str) and not isinstance(value, str) and _index(value) is not None
        for key, value in labels.items()
    )
    pairs = [(value, key) if by_name else (key, value) for key, value in labels.items()]
    made: dict[int, str] = {}
    for key, name in pairs:
        index = _index(key)
        if index is None:
            raise SettingError(f"{_ALLOWED}; got {{{_short(key)}: {_short(name)}, ...}}.")
        if not 0 <= index < classes:
            raise SettingError(
                f"labels has the index {index} for {_name(name)!r}; the model's classes are 0 to {classes - 1}."
            )
        if index in made:
            raise SettingError(
                f"labels has two names for class {index}: {made[index]!r} and {_name(name)!r}. Give one."
            )
        made[index] = _name(name)
    return tuple(made.get(k, f"class {k}") for k in range(classes))


def _index(value: Any) -> int | None:
    """Return a whole number for one, of whatever kind, or for its digits; else None."""
    if isinstance(value, str):
        return int(value) if value.strip().removeprefix("-").isdecimal() else None
    try:
        number = int(value)
        return number if number == value else None
    except (TypeError, ValueError, OverflowError):
        return None


def _name(value: Any) -> str:
    """Return a name; of a pair such as ``["n01440764", "tench"]`` the last."""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list | tuple) and value:
        return _name(value[-1])
    return str(value)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
