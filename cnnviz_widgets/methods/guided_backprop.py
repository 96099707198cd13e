"""Guided backpropagation: slopes that flow back only where every ReLU was on and wanted more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..method import register
from ..probe import Rule
from ._ruled_map import RuledMap


@register
@dataclass(frozen=True)
class GuidedBackprop(RuledMap):
    """The fine structure that a score reacts to, drawn by slopes of which only positive ones flow back.

    On the way back through a ReLU the slope passes where its input was positive and where the slope is positive.
    The same holds for ReLU6, LeakyReLU and PReLU by their true derivative; for ELU, SiLU, GELU and their kin the true
    derivative is taken and then only what is positive is kept, which the paper does not define: a note says so. In a
    network with none of them the map is the plain slope, and a note says that.

    The result is a `Heatmap` of the picture's size, (H, W) float32; with ``colour`` a `ColourMap`. It is sharp, but
    largely the same for every class, and it survives the shuffling of weights (Adebayo et al., NeurIPS 2018,
    arXiv:1810.03292): a drawing of edges, not evidence.

    Raises
    ------
    ModelError
        If the network's inner layers are not known, as in a model that could not be opened.
    TargetError
        If the target has no slope.
    """

    label: ClassVar[str] = "Guided backprop"
    help: ClassVar[str] = "Fine structure: only what is positive flows back through each ReLU"
    source: ClassVar[str] = "Springenberg et al., ICLR Workshop 2015, arXiv:1412.6806, section 3.4"
    says: ClassVar[str] = "{places} hold the structure that feeds {target}."
    reading: ClassVar[str] = (
        "Lines and textures that excite the network on the way to the target come out sharp. "
        "They are nearly the same for every class: read it as a drawing of what is seen, not of what decides."
    )
    rank: ClassVar[int] = 50
    rule: ClassVar[Rule] = "guided"
