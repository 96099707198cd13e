"""What the feature map browser shows: the wall, the large map, orders, scales and bars."""

import base64
import io
import re
from typing import Any

import numpy as np
import PIL.Image
import pytest

from cnnviz_widgets import FeatureMapBrowser, Style
from cnnviz_widgets.render import as_text, layout
from tests.widgets.feature_maps.common import Make, about, looks, network, pressed, settled, tiles


def bar(browser: FeatureMapBrowser) -> tuple[list[str], str]:
    """Return the numbers under the colours of the chosen channel, and what they are."""
    markup = browser.view._bar.value
    return re.findall(r"<i>(.*?)</i>", markup), "".join(re.findall(r"<small>(.*?)</small>", markup))


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_it_opens_on_the_first_convolution_and_its_liveliest_channel(make: Make, renderer: str) -> None:
    browser = make(renderer=renderer)
    assert (browser.layer, browser.channel) == ("maps", browser.explanation.order[0])
    assert browser.status == "What the layer sees: its 8 maps, liveliest first."
    assert (browser.progress, browser.error) == (1.0, "")
    assert [made.description for made in tiles(browser)] == [
        f"channel {k}" for k in browser.explanation.order
    ]
    assert pressed(browser) == [f"channel {browser.channel}"]


def test_the_liveliest_map_is_the_one_that_varies_most_over_the_picture(browser: FeatureMapBrowser) -> None:
    spread = browser.explanation.values.std(axis=(0, 1))
    assert list(browser.explanation.order) == sorted(range(8), key=lambda k: -spread[k])


def test_eight_maps_come_out_as_two_rows_of_four_on_the_screen_and_saved(make: Make) -> None:
    browser = make(style=Style(colormap="grey"), order="index")
    assert browser.view.tiles.wall.grid == (4, 2)
    assert [made.description for made in tiles(browser)] == [f"channel {k}" for k in range(8)]
    places = layout(browser.explanation, 448)
    assert (places.columns, places.rows) == (4, 2)


def test_each_tile_is_the_picture_of_its_map(make: Make) -> None:
    browser = make(layer="positive", order="index", style=Style(colormap="grey"))
    rule = re.search(r"\.cv-k3 \{ background-image: url\(data:image/jpeg;base64,([^)]*)\)", looks(browser)[0])
    assert rule is not None
    drawn = np.asarray(PIL.Image.open(io.BytesIO(base64.b64decode(rule[1]))).convert("L"), float)
    values = browser.explanation.values[..., 3]
    cell = drawn.shape[0] // 8
    centres = drawn[cell // 2 :: cell, cell // 2 :: cell][:8, :8]
    assert np.corrcoef(values.ravel(), centres.ravel())[0, 1] > 0.95


@pytest.mark.parametrize(
    "change",
    [
        {"layer": "positive"},
        {"channel": 3},
        {"image": 1},
        {"style": Style(colormap="grey", signed_colormap="PuOr_r")},
    ],
    ids=str,
)
def test_every_trait_changes_the_large_picture(make: Make, change: dict[str, Any]) -> None:
    browser = make(channel=1)
    before = looks(browser)
    ((name, value),) = change.items()
    setattr(browser, name, value)
    settled(browser)
    assert browser.error == ""
    assert looks(browser)[1] != before[1]


@pytest.mark.parametrize("change", [{"order": "index"}, {"scale": "shared"}, {"layer": "deep"}], ids=str)
def test_layer_order_and_scale_change_the_wall(browser: FeatureMapBrowser, change: dict[str, Any]) -> None:
    before = looks(browser)
    ((name, value),) = change.items()
    setattr(browser, name, value)
    settled(browser)
    assert looks(browser)[0] != before[0]


def test_walking_through_layers_channels_orders_and_scales_asks_the_network_nothing(
    browser: FeatureMapBrowser,
) -> None:
    calls = browser.probe.calls
    for layer in ("positive", "deep", "mixed", "maps"):
        browser.layer = layer
        settled(browser)
        assert browser.explanation.layer == layer
    browser.channel, browser.order, browser.scale = 2, "index", "shared"
    settled(browser)
    assert browser.probe.calls == calls


def test_on_one_scale_a_weak_map_is_paler_than_on_its_own(make: Make) -> None:
    browser = make(layer="positive", order="index")
    peaks = browser.explanation.values.max(axis=(0, 1))
    limit = browser.presenter.drawn_style().limit
    assert limit is None
    browser.scale = "shared"
    assert browser.presenter.drawn_style().limit == pytest.approx(peaks.max())


def test_the_bar_under_the_channel_ends_at_its_own_highest_value(make: Make) -> None:
    browser = make(layer="positive")
    for channel in browser.explanation.order[:2]:
        browser.channel = channel
        highest = float(browser.explanation.values[..., channel].max())
        assert bar(browser) == (["0", as_text(highest)], "unit: activation; this map alone")


def test_on_one_scale_the_bar_ends_at_the_highest_value_of_the_layer(make: Make) -> None:
    browser = make(layer="positive", scale="shared", channel=0)
    highest = as_text(float(browser.explanation.values.max()))
    for channel in range(2):
        browser.channel = channel
        assert bar(browser) == (["0", highest], "unit: activation; all maps alike")


def test_the_bar_of_a_map_of_two_signs_has_zero_in_the_middle(make: Make) -> None:
    browser = make(layer="mixed")
    most = as_text(float(np.abs(browser.explanation.values[..., browser.channel]).max()))
    assert bar(browser)[0] == [f"−{most}", "0", most]


def test_a_map_of_nothing_but_zeros_has_no_bar(make: Make) -> None:
    model = network()
    model.get_layer("maps").set_weights([np.zeros((3, 3, 3, 8), np.float32), np.zeros(8, np.float32)])
    assert bar(make(model)) == ([], "")


def test_another_layer_shows_its_own_liveliest_channel(make: Make) -> None:
    browser = make(channel=7)
    assert browser.channel == 7
    browser.layer = "mixed"
    settled(browser)
    assert browser.channel == browser.explanation.order[0]


def test_a_layer_and_its_channel_can_be_set_at_once(browser: FeatureMapBrowser) -> None:
    browser.layer, browser.channel, browser.style = "deep", 29, Style(opacity=0.4)
    settled(browser)
    assert (browser.layer, browser.channel, browser.error) == ("deep", 29, "")
    assert pressed(browser) == ["channel 29"]


def test_a_channel_of_a_layer_that_fails_changes_nothing_on_the_screen(browser: FeatureMapBrowser) -> None:
    before = about(browser)
    browser.layer = browser.probe.layers[-1].name
    browser.channel = 2
    settled(browser)
    browser.view.helper.width = 700
    assert about(browser) == before
    browser.layer = "maps"
    settled(browser)
    assert browser.channel == browser.explanation.order[0]


def test_a_chosen_channel_stays_when_the_picture_changes(browser: FeatureMapBrowser) -> None:
    browser.channel = browser.explanation.order[-1]
    kept = browser.channel
    browser.image = 1
    settled(browser)
    assert (browser.channel, pressed(browser)) == (kept, [f"channel {kept}"])
