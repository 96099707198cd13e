"""A network that can be asked: what it predicts, what its layers answer, how a score depends on each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from ..images.image import FitHow, Image
from ..objectives import ClassScore, LayerEnergy, Objective
from . import layer_info, model_info, targets
from .attention.attention import Attention
from .backward import Gradient, Pass
from .cache import Memory
from .class_predictions import Classes
from .decoder import Decoding
from .default_target import natural
from .engine import Engine
from .graphs.sized_graph import checked_size
from .inputs import Fitting, as_batch
from .other_inputs import checked_inputs, held_inputs
from .output.labels import checked_labels
from .output.tasks import class_count
from .patching import Networks
from .preprocessing.receiving import Receiving
from .randomness import ChanceWatch
from .reconstruction import compared_with
from .scores import score_of, top_score
from .structure import Inside
from .volumes.slice_graph import volume_name
from .volumes.volume import KeptSlices, cut_of, held_volume


class Probe(Receiving, Inside, Decoding, Attention, Classes):
    """A Keras model, made ready to be asked.

    The model is never written to: no weight, no `trainable`, no activation changes.

    Parameters
    ----------
    model : keras.Model or path
        A model, or the path of a .keras, .h5 or SavedModel. Files are opened in safe mode.
    preprocess : callable, optional
        Takes float32 (N, H, W, C) in the image's own range and returns what the model takes, same shape, e.g.
        ``keras.applications.vgg16.preprocess_input``. It gets a copy.
    labels : sequence, mapping or array_like of str, optional
        Class names in order, ``{index: name}`` or ``{name: index}``; ``model.class_names`` if there is such a thing.
    value_range : tuple of float, optional
        Range of the values that the model (or `preprocess`) takes; pictures and arrays are mapped to it. If None, it
        is ``model.value_range`` if there is one, or what `preprocess` or the first steps of the network tell, such as
        (0, 255) for ``Rescaling(1 / 255)``, a division by 255 or a mean of ImageNet that is taken away; if they tell
        nothing, pictures go in as they are.
    inputs : mapping of str to array_like, optional
        Values of the inputs that are not the picture explained, by name, without the batch axis; zeros if left out.
        Those that are pictures are brought to size and value range like the one explained; text and whole numbers
        keep their kind.
    image_input, output : str, optional
        Which input is the picture and which output is looked at, if there are several; the first if left out.
    task : str, optional
        What kind of answer the network gives: ``multiclass``, ``multilabel``, ``binary``, ``regression``,
        ``embedding``, ``image``, ``segmentation``, ``sequence`` or ``detection``; found from its structure if left out.
    size : tuple of int, optional
        (height, width) that pictures are brought to, for a model that takes any size; each keeps its own if left out.
    token_grid : tuple of int, optional
        (rows, columns) of the tokens of a transformer. If None, it is found from how the picture is cut into patches.
    custom_objects : mapping of str to object, optional
        Classes and functions of yours that a saved model names, for the path of one.
    volume : array_like or list of pictures, optional
        For a model of volumes or videos (slices, height, width, channels): the one that is looked at. One slice is the
        picture, the others are held, see `at_slice`.
    slice_axis : int
        Which axis of the model's input counts the slices, 0 to 2 without the batch axis.
    slice_index : int, optional
        Which slice is the picture; the middle one if left out.

    Attributes
    ----------
    task : str
        What kind of answer the network gives.
    size : tuple of int or None
        (height, width) that pictures are brought to, if it was stated.
    classes : int
        How many classes there are, at each place where the output has several.
    squash : str
        ``softmax`` or ``sigmoid`` if the output is probabilities by it, else empty.
    scale : str
        What the score of a class is unless something else is asked: its ``logit``, or its ``probability`` or
        ``log-probability`` where the end of the network cannot be looked through.
    volume : Volume or None
        The slices: ``values``, ``index``, ``count`` and ``picture()``, the slice that is explained.
    first_class : int
        Which number of a row is the score of class 0; the coordinates of a box come before it.
    pair : str
        Name of the other input if it is a picture of the same size and channels, else empty.
    beside : dict of str to Image
        The pictures of other inputs by their names, as they were before `preprocess`.
    engine, memory : Engine, Memory
        What runs the network, and what is remembered of it; for this package's own use.

    Raises
    ------
    ModelError
        If it is not a model, a file cannot be read, or the model takes no picture.
    SettingError
        If labels, inputs or names do not fit the model.
    """

    def __init__(
        self,
        model: Any,
        preprocess: Callable[[np.ndarray], np.ndarray] | None = None,
        labels: Any = None,
        value_range: tuple[float, float] | None = None,
        *,
        inputs: Mapping[str, Any] | None = None,
        image_input: str | None = None,
        output: str | None = None,
        task: str | None = None,
        size: tuple[int, int] | None = None,
        token_grid: tuple[int, int] | None = None,
        custom_objects: Mapping[str, Any] | None = None,
        volume: Any = None,
        slice_axis: int = 0,
        slice_index: int | None = None,
    ) -> None:
        cut = None if volume is None else cut_of(volume, slice_axis, slice_index)
        self.size = checked_size(size)
        found = model_info.learn(
            model, image_input, output, task, token_grid, custom_objects, cut, labels, self.size
        )
        self.model, self.name = found.model, found.name
        self.input_shape, self.output_shape = found.input_shape, found.output_shape
        self.output_name = found.output_name
        self.why_no_layers = found.why_no_layers
        self.task, self.pair = found.task, found.pair
        self.squash, self.outputs = found.head.squash, found.outputs
        self.scale = found.head.scale or "logit"
        self.first_class, scored = found.columns
        self.classes = class_count(found.task, scored)
        self.labels = checked_labels(
            labels if labels is not None else found.class_names,
            self.classes,
            given=labels is not None,
            binary=found.outputs == 1 and self.classes == 2,
        )
        self.preprocess = preprocess
        self.value_range = (
            model_info.own_range(found, preprocess)
            if value_range is None
            else model_info.checked_range(value_range)
        )
        stated = value_range is not None
        self.volume = None
        self._token_grid = token_grid
        given = checked_inputs(found, inputs)
        if cut is not None:
            word = model_info.slice_word(found)
            self.volume = held_volume(volume, cut, self.input_shape, self.value_range, preprocess, word)
            given[volume_name(found.image_name)] = self.volume.prepared
            self._made = KeptSlices()
            self._made.get(self.volume.index, lambda: self)
        held = held_inputs(found, given, self.value_range, preprocess, stated)
        self._held, self._first_notes = held.values, found.notes + held.notes
        self.beside = held.pictures if self.volume is None else {}
        self._fitting = Fitting(self.input_shape, self.value_range)
        self.stand_on(found)

    def stand_on(self, found: model_info.Facts) -> None:
        """Run the network as other facts of it say: those of another slice."""
        self._found, self.layers, self.notes = found, found.layers, self._first_notes
        self.engine = Engine(found.graph, found.image_name, found.output_name, self._held, found.head)
        self.engine.name = self.name
        self.memory = Memory(self.model, self.engine.lock)
        self._networks = Networks(self.engine)
        self._watch = ChanceWatch(self.engine, self.memory)
        self._extents = {}

    gives_classes = Classes.gives_classes

    def __repr__(self) -> str:
        taken = model_info.sized(self.input_shape)
        other = f" beside {self.pair}" if self.pair else ""
        if self.volume is not None:
            other += f", {self.volume.word} {self.volume.index} of {self.volume.count}"
        return f"Probe({self.name}: {self.task}, input {taken}{other}, {len(self.layers)} layers)"

    @cached_property
    def rebuilt_from(self) -> str:
        """Name of the layer whose output a rebuilt picture is compared with; empty for what goes into the network.

        Raises
        ------
        TargetError
            If what goes in never has the range of what comes out.
        """
        engine, preprocess = self.engine, self.preprocess or (lambda pictures: pictures)
        return compared_with(engine.graph, engine.image, engine.output, self.value_range, preprocess)

    # pictures

    def fit(self, image: Any, how: FitHow = "crop") -> Image:
        """Return the picture as the model takes it: its size, channels and value range.

        Parameters
        ----------
        image : Image or anything that `Image.load` opens
        how : str
            ``crop``, ``letterbox`` or ``stretch``.

        Raises
        ------
        ImageError
            If the number of channels cannot be brought to what the model takes.
        """
        return self._fitting.fit(image, how)

    def _as_batch(self, images: Any, prepared: bool = False, fitted: bool = False) -> np.ndarray:
        """Return float32 (N, H, W, C) as the network gets it, for an Image, a list of them, or an array."""
        self.memory.structure.check()
        preprocess = None if prepared else self.preprocess
        return as_batch(images, self._fitting, self.input_shape, preprocess, fitted or prepared)

    # answers

    def predict(self, images: Any, *, prepared: bool = False, fitted: bool = False) -> np.ndarray:
        """Return the model's own output, float32 (N, ...).

        Parameters
        ----------
        images : Image, path, PIL image, array, or list of them
            Pictures, brought to the model's size and value range; an array (N, H, W, C) must have its size. A list may
            hold several sizes, where the model takes any and the answers have one shape. The range
            of an array is inferred as by `Image`: bytes are 0 to 255, numbers within 0..1 are 0 to 1. Without a
            `value_range` of the probe arrays go in as they are.
        prepared : bool
            True for arrays as the network gets them: they go in as they are, past `preprocess` too.
        fitted : bool
            True for arrays that have the model's size and value range already, such as the pixels of `fit`, changed.
        """
        return self.engine.own_shape(self._each_size(images, self.engine.predict, prepared, fitted))

    def logits(self, images: Any, *, prepared: bool = False, fitted: bool = False) -> np.ndarray:
        """Return the output before a final softmax or sigmoid, float32 (N, ...), or the output if there is none.

        It is the output too where that cannot be looked through; `scale` says what it is. The parameters are those of
        `predict`.
        """
        made = self._each_size(
            images, lambda batch: self.engine.predict(batch, of="logits"), prepared, fitted
        )
        return self.engine.own_shape(made)

    def activations(self, images: Any, layer: str) -> np.ndarray:
        """Return a layer's output: float32, (h, w, K) for one Image, (N, h, w, K) for a list or an array."""
        name = self.layer(layer).name
        made = self.engine.layer(self._as_batch(images), name)
        return made[0] if isinstance(images, Image) else made

    def scores(
        self,
        images: Any,
        target: Objective | int | None = None,
        *,
        prepared: bool = False,
        fitted: bool = False,
    ) -> np.ndarray:
        """Return the value of a target for each picture, float32 (N,); see `predict` for what pictures may be.

        Raises
        ------
        ModelError
            If a value is NaN or infinite; it names the layer where that appears first.
        """
        score = score_of(self.target(target, images), self)

        def asked(batch: np.ndarray) -> np.ndarray:
            found = self.engine.scores(batch, score)
            self._check_rows(found, batch, score)
            return found

        return self._each_size(images, asked, prepared, fitted)

    def slopes(
        self,
        images: Any,
        target: Objective | int | None = None,
        *,
        prepared: bool = False,
        fitted: bool = False,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the value of a target for each picture, (N,), and its slopes by the pixels, (N, H, W, C).

        Pictures are as for `predict`. They run in batches of one size, so that a slope agrees with that of `gradient`
        up to rounding.

        Raises
        ------
        ModelError
            If a value or its gradient is NaN or infinite; it names the layer where that appears first.
        """
        batch = self._as_batch(images, prepared, fitted)
        score = score_of(self.target(target, images), self)
        found = self.engine.slopes(batch, score)
        for numbers in found:
            self._check_rows(numbers, batch, score)
        return found

    def gradient(
        self, image: Image, target: Objective | int | None = None, at: str | None = None
    ) -> Gradient:
        """Return a layer's maps (the input's pixels if `at` is None) with the slope of the target by each value.

        The first question about an image and a target runs the network forward and backward; further layers of
        the same question cost no run.
        """
        fitted = self.fit(image)
        name = None if at is None else self.layer(at).name
        done = self._pass(fitted, self.target(target, fitted))
        return Gradient(*self.engine.at(done, name), done.score)

    def code(self, image: Image, layer: str, pooled: bool = False) -> np.ndarray:
        """Return a layer's activations for one picture as a flat vector, from memory if it has been there.

        With `pooled` it is the mean of the layer's maps over all places.
        """
        fitted, name = self.fit(image), self.layer(layer).name
        with self.memory.current():
            found = self.memory.code(fitted, name, lambda: self.activations(fitted, name))
        self.check_finite(found, fitted, layer=name)
        return found.mean(axis=(0, 1)) if pooled and found.ndim == 3 else found.reshape(-1)

    def _pass(self, image: Image, target: Objective) -> Pass:
        """Return the one pass of an image and a target, from memory if the weights are still the same."""
        with self.memory.current():
            return self.memory.done(
                image, target, lambda: self.engine.passed(self._as_batch(image)[0], score_of(target, self))
            )

    def _winner(self, image: Image) -> ClassScore:
        """Return the most probable class of a picture; the pass that finds it is kept, for it explains it too."""
        with self.memory.current():
            if image in self.memory.outputs:
                return ClassScore(self._best(image, 1)[0][0], self.scale)
            if not self.differentiable:
                self._output(image)
                return ClassScore(self._best(image, 1)[0][0], self.scale)
            done = self.engine.passed(self._as_batch(image)[0], top_score(self))
            self.check_finite(done.output, image)
            self.memory.outputs[image] = done.output
            winner = ClassScore(self._best(image, 1)[0][0], self.scale)
            self.memory.keep(image, winner, done)
            return winner

    # targets

    def target(self, target: Objective | int | str | None, image: Any = None) -> Objective:
        """Return the objective meant, checked against the model; None is the model's natural target for the picture.

        Raises
        ------
        TargetError
            If the model has no such class, layer, channel or place, or the objective does not fit it.
        """
        return targets.resolve(self, target, image)

    def natural_target(self, image: Any) -> Objective:
        """Return what an author would ask of a picture first.

        A classifier: the top class. An autoencoder: the energy of its code. Segmentation: the class that covers most
        and is not called background, where it is predicted. A sequence: its surest step. Rows of boxes: the best
        score. Plain numbers: the first. An embedding: its largest number. Pictures without a code: the middle pixel.

        Raises
        ------
        TargetError
            If it depends on the picture and there is none.
        """
        if self.gives_classes and image is not None:
            return self._winner(self.fit(image))
        if self.gives_classes:
            code = layer_info.bottleneck(self.layers)
            return LayerEnergy(code.name) if code else ClassScore(0)
        return natural(self, image)


def as_probe(model: Any) -> Probe:
    """Return the probe for a probe, a model or a path."""
    return model if isinstance(model, Probe) else Probe(model)
