"""What the network says of the picture: bars that can be clicked, and a search for any other target."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from functools import partial

import ipywidgets as widgets

from ...errors import CnnvizError
from ...objectives import ClassScore, Objective, words
from ...probe import Probe
from ..core.elements import box, button, css_text, heading, mark, part, shown, style_child, title
from ..core.predictions import Row
from .target_text import parsed, placeholder, suggestions

BARS = 5
UNNAMED = ("functional", "sequential", "model")


class TargetPicker:
    """The five most probable classes as bars, a search field, and a chip for a target that has no bar.

    Parameters
    ----------
    uid : str
        CSS class of the widget that it stands in.
    probe : Probe
        The network.
    choose : callable
        Called with the objective chosen, or None for the natural one.
    refuse : callable
        Called with the error when the search makes no sense.
    heading : str
        What stands above; the network's name if empty.
    """

    def __init__(
        self,
        uid: str,
        probe: Probe,
        choose: Callable[[Objective | None], None],
        refuse: Callable[[Exception], None],
        heading: str = "",
    ) -> None:
        self._uid, self._probe, self._choose, self._refuse = uid, probe, choose, refuse
        self._top: list[tuple[int, str, float]] = []
        self._rows: tuple[Row, ...] = ()
        self._style = style_child()
        self._bars = [button("", f"cv-bar5 cv-b{k}", "", partial(self._clicked, k)) for k in range(BARS)]
        for bar in self._bars:
            shown(bar, False)
        self._chip = button("", "cv-chip", "Back to what the network says", lambda: choose(None))
        shown(self._chip, False)
        self.search = part(
            widgets.Combobox,
            placeholder=placeholder(probe),
            options=suggestions(probe),
            ensure_option=False,
            continuous_update=False,
        )
        self.search.add_class("cv-search")
        self.search.observe(self._searched, "value")
        bars = box(widgets.VBox, "cv-bars", self._style, *self._bars)
        name = "The network" if probe.name.startswith(UNNAMED) else probe.name.replace("_", " ")
        self._heading = heading or (f"{name}: explain" if probe.task == "image" else f"{name} says")
        self._caution = part(widgets.HTML)
        shown(self._caution, False)
        self._title, self._below = title(self._heading), part(widgets.HTML)
        shown(self._below, False)
        self.widget = box(
            widgets.VBox, "cv-sec", self._title, bars, self._below, self._caution, self._chip, self.search
        )

    def show(self, top: list[tuple[int, str, float]]) -> None:
        """Draw the bars for (index, label, probability), best first."""
        self._top = top[:BARS]
        self.put([Row(label, f"{p * 100:.1f} %", ClassScore(k), p) for k, label, p in self._top])

    def put(self, rows: Sequence[Row], kind: str = "", below: str = "") -> None:
        """Draw some rows, best first; beside the heading what kind of answer they are, and a sentence below them."""
        self._rows, rules = tuple(rows[:BARS]), []
        for k, bar in enumerate(self._bars):
            shown(bar, k < len(self._rows))
            if k < len(self._rows):
                row = self._rows[k]
                bar.description, bar.tooltip = row.label, f"Explain “{row.label}”"
                bare, dotted = row.share is None, row.colour is not None
                (bar.add_class if bare else bar.remove_class)("cv-nobar")
                (bar.add_class if dotted else bar.remove_class)("cv-dotted")
                wide = max((row.share or 0) * 100, 0 if bare else 0.6)
                dot = f" --d: rgb{row.colour};" if dotted else ""
                rules.append(
                    f".{self._uid} .cv-b{k} {{ --p: {wide:.1f}%; --t: {css_text(row.value)};{dot} }}"
                )
        self._style.value = f"<style>{''.join(rules)}</style>"
        self._title.value = heading(self._heading, kind)
        self._below.value = f'<div class="cv-notes">{html.escape(below)}</div>' if below else ""
        shown(self._below, bool(below))

    @property
    def rows(self) -> tuple[Row, ...]:
        """What stands on the bars."""
        return self._rows

    @property
    def heading(self) -> str:
        """What stands above, as HTML."""
        return str(self._title.value)

    @property
    def marked(self) -> int | None:
        """The bar that is marked as explained; None if none is."""
        return next((k for k, bar in enumerate(self._bars) if "cv-on" in bar._dom_classes), None)

    def press(self, k: int) -> None:
        """Explain what a bar shows, as a click on it does."""
        self._clicked(k)

    def caution(self, text: str) -> None:
        """Say under the bars what to mind of them; nothing if empty."""
        self._caution.value = f'<div class="cv-caution" role="note">{html.escape(text)}</div>'
        shown(self._caution, bool(text))

    def compare(self, top: list[tuple[int, str, float]], now: Sequence[float]) -> None:
        """Draw the bars for (index, label, probability) with what each probability is now; a tick shows what it was."""
        self.show(top)
        rules = []
        for k, ((_, _, before), after) in enumerate(zip(self._top, now, strict=False)):
            says = css_text(f"{before * 100:.0f} \N{RIGHTWARDS ARROW} {after * 100:.0f} %")
            wide, was = max(after * 100, 0.6), min(before * 100, 99.2)
            rules.append(f".{self._uid} .cv-b{k} {{ --p: {wide:.1f}%; --was: {was:.1f}%; --t: {says}; }}")
        self._style.value = f"<style>{''.join(rules)}</style>"

    def mark(self, target: Objective | None, chip: bool = True) -> None:
        """Show which target is explained: on its bar, or as a chip, unless that stands elsewhere."""
        place = next((k for k, row in enumerate(self._rows) if _about(row.target, target)), None)
        mark(self._bars, place)
        chip = chip and target is not None and place is None
        shown(self._chip, chip)
        if chip:
            self._chip.description = f"{words(target, self._probe.labels)}  ×"

    def allow(self, choosing: bool) -> None:
        """Let a target be chosen, or only show what the network says."""
        shown(self.search, choosing)
        for bar in self._bars:
            bar.disabled = not choosing

    def parse(self, text: str) -> Objective:
        """Return the objective that a text in the search field means; see `parsed`."""
        return parsed(self._probe, text)

    def _clicked(self, k: int) -> None:
        if k < len(self._rows):
            self._choose(self._rows[k].target)

    def _searched(self, change: dict[str, str]) -> None:
        if not change["new"].strip():
            return
        try:
            target = self.parse(change["new"])
        except CnnvizError as error:
            self._refuse(error)
            return
        self.search.value = ""
        self._choose(target)


def _about(shown: Objective, target: Objective | None) -> bool:
    """Return whether a target is what a row shows; of a class where it wins, any place of it is."""
    if isinstance(shown, ClassScore) and isinstance(target, ClassScore) and target.of == "logit":
        return shown.index == target.index and shown.at in ("predicted", target.at)
    return shown == target
