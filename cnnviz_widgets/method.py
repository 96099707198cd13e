"""What every method is, and the list of those there are."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar

import numpy as np

from .errors import ImageError, ModelError, SettingError, did_you_mean, listed
from .explanation import (
    ActivationMaps,
    ColourMap,
    Explanation,
    GeneratedImage,
    Heatmap,
    Kernels,
    LabelMap,
    Mark,
)
from .images.image import Image
from .objectives import as_objective, parts, words
from .probe import Probe, as_probe, marks_of
from .settings import Settings

if TYPE_CHECKING:
    from .objectives import Objective

FAMILIES = ("Class maps", "Pixels", "Cover", "Inside")
GENERATED = "Generated"
INSIDE = (
    "The cells of this layer look at the inside of the picture alone: the map lies where they look, and its outermost "
    "cells go on to the edge."
)
_registered: dict[str, type[Method]] = {}
_generators: dict[str, type[Method]] = {}


@dataclass(frozen=True)
class Method(Settings):
    """A way of looking into a network: some settings, and how they turn an image into an explanation.

    A new method is a frozen dataclass that derives from this one, sets the class variables, and writes `explain`; the
    decorator `register` puts it into the list, and menu, form and tests follow.

    Class variables
    ---------------
    label : str
        Its name on the screen.
    family : str
        One of ``Class maps``, ``Pixels``, ``Cover``, ``Inside``; ``Generated`` for a method that makes pictures.
    help : str
        One line for the tooltip.
    source : str
        Author, venue, year, identifier, equation.
    reading : str
        Two sentences on how to read the map.
    says : str
        One sentence for under the picture, with ``{places}`` (what stands out, e.g. "Warm places"), ``{target}`` and
        ``{layer}`` to be filled in.
    by_layer : bool
        True if the map belongs to a layer, so that walking through the layers makes sense, and if one pass serves
        all layers, so that it costs nothing.
    counted : str
        What `Explanation.progress` counts, such as ``masks``; ``places`` for a map that is coarse where none was yet.
    rank : int
        Place within its family; smaller ones come first, and the first is what the family opens with.
    """

    label: ClassVar[str] = ""
    family: ClassVar[str] = ""
    help: ClassVar[str] = ""
    source: ClassVar[str] = ""
    reading: ClassVar[str] = ""
    says: ClassVar[str] = ""
    by_layer: ClassVar[bool] = False
    counted: ClassVar[str] = "parts"
    rank: ClassVar[int] = 100

    @abstractmethod
    def explain(self, probe: Probe, image: Image) -> Iterator[Explanation]:
        """Yield the result each time it sharpens, `done` rising to 1.

        A bare model, and anything that `Image.load` opens, may be given: what a method's own code sees is a `Probe`, an
        image that fits it, and settings that are all filled in.
        """

    def __init_subclass__(cls, **more: Any) -> None:
        """Have `explain` of every method fit the image and fill in what was left open, whoever calls it."""
        super().__init_subclass__(**more)
        if "explain" in cls.__dict__:
            cls.explain = _made_ready(cls.__dict__["explain"])  # type: ignore[method-assign]

    def __call__(self, model: Any, image: Any = None) -> Any:
        """Run to the end and return the last result; a bare model and a bare array do too."""
        *_, last = self.explain(model, image)
        return last

    def batch(self, model: Any, images: Iterable[Any]) -> list[Any]:
        """Run over several pictures and return the last result of each, in their order.

        Methods that take many copies of a picture batch those, and go picture by picture; so do methods that read
        a layer. Their results are bit for bit those of single runs. Saliency and Gradient × input with a target
        given run several pictures at a time and agree with single runs up to rounding, a millionth of the range.
        """
        probe = as_probe(model)
        return [self(probe, image) for image in images]

    def resolved(self, probe: Probe, image: Image) -> Self:
        """Return this method with every setting that was left open chosen from the model and the image.

        Raises
        ------
        SettingError, LayerError, TargetError
            If a setting does not fit this image or model.
        """
        made = self.fitted(image)
        kinds = {name: spec.kind for name, spec in made.specs().items()}
        targets = [name for name, kind in kinds.items() if kind == "target"]
        made = made.replace(**{name: probe.target(getattr(made, name), image) for name in targets})
        layers: dict[str, str] = {}  # after the target, which may choose its own
        for name in (name for name, kind in kinds.items() if kind == "layer"):
            value = getattr(made, name)
            layers[name] = made.default_layer(probe) if value is None else probe.layer(value).name
        return made.replace(**layers)

    def fitted(self, image: Image) -> Self:
        """Return this method with the settings that follow from the image's size filled in, and checked against it."""
        return self

    def beginning(self, probe: Probe) -> Image:
        """Return the picture to begin with where none is given.

        Raises
        ------
        ImageError
            If there must be one, to be explained or matched.
        """
        raise ImageError(f"{type(self).__name__} needs a picture: give one after the model.")

    def default_layer(self, probe: Probe) -> str:
        """Return the layer looked at when none is named: the target's own, else the last one with maps before it."""
        target = as_objective(getattr(self, "target", None))
        named_by = [
            getattr(part, "layer", None) for part in parts(target) if getattr(part, "position", None) is None
        ]
        own = [probe.layer(name) for name in named_by if name and name != probe.output_layer]
        return own[0].name if own and own[0].spatial else probe.last_spatial(target)

    def passes(self, image: Image) -> int:
        """Return how many pictures the model has to take for this, 0 if the one pass of the target will do."""
        return 0

    def cost(self, probe: Probe, image: Image) -> int:
        """Return what `passes` does, for methods whose work depends on the model too."""
        return self.passes(image)

    def about(self, probe: Probe, image: Image) -> dict[str, Any]:
        """Return the fields that every explanation of this method carries."""
        target: Objective | None = getattr(self, "target", None)
        return {
            "image": image,
            "recipe": self,
            "model": probe.name,
            "beside": probe.beside,
            "target": words(target, probe.labels) if target else "",
        }


def _made_ready(explain: Callable[..., Iterator[Explanation]]) -> Callable[..., Iterator[Explanation]]:
    @wraps(explain)
    def ready(self: Method, probe: Any, image: Any) -> Iterator[Explanation]:
        asked = as_probe(probe)
        fitted = self.beginning(asked) if image is None else asked.fit(image)
        asked.settle(fitted)
        resolved = self.resolved(asked, fitted)
        steps, marked, placed = (
            iter(explain(resolved, asked, fitted)),
            _Marked(resolved, asked),
            _Placed(asked),
        )
        while True:
            with np.errstate(invalid="ignore", over="ignore"):  # what comes of it is looked at
                found = next(steps, None)
            if found is None:
                return
            noted = _noted(_finite(resolved, asked, found), *asked.notes, asked.about_size(fitted))
            yield placed(marked(noted))

    return ready


class _Marked:
    """Marks on what a method finds where its target lies in the picture; found out once, with the first result."""

    def __init__(self, method: Method, probe: Probe) -> None:
        self._target, self._probe = as_objective(getattr(method, "target", None)), probe
        self._marks: tuple[Mark, ...] | None = None

    def __call__(self, found: Explanation) -> Explanation:
        if not isinstance(found, Heatmap | ColourMap | LabelMap) or found.marks or not found.target:
            return found
        if self._marks is None:
            self._marks = marks_of(self._probe, self._target, found.image)
        return replace(found, marks=self._marks) if self._marks else found


class _Placed:
    """Says of the maps of a layer where they lie on the picture; found out once, with the first result."""

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._extent: tuple[str, tuple[float, float, float, float] | None] = ("", None)

    def __call__(self, found: Explanation) -> Explanation:
        layer = getattr(found, "layer", "")
        if not layer or isinstance(found, Kernels) or not isinstance(found, Heatmap | ActivationMaps):
            return found
        if self._extent[0] != layer:
            self._extent = layer, self._looked_up(layer, found)
        if self._extent[1] is None:
            return found
        placed = replace(found, extent=self._extent[1])
        return _noted(placed, INSIDE) if isinstance(found, Heatmap) else placed

    def _looked_up(
        self, layer: str, found: Heatmap | ActivationMaps
    ) -> tuple[float, float, float, float] | None:
        size = found.image.size
        if not any(one.name == layer for one in self._probe.layers):
            return None
        if found.values.shape[:2] != self._probe.map_size(layer, size):
            return None
        return self._probe.map_extent(layer, size)


def _finite(method: Method, probe: Probe, found: Explanation) -> Explanation:
    """Return what was found; if it is not all numbers, say what of the network is not, else that it is the method.

    Maps of which only some channels are not numbers are shown with that said, and so is a climb that cannot begin.
    """
    made = [getattr(found, name, None) for name in ("values", "own", "colours", "curve")]
    numbers = [array for array in made if isinstance(array, np.ndarray) and array.dtype.kind == "f"]
    size = sum(array.size for array in numbers)
    broken = sum(int(np.count_nonzero(~np.isfinite(array))) for array in numbers)
    whole = found.done >= 1
    stopped = whole and isinstance(found, GeneratedImage) and not len(found.curve)
    scored = not whole or np.isfinite(list(found.scores.values())).all()
    finite = not broken and not stopped and scored
    if finite and not (whole and probe.broken_weights):
        return found
    first = found.images[0] if isinstance(found, GeneratedImage) and not broken else found.image
    target = as_objective(getattr(method, "target", None))
    target = next(iter(getattr(target, "objectives", ())), target)
    if finite:
        layer = found.layer if isinstance(found, ActivationMaps | Kernels) else None
        said = probe.why_not_finite(first, None if layer else target, None, layer, True)
        if said and layer is None:
            raise ModelError(said)
        return _noted(found, said or probe.broken_weights)
    said = probe.why_not_finite(first, target)
    partly = isinstance(found, ActivationMaps) and broken < size
    if said and (partly or (stopped and not probe.why_not_finite(first))):
        return _noted(found, said)
    if said:
        raise ModelError(said)
    what = f"{broken} of {size} numbers are NaN or infinite" if broken else "a score is NaN or infinite"
    return found if stopped else _noted(found, f"{what}, although those of the network are finite.")


def _noted(found: Explanation, *notes: str) -> Explanation:
    """Return an explanation with more notes, those that are not there already."""
    more = tuple(note for note in dict.fromkeys(notes) if note and note not in found.notes)
    return replace(found, notes=(*found.notes, *more)) if more else found


Registered = TypeVar("Registered", bound=type[Method])


def register(method: Registered) -> Registered:
    """Put a method into the list; used as a decorator on its class. The last class of a label wins.

    Raises
    ------
    SettingError
        If the class does not say its label, family, help or source.
    """
    for name in ("label", "family", "help", "source"):
        if not getattr(method, name):
            raise SettingError(
                f"{method.__name__}.{name} must say something before the method can be registered."
            )
    if method.family not in (*FAMILIES, GENERATED):
        raise SettingError(
            f"{method.__name__}.family must be one of {listed((*FAMILIES, GENERATED))}; got {method.family!r}."
        )
    (_generators if method.family == GENERATED else _registered)[method.label] = method
    return method


def methods() -> dict[str, type[Method]]:
    """Return all methods that explain a picture, by label, in the order of families and of ranks within them."""
    return dict(
        sorted(_registered.items(), key=lambda entry: (FAMILIES.index(entry[1].family), entry[1].rank))
    )


def generators() -> dict[str, type[Method]]:
    """Return all methods that make pictures, by label, in the order of their ranks."""
    return dict(sorted(_generators.items(), key=lambda entry: entry[1].rank))


def named(label: str) -> type[Method]:
    """Return the registered method of a label or class name; case, spaces and hyphens do not matter.

    Raises
    ------
    SettingError
        If there is none; the message lists those there are.
    """
    known = {**_registered, **_generators}
    by_name = {**{m.__name__: m for m in known.values()}, **known}
    if label in by_name:
        return by_name[label]
    alike = {_folded(name): method for name, method in by_name.items()}
    if _folded(label) in alike:
        return alike[_folded(label)]
    raise SettingError(
        f"There is no method {label!r}. There are: {listed(known, 24)}.{did_you_mean(label, by_name)}"
    )


def _folded(name: Any) -> str:
    return "".join(c for c in str(name).casefold() if c not in " -_")
