"""The inputs of a network that are not the picture explained: what they are held at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import ImageError, SettingError, did_you_mean, listed
from ..images.image import Image
from .graphs.graph import Graph
from .inputs import Fitting
from .model_info import Facts, sized
from .preprocessing.value_range import found_range

Range = tuple[float, float]
Shape = tuple[int | None, ...]


@dataclass(frozen=True)
class Held:
    """What goes in beside the picture.

    Attributes
    ----------
    values : dict of str to numpy.ndarray
        The value of each input by name, without the batch axis.
    pictures : dict of str to Image
        Those of them that are pictures of as many channels as the one explained, as they were before `preprocess`.
    notes : tuple of str
        What is to be said.
    """

    values: dict[str, np.ndarray]
    pictures: dict[str, Image]
    notes: tuple[str, ...]


def checked_inputs(found: Facts, inputs: Any) -> dict[str, Any]:
    """Return what the user gave for the other inputs, by name; raises `SettingError` for what is no mapping."""
    if inputs is None or isinstance(inputs, Mapping):
        return dict(inputs or {})
    others = [name for name in found.graph.inputs if name != found.image_name]
    example = f"{{{others[0]!r}: ...}}" if others else f"left out: {found.name} takes nothing but the picture"
    raise SettingError(
        f"inputs must be a mapping from name to value, {example}; got {type(inputs).__name__}."
    )


def held_inputs(
    found: Facts,
    given: Mapping[str, Any],
    value_range: Range | None,
    preprocess: Callable[[np.ndarray], Any] | None,
    stated: bool,
) -> Held:
    """Return what goes in beside the picture, by the names of the inputs.

    Parameters
    ----------
    found : Facts
        What is known of the model.
    given : mapping of str to object
        What the user gave, by name. A picture may be anything that `Image.load` opens, and is brought to the size and
        the value range that its input takes; text and whole numbers keep their kind. What is left out is 0 or empty.
    value_range, preprocess
        Those of the picture explained.
    stated : bool
        True if the user stated the range, which then holds for every picture.

    Raises
    ------
    SettingError
        If there is no such input, or it does not take what was given.
    """
    graph = found.graph
    others = [name for name in graph.inputs if name != found.image_name]
    for name in given:
        if name not in others:
            raise SettingError(
                f"inputs must be one of {listed(others)}; got {name!r}.{did_you_mean(name, others)}"
            )
    made, pictures = dict[str, np.ndarray](), dict[str, Image]()
    for name in others:
        shape, kind = graph.input_shapes[name], graph.input_types[name]
        seen = graph.seen_shape(shape)
        if name not in given:
            made[name] = np.full(tuple(n or 1 for n in shape), "" if kind == "string" else 0, _numpy(kind))
            if len(seen) == 3 and seen[2] == found.input_shape[2]:
                nothing = np.zeros(tuple(n or 1 for n in seen), np.float32)
                pictures[name] = Image(nothing, value_range or (0, 1), "all 0")
        elif _is_picture(given[name], seen, found.input_shape):
            own = value_range if stated else found_range(graph, name) or value_range
            pictures[name] = _picture(name, given[name], seen, own)
            prepare = preprocess if seen == found.input_shape else None
            made[name] = _as_taken(graph, kind, _prepared(pictures[name].pixels, prepare))
        else:
            made[name] = _value(name, given[name], shape, kind)
    return Held(made, pictures, _notes(graph, [name for name in others if name not in given]))


def _as_taken(graph: Graph, kind: str, values: np.ndarray) -> np.ndarray:
    """Return a prepared picture in the lay-out and, for an input of whole numbers, rounded as it goes in."""
    values = values if "float" in kind else np.rint(values)
    return values.transpose(2, 0, 1) if graph.channels_first else values


def _notes(graph: Graph, left: list[str]) -> tuple[str, ...]:
    """Return what the inputs that were left out are held at."""
    texts = [name for name in left if graph.input_types[name] == "string"]
    told = [
        f"The input{'s' * (len(names) > 1)} {listed(names)} {'are' if len(names) > 1 else 'is'} held at {value}; "
        "give Probe(inputs=...) to change that."
        for names, value in (([name for name in left if name not in texts], "0"), (texts, "no text"))
        if names
    ]
    return tuple(told)


def _numpy(kind: str) -> Any:
    return object if kind == "string" else "float32" if "float" in kind else kind


def _is_picture(value: Any, shape: Shape, main: Shape) -> bool:
    """Return whether a value is a picture: by its kind, or by an input that takes what the main one does."""
    if len(shape) != 3:
        return False
    if isinstance(value, Image | str | bytes) or hasattr(value, "__fspath__") or hasattr(value, "getbands"):
        return True
    if shape[2] == main[2]:
        return True
    array = np.asarray(value)
    return array.dtype == np.uint8 and array.size > 0 and int(array.max()) > 1  # 0 and 1 are a mask


def _picture(name: str, value: Any, shape: Shape, value_range: Range | None) -> Image:
    try:
        if value_range is None and not isinstance(value, Image | str | bytes):
            array = np.asarray(value)
            exact = array.dtype != object and len(shape) == array.ndim
            if exact and all(n in (None, m) for n, m in zip(shape, array.shape, strict=True)):
                return _as_it_is(array)  # without a range it goes in as it is, as in `predict`
        return Fitting(shape, value_range).fit(value, "crop")
    except ImageError as error:
        raise SettingError(f"inputs[{name!r}] takes a picture {sized(shape)}: {error}") from error


def _as_it_is(array: np.ndarray) -> Image:
    """Return numbers as a picture whose range is the usual one that holds them, else their own."""
    try:
        return Image(array)
    except ImageError:
        values = np.asarray(array, np.float32)
        low, high = float(values.min()), float(values.max())
        return Image(values, (low, high if high > low else low + 1))


def _prepared(values: np.ndarray, preprocess: Callable[..., Any] | None) -> np.ndarray:
    values = np.asarray(values, np.float32)
    return values if preprocess is None else np.asarray(preprocess(values[None].copy()), np.float32)[0]


def _value(name: str, value: Any, shape: Shape, kind: str) -> np.ndarray:
    array = _typed(name, value, kind)
    agrees = _agrees(shape, array.shape)
    if not agrees and array.ndim and array.shape[0] == 1 and _agrees(shape, array.shape[1:]):
        array, agrees = array[0], True  # it came with its batch axis
    if not agrees and array.ndim == 0 and all(n in (None, 1) for n in shape):
        array, agrees = array.reshape((1,) * len(shape)), True
    if not agrees:
        raise SettingError(f"inputs[{name!r}] must have the shape {sized(shape)}; got {sized(array.shape)}.")
    return array


def _typed(name: str, value: Any, kind: str) -> np.ndarray:
    """Return a value as an array of what its input takes: text, whole numbers or real ones."""
    array = np.asarray(value)
    text = array.dtype.kind in "SU" or (
        array.dtype == object and all(isinstance(v, str | bytes) for v in array.flat)
    )
    if kind == "string":
        if not text:
            raise SettingError(
                f"inputs[{name!r}] takes text; got {array.dtype} of shape {sized(array.shape)}."
            )
        return array.astype(object)
    if text or array.dtype == object or np.iscomplexobj(array):
        what = f"the text {str(value)[:40]!r}" if text else f"{type(value).__name__}"
        raise SettingError(f"inputs[{name!r}] takes numbers, {kind}; got {what}.")
    if "float" in kind:
        made = array.astype(np.float32)
        if not np.isfinite(made).all():
            raise SettingError(f"inputs[{name!r}] must be finite numbers; got NaN or infinite ones.")
        return made
    if not np.array_equal(array, array.astype(kind)):
        raise SettingError(
            f"inputs[{name!r}] takes whole numbers, {kind}; got {array.dtype} with other ones."
        )
    return array.astype(kind)


def _agrees(shape: Shape, sides: tuple[int, ...]) -> bool:
    return len(shape) == len(sides) and all(n in (None, m) for n, m in zip(shape, sides, strict=True))
