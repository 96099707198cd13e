"""What the Explorer refuses at the start, and what it tells later while the picture stays."""

from typing import Any

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Explorer, Unit
from cnnviz_widgets.errors import CnnvizError, ImageError, LayerError, ModelError, SettingError, TargetError
from tests.models import ZOO, picture
from tests.widgets.explorer.common import Held, Make, own_method, settled, shown
from tests.widgets.page import HOSTILE


@pytest.mark.parametrize(
    ("name", "value", "error", "says"),
    [
        ("layer", "conv_9", LayerError, "no layer 'conv_9'.*Did you mean 'conv_"),
        ("method", "Grad-CAN", SettingError, "no method 'Grad-CAN'.*Did you mean 'Grad-CAM'"),
        ("method", "", SettingError, "There is no method ''"),
        ("image", 2, SettingError, "image must be from 0 to 1; got 2"),
        ("image", -1, SettingError, "image must be from 0 to 1; got -1"),
        ("target", 3, TargetError, "ClassScore.index must be from 0 to 2.*got 3"),
        ("target", "horse", TargetError, "(There is no class|classes have no names)"),
        ("target", Unit("conv_1", 99), TargetError, "Unit.channel must be from 0 to 3"),
        ("style", "pretty", SettingError, "style must be a Style.*got 'pretty'"),
        ("style", None, SettingError, "style must be a Style.*got None"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_and_nothing_is_lost(
    explorer: Explorer, name: str, value: Any, error: type[Exception], says: str
) -> None:
    before, picture_before = getattr(explorer, name), shown(explorer)
    with pytest.raises(error, match=says):
        setattr(explorer, name, value)
    with pytest.raises(error, match=says), explorer.hold_trait_notifications():
        setattr(explorer, name, value)
    settled(explorer)
    assert getattr(explorer, name) == before
    assert explorer.error == ""
    np.testing.assert_array_equal(shown(explorer), picture_before)


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"images": []}, ImageError, "images is empty: give at least one picture"),
        ({"images": [picture(), "no/such/file.png"]}, ImageError, r"images\[1\]: there is no file"),
        ({"images": [np.full((8, 8, 3), np.nan)]}, ImageError, "NaN"),
        ({"images": [picture(channels=5)]}, ImageError, "the picture has 5 channels; the model takes 3"),
        ({"method": "Grad"}, SettingError, "There is no method 'Grad'"),
        ({"method": own_method(0)()}, SettingError, "There is no method 'Own'"),
        ({"layer": "conv_9"}, LayerError, "no layer 'conv_9'"),
        ({"target": 99}, TargetError, "ClassScore.index must be from 0 to 2"),
        ({"size": "XXL"}, SettingError, "size must be one of"),
        ({"renderer": "svg"}, SettingError, "renderer must be one of"),
        ({"model": "a string of no use"}, ModelError, "a string of no use"),
        ({"model": 3}, ModelError, "int"),
        ({"model": ZOO["Sequential, not built"]()}, ModelError, "has no input shape yet"),
    ],
    ids=str,
)
def test_what_cannot_be_explored_is_refused_at_the_start(
    make: Make, settings: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        make(**settings)


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("patch", 9, "Patch 9 is larger than the picture (8 × 8). Choose at most 8."),
        ("stride", 0, "Occlusion.stride must be a whole number of px, at least 1; got 0."),
        ("fill", "plaid", "Occlusion.fill must be one of"),
        ("speed", 3, "Occlusion has no setting 'speed'."),
    ],
)
def test_a_setting_out_of_range_is_told_and_the_picture_stays(
    make: Make, name: str, value: Any, sentence: str
) -> None:
    explorer = make(method="Occlusion")
    held = Held(explorer)
    explorer.change_setting(name, value)
    held.stays_and_says(sentence)
    explorer.change_setting("patch", 3)
    settled(explorer)
    assert (explorer.error, explorer.explanation.recipe.patch) == ("", 3)


def test_an_explorer_may_begin_with_a_patch_that_does_not_fit_and_says_so(make: Make) -> None:
    explorer = make(method=cnnviz.Occlusion(patch=9))
    assert explorer.error.startswith("Patch 9 is larger than the picture")
    explorer.view.form.controls["patch"].value = 4
    settled(explorer)
    assert (explorer.error, explorer.explanation.recipe.patch) == ("", 4)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("99", "There are classes 0 to 2"),
        ("conv_9:1", "Did you mean"),
        (HOSTILE, "Nothing is called"),
    ],
)
def test_a_search_without_sense_is_told_and_the_picture_stays(
    explorer: Explorer, text: str, sentence: str
) -> None:
    held = Held(explorer)
    explorer.view.verdict.search.value = text
    held.stays_and_says(sentence)
    assert "<img" not in explorer.view.footer._say.value
    held.recovers()


def test_the_picture_is_dimmed_only_where_it_does_not_answer_the_question(explorer: Explorer) -> None:
    explorer.view.verdict.search.value = "99"
    settled(explorer)
    assert "cv-stale" not in explorer._dom_classes
    explorer.method = "Occlusion"
    settled(explorer)
    explorer.change_setting("patch", 9)
    settled(explorer)
    assert "cv-stale" in explorer._dom_classes


def test_a_second_mistake_is_told_in_place_of_the_first(explorer: Explorer) -> None:
    held = Held(explorer)
    explorer.view.verdict.search.value = "99"
    held.stays_and_says("got 99")
    explorer.view.verdict.search.value = "98"
    held.stays_and_says("got 98")
    held.recovers()


def test_what_is_refused_at_the_start_is_one_error_that_says_nothing_of_traitlets(make: Make) -> None:
    with pytest.raises(TargetError, match="from 0 to 2") as seen:
        make(target=99)
    assert (seen.value.__cause__, seen.value.__suppress_context__) == (None, True)
    assert not [entry for entry in seen.traceback if "traitlets" in str(entry.path)]


def test_what_is_refused_later_is_one_error(explorer: Explorer) -> None:
    with pytest.raises(TargetError, match="from 0 to 2") as seen:
        explorer.target = 99
    assert (seen.value.__cause__, seen.value.__suppress_context__) == (None, True)


def test_a_picture_that_does_not_fit_the_model_is_told_and_the_next_one_recovers(make: Make) -> None:
    explorer = make(images=[picture(), picture(channels=5), picture(seed=2)])
    held = Held(explorer)
    explorer.view.strip.thumbs[1].click()
    held.stays_and_says("the picture has 5 channels; the model takes 3")
    explorer.view.strip.thumbs[2].click()
    settled(explorer)
    assert (explorer.error, explorer.explanation.image.name) == ("", "random 2")


def test_a_state_from_the_page_that_makes_no_sense_loses_nothing(explorer: Explorer) -> None:
    with pytest.raises(CnnvizError, match="no layer 'conv_9'"):
        explorer.set_state({"layer": "conv_9"})
    assert explorer.layer == "conv_2"


def test_an_error_of_ones_own_observer_is_told(explorer: Explorer) -> None:
    def broken(_: Any) -> None:
        raise ZeroDivisionError("mine")

    explorer.observe(broken, "explanation")
    explorer.layer = "conv_1"
    settled(explorer)
    assert explorer.error == "ZeroDivisionError: mine"
    explorer.unobserve(broken, "explanation")
    explorer.layer = "relu_1"
    settled(explorer)
    assert explorer.error == ""
