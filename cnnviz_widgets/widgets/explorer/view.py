"""The controls of an Explorer, laid out; what they are for is wired here, what they do is the Explorer's."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import ipywidgets as widgets

from ...method import FAMILIES, Method, methods
from ...method import methods as registered
from ...probe import Probe
from ...style import Style
from ..canvas.scene import nothing
from ..controls.form import Form
from ..controls.layer_picker import layer_picker
from ..controls.style_controls import StyleControls
from ..controls.target_picker import TargetPicker
from ..core.elements import box, button, data_url, free, part, shown, style_child, title
from ..core.shell import PictureShell
from ..image_generator.open_below import GeneratorBelow
from .answer_views import answer_views, offered_methods
from .history import History, Moment
from .received_view import ReceivedView
from .slice_slider import SliceSlider
from .state import ExplorerHost
from .trust_panel import TrustPanel


class MethodChooser:
    """Tabs and pills; a family remembers the method chosen last in it.

    Parameters
    ----------
    methods : dict
        Methods by label.
    label : str
        The method chosen at first.
    choose : callable
        Called with the label of the method that the reader picks.
    """

    def __init__(self, methods: dict[str, type[Method]], label: str, choose: Callable[[str], None]) -> None:
        self._choose, self._last, self._quiet = choose, dict[str, str](), False
        self._sort(methods)
        family = self._family_of[label]
        self._last[family] = label
        self.tabs = part(widgets.ToggleButtons, options=list(self._families), value=family)
        self.tabs.add_class("cv-tabs")
        self.pills = part(widgets.ToggleButtons, options=[m.label for m in self._families[family]])
        self.pills.add_class("cv-pills")
        self.tabs.observe(self._family_picked, "value")
        self.pills.observe(self._method_picked, "value")
        self.widget = box(widgets.VBox, "cv-sec", title("Explain with"), self.tabs, self.pills)
        self.mark(label)

    def _sort(self, methods: dict[str, type[Method]]) -> None:
        found = {f: [m for m in methods.values() if m.family == f] for f in FAMILIES}
        self._families = {family: several for family, several in found.items() if several}
        self._family_of = {m.label: family for family, several in self._families.items() for m in several}
        self._last = {family: several[0].label for family, several in self._families.items()} | self._last

    def mark(self, label: str) -> None:
        """Show which method is in use."""
        self._quiet = True
        try:
            if label not in self._family_of:  # registered since
                self._sort(registered())
                self.tabs.options = list(self._families)
            family = self._family_of[label]
            self._last[family] = label
            self.tabs.value = family
            found = self._families[family]
            labels = tuple(m.label for m in found)
            if tuple(self.pills.options) != labels:
                self.pills.options = labels
            self.pills.tooltips = [f"{m.help}. {m.source}" for m in found]
            self.pills.value = label
        finally:
            self._quiet = False
        shown(self.pills, True)

    def _family_picked(self, change: dict[str, str]) -> None:
        if not self._quiet:
            self._choose(self._last[change["new"]])

    def _method_picked(self, change: dict[str, str]) -> None:
        if not self._quiet and change["new"]:
            self._choose(change["new"])


PAST = 8


class ExplorerView(PictureShell):
    """The controls around the picture.

    Parameters
    ----------
    host : ExplorerHost
        The Explorer.

    Attributes
    ----------
    on_style : callable
        Called with a style, and whether a slider still moves, when the reader changes how the picture is drawn.
    on_same_scale : callable
        Called with True when all layers are to be drawn on one scale, else with False.
    on_turn : callable
        Called with -1 or 1 to turn the pages of a collage.
    on_return : callable
        Called with an earlier `Moment` that is to be shown again, or None if there is none.
    """

    _host: ExplorerHost

    def __init__(self, host: ExplorerHost) -> None:
        super().__init__(host, lambda by: self.on_turn(by))
        self.on_style: Callable[[Style, bool], None] = nothing
        self.on_same_scale: Callable[[bool], None] = nothing
        self.on_turn: Callable[[int], None] = nothing
        self.on_return: Callable[[Moment | None], None] = nothing
        self.history = History()
        self._past_style = style_child()
        self._past = box(widgets.HBox, "cv-history")
        self.depth = layer_picker(host.uid, host.probe, self.set_trait("layer"))
        self.verdict = TargetPicker(host.uid, host.probe, self.set_trait("target"), host.refuse)
        self.answers = answer_views(host.uid, host.probe, self.set_trait("target"), host.redraw, host.look)
        offered = offered_methods(host.probe, host.method)
        self.chooser = MethodChooser(offered, host.method, self.set_trait("method"))
        self.form: Form | None = None
        self.cost = part(widgets.HTML)
        deep = host.probe.volume is not None
        self.slices = SliceSlider(host.probe, self.set_trait("slice_index")) if deep else None
        self._more = box(widgets.VBox, "cv-sec")
        earlier = box(widgets.VBox, "cv-sec", title("Earlier pictures"), self._past_style, self._past)
        self.style = StyleControls(
            host.uid, host.style, lambda *new: self.on_style(*new), lambda same: self.on_same_scale(same),
            (self._more, earlier),
            [control for answer in self.answers for control in answer.under_style],
        )  # fmt: skip
        self.read = part(widgets.HTML)
        self.undo = button("", "cv-icon", "Undo", lambda: self._step(-1), icon="undo")
        self.redo = button("", "cv-icon", "Redo", lambda: self._step(1), icon="repeat")
        self.undo.disabled = self.redo.disabled = True
        self.checks = TrustPanel(host)
        self.dreams = GeneratorBelow(host, host.explained, self.helper.show, icon=True)
        self.dreams.button.disabled = True  # until a target is explained
        self.received = ReceivedView(
            host.probe, host.looked_at, host.lock, lambda: self.helper.show(".cv-received")
        )
        heading = box(widgets.HBox, "cv-readhead", title("How to read it"), self.checks.button)
        reading = box(widgets.VBox, "cv-sec", heading, self.read)
        beside = [widget for answer in self.answers for widget in answer.beside]
        side = (self.verdict.widget, *beside, self.chooser.widget, self.style.widget, reading)
        laid_out = self.laid_out(
            host.canvas.widget, side, (self.received.button, self.dreams.button, self.undo, self.redo),
            css=self.depth.css,
        )  # fmt: skip
        self.children = (*laid_out, self.received.widget, self.checks.widget, self.dreams.widget)

    def put_own(self, kind: type[Method]) -> bool:
        """Show what a view has in the place of a method's form; return whether one has."""
        own = [lever for answer in self.answers if (lever := answer.lever(kind)) is not None]
        if own:
            self.lever.children, self._more.children = [*self._first(), *own], []
        return bool(own)

    def put_form(self, form: Form, by_layer: bool) -> None:
        """Show the form of a method; the film goes first for methods that belong to a layer."""
        before, self.form = self.form, form
        first = [self.depth.widget] if by_layer and self.depth.layers else []
        self.lever.children = [*self._first(), *first, form.lever, self.cost]
        self._more.children = [form.more]
        if before is not None:
            free(before.lever)
            free(before.more)

    def _first(self) -> list[widgets.Widget]:
        return [] if self.slices is None else [self.slices.widget]

    def turn_to(self, probe: Probe) -> None:
        """Ask another probe from now on: that of another slice of the same volume."""
        self.received.turn_to(probe)
        self.checks.turn_to(probe)
        for answer in self.answers:
            answer.turn_to(probe)

    def note(self, moment: Moment) -> None:
        """Remember a picture for undo and for the row of earlier ones."""
        if self.history.note(moment):
            past = self.history.moments[-PAST:]
            buttons, rules = [], []
            for k, earlier in enumerate(past):
                look_back = partial(self._return, earlier)
                buttons.append(button("", f"cv-past cv-p{k}", earlier.method.label, look_back))
                address = data_url(earlier.thumbnail)
                rules.append(f".{self._host.uid} .cv-p{k} {{ background-image: url({address}) !important; }}")
            self._past_style.value = f"<style>{''.join(rules)}</style>"
            before, self._past.children = self._past.children, buttons
            for old in before:
                free(old)
        self._mark_history()

    def leave(self) -> None:
        """Let Undo lead back to the picture at hand, while another one is on its way."""
        self.history.leave()
        self._mark_history()

    def close(self) -> None:
        """Free what does not stand in the tree at the moment."""
        free(self.depth.widget)
        free(self.cost)
        for lever in (answer.lever(kind) for answer in self.answers for kind in methods().values()):
            if lever is not None:
                free(lever)
        if self.form is not None:
            free(self.form.lever)
            free(self.form.more)

    def _return(self, moment: Moment) -> None:
        self.on_return(moment)

    def _step(self, by: int) -> None:
        self.on_return(self.history.step(by))
        self._mark_history()

    def _mark_history(self) -> None:
        self.undo.disabled, self.redo.disabled = not self.history.can_undo, not self.history.can_redo
