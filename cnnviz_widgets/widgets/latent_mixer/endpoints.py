"""The pictures that are mixed: A and B beside what their codes give back, and those that are added or taken away."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import ipywidgets as widgets

from ...images.image import Image
from ...render import as_text
from ..core.elements import box, button, data_url, free, is_rounded, part, row, title
from .drawing import enlarged

SIDE = 150
STEP = 0.05
SLOTS = {"A": "a", "B": "b", "Plus": "added"}


@dataclass(frozen=True, eq=False)
class Rebuilt:
    """A picture with what is decoded from its own code.

    Attributes
    ----------
    image, picture : Image
        The picture, and what is decoded.
    error : float
        Mean squared difference of the network's output from what it was given.
    """

    image: Image
    picture: Image
    error: float


class EndpointControls:
    """The section of the pictures that are mixed.

    Parameters
    ----------
    weigh : callable
        Called with the index of a picture that is added and its weight, None to leave it out.
    """

    def __init__(self, weigh: Callable[[int, float | None], None]) -> None:
        self._weigh, self._quiet = weigh, False
        self.slot: Any = part(
            widgets.ToggleButtons,
            options=list(SLOTS.items()),
            tooltips=[f"A click on a picture above sets {name}" for name in SLOTS],
        )
        self.slot.add_class("cv-seg")
        self._cards = part(widgets.HTML)
        self._sliders: dict[int, Any] = {}
        self._added: Mapping[int, float] = {}
        self._rows = box(widgets.VBox, "cv-added")
        click = row("Click sets", self.slot, "62px", "what a click on a picture above is for")
        self.widget = box(widgets.VBox, "cv-sec", title("Pictures"), click, self._cards, self._rows)

    def tell(self, ends: Sequence[Rebuilt]) -> None:
        """Show A and B beside what is decoded from their codes."""
        cards = [card(letter, end) for letter, end in zip("AB", ends, strict=False)]
        self._cards.value = f'<div class="cv-ends">{"".join(cards)}</div>'

    def put(self, added: Mapping[int, float], names: Mapping[int, str]) -> None:
        """Show a slider for every picture that is added or taken away."""
        self._quiet = True
        try:
            if list(added) != list(self._sliders):
                before = self._rows.children
                self._sliders = {}
                self._rows.children = [
                    self._row(index, names[index], weight) for index, weight in added.items()
                ]
                for old in before:
                    free(old)
            self._added = added
            for index, weight in added.items():
                made = self._sliders[index]
                made.max, made.min = max(made.max, weight), min(made.min, weight)
                made.value = weight
        finally:
            self._quiet = False

    def _row(self, index: int, name: str, weight: float) -> widgets.Widget:
        slider = part(
            widgets.FloatSlider,
            "",
            weight,
            min=min(-1.0, weight),
            max=max(1.0, weight),
            step=STEP,
            readout_format="+.2f",
        )
        slider.observe(partial(self._moved, index), "value")
        self._sliders[index] = slider
        made = row(name, slider, "86px", f"{name}: above 0 its code is added, below 0 taken away")
        remove = button("", "cv-icon", f"Leave out {name}", lambda: self._weigh(index, None), icon="times")
        made.children = (*made.children, remove)
        return made

    def _moved(self, index: int, change: dict[str, Any]) -> None:
        if not self._quiet and not is_rounded(change["new"], self._added[index], STEP):
            self._weigh(index, change["new"])


def card(letter: str, end: Rebuilt) -> str:
    """Return, as HTML, a picture beside what is decoded from its code."""
    name = html.escape(end.image.name)
    given, made = (data_url(enlarged(image, SIDE), 88) for image in (end.image, end.picture))
    return (
        f'<div class="cv-end"><img src="{given}" alt="{letter}: {name}"><img src="{made}" '
        f'alt="{letter}, rebuilt from its code"><p><b>{letter}</b> {name}</p>'
        f"<p>rebuilt, error {as_text(end.error)}</p></div>"
    )
