"""A method of the user's own in the Explorer: its menu entry and its form."""

import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Explorer
from tests.widgets.explorer.common import Make, own_method, settled


@pytest.mark.usefixtures("list_kept")
def test_a_method_registered_in_a_cell_is_in_the_menu_and_has_its_form(make: Make) -> None:
    cnnviz.register(own_method(0))
    explorer = make(method="Own")
    assert "Own" in explorer.view.chooser.pills.options
    assert list(explorer.view.form.controls) == ["reach", "share", "both", "empty"]
    explorer.view.form.controls["reach"].value = 9
    settled(explorer)
    assert (explorer.status, float(explorer.explanation.values.max())) == ("Warm places are my own.", 9.0)


@pytest.mark.usefixtures("list_kept")
def test_a_method_registered_later_can_be_asked_for_and_registered_again(explorer: Explorer) -> None:
    for level in (1, 2):
        cnnviz.register(own_method(level))
        explorer.method = "Saliency"
        explorer.method = "Own"
        settled(explorer)
        assert float(explorer.explanation.values.min()) == level
