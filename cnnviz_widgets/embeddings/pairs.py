"""The maps of a pair: what in A makes it like B, and in B like A; and how any two codes are compared."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import LayerError, SettingError, TargetError
from ..explanation import ColourMap, Explanation, Heatmap
from ..images.image import Image
from ..method import Method
from ..methods.gradient_times_input import GradientTimesInput
from ..methods.occlusion import Occlusion
from ..methods.saliency import Saliency
from ..objectives import Contrast, Objective, Similarity
from ..probe import Probe, as_probe
from ..probe.code_decomposition import Cells, about_layer, cells_of, code_layer, way_to
from ..settings import Settings, choice, flag, layer_name
from .decomposition import METRICS, similarity_of
from .patches import PatchSimilarity, taken_apart
from .result import Likeness

NO_SLOPE = (
    "Flat: both codes are the same, so the similarity is at its largest, where it has no slope. "
    "Use Parts or Cover (by='patches' or by='occlusion')."
)


def why_not_exact(probe: Probe, layer: str, pooled: bool) -> str:
    """Return why a code has no exact decomposition, in a sentence; empty if it has one."""
    try:
        way_to(probe, layer, pooled)
    except LayerError as error:
        return str(error)
    return ""


class ComparedCodes:
    """Two or three pictures that are being compared.

    Parameters
    ----------
    probe : Probe
        The network.
    settings : SimilarityMaps
        How, all filled in.
    images : sequence of Image
        A, B and perhaps the foil, as the network takes them.
    """

    def __init__(self, probe: Probe, settings: SimilarityMaps, images: Sequence[Image]) -> None:
        self.probe, self.settings, self.images = probe, settings, images
        self.layer, self.pooled = str(settings.layer), bool(settings.pooled)
        self.method = _method(settings.by, contrast=len(images) > 2)
        probe.settle(images[0])
        cells, self.why_not = self._cells()
        self.codes = [probe.code(image, self.layer, self.pooled) for image in images]
        self._check_codes()
        self.parts = (
            [taken_apart(cells[0], one, settings.metric) for one in cells[1:]] if cells else [None, None]
        )

    def explain(self) -> Iterator[Likeness]:
        """Yield the maps each time one of them sharpens."""
        streams = [
            self.method.replace(target=target).explain(self.probe, image)
            for image, target in zip(self.images, self._targets(), strict=True)
        ]
        latest = [next(stream) for stream in streams]
        yield self._result(latest)
        while any(one.done < 1 for one in latest):
            latest = [next(s, one) if one.done < 1 else one for s, one in zip(streams, latest, strict=True)]
            yield self._result(latest)

    def _targets(self) -> list[Objective]:
        a, *others = self.images
        towards = [self._like(other) for other in others]
        first = Contrast(*towards) if len(towards) == 2 else towards[0]
        return [first, *(self._like(a) for _ in others)]

    def _like(self, image: Image) -> Similarity:
        return Similarity(image, self.layer, self.settings.metric, self.pooled)  # type: ignore[arg-type]

    def _cells(self) -> tuple[list[Cells], str]:
        """Return what each place gives to each code, or none and why; their run of the network finds the codes too."""
        try:
            return [cells_of(self.probe, image, self.layer, self.pooled) for image in self.images], ""
        except LayerError as error:
            if self.settings.by == "patches":
                raise
            return [], str(error)

    def _check_codes(self) -> None:
        for name, image, code in zip(("A", "B", "The foil"), self.images, self.codes, strict=False):
            if self.settings.metric == "cosine" and not code.any():
                raise TargetError(
                    f"{name} ({image.name or 'unnamed'}) has a code at {self.layer} that is all zero: its cosine with "
                    "anything is undefined. Use metric='dot' or 'euclidean', or another layer."
                )

    def _result(self, maps: Sequence[Explanation]) -> Likeness:
        first, *others = (self._drawn(_heat(one, self.method)) for one in maps)
        third = len(others) > 1
        drawn = [first, *_same_kind(others)] if third else _same_kind([first, *others])
        values = [similarity_of(self.codes[0], other, self.settings.metric) for other in self.codes[1:]]
        return Likeness(
            on_a=drawn[0], on_b=drawn[1], value=values[0], layer=self.layer, metric=self.settings.metric,
            pooled=self.pooled, recipe=self.settings, parts=self.parts[0],
            on_foil=drawn[2] if third else None, foil_value=values[1] if third else None,
            foil_parts=self.parts[1] if third else None, notes=self._notes(drawn), model=self.probe.name,
            done=float(np.mean([one.done for one in drawn])),
            progress=", ".join(
                f"{name} {one.progress}" for name, one in zip("ABC", drawn, strict=False) if one.progress
            ),
        )  # fmt: skip

    @property
    def _at_its_largest(self) -> bool:
        """True if the codes of the pair are the same: there cosine and distance have no slope, only rounding has."""
        a, b = self.codes[:2]
        same = np.allclose(a, b, rtol=0, atol=1e-6 * float(np.abs(a).max(initial=0)))
        return bool(same) and len(self.codes) == 2 and self.settings.metric != "dot"

    def _drawn(self, found: Heatmap | ColourMap) -> Heatmap | ColourMap:
        unit = self._unit()
        found = found if unit is None else dataclasses.replace(found, unit=unit)
        if self.settings.by != "gradient" or not self._at_its_largest:
            return found
        return dataclasses.replace(found, values=np.zeros_like(found.values), notes=(NO_SLOPE,))

    def _unit(self) -> str | None:
        """Return the unit of the maps, where the method's own name for it would claim a sum or says nothing."""
        if self.settings.by == "gradient":
            return "slope" if len(self.images) < 3 else "slope \N{MULTIPLICATION SIGN} pixel"
        return "fall" if self.settings.by == "occlusion" else None

    def _notes(self, maps: Sequence[Heatmap | ColourMap]) -> tuple[str, ...]:
        own = [note for one in maps for note in one.notes]
        layer = about_layer(self.probe, self.layer, self.pooled)
        found = (*own, *self.probe.notes, *layer, self.why_not)
        return tuple(dict.fromkeys(note for note in found if note))


def fitted(probe: Probe, images: Sequence[Any]) -> list[Image]:
    """Return the pictures as the model takes them; one that takes any size gets all at the size of the first."""
    first, *others = (probe.fit(image) for image in images)
    return [first, *(other.resized(first.size, "crop") for other in others)]


def _method(by: str | Method, contrast: bool) -> Method:
    if isinstance(by, Method):
        if "target" not in by.specs():
            raise SettingError(f"by must be a method that has a target; {type(by).__name__} has none.")
        return by
    gradient = GradientTimesInput() if contrast else Saliency()
    made: dict[str, Method] = {"patches": PatchSimilarity(), "gradient": gradient, "occlusion": Occlusion()}
    return made[by]


def _same_kind(maps: list[Heatmap | ColourMap]) -> list[Heatmap | ColourMap]:
    """Return maps with one kind of colours: signed if any of them is."""
    signed = any(one.signed for one in maps)
    return [dataclasses.replace(one, signed=True) if signed else one for one in maps]


def _heat(found: Explanation, method: Method) -> Heatmap | ColourMap:
    if not isinstance(found, Heatmap | ColourMap):
        raise SettingError(
            f"by must be a method that makes a heat map; {type(method).__name__} gives {type(found).__name__}."
        )
    return found


BY = ("auto", "patches", "gradient", "occlusion")


@dataclass(frozen=True)
class SimilarityMaps(Settings):
    """How a pair is compared: where its codes are, how they are compared, and how the maps are made.

    ``settings.explain(probe, a, b)`` yields each time the maps sharpen; ``settings(probe, a, b)`` runs to the end.
    """

    layer: str | None = layer_name(help="layer that holds the code; bottleneck or penultimate layer if empty")
    metric: str = choice(
        "cosine", METRICS, help="how two codes are compared; euclidean is minus the distance"
    )
    by: str | Method = choice(
        "auto",
        BY,
        help="patches: what each place adds, exactly; gradient: which pixels move the similarity; occlusion: how far "
        "it falls when a patch is covered; auto: patches where they are exact, else gradient",
        pattern="a method that has a target",
        kinds=(Method,),
    )
    pooled: bool | None = flag(
        None,
        help="compare the mean of a layer's maps, wherever things are; if empty, off for a model that rebuilds "
        "its picture and on for others",
    )

    def __call__(self, model: Any, a: Any, b: Any, foil: Any = None) -> Likeness:
        """Run to the end and return the last result; arguments as for `explain`."""
        *_, last = self.explain(model, a, b, foil)
        return last

    def explain(self, model: Any, a: Any, b: Any, foil: Any = None) -> Iterator[Likeness]:
        """Yield the maps each time they sharpen, `done` rising to 1.

        Parameters
        ----------
        model : Probe, keras.Model or path
            The network.
        a, b : Image or anything that `Image.load` opens
            The pair. They are fitted to the model; one that takes any size gets B at the size of A.
        foil : Image or anything that `Image.load` opens, optional
            A third picture: the map of A then shows why it is like B rather than like this one.

        Raises
        ------
        LayerError
            If there is no such layer, or ``by="patches"`` and its code cannot be taken apart exactly.
        TargetError
            For the cosine of a code that is all zero.
        SettingError, ImageError
            If a setting or a picture does not fit the model.
        """
        probe = as_probe(model)
        images = fitted(probe, [a, b] if foil is None else [a, b, foil])
        yield from ComparedCodes(probe, self.resolved(probe), images).explain()

    def resolved(self, probe: Probe) -> SimilarityMaps:
        """Return these settings with all that was left open chosen from the model."""
        layer = code_layer(probe) if self.layer is None else probe.layer(self.layer).name
        spatial = len(probe.layer(layer).shape) == 3
        pooled = spatial and (
            probe.task not in ("image", "segmentation", "embedding") if self.pooled is None else self.pooled
        )
        by = self.by
        if by == "auto":
            by = "gradient" if why_not_exact(probe, layer, pooled) else "patches"
        return self.replace(layer=layer, pooled=pooled, by=by)


def similarity(
    model: Any,
    a: Any,
    b: Any,
    layer: str | None = None,
    metric: str = "cosine",
    by: str | Method = "auto",
    *,
    pooled: bool | None = None,
    foil: Any = None,
) -> Likeness:
    """Compare two pictures by their codes, and show on both what makes them alike.

    Parameters
    ----------
    model : Probe, keras.Model or path
        The network.
    a, b : Image or anything that `Image.load` opens
        The pair.
    layer : str, optional
        The layer that holds the code: the bottleneck of an autoencoder, the penultimate layer of a classifier if left
        out.
    metric : str
        ``cosine``, ``dot`` or ``euclidean`` (minus the distance).
    by : str or Method
        ``patches``: what each place adds to the similarity, exactly. ``gradient``: which pixels move it (Saliency; with
        a foil Gradient × input, which has a sign). ``occlusion``: how far it falls when a patch is covered. A method
        with its own settings, such as ``SmoothGrad(samples=8)``. ``auto``: patches where they are exact, else gradient.
    pooled : bool, optional
        For a layer with maps: compare their means, wherever things are, instead of place with place. If left out, no
        for a model that rebuilds its picture, yes for others.
    foil : Image or anything that `Image.load` opens, optional
        Why B rather than this one: the map of A is then that of the contrast.

    Returns
    -------
    Likeness
        The similarity, both maps, and the exact terms where there are such.

    Raises
    ------
    LayerError, TargetError, SettingError, ImageError, ModelError
        See `SimilarityMaps.explain`.

    Examples
    --------
    >>> import cnnviz_widgets as cnnviz
    >>> found = cnnviz.similarity(model, "shirt.png", "coat.png")  # doctest: +SKIP
    >>> found.value, found.summed  # doctest: +SKIP
    >>> found.matches((2, 3))  # doctest: +SKIP
    >>> found.save("alike.png")  # doctest: +SKIP
    """
    return SimilarityMaps(layer, metric, by, pooled)(model, a, b, foil)
