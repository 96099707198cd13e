"""What there is inside a network: its layers by name, their kernels, what its structure tells and makes quick."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from ..errors import ModelError
from ..images.image import Image
from ..lru import LRU
from ..objectives import Objective
from . import layer_info
from .answers import answers, asked
from .backward import Gradient
from .cache import Memory
from .cam_weights import Pooled, pooled_head
from .engine import Engine
from .geometry import Geometry
from .graphs.graph import Step
from .kernels import Kernel, kernel_at, own_convolution
from .layer_info import LayerInfo
from .not_finite import broken_weights, why_not_finite
from .patching import Networks, Patched
from .preprocessing.channel_order import channel_order
from .randomness import ChanceWatch
from .receptive_field import map_sizes
from .relu_rules import Rule
from .scores import Score, score_of

USUAL_SIDE = 224


class Inside(Geometry):
    """The part of a `Probe` that looks at the network's structure."""

    name: str
    task: str
    notes: tuple[str, ...]
    preprocess: Callable[[np.ndarray], np.ndarray] | None
    value_range: tuple[float, float] | None
    input_shape: tuple[int | None, ...]
    output_shape: tuple[int | None, ...]
    layers: tuple[LayerInfo, ...]
    outputs: int
    first_class: int
    pair: str
    why_no_layers: str
    engine: Engine
    memory: Memory
    _networks: Networks
    _watch: ChanceWatch

    def layer(self, name: str) -> LayerInfo:
        """Return what is known of a layer; a `LayerError` lists the layers and names the nearest."""
        return layer_info.find(self.layers, name, self.why_no_layers)

    @property
    def spatial_layers(self) -> tuple[LayerInfo, ...]:
        """The layers that have maps, from the input to the output."""
        return tuple(layer for layer in self.layers if layer.spatial)

    def stages(self) -> list[tuple[str, tuple[LayerInfo, ...]]]:
        """Return the layers that have maps in groups of one map size, each with a title.

        What only prepares the picture before the first weights, such as augmentation, is left out.
        """
        seen = tuple(self._behind_weights(self.layers))
        layers = seen if any(one.spatial for one in seen) else self.layers
        return layer_info.stages(layers, self._usual_sizes() if None in self.input_shape[:2] else {})

    def _usual_sizes(self) -> dict[str, tuple[int, int] | None]:
        """Return the sizes of maps by layer for a picture of usual size; none if they cannot be told."""
        graph = self.engine.graph
        try:
            sizes = map_sizes(graph, self.engine.image, graph.first or (USUAL_SIDE, USUAL_SIDE))
        except Exception:  # the size is none that this network takes
            return {}
        return {step.name: sizes.get(step.outputs[0]) for step in graph.steps if step.outputs}

    def kernel(self, layer: str) -> Kernel:
        """Return the kernels of a convolution, or of the nearest convolution before the layer named.

        Raises
        ------
        LayerError
            If there is no such layer, or no convolution before it.
        """
        return self._ordered(kernel_at(self.engine.graph, self._step(layer)))

    def own_kernel(self, layer: str) -> Kernel | None:
        """Return the kernels of a convolution, or of the one that a layer takes channel by channel from; else None.

        Between the two there may be what leaves each channel its own: normalisation, activation, pooling, padding.
        """
        step = self._step(layer)
        found = own_convolution(self.engine.graph, step)
        return None if found is None else self._ordered(kernel_at(self.engine.graph, found))

    def _ordered(self, kernel: Kernel) -> Kernel:
        """Return kernels with the order in which they take the picture's channels, if that is not the picture's own."""
        graph, channels = self.engine.graph, self.input_shape[2] or 0
        if channels != kernel.values.shape[2] or channels == 1:
            return kernel
        before = graph.makers.get(self._step(kernel.layer).inputs[0])

        def run(pictures: np.ndarray) -> np.ndarray:
            given = np.asarray(self.prepared(pictures, fitted=True), np.float32)
            return given if before is None else self.engine.layer(given, before.name)

        plain = before is None or kernel.border is not None
        order = self.channel_order if plain else self._order_of(run)
        return kernel if order in (None, tuple(range(channels))) else replace(kernel, order=order)

    @cached_property
    def channel_order(self) -> tuple[int, ...] | None:
        """For each channel of a picture, which channel of what goes into the network it becomes by `preprocess`.

        None if it mixes them.
        """
        if self.preprocess is None:
            return tuple(range(self.input_shape[2] or 1))
        return self._order_of(lambda pictures: np.asarray(self.prepared(pictures, fitted=True)))

    def _order_of(self, run: Callable[[np.ndarray], np.ndarray]) -> tuple[int, ...] | None:
        height, width, channels = (n or m for n, m in zip(self.input_shape, (64, 64, 3), strict=True))
        return channel_order(run, (height, width, channels), self.value_range or (0.0, 255.0))

    def _step(self, layer: str) -> Step:
        name = self.layer(layer).name
        return next(step for step in self.engine.graph.steps if step.name == name)

    def pooled(self) -> Pooled:
        """Return the maps that the network averages over all places, and their weights in each logit.

        Raises
        ------
        ModelError
            If it does not end so.
        """
        return pooled_head(self.engine.graph, self.engine.head, self.name)

    def ruled(
        self, image: Image, target: Objective | int | None, rule: Rule
    ) -> tuple[Gradient, tuple[str, ...]]:
        """Return pixels and slopes under a rule of backward flow at the ReLUs, and what to mind of it.

        Parameters
        ----------
        image : Image
            The picture.
        target : Objective, int or None
            What is explained.
        rule : str
            ``guided``: the true slope, of which only what is positive passes. ``deconvnet``: what is positive of
            the slope from above passes.

        Raises
        ------
        ModelError
            If the network's inner layers are not known.
        """
        if self.why_no_layers:
            raise ModelError(
                f"The rule for ReLU layers needs the network's own layers: {self.why_no_layers} Use Saliency."
            )
        found = self.engine.ruled(rule)
        if not found.kinds:
            return self.gradient(image, target), found.notes
        fitted = self.fit(image)
        meant = self.target(target, fitted)
        with self.memory.current():
            made = self.memory.slope((fitted, meant, rule), lambda: self._ruled(fitted, meant, rule))
        return made, found.notes

    def _ruled(self, image: Image, target: Objective, rule: Rule) -> Gradient:
        batch, score = self._as_batch(image), score_of(target, self)  # type: ignore[arg-type]
        scores, slopes = self.engine.slopes(batch, score, rule)
        for numbers in (scores, slopes):
            self._check_rows(numbers, batch, score, rule)
        for array in (batch, slopes):
            array.setflags(write=False)
        return Gradient(batch[0], slopes[0], float(scores[0]))

    def why_not_finite(
        self,
        image: Any,
        target: Objective | int | None = None,
        rule: Rule | None = None,
        layer: str | None = None,
        answered: bool = False,
    ) -> str:
        """Return a sentence on where NaN or infinite numbers appear first for a picture; empty if they do nowhere.

        The network is run once, layer by layer: first their outputs are looked at, then the target, then its gradient
        on the way back.

        Parameters
        ----------
        image : Image or array
            A picture, or an array (1, H, W, C) that has the model's size and value range.
        target : Objective or int, optional
            Whose value and gradient are looked at too.
        rule : str, optional
            The rule of backward flow at the ReLUs, as for `ruled`.
        layer : str, optional
            The layer that was asked, where it was not the output.
        answered : bool
            Whether the answer as it came was finite: then a sentence is returned only if it is not so layer by layer.
        """
        picture = self.prepared(image, fitted=isinstance(image, np.ndarray))[0]
        score = None if target is None else score_of(self.target(target, image), self)  # type: ignore[arg-type]
        return self._why_not_finite(picture, score, rule, layer, answered)

    def _why_not_finite(
        self,
        picture: np.ndarray,
        score: Score | None,
        rule: Rule | None = None,
        layer: str | None = None,
        answered: bool = False,
    ) -> str:
        graph = self.engine.graph if rule is None else self.engine.ruled(rule).graph
        return why_not_finite(self.engine, self.name, picture, score, graph, layer, answered)

    def _check_rows(
        self, numbers: np.ndarray, batch: np.ndarray, score: Score | None, rule: Rule | None = None
    ) -> None:
        """Raise a `ModelError` if the answer to a picture of a batch, as the network gets it, is not all numbers."""
        rows = np.isfinite(numbers.reshape(len(numbers), -1)).all(axis=1)
        finite = bool(rows.all())
        if len(rows) and not (finite and not self.broken_weights):
            self._refuse(finite, self._why_not_finite(batch[int(np.argmin(rows))], score, rule, None, finite))

    def _refuse(self, finite: bool, said: str) -> None:
        """Raise a `ModelError` for what is not finite, or is so only as several steps are run as one."""
        if said or not finite:
            raise ModelError(
                said or f"{self.name} gave NaN or infinite numbers, but not when it was asked again."
            )

    @property
    def broken_weights(self) -> str:
        """A sentence on weights that are NaN or infinite; empty if there are none. Looked at once for each change."""
        with self.memory.current():
            return self.memory.remark(lambda: broken_weights(self.engine.graph))

    def check_finite(
        self, numbers: Any, image: Any, target: Objective | int | None = None, layer: str | None = None
    ) -> None:
        """Raise a `ModelError` that names the first layer whose numbers are not finite, if some of `numbers` are not.

        It does so too where weights are NaN and the answer is finite only because a convolution and its ReLU, run
        as one, gave 0 for NaN, as they do on some processors.

        `numbers` are what the network answered to the picture, in `layer` if that is named; the others are as for
        `why_not_finite`.
        """
        finite = bool(np.isfinite(numbers).all())
        if not finite or self.broken_weights:
            self._refuse(finite, self.why_not_finite(image, target, None, layer, finite))

    def patched(
        self,
        image: Image,
        questions: Sequence[str | Objective | int | None],
        places: Any,
        size: tuple[int, int],
        calls: int = 1,
    ) -> Patched:
        """Return a picture with a patch at many places, ready to be asked what the network makes of each.

        Parameters
        ----------
        image : Image
            The picture.
        questions : sequence of str or Objective
            ``output``, ``logits``, a layer's name (its activations), or targets (their values).
        places : array_like
            First row and column of the patch at each position, int (N, 2).
        size : tuple of int
            Height and width of the patch.
        calls : int
            In how many parts the positions will be asked for, about.

        Raises
        ------
        SettingError
            If a patch does not lie in the picture.
        """
        fitted = self.fit(image)
        return Patched(self, self.memory, self._networks, fitted, questions, places, size, calls)  # type: ignore[arg-type]

    def answers(
        self, images: Any, questions: Sequence[str | Objective], *, fitted: bool = False
    ) -> list[np.ndarray]:
        """Return the answers for whole pictures, float32 (N, ...), from one run; questions as for `patched`.

        With `fitted`, an array has the model's size and value range already.
        """
        meant = asked(self, self.engine, questions, None)  # type: ignore[arg-type]
        return answers(self.engine, meant, self._as_batch(images, fitted=fitted))

    def question(self) -> AbstractContextManager[None]:
        """Take all that this thread asks within a ``with`` as one question.

        Whether the weights are still the same is looked at once, as it begins, instead of at each answer that could
        come from memory. Whoever writes weights meanwhile must not do it in the same thread.
        """
        return self.memory.question()

    @property
    def changes(self) -> int:
        """How often the weights were found changed, up to the last question."""
        return self.memory.stamp or 0

    def looked(self) -> int:
        """Look at the weights, and return how often they were found changed up to now."""
        with self.memory.current():
            return self.changes

    @property
    def kept_sweeps(self) -> LRU[Hashable, Any]:
        """A place for the answers of sweeps with the weights as they are: it is empty once they have changed."""
        with self.memory.current():
            return self.memory.sweeps

    def settle(self, image: Image) -> None:
        """See to it, once for the weights as they are, that `notes` say so if the network answers by chance.

        It is then run picture by picture, so that it draws the same for each of them where its seeds can be held.

        Parameters
        ----------
        image : Image
            The picture to be explained.
        """
        self.notes = self._watch.told(self.notes, lambda: self._as_batch(self.fit(image))[0])

    @property
    def calls(self) -> int:
        """How many times the network has been run."""
        return self.engine.calls

    @property
    def seconds_per_image(self) -> float | None:
        """Measured time for one picture in a batch; None before the first full batch."""
        return self.engine.seconds_per_image

    @abstractmethod
    def fit(self, image: Any) -> Image:
        """Return the picture as the model takes it."""

    @abstractmethod
    def gradient(self, image: Image, target: Objective | int | None = None) -> Gradient:
        """Return pixels and slopes."""

    @abstractmethod
    def prepared(self, images: Any, *, fitted: bool = False) -> Any:
        """Return the pictures as the network gets them."""

    @abstractmethod
    def target(self, target: Objective | int | None, image: Any = None) -> Objective:
        """Return the objective meant."""

    @abstractmethod
    def _as_batch(self, images: Any, prepared: bool = False, fitted: bool = False) -> Any:
        """Return the pictures as the network gets them."""
