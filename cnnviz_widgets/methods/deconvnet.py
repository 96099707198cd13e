"""Deconvnet: the score sent back through the layers, what is positive passing each ReLU."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..method import register
from ..probe import Rule
from ._ruled_map import RuledMap


@register
@dataclass(frozen=True)
class Deconvnet(RuledMap):
    """The structure that a score is made of, sent back through the layers by a rule of its own.

    On the way back through a ReLU what is positive of the slope passes, wherever the input was. Max poolings send
    it back to the place of the maximum, as the paper's switches do. ReLU6, LeakyReLU and PReLU are treated as ReLU;
    ELU, SiLU, GELU and their kin too, which a note calls an extension. In a network with none of them the map is the
    plain slope, and a note says so.

    The result is a `Heatmap` of the picture's size, (H, W) float32; with ``colour`` a `ColourMap`. It
    raises what `GuidedBackprop` does.
    """

    label: ClassVar[str] = "Deconvnet"
    help: ClassVar[str] = "Sends the score back through the layers; each ReLU passes what is positive"
    source: ClassVar[str] = "Zeiler & Fergus, ECCV 2014, arXiv:1311.2901, section 2.1"
    says: ClassVar[str] = "{places} hold the patterns that {target} is put together from."
    reading: ClassVar[str] = (
        "It draws the patterns that the layers stand for; with poolings they land where the maxima were. "
        "Without poolings it hardly depends on the picture, and it tells classes apart little."
    )
    rank: ClassVar[int] = 60
    rule: ClassVar[Rule] = "deconvnet"
