"""What the feature map browser refuses, and what it keeps then."""

from typing import Any

import pytest
import traitlets

from cnnviz_widgets import FeatureMapBrowser
from cnnviz_widgets.errors import ImageError, LayerError, SettingError
from tests.widgets.feature_maps.common import Make, looks, settled


@pytest.mark.parametrize(
    ("name", "value", "error", "says"),
    [
        ("channel", 8, SettingError, "channel must be from 0 to 7, the channels of maps; got 8"),
        ("channel", -1, SettingError, "channel must be from 0 to 7, the channels of maps; got -1"),
        ("channel", "first", traitlets.TraitError, "int"),
        ("order", "loudest", SettingError, "order must be one of activity, index; got 'loudest'"),
        (
            "scale",
            "share",
            SettingError,
            "scale must be one of own, shared; got 'share'.*Did you mean 'shared'",
        ),
        ("layer", "mops", LayerError, "no layer 'mops'.*Did you mean 'maps'"),
        ("image", 2, SettingError, "image must be from 0 to 1; got 2"),
        ("style", "grey", SettingError, "style must be a Style.*got 'grey'"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_and_nothing_is_lost(
    browser: FeatureMapBrowser, name: str, value: Any, error: type[Exception], says: str
) -> None:
    before, looked = getattr(browser, name), looks(browser)
    with pytest.raises(error, match=says):
        setattr(browser, name, value)
    settled(browser)
    assert (getattr(browser, name), browser.error) == (before, "")
    assert looks(browser) == looked


@pytest.mark.parametrize(
    ("settings", "error", "says"),
    [
        ({"channel": 8}, SettingError, "channel must be from 0 to 7, the channels of maps; got 8"),
        ({"layer": "mixed", "channel": 4}, SettingError, "from 0 to 3, the channels of mixed; got 4"),
        ({"layer": "conv_9"}, LayerError, "no layer 'conv_9'"),
        ({"order": "by name"}, SettingError, "order must be one of"),
        ({"images": []}, ImageError, "images is empty"),
        ({"size": "XXL"}, SettingError, "size must be one of"),
    ],
    ids=str,
)
def test_what_cannot_be_browsed_is_refused_at_the_start(
    make: Make, settings: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        make(**settings)


def test_a_layer_without_maps_is_told_and_the_picture_stays(browser: FeatureMapBrowser) -> None:
    before = looks(browser)
    browser.layer = browser.probe.layers[-1].name
    settled(browser)
    assert "has no maps" in browser.error
    assert looks(browser) == before
    browser.layer = "positive"
    settled(browser)
    assert (browser.error, browser.explanation.layer) == ("", "positive")


@pytest.mark.parametrize("name", ["explanation", "progress", "status", "error"])
def test_what_it_tells_cannot_be_set(browser: FeatureMapBrowser, name: str) -> None:
    with pytest.raises(traitlets.TraitError, match="read-only"):
        setattr(browser, name, None)
