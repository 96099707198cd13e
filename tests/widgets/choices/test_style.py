"""Choosing a style: modes, sliders and colours."""

from typing import Any

import pytest

from cnnviz_widgets import Style
from cnnviz_widgets.widgets.controls.style_controls import FOLDED, UNFOLDED, WHY, StyleControls
from tests.widgets.choices.common import on
from tests.widgets.tree import visible

Bar = tuple[StyleControls, list[Any], list[bool]]


@pytest.fixture
def bar() -> Bar:
    styled, scaled = list[Any](), list[bool]()
    made = StyleControls("u", Style(), lambda style, moving: styled.append((style, moving)), scaled.append)
    return made, styled, scaled


def test_a_slider_gives_a_new_style_that_is_still_moving(bar: Bar) -> None:
    bar[0].sliders["opacity"].value = 0.3
    assert bar[1] == [(Style(opacity=0.3), True)]


def test_a_mode_gives_a_new_style_that_stays(bar: Bar) -> None:
    bar[0].mode.value = "outline"
    assert bar[1] == [(Style(mode="outline"), False)]


def test_a_rare_mode_leaves_the_four_buttons_alone(bar: Bar) -> None:
    bar[0].choices["mode"].value = "mask"
    assert (bar[0].mode.value, bar[1]) == (None, [(Style(mode="mask"), False)])


def test_the_channel_is_asked_for_only_where_it_counts(bar: Bar) -> None:
    assert not visible(bar[0]._add_to)
    bar[0].put(Style(mode="add"))
    assert visible(bar[0]._add_to)


def test_the_colours_are_those_for_the_kind_of_map(bar: Bar) -> None:
    for signed in (True, False):
        bar[0].suit(signed, True)
        assert {visible(made) for made in bar[0].colours.signed.values()} == {signed}
        assert {visible(made) for made in bar[0].colours.plain.values()} == {not signed}


def test_what_is_not_laid_on_the_picture_has_no_blending(bar: Bar) -> None:
    for blended in (False, True):
        bar[0].suit(False, blended)
        assert {visible(made) for made in (bar[0].mode, bar[0]._opacity.row, bar[0]._blend)} == {blended}


def test_what_has_colours_of_its_own_is_offered_none(bar: Bar) -> None:
    for coloured in (False, True):
        bar[0].suit(True, True, coloured)
        assert visible(bar[0].colours.widget) == coloured


def test_opacity_is_off_for_the_map_alone_and_says_why(bar: Bar) -> None:
    for mode, alone in (("overlay", False), ("map", True), ("spotlight", False)):
        bar[0].put(Style(mode=mode, opacity=0.4))
        opacity = bar[0]._opacity
        assert (opacity.slider.disabled, visible(opacity._why)) == (alone, alone)
        assert (opacity.slider.tooltip == WHY, opacity.slider.value) == (alone, 0.4)


def test_a_swatch_chooses_and_is_marked(bar: Bar) -> None:
    name = list(bar[0].colours.plain)[1]
    bar[0].colours.plain[name].click()
    assert bar[1] == [(Style(colormap=name), False)]
    assert on(bar[0].colours.plain.values()) == [1]


def test_to_put_a_style_asks_for_nothing(bar: Bar) -> None:
    bar[0].put(Style(opacity=0.1, clip=0.95, soften=2, mode="map", channel="red"))
    assert bar[1] == []
    assert (bar[0].sliders["clip"].value, bar[0].choices["channel"].value) == (0.95, "red")


def test_a_colour_map_of_matplotlib_marks_no_swatch(bar: Bar) -> None:
    bar[0].put(Style(colormap="cividis"))
    assert on(bar[0].colours.plain.values()) == []


def test_one_scale_for_all_is_passed_on(bar: Bar) -> None:
    bar[0].same.value = True
    assert bar[2] == [True]


def test_the_finer_points_unfold_and_fold(bar: Bar) -> None:
    seen = []
    for _ in range(3):
        seen.append((visible(bar[0]._more), bar[0]._fold.description))
        bar[0]._fold.click()
    assert seen == [(False, FOLDED), (True, UNFOLDED), (False, FOLDED)]
