"""Style and scale of the comparison, and what may be set."""

import pytest
import traitlets

from cnnviz_widgets import Style
from cnnviz_widgets.errors import SettingError
from tests.widgets.comparison.common import Make, cell, sheets
from tests.widgets.tree import visible


def test_a_new_style_draws_every_cell_anew_and_asks_the_network_nothing(make: Make) -> None:
    comparison = make()
    before, calls = sheets(comparison), comparison.probe.calls
    comparison.style = Style(colormap="green", mode="map")
    assert all(new != old for new, old in zip(sheets(comparison), before, strict=True))
    assert comparison.probe.calls == calls
    assert "Bright places" in cell(comparison, 0, 0).description


def test_the_controls_set_the_style_and_the_scale(make: Make) -> None:
    comparison = make()
    comparison.view.style.mode.value = "spotlight"
    comparison.view.style.sliders["opacity"].value = 0.5
    comparison.view.both.signed["PuOr_r"].click()
    comparison.view.scale.value = "shared"
    assert comparison.style == Style(mode="spotlight", opacity=0.5, signed_colormap="PuOr_r")
    assert comparison.scale == "shared"


def test_colours_are_offered_for_the_signs_that_there_are(make: Make) -> None:
    plain, mixed = make(), make(methods=["Grad-CAM", "Occlusion"])
    signed = make(methods=["Occlusion"])
    for comparison, two_rows, first_signed in (
        (plain, False, False),
        (mixed, True, False),
        (signed, False, True),
    ):
        assert visible(comparison.view.both.widget) is two_rows
        assert visible(comparison.view.style.colours.signed["RdBu_r"]) is first_signed


def test_a_shared_scale_dims_the_weak_ones_and_moves_the_ends_to_the_heads(make: Make) -> None:
    comparison = make()
    before = sheets(comparison)
    assert all("--ends" in one for one in before)
    comparison.scale = "shared"
    after = sheets(comparison)
    assert not any("--ends" in one for one in after)
    drawn = [(one.partition("url(")[2].partition(")")[0]) for one in (*before, *after)]
    changed = [drawn[k] != drawn[k + 4] for k in range(4)]
    assert (
        sorted(changed[:2]) == sorted(changed[2:]) == [False, True]
    )  # the strongest of a method stays as it is
    assert all("cv-ramp" in head.value for head in comparison.view.cells._rows)
    assert "One scale a row" in comparison.view._rule.value
    comparison.scale = "own"
    assert sheets(comparison) == before


def test_layers_share_one_bar_under_the_grid(make: Make) -> None:
    comparison = make(methods=None, layers=["conv_1", "conv_2"], scale="shared")
    assert "cv-ramp" in comparison.view.cells.foot.value
    assert visible(comparison.view.cells.foot)
    assert "One scale for all" in comparison.view._rule.value


def test_a_scale_that_there_is_not_is_refused(make: Make) -> None:
    comparison = make()
    with pytest.raises(SettingError, match=r"scale must be 'own' or 'shared'; got 'shard'\. Did you mean"):
        comparison.scale = "shard"
    assert comparison.scale == "own"


@pytest.mark.parametrize("name", ["explanations", "progress", "status", "error"])
def test_what_it_tells_cannot_be_set(make: Make, name: str) -> None:
    comparison = make()
    with pytest.raises(traitlets.TraitError, match="read-only"):
        setattr(comparison, name, getattr(comparison, name))


def test_the_answers_cannot_be_changed_from_outside(make: Make) -> None:
    with pytest.raises(TypeError, match="item assignment"):
        make().explanations[0, 0] = None


def test_a_linked_comparison_follows(make: Make) -> None:
    first, second = make(), make()
    link = traitlets.link((first, "scale"), (second, "scale"))
    first.scale = "shared"
    assert second.scale == "shared"
    assert "One scale a row" in second.view._rule.value
    link.unlink()
