"""What can be observed, set and linked of a similarity explorer, and what it refuses."""

from __future__ import annotations

from typing import Any

import traitlets

from ...embeddings.decomposition import Place, check_metric
from ...embeddings.pairs import BY
from ...embeddings.projection import ways
from ...embeddings.result import Likeness
from ...errors import LayerError, MissingPackageError, SettingError, did_you_mean
from ...images.image import Image
from ...probe import Probe
from ..core.state import WidgetState, refusing

SETTINGS = ("layer", "metric", "by", "pooled")
WORDS = {"by": BY, "click": ("query", "match", "foil"), "plane": ("pca", "umap")}
ROLES = ("query", "match", "foil")
Picture = int | Image


class SimilarityState(WidgetState):
    """Traits of a similarity explorer: those of every widget, the pictures compared, and how.

    Attributes
    ----------
    query : int or Image
        Picture A, by its number in the gallery, or one of your own. Can be observed, set and linked, as all that
        follow until `click`.
    match : int, Image or None
        Picture B; None is the nearest neighbour of A.
    foil : int, Image or None
        Picture C, which B is set against.
    layer : str
        The layer that holds the code.
    metric : str
        ``"cosine"``, ``"dot"`` or ``"euclidean"``.
    by : str
        How the maps are made: ``"auto"``, ``"patches"``, ``"gradient"`` or ``"occlusion"``.
    pooled : bool or None
        Whether the means of the layer's maps are compared instead of place with place; None suits the model.
    place, place_b : tuple of int or None
        (row, column) of the cell of A, or of B, whose likes are shown on the other picture; one of them is None.
    plane : str
        How codes are laid out: ``"pca"`` or ``"umap"``.
    click : str
        What a clicked picture becomes: ``"query"``, ``"match"`` or ``"foil"``.
    explanation : Likeness or None
        What is on the screen; read-only.
    neighbours : tuple of (int, float)
        Number and similarity of the pictures nearest to A, the most alike first; read-only.
    """

    query: traitlets.TraitType[Any, Any] = traitlets.TraitType(0)  # None is checked, too, and refused
    match = traitlets.Any(None, allow_none=True)
    foil = traitlets.Any(None, allow_none=True)
    layer = traitlets.Unicode("").tag(sync=True)
    metric = traitlets.Unicode("cosine").tag(sync=True)
    by = traitlets.Unicode("auto").tag(sync=True)
    pooled = traitlets.Any(None, allow_none=True)
    place = traitlets.Any(None, allow_none=True)
    place_b = traitlets.Any(None, allow_none=True)
    plane = traitlets.Unicode("pca").tag(sync=True)
    click = traitlets.Unicode("match").tag(sync=True)
    explanation = traitlets.Any(None, allow_none=True, read_only=True)
    neighbours = traitlets.Any((), read_only=True)

    probe: Probe
    count: int

    @traitlets.validate(*ROLES)
    @refusing
    def _known_picture(self, proposal: Any) -> Picture | None:
        name, value = proposal["trait"].name, proposal["value"]
        if value is None:
            if name == "query":
                raise SettingError(
                    "query must be the number of a picture of the gallery, or a picture; got None."
                )
            return None
        if isinstance(value, bool) or not hasattr(value, "__index__"):
            if isinstance(value, str | int | float | bool | tuple):
                raise SettingError(
                    f"{name} must be the number of a picture of the gallery, or a picture; got {value!r}."
                )
            return Image.load(value)
        if not 0 <= int(value) < self.count:
            raise SettingError(f"{name} must be from 0 to {self.count - 1}; got {value}.")
        return int(value)

    @traitlets.validate("layer")
    @refusing
    def _known_layer(self, proposal: Any) -> str:
        name = proposal["value"]
        return self.probe.layer(name).name if name else ""

    @traitlets.validate("metric")
    @refusing
    def _known_metric(self, proposal: Any) -> str:
        check_metric(proposal["value"])
        return str(proposal["value"])

    @traitlets.validate("by", "click", "plane")
    @refusing
    def _known_word(self, proposal: Any) -> str:
        name, value = proposal["trait"].name, proposal["value"]
        if value not in WORDS[name]:
            raise SettingError(
                f"{name} must be one of {', '.join(WORDS[name])}; got {value!r}.{did_you_mean(value, WORDS[name])}"
            )
        if name == "plane" and value not in ways():
            raise MissingPackageError(
                "plane='umap' needs umap-learn: pip install 'cnnviz_widgets[umap]'. Without it, use plane='pca'."
            )
        return str(value)

    @traitlets.validate("pooled")
    @refusing
    def _known_pooling(self, proposal: Any) -> bool | None:
        if proposal["value"] not in (None, True, False):
            raise SettingError(f"pooled must be True, False or None; got {proposal['value']!r}.")
        return None if proposal["value"] is None else bool(proposal["value"])

    @traitlets.validate("place", "place_b")
    @refusing
    def _known_place(self, proposal: Any) -> Place | None:
        name, value = proposal["trait"].name, proposal["value"]
        if value is None:
            return None
        try:
            row, column = (int(one) for one in value)
        except (TypeError, ValueError):
            raise SettingError(f"{name} must be (row, column) of a cell, or None; got {value!r}.") from None
        if row < 0 or column < 0:
            raise SettingError(f"{name} must be (row, column) from 0; got ({row}, {column}).")
        return row, column


def same(one: Picture | None, other: Picture | None) -> bool:
    """Return whether two are one picture; none is the same as nothing."""
    return one is not None and type(one) is type(other) and one == other


def checked_kinds(labels: Any, count: int) -> tuple[str, ...] | None:
    """Return what each picture shows, or raise `SettingError` if there is not a label for each."""
    if labels is None:
        return None
    kinds = tuple(map(str, labels))
    if isinstance(labels, str) or len(kinds) != count:
        raise SettingError(
            f"labels must say what each of the {count} pictures shows; got {len(kinds)}. "
            "Names of a classifier's classes belong to Probe(model, labels=...)."
        )
    return kinds


def gallery_of(images: Any, labels: Any) -> tuple[Any, Any]:
    """Return pictures and labels; a gallery such as the demo's brings both."""
    if hasattr(images, "images") and hasattr(images, "labels"):
        return images.images, images.labels if labels is None else labels
    return images, labels


def checked_place(found: Likeness, place: Place, on_b: bool) -> Place:
    """Return a cell of A, or of B, or raise an error if there is no such cell or the code has no exact parts."""
    if found.parts is None:
        why = next((one for one in found.notes if "exact" in one), "This code has no exact parts.")
        raise LayerError(f"{why.partition(' Use ')[0]} So none of its places can be asked what it is like.")
    shape = found.parts.shape_b if on_b else found.parts.shape_a
    for axis, at, most in zip(("row", "column"), place, shape, strict=True):
        if not 0 <= at < most:
            raise SettingError(f"The {axis} of a place must be from 0 to {most - 1}; got {at}.")
    return place
