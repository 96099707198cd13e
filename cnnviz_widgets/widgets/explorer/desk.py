"""The controls of an Explorer, laid out; what they are for is wired here, what they do is the Explorer's."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from ...method import Method, methods
from ...probe import Probe
from ..controls import Form
from ..depth import depth_strip
from ..frame import Frame
from ..image_generator.below import DreamBelow
from ..parts import box, button, data_url, free, part, style_child, title
from ..stylebar import StyleBar
from ..verdict import Verdict
from .answers import answer_views, offered_methods
from .checks import Checks
from .chooser import MethodChooser
from .history import History, Moment
from .received_view import ReceivedView
from .slice_lever import SliceLever

if TYPE_CHECKING:
    from .explorer import Explorer

PAST = 8


class Desk(Frame):
    """The controls around the picture.

    Parameters
    ----------
    explorer : Explorer
        Whose they are.
    """

    _owner: Explorer

    def __init__(self, explorer: Explorer) -> None:
        super().__init__(explorer, self._turn)
        self.history = History()
        self._past_style = style_child()
        self._past = box(widgets.HBox, "cv-history")
        self.depth = depth_strip(explorer.uid, explorer.probe, self.set_trait("layer"))
        self.verdict = Verdict(
            explorer.uid, explorer.probe, self.set_trait("target"), explorer.session.refuse
        )
        self.answers = answer_views(
            explorer.uid, explorer.probe, self.set_trait("target"), explorer.redraw, explorer.look
        )
        offered = offered_methods(explorer.probe, explorer.method)
        self.chooser = MethodChooser(offered, explorer.method, self.set_trait("method"))
        self.form: Form | None = None
        self.cost = part(widgets.HTML)
        deep = explorer.probe.volume is not None
        self.slices = SliceLever(explorer.probe, self.set_trait("slice_index")) if deep else None
        self._more = box(widgets.VBox, "cv-sec")
        earlier = box(widgets.VBox, "cv-sec", title("Earlier pictures"), self._past_style, self._past)
        self.style = StyleBar(
            explorer.uid, explorer.style, self._restyled, self._same_scale, (self._more, earlier),
            [control for answer in self.answers for control in answer.under_style],
        )  # fmt: skip
        self.read = part(widgets.HTML)
        self.undo = button("", "cv-icon", "Undo", lambda: self._step(-1), icon="undo")
        self.redo = button("", "cv-icon", "Redo", lambda: self._step(1), icon="repeat")
        self.undo.disabled = self.redo.disabled = True
        self.checks = Checks(explorer)
        self.dreams = DreamBelow(explorer, explorer.explained, icon=True)
        self.dreams.button.disabled = True  # until a target is explained
        self.received = ReceivedView(
            explorer.probe, explorer.looked_at, explorer.lock, lambda: self.helper.show(".cv-received")
        )
        heading = box(widgets.HBox, "cv-readhead", title("How to read it"), self.checks.button)
        reading = box(widgets.VBox, "cv-sec", heading, self.read)
        beside = [widget for answer in self.answers for widget in answer.beside]
        side = (self.verdict.widget, *beside, self.chooser.widget, self.style.widget, reading)
        laid_out = self.laid_out(
            explorer._view.widget, side, (self.received.button, self.dreams.button, self.undo, self.redo),
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
                look_back = partial(self._owner.return_to, earlier)
                buttons.append(button("", f"cv-past cv-p{k}", earlier.method.label, look_back))
                address = data_url(earlier.thumbnail)
                rules.append(
                    f".{self._owner.uid} .cv-p{k} {{ background-image: url({address}) !important; }}"
                )
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

    def _restyled(self, style: Any, moving: bool) -> None:
        self._owner._screen.restyle(style, moving)

    def _same_scale(self, wanted: bool) -> None:
        self._owner._screen.same_scale(wanted)

    def _turn(self, by: int) -> None:
        self._owner._screen.turn(by)

    def _step(self, by: int) -> None:
        self._owner.return_to(self.history.step(by))
        self._mark_history()

    def _mark_history(self) -> None:
        self.undo.disabled, self.redo.disabled = not self.history.can_undo, not self.history.can_redo
