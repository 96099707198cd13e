"""Develops the film: the present method at nine depths, in the background, from the pass that is already paid for."""

from __future__ import annotations

import dataclasses
from collections.abc import Hashable
from typing import Any

import numpy as np

from ..errors import CnnvizError
from ..explanation import ActivationMaps, Explanation, Kernels
from ..jobs import Job, worker
from ..method import Method
from ..probe import Probe
from ..render import Style, picture, thumbnail
from ..render.scale import finite
from .depth import FRAME_SIDE, DepthStrip
from .parts import square

KERNELS, KERNELS_SIDE = 9, 78  # so small that a collage leaves out its numbers


class Film:
    """The small pictures of a depth strip.

    Parameters
    ----------
    probe : Probe
        The network.
    lock : context manager
        Held while the strip is written to.
    strip : DepthStrip
        Where the pictures go.
    """

    def __init__(self, probe: Probe, lock: Any, strip: DepthStrip) -> None:
        self._probe, self._lock, self._strip = probe, lock, strip
        self._developed: Hashable = None
        self._maps: tuple[Hashable, list[Explanation]] = (None, [])

    def develop(self, explanation: Explanation, style: Style) -> None:
        """Draw the frames for what is on the screen, unless they are there already; returns at once."""
        recipe: Method = explanation.recipe
        if not recipe.by_layer or not self._strip.layers:
            return
        question = (explanation.image, recipe.replace(layer=None), self._probe.changes)
        look = style.replace(
            mode="spotlight" if style.mode == "spotlight" else "overlay", opacity=0.95, clip=0.995, soften=0.0
        )
        key = (question, look)
        if key != self._developed:
            worker.submit(self, lambda job: self._work(job, key), urgent=False)

    def cancel(self) -> None:
        """Stop; a question of the reader goes first."""
        worker.cancel(self)

    def turn_to(self, probe: Probe) -> None:
        """Develop what another probe finds from now on."""
        self.cancel()
        self._probe, self._developed, self._maps = probe, None, (None, [])

    def peak(self) -> float | None:
        """Return the largest magnitude in the maps of the frames, for one scale for all; None if there are none."""
        values = [float(np.abs(e.values).max()) for e in self._maps[1] if hasattr(e, "values")]
        return max(values, default=0.0) or None

    def _work(self, job: Job, key: Any) -> None:
        (image, recipe, _), look = key
        if self._maps[0] != key[0]:
            maps = []
            for layer in self._strip.frames:
                if job.cancelled:
                    return
                try:
                    *_, last = recipe.replace(layer=layer).explain(self._probe, image)
                except CnnvizError:
                    return
                maps.append(_lighter(last))
            self._maps = (key[0], maps)
        pictures = [_frame(explanation, look) for explanation in self._maps[1]]
        sizes = [self._probe.map_size(layer, image.size) for layer in self._strip.frames]
        with self._lock:
            if not job.cancelled:
                self._strip.develop(pictures, sizes)
                self._developed = key


def _frame(explanation: Explanation, look: Style) -> np.ndarray:
    """Draw one frame; of kernels several on one scale, as a kernel of one cell alone is a blank tile."""
    if not isinstance(explanation, Kernels):
        return square(thumbnail(explanation, look, FRAME_SIDE), FRAME_SIDE)
    weights = explanation.values if explanation.colours is None else explanation.colours
    limit = float(np.abs(finite(weights)).max(initial=0)) or None
    return picture(explanation, look.replace(limit=limit), size=KERNELS_SIDE)


def _lighter(explanation: Explanation) -> Explanation:
    """Keep only as many maps of a stack as a frame shows: nine stacks would fill the memory."""
    if not isinstance(explanation, ActivationMaps):
        return explanation
    kept = list(explanation.order[: KERNELS if isinstance(explanation, Kernels) else 1])
    changes: dict[str, Any] = {
        "values": explanation.values[..., kept].copy(),
        "order": tuple(range(len(kept))),
    }
    if isinstance(explanation, Kernels) and explanation.colours is not None:
        changes["colours"] = explanation.colours[:, :, kept].copy()
    return dataclasses.replace(explanation, **changes)
