"""Activation maximisation: the picture that a class, a unit or a layer answers to most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..image import Image
from ..method import register
from ..objective import Objective, Several
from ..probe import Probe
from ..settings import number, objective, whole
from ._generated import Generated


@register
@dataclass(frozen=True)
class ActivationMaximization(Generated):
    """A picture that raises the target as far as it goes.

    Gradient ascent on the numbers that a picture is written as, from faint noise or from a picture. At each step the
    picture is moved a little before the network looks, so that what emerges must stand being moved; the moves do not
    pile up in the picture. Waves that are scaled by their length, in the colours of photographs, keep fine grain from
    winning (Olah et al., Distill 2017). Towards the end the steps shrink.

    With `count`, several pictures of the same target grow at once, from noise of their own; `diversity` drives them
    apart in what the last layer with maps answers. With ``target=Several([...])`` each picture has a target of its own.

    The result is a `GeneratedImage`: (N, H, W, C) float32 in the picture's value range, and the scores of every step.

    Raises
    ------
    TargetError
        If the target has no slope.
    """

    label: ClassVar[str] = "Activation maximisation"
    help: ClassVar[str] = "Makes a picture that the target answers to most"
    source: ClassVar[str] = (
        "Erhan et al. 2009, University of Montreal TR 1341; Olah, Mordvintsev, Schubert, Distill 2017, "
        "doi:10.23915/distill.00007"
    )
    says: ClassVar[str] = "Made to raise {target}."
    reading: ClassVar[str] = (
        "What keeps coming back from one seed to the next is what the target looks for; the rest is chance. "
        "It is no photograph: it shows what would excite the target beyond anything real."
    )
    rank: ClassVar[int] = 10

    target: Objective | int | None = objective(
        help="what is raised; the top class of a grey picture if empty"
    )
    count: int = whole(1, low=1, high=16, help="how many pictures grow at once, each from noise of its own")
    diversity: float = number(
        0.0,
        low=0,
        high=10,
        control_high=1,
        help="how strongly several pictures are driven apart",
        advanced=True,
    )

    def targets(self, image: Image) -> tuple[Objective, ...]:
        """Return what each picture raises."""
        if isinstance(self.target, Several):
            return self.target.objectives
        return (self.target,) * self.count  # type: ignore[return-value]

    def apart(self, probe: Probe, count: int) -> tuple[str, float] | None:
        """Return the layer and weight by which several pictures are driven apart."""
        if not self.diversity or count < 2:
            return None
        return probe.last_spatial(), self.diversity
