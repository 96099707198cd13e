"""Which views a kind of answer has in the Explorer."""

from __future__ import annotations

from collections.abc import Callable

from ...method import Method, methods
from ...objectives import Objective
from ...probe import Probe
from ..core.answer_view import AnswerView
from .attention_view import OWN_LAYER, AttentionView
from .output_view import OutputView
from .pair_view import PairView
from .segmentation_view import SegmentationView
from .steps_view import StepsView


def answer_views(
    uid: str,
    probe: Probe,
    choose: Callable[[Objective | None], None],
    redraw: Callable[[], None],
    look: Callable[..., None],
) -> tuple[AnswerView, ...]:
    """Return what the answer of a network, and its attention, add to the Explorer; nothing for a row of classes.

    Parameters
    ----------
    uid : str
        CSS class of the widget.
    probe : Probe
        The network.
    choose, redraw : callable
        As for `AnswerView`.
    look : callable
        As for `AttentionView`.
    """
    attention = (AttentionView(uid, probe, look, redraw),) if probe.attention_layers else ()
    if probe.task == "segmentation":
        return (*attention, SegmentationView(probe, choose, redraw))
    if probe.task == "sequence":
        return (*attention, StepsView(uid, probe, choose, redraw))
    if probe.task == "image":
        return (*attention, OutputView(probe.outputs, choose, redraw))
    return (*attention, PairView()) if probe.beside else attention


def offered_methods(probe: Probe, chosen: str) -> dict[str, type[Method]]:
    """Return the methods that are offered for a network, by label: those of attention only where it has some.

    Parameters
    ----------
    probe : Probe
        The network.
    chosen : str
        The method in use, which is offered all the same.
    """
    left_out = () if probe.attention_layers else tuple(label for label in OWN_LAYER if label != chosen)
    return {label: kind for label, kind in methods().items() if label not in left_out}
