"""What is learnt of a model before it is asked: which input is the picture, what comes out, where the logits are."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..errors import ImageError, ModelError, SettingError, did_you_mean, listed
from ..images import arrays
from .graphs.channel_axis import with_channel
from .graphs.graph import Graph, row_of
from .graphs.network_graph import graph_of, notes_of
from .graphs.sized_graph import of_size
from .layer_info import LayerInfo, layer_infos
from .loading import as_model
from .output.head import Head, find_head
from .output.last_steps import Ending
from .output.measured_head import measured
from .output.tasks import Answer, Task, checked_task, class_columns, find_task, meant_by_loss
from .preprocessing.value_range import found_range, range_of_function
from .tokens.layouts import find_tokens
from .volumes.slice_graph import at_slice as at_slice_of
from .volumes.slice_graph import volume_name, with_slice
from .volumes.sliced_layers import find_slices

_COORDINATES = ("box", "offset", "regress", "landmark", "anchor")
_IN_TIME = ("TimeDistributed", "ConvLSTM2D", "Bidirectional", "LSTM", "GRU", "SimpleRNN", "RNN")
_SCORES = ("class", "cls", "score", "logit", "label", "prob", "conf")


@dataclass(frozen=True)
class Facts:
    """What `learn` found; see `Probe` for the meaning of the fields."""

    model: Any
    name: str
    graph: Graph
    image_name: str
    output_name: str
    input_shape: tuple[int | None, ...]
    output_shape: tuple[int | None, ...]
    outputs: int
    head: Head
    layers: tuple[LayerInfo, ...]
    task: Task
    columns: tuple[int, int]
    pair: str
    value_range: tuple[float, float] | None
    class_names: Sequence[str] | None
    why_no_layers: str
    notes: tuple[str, ...]


def learn(
    source: Any,
    image_input: str | None,
    output: str | None,
    wanted: str | None = None,
    token_grid: Sequence[int] | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    cut: tuple[int, int, int] | None = None,
    labels: Any = None,
    size: tuple[int, int] | None = None,
) -> Facts:
    """Look at a model and return the facts; raises `ModelError` or `SettingError` if it cannot serve.

    Parameters
    ----------
    source : keras.Model or path
        The model.
    image_input, output : str, optional
        Which input is the picture, which output is looked at.
    wanted : str, optional
        What kind of answer the user says that it gives.
    token_grid : tuple of int, optional
        Rows and columns of the tokens that are places of the picture, if the user says so.
    custom_objects : mapping, optional
        Classes and functions that a saved model needs.
    labels : sequence or mapping, optional
        Class names, whose number tells of the kind of answer; the model's own if left out.
    size : tuple of int, optional
        Height and width of the pictures, if the user says so.
    """
    model = as_model(source, custom_objects)
    graph, why_not = graph_of(model)
    image_name = _image_input(graph, image_input, str(model.name), cut is not None)
    graph = graph if size is None else of_size(model, graph, image_name, size)
    own_range = _own_range(model) or found_range(graph, image_name)
    if cut is not None:
        graph = with_slice(graph, image_name, *cut)
    output_name = _pick(
        list(graph.outputs), _first_output(list(graph.outputs)) if output is None else output, "output"
    )
    if len(graph.input_shapes[image_name]) == 2:
        classes = find_head(graph, graph.outputs[output_name]).squash == "softmax"
        graph = with_channel(graph, image_name, given_back=not classes)
    shape = graph.seen_shape(graph.input_shapes[image_name])
    made = graph.seen_shape(graph.output_shapes[output_name])
    image, answer = graph.inputs[image_name], graph.outputs[output_name]
    known = find_head(graph, answer)
    head = measured(known, graph, image, answer, made)
    made = row_of(made)
    notes = () if wanted or head.squash == known.squash else _guessed(head)
    _lay_out(graph, image_name, None if cut is None else cut[:2], token_grid)
    if output is None and len(graph.outputs) > 1:
        notes += (f"The model has {len(graph.outputs)} outputs; {output_name!r} is looked at.",)
    names = getattr(model, "class_names", None)
    count = _count(names if labels is None else labels)
    end = Ending(
        graph, image, answer, head, shape, made,
        (output_name, str(model.name)), _others(graph, output_name),
    )  # fmt: skip
    meant = meant_by_loss(model, output_name, list(graph.outputs))
    set_by_user = checked_task(wanted, made)
    kind = Answer(set_by_user) if set_by_user else find_task(shape, made, end, meant, count)
    first, scored, guess = class_columns(kind.task, made, end, count)
    notes += tuple(note for note in (kind.note, guess) if note)
    notes += notes_of(graph)
    return Facts(
        model, str(model.name), graph, image_name, output_name, shape, made,
        int(made[-1] or 0) if made else 1, head, layer_infos(graph),
        kind.task, (first, scored), _pair(graph, image_name), own_range, names, why_not, notes,
    )  # fmt: skip


def _count(names: Any) -> int:
    return len(names) if isinstance(names, Sized) else 0


def _guessed(head: Head) -> tuple[str, ...]:
    """Return what to say of a sigmoid that was only measured."""
    if head.squash != "sigmoid":
        return ()
    return (
        "The numbers of the output stay between 0 and 1 for any picture, and were taken for probabilities of a "
        "sigmoid. If they are something else, say so: Probe(model, task='multiclass' or 'regression').",
    )


def at_slice(found: Facts, axis: int, index: int, token_grid: Sequence[int] | None) -> Facts:
    """Return what `learn` finds with another slice of the volume as the picture, without opening the model again.

    Parameters
    ----------
    found : Facts
        What it found.
    axis, index : int
        Which of the three axes counts the slices, and which of them is the picture.
    token_grid : tuple of int, optional
        As for `learn`.
    """
    graph = at_slice_of(found.graph, axis, index)
    _lay_out(graph, found.image_name, (axis, index), token_grid)
    return replace(found, graph=graph, layers=layer_infos(graph))


def _lay_out(graph: Graph, image: str, cut: tuple[int, int] | None, token_grid: Sequence[int] | None) -> None:
    """Note in a graph how what its layers make lies in the picture."""
    if cut is not None:
        volume = graph.steps[0].outputs[0]
        find_slices(graph, volume, graph.input_shapes[volume_name(image)], *cut)
    find_tokens(graph, image, token_grid)


def _image_input(graph: Graph, wanted: str | None, model: str, volume: bool = False) -> str:
    """Return the input that is the picture: the first (height, width, channels), else the first (height, width).

    With a volume it is the first with another axis.
    """
    sides = {
        name: len(shape) for name, shape in graph.input_shapes.items() if graph.input_types[name] != "string"
    }
    if volume:
        deep = [name for name, count in sides.items() if count == 4 and wanted in (None, name)]
        if deep:
            return deep[0]
        shapes = listed(f"{name} {sized(('N', *shape))}" for name, shape in graph.input_shapes.items())
        raise SettingError(
            f"volume is for a model of volumes or videos (N, slices, height, width, channels); {model} takes {shapes}."
        )
    if wanted is not None:
        name = _pick(list(graph.input_shapes), wanted, "image_input")
        if sides.get(name) in (2, 3):
            return name
        raise SettingError(
            f"image_input must be an input (N, height, width, channels) or (N, height, width); {name!r} takes "
            f"{sized(('N', *graph.input_shapes[name]))}."
        )
    for wanted_sides in (3, 2):
        found = [name for name, count in sides.items() if count == wanted_sides]
        if found:
            return found[0]
    shapes = listed(f"{name} {sized(('N', *shape))}" for name, shape in graph.input_shapes.items())
    raise ModelError(
        f"the model takes no picture (N, height, width, channels). Its inputs: {shapes}.{_cure(graph, model)}"
    )


def takes_volumes(model: Any) -> bool:
    """Return True for a model, or a saved one, that takes volumes or videos and no pictures."""
    graph, _ = graph_of(as_model(model))
    sides = [len(shape) for name, shape in graph.input_shapes.items() if graph.input_types[name] != "string"]
    return 4 in sides and 3 not in sides and 2 not in sides


def _cure(graph: Graph, model: str) -> str:
    """Return what helps for a model that takes a row of numbers, or a volume."""
    shapes = list(graph.input_shapes.values())
    if any(len(shape) == 4 for shape in shapes):
        return (
            " Of a volume or a video one slice is explained while the others are held: give "
            "Probe(model, volume=array), and choose with probe.at_slice(k)."
        )
    row = next((shape[0] for shape in shapes if len(shape) == 1 and shape[0]), None)
    if row is None:
        return ""
    made = next(iter(graph.output_shapes.values()))
    if len(made) >= 2:
        return (
            f" {model} makes pictures of a code of {row} numbers, as a decoder or a generator does; alone it has no "
            "picture to explain. Give it together with the encoder that makes the code, "
            "keras.Sequential([encoder, decoder]): LatentMixer then walks between codes, and what the code looks at "
            "can be shown."
        )
    side = math.isqrt(row)
    channels = next((c for c in (1, 3) if row % c == 0 and math.isqrt(row // c) ** 2 == row // c), 0)
    if not channels or side < 4:
        return ""
    side = math.isqrt(row // channels)
    return (
        " If these are the pixels of a picture, put its shape in front: keras.Sequential(["
        f"keras.Input(({side}, {side}, {channels})), keras.layers.Flatten(), model])."
    )


def _pick(names: list[str], wanted: str, setting: str) -> str:
    if wanted in names:
        return wanted
    raise SettingError(
        f"{setting} must be one of {listed(names)}; got {wanted!r}.{did_you_mean(wanted, names)}"
    )


def _first_output(names: list[str]) -> str:
    """Return the output that is looked at if none is named: the scores of boxes rather than their coordinates."""
    scores = [name for name in names if any(word in name.lower() for word in _SCORES)]
    boxes = any(word in names[0].lower() for word in _COORDINATES)
    return scores[0] if scores and boxes else names[0]


def _others(graph: Graph, output: str) -> tuple[tuple[int | None, ...], ...]:
    return tuple(graph.seen_shape(shape) for name, shape in graph.output_shapes.items() if name != output)


def _pair(graph: Graph, image_name: str) -> str:
    """Return the other input that is a picture of the same size and channels, or an empty string."""
    shape = graph.input_shapes[image_name]
    alike = [name for name, other in graph.input_shapes.items() if name != image_name and other == shape]
    return alike[0] if len(alike) == 1 else ""


def _own_range(model: Any) -> tuple[float, float] | None:
    """Return the model's attribute ``value_range`` if it is one; one that makes no sense is not ours to judge."""
    try:
        return arrays.checked_range(getattr(model, "value_range", None))
    except ImageError:
        return None


def slice_word(found: Facts) -> str:
    """Return what a slice of the network's volumes is called: ``frame`` where it works through them in time.

    So it does with volumes in colour, too: those of scans have one channel, or one for each kind of scan.
    """
    in_time = any(type(step.op).__name__ in _IN_TIME for step in found.graph.steps)
    return "frame" if in_time or found.input_shape[-1] == 3 else "slice"


def own_range(found: Facts, preprocess: Callable[[np.ndarray], Any] | None) -> tuple[float, float] | None:
    """Return the range of the pictures that come in, where the model or the function before it tells."""
    if preprocess is None:
        return found.value_range
    return range_of_function(preprocess, found.input_shape)


def checked_range(value_range: Any) -> tuple[float, float]:
    """Return a value range as two numbers, the first the lower; raises `SettingError` for anything else."""
    try:
        return arrays.checked_range(value_range)
    except ImageError as error:
        raise SettingError(f"Probe: {error}") from error


def sized(shape: Sequence[Any]) -> str:
    """Return a shape for a message, e.g. ``(N, 224, 224, 3)``."""
    return "(" + ", ".join("any" if n is None else str(n) for n in shape) + ")"
