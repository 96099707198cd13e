"""Which method explains: families as tabs, the methods of a family as pills."""

from __future__ import annotations

from collections.abc import Callable

import ipywidgets as widgets

from ...method import FAMILIES, Method
from ...method import methods as registered
from ..parts import box, part, shown, title


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
