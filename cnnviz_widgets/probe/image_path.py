"""How the picture goes through a network: its own branch, its code, and the layer that class maps are read from."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property

from ..errors import LayerError, listed
from ..objectives import ClassScore, Objective, Output, parts, words
from . import layer_info
from .default_layer import usual_layer
from .engine import Engine
from .graphs.paths import depending
from .layer_info import LayerInfo
from .output.last_steps import code_steps, part_read
from .receptive_field import kind_of
from .tokens.influence import places_read

TRIED = 64  # side of the picture by which a network of any size is judged


class Ways:
    """The part of a `Probe` that follows the picture on its way to the output."""

    name: str
    task: str
    pair: str
    outputs: int
    first_class: int
    input_shape: tuple[int | None, ...]
    output_shape: tuple[int | None, ...]
    layers: tuple[LayerInfo, ...]
    why_no_layers: str
    engine: Engine

    @property
    def bottleneck(self) -> LayerInfo | None:
        """The layer that holds the code of a network that gives back pictures; None if nothing narrows its way."""
        if self.task != "image" or not self.layers:
            return None
        return layer_info.bottleneck((*self._narrow, self.layers[-1]))

    @cached_property
    def rebuilds(self) -> bool:
        """True if the answer is a picture of the size and channels of the one that goes in."""
        made, taken = self.output_shape, self.input_shape
        if self.task != "image" or len(made) != 3 or made[-1] not in (None, taken[-1]):
            return False
        if None not in made and None not in taken:
            return made == taken
        engine, size = self.engine, (TRIED, TRIED)
        try:
            return self._map_sizes(self._picture_size(size))[engine.output] == self._picture_size(size)
        except Exception:  # a layer of the user's own that cannot say its shape
            return False

    @cached_property
    def _narrow(self) -> tuple[LayerInfo, ...]:
        """The layers that all of the picture passes through and that may hold a code."""
        engine, known = self.engine, {layer.name: layer for layer in self.layers}
        steps = code_steps(engine.graph, engine.image, engine.output)
        return tuple(known[step.name] for step in steps if step.name in known)

    @property
    def own_branch(self) -> tuple[LayerInfo, ...]:
        """The layers that only the picture goes through, not the other one of a pair; all without such a one."""
        engine = self.engine
        own = depending(engine.graph, engine.image)
        met = depending(engine.graph, engine.graph.inputs[self.pair]) if self.pair else set()
        return tuple(layer for layer in self.layers if engine.slots[layer.name] in own - met)

    @property
    def output_layer(self) -> str | None:
        """The layer whose output is the output looked at; None if the layers are not known."""
        step = self.engine.graph.makers.get(self.engine.output)
        return step.name if step is not None and any(step.name == one.name for one in self.layers) else None

    def last_spatial(self, target: Objective | None = None) -> str:
        """Return the layer that class maps are read from when none is named.

        It is the last one with maps that depends on the picture, lies before what the target reads, and has the
        picture's places. Layers that only prepare the picture are none; what makes an output of maps, and its logits,
        are none either. In an autoencoder it lies no later than the code.

        Parameters
        ----------
        target : Objective, optional
            What is explained; the output if left out.

        Raises
        ------
        LayerError
            If there are no maps, or none before what the target reads.
        """
        spatial = self.spatial_layers
        if not spatial:
            raise LayerError(
                f"No layer of {self.name} has maps: {self.why_no_layers or self._why_none()} "
                "Use a pixel method such as Saliency."
            )
        found = self._usual(target)
        if found is not None or target is None:
            return found or spatial[-1].name
        raise LayerError(
            f"No layer with maps lies before what {words(target)} reads. Use a pixel method such as Saliency."
        )

    def _of_influence(self, layers: list[LayerInfo]) -> list[LayerInfo]:
        """Return the layers but for tokens that the output is, and those whose places it does not depend on.

        A head that reads the class token alone depends on no place of the last block.
        """
        graph, slots = self.engine.graph, self.engine.slots
        if all(layer.grid is None for layer in layers):
            return layers
        read = places_read(graph, self.engine.output) - {self.engine.output}
        kept = [layer for layer in layers if layer.grid is None or slots[layer.name] in read]
        return kept or layers

    def why_no_maps(self, layer: str) -> str:
        """Return what to say where maps are asked of a layer that has none, a sentence."""
        found = self.layer(layer)
        if self.engine.graph.slices and len(found.shape) == 4:
            return (
                f"{found.name} has no maps of this slice: its output is {found.shape}, and which part of that belongs "
                "to the slice cannot be told. Choose a layer that keeps the slices apart, or a pixel method such as "
                "Saliency."
            )
        return f"{found.name} has no maps: its output is {found.shape}. Choose a layer with height and width."

    def _why_none(self) -> str:
        """Return why no layer that is seen has maps."""
        graph = self.engine.graph
        if any(len(layer.shape) == 4 for layer in self.layers):
            return "none keeps the slices of the volume apart."
        if graph.hidden:
            return f"{listed(graph.hidden)} {_are(graph.hidden)} called inside of loops, and not seen."
        if graph.moved:
            return (
                f"it crops, mirrors or moves the picture before its first weights ({listed(graph.moved)}), so that "
                "the places of its layers are not the picture's. Saliency, Occlusion and RISE show its own; "
                "for class maps give cropped pictures, and a model that begins behind that layer."
            )
        frames = [step.name for step in graph.steps if kind_of(step.op) == "TimeDistributed"]
        if frames:
            return (
                f"what is inside of {listed(frames)} is not seen. Put each layer of that model under a TimeDistributed "
                "of its own, and its maps are."
            )
        if graph.closed:
            return f"what is inside of {listed(graph.closed)} is not seen."
        return "it has no convolution."

    @property
    def differentiable(self) -> bool:
        """False for a network that takes whole numbers alone, or ends in what has no gradient, such as an argmax."""
        return self.engine.differentiable

    @property
    def has_maps(self) -> bool:
        """True if there are maps between the picture and what is asked of it, to read class maps from."""
        return bool(self.spatial_layers) and self._usual(None) is not None

    def _usual(self, target: Objective | None) -> str | None:
        engine = self.engine
        read = {self._reads(part) for part in parts(target)} or {engine.output}
        other = engine.graph.inputs[self.pair] if self.pair else None
        upto = [layer for layer in layer_info.until(self.layers, self.bottleneck) if layer.spatial]
        for layers in (upto, list(self.spatial_layers)):
            places = self._behind_weights(layers) if engine.graph.moved else layers
            able = self._of_influence(places)
            found = usual_layer(engine.graph, engine.image, engine.output, able, read, other)
            if found is not None:
                return found
        return None

    def _behind_weights(self, layers: Sequence[LayerInfo]) -> list[LayerInfo]:
        """Return the layers that are no more the picture itself, only prepared."""
        return [one for one in layers if self.engine.slots[one.name] not in self.engine.graph.pictures]

    def _reads(self, part: Objective) -> int:
        """Return the number of the value that an objective reads: of the output the part that holds its number."""
        layer = getattr(part, "layer", None)
        if layer:
            return self.engine.slots[self.layer(layer).name]
        return part_read(self.engine.graph, self.engine.output, self._indices(part))

    def _indices(self, part: Objective) -> tuple[int | None, ...]:
        """Return which number of the output an objective reads, None on an axis of which it reads several."""
        places = len(self.output_shape) - 1
        if isinstance(part, Output):
            return part.indices
        if not isinstance(part, ClassScore) or isinstance(part.index, str):
            return (None,) * (places + 1)
        at = (part.at,) if isinstance(part.at, int) else part.at
        place = at if isinstance(at, tuple) and len(at) == places else (None,) * places
        return (*place, 0 if self.outputs == 1 else self.first_class + part.index)

    @property
    @abstractmethod
    def spatial_layers(self) -> tuple[LayerInfo, ...]:
        """The layers that have maps."""

    @abstractmethod
    def layer(self, name: str) -> LayerInfo:
        """Return what is known of a layer."""

    @abstractmethod
    def _picture_size(self, size: tuple[int, int] | None) -> tuple[int, int]:
        """Return the size of a picture."""

    @abstractmethod
    def _map_sizes(self, size: tuple[int, int]) -> dict[int, tuple[int, int] | None]:
        """Return the sizes of all maps for a picture's size."""


def _are(names: Sequence[str]) -> str:
    return "is" if len(names) == 1 else "are"
