"""Choosing a method: families as tabs, methods as pills."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Heatmap, Image, Probe
from cnnviz_widgets.method import FAMILIES, Method, methods
from cnnviz_widgets.widgets.explorer.view import MethodChooser
from tests.widgets.choices.common import nothing


def some_method(name: str, of: str) -> type[Method]:
    @dataclass(frozen=True)
    class Made(Method):
        label: ClassVar[str] = name
        family: ClassVar[str] = of
        help: ClassVar[str] = f"help of {name}"
        source: ClassVar[str] = "nobody"

        def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
            yield Heatmap(**self.about(probe, image))

    return Made


FOUR = {
    name: some_method(name, family)
    for name, family in (("a", FAMILIES[0]), ("b", FAMILIES[0]), ("c", FAMILIES[2]), ("d", FAMILIES[2]))
}


def test_families_that_hold_a_method_are_tabs_and_their_methods_pills() -> None:
    chooser = MethodChooser(FOUR, "b", nothing)
    assert chooser.tabs.options == (FAMILIES[0], FAMILIES[2])
    assert (chooser.tabs.value, chooser.pills.options, chooser.pills.value) == (FAMILIES[0], ("a", "b"), "b")
    assert tuple(chooser.pills.tooltips) == ("help of a. nobody", "help of b. nobody")


def test_a_family_remembers_the_method_chosen_last_in_it() -> None:
    chosen: list[str] = []

    def choose(label: str) -> None:
        chosen.append(label)
        chooser.mark(label)

    chooser = MethodChooser(FOUR, "a", choose)
    chooser.tabs.value = FAMILIES[2]
    chooser.pills.value = "d"
    chooser.tabs.value = FAMILIES[0]
    chooser.pills.value = "b"
    chooser.tabs.value = FAMILIES[2]
    chooser.tabs.value = FAMILIES[0]
    assert chosen == ["c", "d", "a", "b", "d", "b"]


def test_to_mark_a_method_asks_for_nothing() -> None:
    chosen: list[str] = []
    chooser = MethodChooser(FOUR, "a", chosen.append)
    chooser.mark("d")
    assert (chooser.tabs.value, chooser.pills.value, chosen) == (FAMILIES[2], "d", [])


@pytest.mark.usefixtures("list_kept")
def test_a_method_registered_after_the_chooser_was_made_can_be_marked() -> None:
    chooser = MethodChooser(methods(), "Grad-CAM", nothing)
    cnnviz.register(some_method("late", "Cover"))
    chooser.mark("late")
    assert chooser.pills.value == "late"
    assert "late" in chooser.pills.options
