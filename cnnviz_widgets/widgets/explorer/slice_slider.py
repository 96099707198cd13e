"""The slider of a volume: which of its slices, or of the frames of a video, is the picture."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from ...probe import Probe
from ..core.elements import LEVER_LABEL_WIDTH, part, row


class SliceSlider:
    """A slider, and of how many.

    Parameters
    ----------
    probe : Probe
        The network, with a volume.
    moved : callable
        Called with the number of the slice that the reader moves to.

    Attributes
    ----------
    slider : IntSlider
        The number of the slice, from 0.
    widget : HBox
        The slider between what it is called and how many there are.
    """

    def __init__(self, probe: Probe, moved: Callable[[int], None]) -> None:
        volume = probe.volume
        assert volume is not None
        self._moved, self._quiet = moved, False
        tip = f"Which {volume.word} is explained, counted from 0; the others are held as they are"
        self.slider: Any = part(
            widgets.IntSlider, value=volume.index, min=0, max=volume.count - 1, tooltip=tip
        )
        self.slider.observe(self._changed, "value")
        self.widget = row(volume.word.capitalize(), self.slider, LEVER_LABEL_WIDTH, tip)
        self.widget.children = (*self.widget.children, part(widgets.Label, "cv-of", f"of {volume.count}"))

    def put(self, index: int) -> None:
        """Show which slice is the picture, without asking for anything."""
        self._quiet = True
        try:
            self.slider.value = index
        finally:
            self._quiet = False

    def _changed(self, change: dict[str, Any]) -> None:
        if not self._quiet:
            self._moved(change["new"])
