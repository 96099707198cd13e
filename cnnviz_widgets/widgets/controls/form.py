"""From a declared setting to its control, and from a method's settings to a form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from ...settings import Settings, Spec
from ..core.elements import LEVER_LABEL_WIDTH, box, part, row

SLIDER_END = 100
FINEST = 1e-5  # step of a slider
FEW = 6
IN_THE_LEVER = 3


def control(spec: Spec, value: Any, high: float | None = None) -> widgets.ValueWidget | None:
    """Return the control of a setting, or None for a kind that has a place of its own (layer, target).

    Parameters
    ----------
    spec : Spec
        The declaration.
    value : object
        What it stands at.
    high : float, optional
        Right end of a slider, if the picture sets one.
    """
    if spec.kind in ("whole", "number"):
        return _slider(spec, value, high)
    if spec.kind == "flag":
        return part(widgets.Checkbox, value=value, indent=False, tooltip=spec.help)
    if spec.kind == "choice":
        return _choice(spec, value)
    return None


def _slider(spec: Spec, value: Any, high: float | None) -> widgets.ValueWidget:
    end = next(e for e in (high, spec.control_high, spec.high, SLIDER_END) if e is not None)
    low = spec.low if spec.low is not None else 0
    value = low if value is None else value
    shown: dict[str, Any] = {"min": low, "max": max(end, low, value), "value": value, "tooltip": spec.help}
    if spec.kind == "whole":
        return part(widgets.IntSlider, step=int(spec.step or 1), **shown)
    share = spec.unit == "" and low == 0 and end == 1
    step = _fine(low, spec.step or 0.01, value)
    figures = ".0%" if share else ".1f" if step >= 0.1 else ".3g"
    return part(widgets.FloatSlider, step=step, readout_format=figures, **shown)


def _fine(low: float, step: float, value: float) -> float:
    """Return a step by which a slider that begins at `low` comes to stand at a value: the page rounds to steps."""
    while step > FINEST and abs((value - low) / step - round((value - low) / step)) > 1e-6:
        step /= 10
    return step


def _choice(spec: Spec, value: Any) -> widgets.ValueWidget:
    options: list[tuple[str, Any]] = [(_spoken(word), word) for word in spec.choices]
    if value not in spec.choices:
        options.append((_named(value), value))
    if len(options) <= FEW and sum(len(name) for name, _ in options) <= 40:
        made = part(widgets.ToggleButtons, options=options, value=value, tooltips=[spec.help] * len(options))
        made.add_class("cv-seg")
        return made
    return part(widgets.Dropdown, options=options, value=value, tooltip=spec.help)


def _named(value: Any) -> str:
    """Return a value beside the words of a choice as it stands on the screen: a colour, a number, a place."""
    if value is None:
        return "Automatic"
    return ", ".join(map(str, value)) if isinstance(value, tuple | list) else str(value)


def _spoken(word: str) -> str:
    """Return a choice as it stands on the screen: words with a capital, names as they are."""
    if len(word) <= 2:
        return word.upper()
    return word.capitalize() if word.islower() else word


class Form:
    """The settings of a method as controls, the first ones under the picture, the rest under More.

    Parameters
    ----------
    settings : Settings
        What they stand at; open ones must be filled in.
    changed : callable
        Called with the name of a setting and its new value.
    ends : dict, optional
        Right ends of sliders that the picture sets, by setting.
    """

    def __init__(
        self, settings: Settings, changed: Callable[[str, Any], None], ends: dict[str, float] | None = None
    ) -> None:
        self._changed, self._quiet = changed, False
        self.controls: dict[str, widgets.ValueWidget] = {}
        lever: list[widgets.Widget] = []
        more: list[widgets.Widget] = []
        for name, spec in settings.specs().items():
            made = control(spec, getattr(settings, name), (ends or {}).get(name))
            if made is None:
                continue
            self.controls[name] = made
            made.observe(lambda change, name=name: self._moved(name, change["new"]), "value")
            label = spec.label or name.replace("_", " ").capitalize()
            line = row(label, made, LEVER_LABEL_WIDTH, spec.help)
            (more if spec.advanced or len(lever) >= IN_THE_LEVER else lever).append(line)
        self.lever = box(widgets.VBox, "cv-form", *lever)
        self.more = box(widgets.VBox, "cv-form", *more)

    def put(self, settings: Settings) -> None:
        """Move the controls to other values without asking for anything."""
        self._quiet = True
        try:
            for name, made in self.controls.items():
                value = getattr(settings, name)
                if value is not None and made.value != value:
                    if hasattr(made, "max") and value > made.max:
                        made.max = value
                    if isinstance(made, widgets.FloatSlider):
                        made.step = _fine(made.min, made.step, value)
                    made.value = value
        finally:
            self._quiet = False

    def _moved(self, name: str, value: Any) -> None:
        if not self._quiet:
            self._changed(name, value)
