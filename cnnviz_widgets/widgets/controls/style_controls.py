"""How the picture is drawn: blend, opacity, strips of colours, and the finer points under More."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import ipywidgets as widgets

from ...colours import NAMED, SIGNED, table
from ...style import Style
from ..core.elements import box, button, mark, part, row, shown, style_child, title
from .form import control


class ColourPicker:
    """Strips of colour, those for maps from 0 up or those for maps with two signs.

    Parameters
    ----------
    uid : str
        CSS class of the widget that they stand in.
    choose : callable
        Called with the name of the setting of `Style`, and the colours that were clicked.
    """

    def __init__(self, uid: str, choose: Callable[[str, str], None]) -> None:
        self._choose = choose
        self.plain = {name: self._swatch(name, "colormap") for name in NAMED}
        self.signed = {name: self._swatch(name, "signed_colormap") for name in SIGNED}
        strips = box(widgets.HBox, "cv-swatches", *self.plain.values(), *self.signed.values())
        self.widget = row("Colours", strips)
        self.style = style_child(_css(uid))

    def put(self, style: Style, signed: bool) -> None:
        """Mark the colours of a style, and show those that suit maps of one or two signs."""
        for swatches, chosen, visible in (
            (self.plain, style.colormap, not signed),
            (self.signed, style.signed_colormap, signed),
        ):
            mark(list(swatches.values()), next((k for k, n in enumerate(swatches) if n == chosen), None))
            for made in swatches.values():
                shown(made, visible)

    def _swatch(self, name: str, setting: str) -> widgets.Button:
        style = f"cv-swatch cv-m-{_slug(name)}"
        return button(name, style, name, lambda: self._choose(setting, name))


def _css(uid: str) -> str:
    rules = []
    for names, signed in ((NAMED, False), (SIGNED, True)):
        for name in names:
            stops = ",".join("rgb({},{},{})".format(*colour) for colour in table(name, signed)[::32])
            rules.append(
                f".{uid} .cv-m-{_slug(name)} {{ background: linear-gradient(90deg,{stops}) !important; }}"
            )
    return "".join(rules)


def _slug(name: str) -> str:
    return "".join(c if c.isalnum() else "-" for c in name.lower())


WHY = "The map stands alone: there is no picture under it. Overlay blends the two."


class OpacitySlider:
    """A slider with its label, and in place of its number a word why it is off.

    Parameters
    ----------
    style : Style
        What it stands at.

    Attributes
    ----------
    slider : FloatSlider
        The slider.
    row : HBox
        All of it.
    """

    def __init__(self, style: Style) -> None:
        spec = Style.specs()["opacity"]
        self._help = spec.help
        self.slider: Any = control(spec, style.opacity)
        self.row = row("Opacity", self.slider, help=spec.help)
        self._why = part(widgets.Label, "cv-why", "not in Map", tooltip=WHY)
        self.row.children = (*self.row.children, self._why)
        self.put(style)

    def put(self, style: Style) -> None:
        """Move it to a style, and switch it off where that draws the map alone."""
        alone = style.mode == "map"
        self.slider.value, self.slider.disabled = style.opacity, alone
        self.slider.tooltip = WHY if alone else self._help
        (self.row.add_class if alone else self.row.remove_class)("cv-off")
        shown(self._why, alone)


MODES = {"Overlay": "overlay", "Spotlight": "spotlight", "Outline": "outline", "Map": "map"}
FOLDED, UNFOLDED = "More ▸", "More ▾"


class StyleControls:
    """Controls of a `Style`; moving one replaces the style and computes nothing.

    Parameters
    ----------
    uid : str
        CSS class of the widget that it stands in.
    style : Style
        What it stands at.
    changed : callable
        Called with the new style, and whether the change is one of many in a movement.
    more : sequence of widgets
        What else belongs under More.
    same_scale : callable
        Called with True or False when one scale for all layers is wanted or not.
    marks : sequence of widgets
        What else belongs under the colours, such as what is drawn on the picture.
    """

    def __init__(
        self,
        uid: str,
        style: Style,
        changed: Callable[[Style, bool], None],
        same_scale: Callable[[bool], None],
        more: tuple[widgets.Widget, ...] = (),
        marks: Sequence[widgets.Widget] = (),
    ) -> None:
        self.style, self._changed, self._quiet, self._signed = style, changed, False, False
        self.mode = part(widgets.ToggleButtons, options=list(MODES.items()), value=None)
        self.mode.add_class("cv-seg")
        self.mode.observe(self._mode_picked, "value")
        specs = Style.specs()
        self._opacity = OpacitySlider(style)
        finer = {n: control(specs[n], getattr(style, n)) for n in ("clip", "soften")}
        self.sliders: dict[str, Any] = {"opacity": self._opacity.slider, **finer}
        self.choices: dict[str, Any] = {n: control(specs[n], getattr(style, n)) for n in ("mode", "channel")}
        for name, made in (*self.sliders.items(), *self.choices.items()):
            moving = name in self.sliders
            made.observe(lambda c, name=name, moving=moving: self._set(moving, **{name: c["new"]}), "value")
        self.sliders["clip"].readout_format = ".1%"
        self.colours = ColourPicker(uid, lambda setting, name: self._set(False, **{setting: name}))
        self.same = part(widgets.Checkbox, value=False, description="Same scale for all layers", indent=False)
        self.same.observe(lambda c: same_scale(c["new"]), "value")
        self._more = box(widgets.VBox, "cv-sec", *self._finer(), *more)
        shown(self._more, False)
        self._fold = button(FOLDED, "cv-more", "Clip, soften, blend, scale, earlier pictures", self._toggle)
        self.widget = box(
            widgets.VBox, "cv-sec", self.colours.style, title("Picture"), self.mode,
            self._opacity.row, self.colours.widget, *marks, self._fold, self._more,
        )  # fmt: skip
        self.put(style)

    def suit(self, signed: bool, blended: bool, coloured: bool = True) -> None:
        """Show the controls that apply.

        Parameters
        ----------
        signed : bool
            True offers the colours for maps with two signs.
        blended : bool
            Whether a map is laid on the picture.
        coloured : bool
            Whether the style's colours are in use; kernels and labels have colours of their own.
        """
        self._signed = signed
        for made in (self.mode, self._opacity.row, self._blend):
            shown(made, blended)
        shown(self.colours.widget, coloured)
        self.put(self.style)

    def put(self, style: Style) -> None:
        """Move the controls to a style."""
        self.style, self._quiet = style, True
        try:
            self.mode.value = style.mode if style.mode in MODES.values() else None
            for name, made in (*self.sliders.items(), *self.choices.items()):
                made.value = getattr(style, name)
            self._opacity.put(style)
        finally:
            self._quiet = False
        shown(self._add_to, style.mode == "add")
        self.colours.put(style, self._signed)

    def _mode_picked(self, change: dict[str, Any]) -> None:
        if change["new"]:
            self._set(False, mode=change["new"])

    def _set(self, moving: bool, **change: Any) -> None:
        if self._quiet:
            return
        self.put(self.style.replace(**change))
        self._changed(self.style, moving)

    def _finer(self) -> list[widgets.Widget]:
        specs, lines = Style.specs(), []
        for name, label in (("clip", "Clip"), ("soften", "Soften")):
            lines.append(row(label, self.sliders[name], help=specs[name].help))
        self._add_to = row("Add to", self.choices["channel"], help=specs["channel"].help)
        self._blend = row("Blend", self.choices["mode"], help=specs["mode"].help)
        return [*lines, self._blend, self._add_to, self.same]

    def _toggle(self) -> None:
        opened = self._more.layout.display == "none"
        shown(self._more, opened)
        self._fold.description = UNFOLDED if opened else FOLDED
