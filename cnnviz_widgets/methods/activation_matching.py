"""Activation matching: what a layer still knows of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..images.image import Image
from ..method import Method, register
from ..objectives import Matching, Objective
from ..probe import Probe
from ..settings import layer_name
from ._generated import Generated


@register
@dataclass(frozen=True)
class ActivationMatching(Generated):
    """A picture, made from noise, to which a layer answers as it does to a photograph.

    Minus the squared distance between the layer's answers to both, as a share of the photograph's, is raised from faint
    noise. What a layer has kept comes back, what it has let go comes back blurred, moved or not at all: the first
    layers give back the photograph, deep ones its parts in places of their own.

    The result is a `GeneratedImage` of one picture; `image` is the photograph. Its score is 0 for a perfect match and
    -1 for none. The picture is not moved between steps unless `jitter`, `rotation` or `zoom` are given.

    Raises
    ------
    TargetError
        If the layer's answer to the photograph is all zero.
    """

    label: ClassVar[str] = "Activation matching"
    help: ClassVar[str] = "Makes a picture that a layer cannot tell from the photograph"
    source: ClassVar[str] = "Mahendran & Vedaldi, CVPR 2015, arXiv:1412.0035, eq. 1-6"
    says: ClassVar[str] = "Made to look to {layer} as the picture does."
    reading: ClassVar[str] = (
        "What you recognise is what the layer still knows of the picture; what is gone or moved, it no longer cares "
        "about. Compare an early layer with a late one."
    )
    by_layer: ClassVar[bool] = False
    rank: ClassVar[int] = 20

    layer: str | None = layer_name(help="the layer to be matched; the last one with maps if empty")

    def targets(self, image: Image) -> tuple[Objective, ...]:
        """Return the match with the photograph, the one target there is."""
        return (Matching(image, str(self.layer)),)

    def beginning(self, probe: Probe) -> Image:
        """Refuse: there must be a picture to match."""
        return Method.beginning(self, probe)

    def fitted(self, image: Image) -> ActivationMatching:
        """Return this method with open settings filled in: the picture stays where it is."""
        still = self.replace(
            **{name: 0 for name in ("jitter", "rotation", "zoom", "blur") if getattr(self, name) is None}
        )
        filled: ActivationMatching = Generated.fitted(still, image)
        return filled
