"""Odd networks and numbers in the feature map browser."""

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets.errors import LayerError
from tests.models import ZOO, closed, no_convolution, picture
from tests.widgets.feature_maps.common import Make, about, tiles, weighed
from tests.widgets.page import HOSTILE
from tests.widgets.tree import markups


@pytest.mark.parametrize(
    "name", ["greyscale", "non-square", "variable size", "image output", "channels_first"]
)
def test_every_kind_of_picture_can_be_browsed(make: Make, name: str) -> None:
    if name == "channels_first":
        pytest.importorskip("tensorflow")
    model = ZOO[name]()
    channels = {"greyscale": 1, "image output": 1}.get(name, 3)
    browser = make(model, [picture(16, 24, channels=channels)])
    assert browser.error == ""
    assert len(tiles(browser)) == browser.explanation.values.shape[2]
    assert browser.status.startswith("What the layer sees")
    assert browser.snapshot()[:4] == b"\x89PNG"


def test_a_network_without_maps_is_refused_with_what_to_use(make: Make) -> None:
    with pytest.raises(
        LayerError, match=r"No layer of no_convolution has maps: it has no convolution\. Use a pixel method"
    ):
        make(no_convolution())


def test_a_closed_model_is_refused_with_the_reason(make: Make) -> None:
    with pytest.raises(LayerError, match="closed is written as a class and could not be opened"):
        make(closed())


def test_a_layer_whose_maps_have_one_cell_says_its_number(make: Make) -> None:
    browser = make(layer="one")
    assert browser.error == ""
    assert browser.status == "What the layer sees: 4 maps of one cell each."
    assert about(browser).endswith("for the whole picture: the layer has one cell.")
    assert browser.canvas._scene.frame is None


def test_silent_channels_are_counted_in_words_and_a_silent_one_says_so(make: Make) -> None:
    model = weighed(np.array([[0.0, 1.0, 0.0]]), np.array([0.5, 0.0, 0.0]))
    browser = make(model, [picture(channels=1)])
    assert "2 of 3 channels are the same everywhere." in browser.view._notes.value
    browser.channel = 0
    assert about(browser) == "The same everywhere: every cell answers 0.5."
    assert browser.canvas._scene.frame is None


def test_a_layer_that_is_flat_says_so(make: Make) -> None:
    browser = make(weighed(np.zeros((1, 3)), np.zeros(3)), [picture(channels=1)])
    assert browser.status == "Flat: all 3 maps are the same everywhere."
    browser.scale = "shared"
    assert browser.error == ""


def test_maps_with_nan_are_drawn_and_counted_in_words(make: Make) -> None:
    whole = weighed(np.array([[1.0, np.nan]]), np.zeros(2))
    rebuilt = keras.layers.Conv2D(1, 1, name="rebuilt")(whole.get_layer("maps").output)
    browser = make(keras.Model(whole.inputs, rebuilt), [picture(channels=1)])
    assert browser.error == ""
    assert "NaN appears first in the output of" in browser.view._notes.value
    assert "1 channel holds values that are not numbers; they are drawn as 0." in browser.view._notes.value
    assert browser.channel == 0
    browser.channel = 1
    assert about(browser) == "No numbers: nothing that this channel answers is one."
    browser.scale = "shared"
    assert browser.error == ""


def test_a_classifier_with_nan_says_in_which_layer(make: Make) -> None:
    browser = make(weighed(np.array([[1.0, np.nan]]), np.zeros(2)), [picture(channels=1)])
    assert "NaN appears first in the output of 'maps'; its weights hold 1 NaN." in browser.error


def test_names_of_others_are_text_and_not_markup(make: Make) -> None:
    browser = make(None, [cnnviz.Image(picture().pixels, (0, 1), HOSTILE)])
    browser.view._toggle_code()
    browser.explain_channel()
    for markup in markups(browser):
        assert "<img src=x" not in markup
