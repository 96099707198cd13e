"""Activation maximisation: the picture that a class, a unit or a layer answers to most."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

from ..images.image import Image
from ..method import register
from ..objectives import ClassScore, Objective, Several
from ..probe import Probe
from ..settings import choice, number, objective, whole
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

    A class may be raised in two ways: by its logit, which may raise its rivals' too, or by its log-probability, which
    holds them down (`rivals`).

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
    rivals: str = choice(
        "held down", ("held down", "left alone"),
        help="for a class: held down raises its log-probability, left alone its logit, come what may of the others",
    )  # fmt: skip
    count: int = whole(1, low=1, high=16, help="how many pictures grow at once, each from noise of its own")
    diversity: float = number(
        0.0,
        low=0,
        high=10,
        control_high=1,
        help="how strongly several pictures are driven apart",
        advanced=True,
    )

    def resolved(self, probe: Probe, image: Image) -> Self:
        """Return this method with open settings filled in; a class whose rivals are held down is a log-probability."""
        ready = super().resolved(probe, image)
        return ready.replace(target=_surely(ready.target)) if ready.rivals == "held down" else ready

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


def _surely(target: Any) -> Any:
    """Return a class's logit as its log-probability, other targets as they are."""
    if isinstance(target, Several):
        return Several(tuple(_surely(one) for one in target.objectives))
    if isinstance(target, ClassScore) and target.of == "logit":
        return replace(target, of="log-probability")
    return target
