"""The chosen channel: its strongest cell, its kernel, and its explanation below."""

import base64
import io
import re
import threading
from typing import Any

import keras
import numpy as np
import PIL.Image
import pytest
from ipywidgets.widgets import widget as registry
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import FeatureMapBrowser, Probe, Style, Unit
from cnnviz_widgets.jobs import worker
from cnnviz_widgets.render import as_text
from cnnviz_widgets.widgets.feature_maps.channel import strongest
from tests.models import functional, picture
from tests.widgets.feature_maps.common import (
    PATIENCE,
    Make,
    about,
    kernel,
    network,
    pressed,
    settled,
    tiles,
    weighed,
)

# the chosen channel


def test_a_click_on_a_tile_shows_its_channel(browser: FeatureMapBrowser) -> None:
    before = browser.canvas.png()
    tiles(browser)[4].click()
    assert browser.channel == browser.explanation.order[4]
    assert pressed(browser) == [f"channel {browser.channel}"]
    assert f"Channel {browser.channel}" in browser.view._title.value
    assert browser.canvas.png() != before


def test_the_square_is_what_the_strongest_cell_can_see(make: Make) -> None:
    browser = make(layer="deep")
    values = browser.explanation.values[..., browser.channel]
    row, column = np.unravel_index(values.argmax(), values.shape)
    field = browser.probe.receptive_field("deep", (int(row), int(column)))
    assert browser.canvas._scene.frame == field.shares
    assert f"at cell {row}, {column}, inside the white square: all this cell can see." in about(browser)


def test_in_a_map_of_two_signs_the_strongest_cell_is_the_one_farthest_from_zero(make: Make) -> None:
    browser = make(layer="mixed")
    values = np.abs(browser.explanation.values[..., browser.channel])
    row, column = np.unravel_index(values.argmax(), values.shape)
    assert f"at cell {row}, {column}" in about(browser)
    assert strongest(np.array([[0.5, -2.0], [1.0, np.nan]])) == (0, 1)


def test_a_click_on_the_picture_shows_what_that_cell_can_see_until_another_channel_comes(make: Make) -> None:
    browser = make(layer="deep")
    browser.canvas.on_click("hero", 0.99, 0.3)
    assert browser.canvas._scene.frame == browser.probe.receptive_field("deep", (1, 3)).shares
    assert "at cell 1, 3, inside the white square" in about(browser)
    assert not about(browser).startswith("Strongest")
    browser.channel = (browser.channel + 1) % 30
    assert about(browser).startswith("Strongest")


def test_the_mouse_on_the_picture_reads_the_cell(browser: FeatureMapBrowser) -> None:
    browser.canvas.on_hover("hero", 0.99, 0.0)
    assert f"channel {browser.channel} · cell 0, 7: " in browser.view.footer._right.value
    browser.canvas.on_hover(None)
    assert "model call" in browser.view.footer._right.value


def test_a_cell_that_sees_everything_has_no_square(make: Make) -> None:
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(3, 3, padding="same", name="early")(image)
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    model = keras.Model(image, layers.Multiply(name="gated")([x, gate]))
    browser = make(model, layer="gated")
    assert browser.canvas._scene.frame is None
    assert "This cell sees the whole picture." in about(browser)


# the kernel


def test_a_first_convolution_shows_kernel_raw_pixels_and_its_own_map(browser: FeatureMapBrowser) -> None:
    words, captions = kernel(browser)
    assert words == "Kernel 3 × 3 of maps"
    assert captions[1:] == ["on the raw pixels", "the layer&#x27;s own map"]


def test_under_a_kernel_stands_how_large_its_weights_are(browser: FeatureMapBrowser) -> None:
    most = np.abs(browser.probe.kernel("maps").values[..., browser.channel]).max()
    assert kernel(browser)[1][0] == f"the kernel, ±{as_text(float(most))}"


def test_the_three_small_pictures_are_of_one_size(make: Make) -> None:
    browser = make(network(shape=(8, 12, 3)), [picture(8, 12)])
    sizes = [PIL.Image.open(io.BytesIO(base64.b64decode(data))).size for data in small_pictures(browser)]
    assert sizes == [(192, 192), (192, 128), (192, 128)]


def small_pictures(browser: FeatureMapBrowser) -> list[str]:
    return re.findall(r'src="data:image/jpeg;base64,([^"]*)"', browser.view._kernel.value)


def test_the_answer_to_the_raw_pixels_is_what_the_kernel_gives(make: Make) -> None:
    browser = make(style=Style(signed_colormap="RdBu_r"))
    answer = cnnviz.FilterResponse(channel=browser.channel)(browser.probe, browser.images[0]).values
    drawn = np.asarray(PIL.Image.open(io.BytesIO(base64.b64decode(small_pictures(browser)[1]))), float)
    redness = (drawn[..., 0] - drawn[..., 2])[12::24, 12::24]
    assert np.corrcoef(redness.ravel(), answer.ravel())[0, 1] > 0.9


def test_an_activation_shows_the_kernel_of_the_convolution_that_feeds_it_and_says_so(make: Make) -> None:
    words, captions = kernel(make(layer="positive"))
    assert words == "Kernel 3 × 3 of maps, which feeds this layer"
    assert captions[1:] == ["on the raw pixels", "the map of maps"]


def test_a_deeper_kernel_shows_its_strongest_parts(make: Make) -> None:
    browser = make(layer="deep")
    weights = np.abs(browser.probe.kernel("deep").values[..., browser.channel])
    strong = np.argsort(-weights.sum(axis=(0, 1)))[:3]
    ends = as_text(float(weights[..., strong].max()))
    said = f"Kernel 3 × 3 of deep | Shown are its strongest parts of 8. Black and white are ±{ends}."
    assert kernel(browser) == (said, [f"on map {k}" for k in strong])


def test_a_kernel_of_one_cell_is_told_in_words(make: Make) -> None:
    words, captions = kernel(make(layer="mixed"))
    assert "It adds up 30 maps of the layer before. Most weight have " in words
    assert captions == []


def test_a_layer_without_one_kernel_says_so(make: Make) -> None:
    image = keras.Input((8, 8, 3))
    both = layers.Add(name="sum")([layers.Conv2D(3, 3, padding="same", name=n)(image) for n in ("a", "b")])
    words, captions = kernel(make(keras.Model(image, both), layer="sum"))
    assert "sum takes its maps from several layers, or from none: it has no kernel." in words
    assert captions == []


def test_a_depthwise_kernel_stands_alone(make: Make) -> None:
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(6, 3, padding="same", activation="relu", name="first")(image)
    browser = make(keras.Model(image, layers.DepthwiseConv2D(3, name="each")(x)), layer="each")
    words, captions = kernel(browser)
    assert words == "Kernel 3 × 3 of each | It works on one map alone."
    assert len(captions) == 1


# explain this channel


def test_a_channel_can_be_explained_below_on_the_same_picture(browser: FeatureMapBrowser) -> None:
    browser.image, browser.channel = 1, 5
    settled(browser)
    explorer = browser.explain_channel()
    assert explorer.wait(PATIENCE)
    assert explorer.target == Unit("maps", 5)
    assert explorer.explanation.image == browser.explanation.image
    assert explorer in browser.view.below.children
    assert explorer.status == "Red places speak for channel 5 of maps: covered, it falls."


def test_until_there_are_maps_there_is_nothing_to_explain_or_to_dream(make: Make, probe: Probe) -> None:
    gate = threading.Event()
    worker.submit("gate", lambda job: gate.wait(PATIENCE) and None)
    browser = FeatureMapBrowser(probe, picture(), renderer="image")
    buttons = browser.view.explain, browser.view.dreams.button
    before = [one.disabled for one in buttons]
    gate.set()
    settled(browser)
    assert (before, [one.disabled for one in buttons]) == ([True, True], [False, False])
    browser.close()


def test_while_an_image_generator_climbs_the_maps_come() -> None:
    probe = Probe(functional((40, 40, 3)))
    endless = cnnviz.ActivationMaximization(preset="fast", steps=100_000)
    generator = cnnviz.ImageGenerator(probe, target=1, method=endless, renderer="image")
    assert generator.session.wait_for_something(PATIENCE)
    browser = settled(FeatureMapBrowser(probe, picture(40, 40), renderer="image"))
    assert browser.view._kernel.value
    assert (generator.session.state, generator.error) == ("computing", "")
    generator.close()
    browser.close()


def test_of_a_silent_channel_it_is_said_that_there_is_nothing_to_explain(make: Make) -> None:
    model = weighed(np.array([[1.0, 0.0]]), np.zeros(2))
    browser = make(model, [picture(channels=1)], channel=1)
    explorer = browser.explain_channel()
    assert explorer.wait(PATIENCE)
    said = browser.view.below.children[0].children[0].value
    assert said.startswith("<b>Channel 1</b> of maps is silent in this picture")
    assert explorer.status.startswith("Flat")


def test_a_second_explorer_takes_the_place_of_the_first_and_can_be_closed(browser: FeatureMapBrowser) -> None:
    first = browser.explain_channel()
    browser.channel = 2
    second = browser.explain_channel()
    assert first.closed
    assert second.target == Unit("maps", 2)
    browser.view.below.children[0].children[-1].click()
    assert second.closed
    assert browser.view.below.children == ()


def test_the_page_scrolls_to_the_explorer_once_it_is_there(
    browser: FeatureMapBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(browser.view.helper, "send", sent.append)
    explorer = browser.explain_channel()
    assert sent == []
    explorer.view.helper.loaded = True
    assert sent == [{"do": "show", "what": ".cv-below"}]


def test_closing_frees_every_widget_the_explorer_below_too(probe: Probe) -> None:
    before = set(registry._instances)
    browser = FeatureMapBrowser(probe, [picture()], renderer="image")
    settled(browser)
    browser.explain_channel()
    browser.close()
    browser.close()
    assert set(registry._instances) == before
