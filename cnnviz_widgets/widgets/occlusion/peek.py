"""What a network makes of a patch at single places, the last few kept, so that going back runs nothing."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any

import numpy as np

from ...image import Image
from ...methods.occlusion import Occlusion
from ...objective import Objective
from ...probe import Probe
from ...sweeps import Swept, begun, covered_picture, glance
from .state import Place

KEPT = 64


class Peek:
    """A peek behind the patch, and what an autoencoder makes of the covered picture.

    Parameters
    ----------
    probe : Probe
        The network.
    """

    def __init__(self, probe: Probe) -> None:
        self._probe = probe
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()

    def at(self, image: Image, ready: Occlusion, place: Place, target: Objective | None) -> Swept:
        """Return all that is asked about the patch at one place."""
        asked = begun(self._probe, image, ready, target).asked  # the same for all classes
        key = (image, ready.look, place, asked)
        return self._found(key, lambda: glance(self._probe, image, ready, place, target))

    def rebuilt(self, image: Image, ready: Occlusion, place: Place) -> Image | None:
        """Return what is rebuilt from the covered picture; None for a network that does not rebuild its picture."""
        if not self._probe.rebuilds:
            return None
        return self._found((image, ready.look, place), lambda: self._rebuild(image, ready, place))

    def _rebuild(self, image: Image, ready: Occlusion, place: Place) -> Image:
        made = self._probe.predict(Image(covered_picture(image, ready, place), image.range))[0]
        ends = [Image(np.full_like(image.pixels, end), image.range) for end in image.range]
        low, high = (
            float(given.mean()) for given in self._probe.prepared(ends)
        )  # it rebuilds what it was given
        if not high > low:  # each picture is given in a range of its own
            low, high = float(made.min()), float(made.max()) + 1e-12
        return Image(np.clip((made - low) / (high - low), 0, 1), (0, 1))

    def _found(self, key: Hashable, make: Callable[[], Any]) -> Any:
        if key not in self._kept:
            self._kept[key] = make()
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]
