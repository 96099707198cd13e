"""What is raised: a class by a bar or its name, a channel of a layer, or a whole layer; one, or several in a grid."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ipywidgets as widgets

from ...objective import ClassScore, LayerEnergy, Objective, Several, Unit
from ...probe import Probe
from ...probe.info import middle
from ..parts import box, heading, part, row, shown, title
from ..verdict import Verdict

TIMES = "\N{MULTIPLICATION SIGN}"
KINDS = ("Class", "Channel", "Layer")
RAISE, MATCH = "Raise", "Match"
SEARCH = "class, layer:channel, or energy of layer"
MOST_IN_GRID = 16


class Picker:
    """The controls of the target.

    Parameters
    ----------
    uid : str
        CSS class of the widget that it stands in.
    probe : Probe
        The network.
    choose : callable
        Called with the target that the reader picks, or None for the natural one.
    match : callable
        Called with the name of the layer that the reader picks where a layer is matched.
    refuse : callable
        Called with the error when a search makes no sense.
    """

    def __init__(
        self,
        uid: str,
        probe: Probe,
        choose: Callable[[Objective | None], None],
        match: Callable[[str], None],
        refuse: Callable[[Exception], None],
    ) -> None:
        self._choose, self._match, self._quiet, self._matching = choose, match, False, False
        self._target: Objective | None = None
        says = "The network says of it" if probe.gives_classes else ""
        self.verdict = Verdict(uid, probe, self._picked, refuse, says)
        if says:
            self.verdict.search.placeholder = SEARCH
        self._maps = {info.name: info for info in probe.spatial_layers}
        kinds = KINDS if self._maps else KINDS[:1]
        self.kind: Any = part(widgets.ToggleButtons, options=kinds)
        self.kind.add_class("cv-seg")
        names = [
            (f"{name}   {info.cells} {TIMES} {info.shape[2]}", name) for name, info in self._maps.items()
        ]
        usual = middle(probe.spatial_layers).name if self._maps else ""
        self.layer: Any = part(widgets.Dropdown, options=names or [("no layer has maps", "")], value=usual)
        self.channel: Any = part(widgets.IntSlider, min=0, max=1, continuous_update=False)
        self.several = part(widgets.Checkbox, value=False, description="Add to a grid", indent=False)
        self.several.tooltip = "What is picked next gets a picture of its own beside the others"
        self.kind.observe(lambda _: self._shaped(True), "value")
        self.layer.observe(lambda _: self._shaped(True), "value")
        self.channel.observe(lambda _: self._unit_picked(), "value")
        self._layer_row, self._channel_row = row("Layer", self.layer), row("Channel", self.channel)
        self._title = title(RAISE)
        raised = box(
            widgets.VBox, "cv-sec", self._title, self.kind, self._layer_row, self._channel_row, self.several
        )  # fmt: skip
        self.widgets = (self.verdict.widget, raised)
        self._shaped(False)

    def put(self, target: Objective | None, layer: str, matching: bool) -> None:
        """Move the controls to what they stand for.

        Parameters
        ----------
        target : Objective or None
            What is raised.
        layer : str
            The layer that is matched; empty where none is.
        matching : bool
            Whether a layer is matched, so that there is no target to choose.
        """
        if target != self._target:
            self.verdict.search.value = ""  # what was searched in vain is not what is raised
        self._target, self._matching, self._quiet = target, matching, True
        try:
            one = target.objectives[-1] if isinstance(target, Several) else target
            name = layer if matching else getattr(one, "layer", "")
            if name in self._maps:
                self.layer.value = name
            if isinstance(one, ClassScore) and not matching:
                self.kind.value = "Class"
            elif isinstance(one, LayerEnergy):
                self.kind.value = "Layer"
            elif isinstance(one, Unit) and name in self._maps:
                self.kind.value = "Channel"
                self._fit_channels()
                self.channel.value = one.channel or 0
            self._shaped(False)
        finally:
            self._quiet = False
        self.verdict.mark(None if matching else target)

    def doubt(self, on: bool) -> None:
        """Show, or no longer, that the bars are not those of the picture that is coming."""
        (self.verdict.widget.add_class if on else self.verdict.widget.remove_class)("cv-doubt")

    def _shaped(self, asks: bool) -> None:
        """Show the rows that belong to the kind; ask for what they stand at, if the reader has moved one."""
        kind = "Layer" if self._matching else self.kind.value
        self._title.value = heading(MATCH if self._matching else RAISE)
        self.verdict.allow(not self._matching)
        shown(self.kind, not self._matching and bool(self._maps))
        shown(self.several, not self._matching)
        shown(self._layer_row, kind != "Class")
        shown(self._channel_row, kind == "Channel")
        self._fit_channels()
        if asks and not self._quiet:
            self._unit_picked()

    def _fit_channels(self) -> None:
        if self.layer.value in self._maps:
            before, self._quiet = self._quiet, True
            self.channel.max = max((self._maps[self.layer.value].shape[2] or 1) - 1, 0)
            self._quiet = before

    def _unit_picked(self) -> None:
        name = self.layer.value
        if self._quiet or not name:
            return
        if self._matching:
            self._match(name)
        elif self.kind.value == "Channel":
            self._picked(Unit(name, self.channel.value))
        elif self.kind.value == "Layer":
            self._picked(LayerEnergy(name))

    def _picked(self, target: Objective | None) -> None:
        """Raise a target alone, or beside those there are."""
        before = self._target
        if not self.several.value or target is None or before is None:
            self._choose(target)
            return
        known = before.objectives if isinstance(before, Several) else (before,)
        if target not in known and len(known) < MOST_IN_GRID:
            self._choose(Several((*known, target)))


def as_picked(target: Objective | None) -> Objective | None:
    """Return a target as the controls name it: a class is a class, however its score is counted."""
    if isinstance(target, ClassScore):
        return replace(target, of="logit")
    if isinstance(target, Several):
        return Several(tuple(filter(None, map(as_picked, target.objectives))))
    return target
