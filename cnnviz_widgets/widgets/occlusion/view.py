"""The controls of an occlusion explorer, laid out; what they are for is wired here."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import ipywidgets as widgets

from ...images.image import Image
from ...occlusion import SweepSettings, served_maps
from ...style import Style
from ..canvas.scene import nothing
from ..controls.form import control
from ..controls.style_controls import StyleControls
from ..controls.target_picker import TargetPicker
from ..core.elements import LEVER_LABEL_WIDTH, box, button, free, part, row, shown, stylesheet, title
from ..core.shell import PictureShell
from .state import OcclusionHost

SPOKEN = {"code distance": "Code", "reconstruction error": "Error", "code or error": "Both"}
TOLD = {
    "fall": "How far the score falls with a place covered",
    "probability": "How probable the class stays",
    "label": "What the network says instead",
    "activity": "How far the strongest map falls silent",
    "code distance": "How far the code moves",
    "reconstruction error": "How much worse the covered picture is rebuilt than the bare one",
    "code or error": "Code or error: whether a place matters more to the code or to what is rebuilt",
}
SHORT = "42px"
PLAY, STOP = "Move the patch over the picture", "Stop the patch"


class OcclusionView(PictureShell):
    """Patch, stride and place under the picture; bars, maps, filling and pins beside it.

    Parameters
    ----------
    host : OcclusionHost
        The widget.
    """

    _host: OcclusionHost

    def __init__(self, host: OcclusionHost) -> None:
        super().__init__(host, nothing)
        self._quiet = False
        served = served_maps(host.probe)
        heading = "Before and behind the patch" if "label" in served else ""
        choose, refuse = self.set_trait("target"), host.refuse
        self.verdict = TargetPicker(host.uid, host.probe, choose, refuse, heading)
        names = {SPOKEN.get(name, name.capitalize()): name for name in served}
        self.map: Any = part(
            widgets.ToggleButtons,
            options=list(names.items()),
            value=host.map,
            tooltips=[TOLD[name] for name in served],
        )
        self.map.add_class("cv-seg")
        self.legend, self.cost, self.notes = part(widgets.HTML), part(widgets.HTML), part(widgets.HTML)
        self.style = StyleControls(host.uid, host.style, self._restyled, nothing)
        shown(self.style.same, False)
        self._settings = self._controls()
        self._place = {
            name: part(widgets.IntSlider, min=0, max=1, tooltip=tip) for name, tip in _PLACES.items()
        }
        self.play = button("", "cv-icon", PLAY, host.play, icon="play")
        pin = button("", "cv-icon", "Pin this position", host.pin, icon="thumb-tack")
        self._pins = box(widgets.VBox, "cv-pins")
        self._pinned = box(widgets.VBox, "cv-sec", title("Pinned"), self._pins)
        shown(self._pinned, False)
        self._listen()
        self.lever.children = self._levers()
        css = stylesheet("occlusion/occlusion.css")
        self.children = self.laid_out(host.canvas.widget, self._side(), (self.play, pin), css=css)

    def put(self, ready: SweepSettings, image: Image, place: tuple[int, int], chosen: str) -> None:
        """Move the controls to what they stand for."""
        self._quiet = True
        try:
            for name, made in self._settings.items():
                value = getattr(ready, name)
                if name in ("patch", "stride"):
                    made.max = max(min(image.size), value)
                # no word is pressed for a filling that has none: another picture, or a colour set later
                offered = name != "fill" or value in [word for _, word in made.options]
                made.value = value if offered else None
            for made, at, length in zip(self._place.values(), place, image.size, strict=True):
                made.max, made.value = max(length - (ready.patch or 1), 0), at
            self.map.value = chosen
        finally:
            self._quiet = False

    def tell_cost(self, text: str) -> None:
        """Say what the sweep will cost, or has cost."""
        self.cost.value = f'<div class="cv-cost">{html.escape(text)}</div>'

    def tell_notes(self, notes: Sequence[str]) -> None:
        """Say what to mind."""
        value = "".join(f"<div>{html.escape(note)}</div>" for note in notes)
        self.notes.value = f'<div class="cv-read">{value}</div>' if notes else ""

    def tell_pins(self, words: Mapping[int, str]) -> None:
        """List the pinned positions by their numbers; a click removes one."""
        before, made = self._pins.children, []
        for number, text in words.items():
            one = button(
                f"{number}: {text}  ×", "cv-pin", "Remove this pin", partial(self._host.unpin, number)
            )
            made.append(one)
        self._pins.children = made
        shown(self._pinned, bool(made))
        for old in before:
            free(old)

    def playing(self, on: bool) -> None:
        """Show whether the patch moves by itself."""
        self.play.icon, self.play.tooltip = ("stop", STOP) if on else ("play", PLAY)

    def _controls(self) -> dict[str, Any]:
        host, specs = self._host, SweepSettings.specs()
        image = host.fitted_image
        ready = host.recipe.fitted(image)
        fill = ready.fill if isinstance(ready.fill, str) else "grey"
        values = {"patch": ready.patch, "stride": ready.stride, "fill": fill, "shape": ready.shape}
        return {name: control(specs[name], value, min(image.size)) for name, value in values.items()}

    def _listen(self) -> None:
        for name, made in self._settings.items():
            made.observe(partial(self._moved, self.set_trait(name)), "value")
        self.map.observe(partial(self._moved, self.set_trait("map")), "value")
        for made in self._place.values():
            made.observe(self._placed, "value")

    def _moved(self, change: Any, event: dict[str, Any]) -> None:
        if not self._quiet:
            change(event["new"])

    def _placed(self, event: dict[str, Any]) -> None:
        if not self._quiet:
            down, across = (made.value for made in self._place.values())
            self.set_trait("position")((down, across))

    def _levers(self) -> list[widgets.Widget]:
        specs, made = SweepSettings.specs(), self._settings
        lines = [
            row(name.capitalize(), made[name], LEVER_LABEL_WIDTH, specs[name].help)
            for name in ("patch", "stride")
        ]
        (down, low), (across, wide) = self._place.items()
        place = row(down, low, LEVER_LABEL_WIDTH, low.tooltip), row(across, wide, help=wide.tooltip)
        fill = row("Filled with", made["fill"], LEVER_LABEL_WIDTH, specs["fill"].help)
        shape = row("Shape", made["shape"], SHORT, specs["shape"].help)
        pairs = [box(widgets.HBox, "cv-pair", *pair) for pair in (place, (fill, shape))]
        return [*lines, *pairs, self.cost]

    def _side(self) -> tuple[widgets.Widget, ...]:
        maps = box(widgets.VBox, "cv-sec", title("Map of"), self.map, self.legend, self.notes)
        return self.verdict.widget, maps, self._pinned, self.style.widget

    def _restyled(self, style: Style, moving: bool) -> None:
        self.set_trait("style")(style)


_PLACES = {"Down": "first row of the patch", "Across": "first column of the patch"}
