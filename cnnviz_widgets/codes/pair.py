"""The maps of a pair: what in A makes it like B, and in B like A."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..decomposition import METRICS
from ..likeness import Likeness
from ..method import Method
from ..probe import Probe, as_probe
from ..probe.code_layer import code_layer
from ..settings import Settings, choice, flag, layer_name
from .compared_codes import ComparedCodes, fitted, why_not_exact

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
