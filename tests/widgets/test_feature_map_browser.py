"""The feature map browser from end to end, without a browser: what is shown, what is chosen, what is refused."""

import base64
import io
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import PIL.Image
import pytest
import traitlets
from ipywidgets.widgets import widget as registry
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import FeatureMapBrowser, Probe, Style, Unit
from cnnviz_widgets.errors import ImageError, LayerError, SettingError
from cnnviz_widgets.jobs import worker
from cnnviz_widgets.render import as_text, layout
from cnnviz_widgets.widgets.feature_maps.channel_view import strongest
from cnnviz_widgets.widgets.feature_maps.places import LEAST, beside
from cnnviz_widgets.widgets.feature_maps.tiles import MOST, room, wall
from tests.models import ZOO, autoencoder, functional, no_convolution, picture, subclassed

PATIENCE = 60
HOSTILE = "<img src=x onerror=alert(1)>"
Make = Callable[..., FeatureMapBrowser]


def network(
    channels: int = 8, shape: tuple[int, int, int] = (8, 8, 3), kernel: int = 3, name: str = "maps"
) -> keras.Model:
    """Return one convolution of some channels with a ReLU, and a classifier on it."""
    keras.utils.set_random_seed(5)
    image = keras.Input(shape, name="image")
    x = layers.Conv2D(channels, kernel, padding="same", name=name)(image)
    x = layers.ReLU(name="positive")(x)
    x = layers.Conv2D(30, 3, strides=2, padding="same", activation="relu", name="deep")(x)
    x = layers.Conv2D(4, 1, name="mixed")(x)
    one = layers.GlobalAveragePooling2D(keepdims=True, name="one")(x)
    return keras.Model(image, layers.Dense(3, activation="softmax")(layers.Flatten()(one)), name="network")


@pytest.fixture(scope="module")
def probe() -> Probe:
    return Probe(network())


@pytest.fixture
def make(probe: Probe) -> Iterator[Make]:
    """Give a maker of browsers that are closed after the test."""
    made: list[FeatureMapBrowser] = []

    def browser(model: Any = None, images: Any = None, **settings: Any) -> FeatureMapBrowser:
        pictures = [picture(), picture(seed=1)] if images is None else images
        settings = {"renderer": "image", **settings}
        made.append(FeatureMapBrowser(probe if model is None else model, pictures, **settings))
        return settled(made[-1])

    yield browser
    for one in made:
        one.close()


@pytest.fixture
def browser(make: Make) -> FeatureMapBrowser:
    return make()


def settled(browser: FeatureMapBrowser) -> FeatureMapBrowser:
    assert browser.wait(PATIENCE)
    return browser


def looks(browser: FeatureMapBrowser) -> tuple[str, bytes]:
    """Return what the wall and the large picture look like."""
    return browser._desk.tiles._style.value, browser._view.png()


def tiles(browser: FeatureMapBrowser) -> list[Any]:
    return [made for made in browser._desk.tiles.buttons.made if made.layout.display != "none"]


def pressed(browser: FeatureMapBrowser) -> list[str]:
    return [made.description for made in tiles(browser) if "cv-on" in made._dom_classes]


def about(browser: FeatureMapBrowser) -> str:
    return re.sub(r"<[^>]+>", "", browser._desk._about.value)


def bar(browser: FeatureMapBrowser) -> tuple[list[str], str]:
    """Return the numbers under the colours of the chosen channel, and what they are."""
    markup = browser._desk._bar.value
    return re.findall(r"<i>(.*?)</i>", markup), "".join(re.findall(r"<small>(.*?)</small>", markup))


def kernel(browser: FeatureMapBrowser) -> tuple[str, list[str]]:
    """Return the words beside and below the kernel, and the captions of its pictures."""
    captions = re.findall(r"<figcaption>(.*?)</figcaption>", browser._desk._kernel.value)
    heading = re.sub(r"<[^>]+>", "", browser._desk._kernel_title.value)
    words = re.findall(r'"cv-read">(.*?)</div>', browser._desk._kernel.value)
    return " | ".join([heading, *words]), captions


# what it shows


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
    assert browser._desk.tiles.wall.grid == (4, 2)
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
    limit = browser._screen.drawn_style().limit
    assert limit is None
    browser.scale = "shared"
    assert browser._screen.drawn_style().limit == pytest.approx(peaks.max())


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
    browser._desk.helper.width = 700
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


# pages


def test_a_large_layer_has_pages_of_24(make: Make) -> None:
    browser = make(layer="deep")
    desk = browser._desk
    assert (len(tiles(browser)), desk.footer._pages.value) == (MOST, "1–24 of 30")
    assert browser.status == "What the layer sees: 24 of 30 maps, liveliest first."
    browser.turn(1)
    assert (len(tiles(browser)), desk.footer._pages.value) == (6, "25–30 of 30")
    assert browser.status == "What the layer sees: 6 of 30 maps, liveliest first."
    browser.turn(1)
    assert desk.footer._pages.value == "25–30 of 30"
    browser.turn(-2)
    assert desk.footer._pages.value == "1–24 of 30"


def test_turning_the_page_keeps_the_channel(make: Make) -> None:
    browser = make(layer="deep")
    kept = browser.channel
    browser.turn(1)
    assert (browser.channel, pressed(browser)) == (kept, [])


def test_a_channel_opens_its_page(make: Make) -> None:
    browser = make(layer="deep", order="index")
    browser.channel = 29
    assert browser._desk.footer._pages.value == "25–30 of 30"
    assert pressed(browser) == ["channel 29"]


def test_a_small_layer_has_no_pager(browser: FeatureMapBrowser) -> None:
    assert browser._desk.footer.pager.layout.display == "none"


@pytest.mark.parametrize(
    ("count", "shape", "grid"),
    [
        (24, (7, 7), (6, 4)),
        (96, (7, 7), (6, 4)),
        (8, (7, 7), (4, 2)),
        (16, (7, 7), (4, 4)),
        (1, (7, 7), (1, 1)),
        (5, (7, 7), (3, 2)),
        (8, (10, 30), (2, 4)),
        (8, (30, 10), (8, 1)),
    ],
)
def test_the_tiles_are_as_large_as_fits(count: int, shape: tuple[int, int], grid: tuple[int, int]) -> None:
    assert wall(count, shape, room(660)).grid == grid


@pytest.mark.parametrize("width", [300, 660])
@pytest.mark.parametrize("count", range(1, 60, 7))
def test_every_map_of_a_page_has_a_place_inside_the_wall(count: int, width: int) -> None:
    space = room(width)
    made = wall(count, (5, 9), space)
    side = made.share * width
    assert made.columns * made.rows >= min(count, MOST)
    assert made.columns * side + 4 * (made.columns - 1) <= space[0] + 0.01
    assert made.rows * side * 5 / 9 + 4 * (made.rows - 1) <= space[1] + 0.01


@pytest.mark.parametrize("count", [1, 4, 5, 8, 16, 24])
def test_the_wall_is_as_high_as_its_rows(count: int) -> None:
    made = wall(count, (7, 7), room(660))
    side = made.share * 660
    assert made.height(660, 1.0) == pytest.approx(made.rows * side + 4 * (made.rows - 1))
    assert made.height(660, 1.0) <= room(660)[1] + 0.01


def test_eight_maps_make_a_wall_half_as_high_as_wide(browser: FeatureMapBrowser) -> None:
    ratio = re.search(r"aspect-ratio: ([\d.]+)", looks(browser)[0])
    assert ratio is not None
    assert float(ratio[1]) == pytest.approx(2, abs=0.02)


# the chosen channel


def test_a_click_on_a_tile_shows_its_channel(browser: FeatureMapBrowser) -> None:
    before = browser._view.png()
    tiles(browser)[4].click()
    assert browser.channel == browser.explanation.order[4]
    assert pressed(browser) == [f"channel {browser.channel}"]
    assert f"Channel {browser.channel}" in browser._desk._title.value
    assert browser._view.png() != before


def test_the_square_is_what_the_strongest_cell_can_see(make: Make) -> None:
    browser = make(layer="deep")
    values = browser.explanation.values[..., browser.channel]
    row, column = np.unravel_index(values.argmax(), values.shape)
    field = browser.probe.receptive_field("deep", (int(row), int(column)))
    assert browser._view._scene.frame == field.shares
    assert f"at cell {row}, {column}, inside the white square: all this cell can see." in about(browser)


def test_in_a_map_of_two_signs_the_strongest_cell_is_the_one_farthest_from_zero(make: Make) -> None:
    browser = make(layer="mixed")
    values = np.abs(browser.explanation.values[..., browser.channel])
    row, column = np.unravel_index(values.argmax(), values.shape)
    assert f"at cell {row}, {column}" in about(browser)
    assert strongest(np.array([[0.5, -2.0], [1.0, np.nan]])) == (0, 1)


def test_a_click_on_the_picture_shows_what_that_cell_can_see_until_another_channel_comes(make: Make) -> None:
    browser = make(layer="deep")
    browser._view.on_click("hero", 0.99, 0.3)
    assert browser._view._scene.frame == browser.probe.receptive_field("deep", (1, 3)).shares
    assert "at cell 1, 3, inside the white square" in about(browser)
    assert not about(browser).startswith("Strongest")
    browser.channel = (browser.channel + 1) % 30
    assert about(browser).startswith("Strongest")


def test_the_mouse_on_the_picture_reads_the_cell(browser: FeatureMapBrowser) -> None:
    browser._view.on_hover("hero", 0.99, 0.0)
    assert f"channel {browser.channel} · cell 0, 7: " in browser._desk.footer._right.value
    browser._view.on_hover(None)
    assert "model call" in browser._desk.footer._right.value


def test_a_cell_that_sees_everything_has_no_square(make: Make) -> None:
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(3, 3, padding="same", name="early")(image)
    gate = layers.GlobalAveragePooling2D(keepdims=True)(x)
    model = keras.Model(image, layers.Multiply(name="gated")([x, gate]))
    browser = make(model, layer="gated")
    assert browser._view._scene.frame is None
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
    return re.findall(r'src="data:image/jpeg;base64,([^"]*)"', browser._desk._kernel.value)


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


# odd networks and numbers


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


def test_a_subclassed_model_is_refused_with_the_reason(make: Make) -> None:
    with pytest.raises(LayerError, match="is a subclassed model, whose inner layers Keras does not record"):
        make(subclassed())


def test_a_layer_whose_maps_have_one_cell_says_its_number(make: Make) -> None:
    browser = make(layer="one")
    assert browser.error == ""
    assert browser.status == "What the layer sees: 4 maps of one cell each."
    assert about(browser).endswith("for the whole picture: the layer has one cell.")
    assert browser._view._scene.frame is None


def weighed(values: np.ndarray, bias: np.ndarray) -> keras.Model:
    """Return a model of one 1x1 convolution (C, K) on 8 x 8 pixels."""
    image = keras.Input((8, 8, values.shape[0]))
    convolution = layers.Conv2D(values.shape[1], 1, name="maps")
    model = keras.Model(image, layers.GlobalAveragePooling2D()(convolution(image)), name="weighed")
    convolution.set_weights([values[None, None], bias])
    return model


def test_silent_channels_are_counted_in_words_and_a_silent_one_says_so(make: Make) -> None:
    model = weighed(np.array([[0.0, 1.0, 0.0]]), np.array([0.5, 0.0, 0.0]))
    browser = make(model, [picture(channels=1)])
    assert "2 of 3 channels are the same everywhere." in browser._desk._notes.value
    browser.channel = 0
    assert about(browser) == "The same everywhere: every cell answers 0.5."
    assert browser._view._scene.frame is None


def test_a_layer_that_is_flat_says_so(make: Make) -> None:
    browser = make(weighed(np.zeros((1, 3)), np.zeros(3)), [picture(channels=1)])
    assert browser.status == "Flat: all 3 maps are the same everywhere."
    browser.scale = "shared"
    assert browser.error == ""


def test_maps_with_nan_are_drawn_and_counted_in_words(make: Make) -> None:
    browser = make(weighed(np.array([[1.0, np.nan]]), np.zeros(2)), [picture(channels=1)])
    assert browser.error == ""
    assert "1 channel holds values that are not numbers; they are drawn as 0." in browser._desk._notes.value
    assert browser.channel == 0
    browser.channel = 1
    assert about(browser) == "No numbers: nothing that this channel answers is one."
    browser.scale = "shared"
    assert browser.error == ""


def test_names_of_others_are_text_and_not_markup(make: Make) -> None:
    browser = make(None, [cnnviz.Image(picture().pixels, (0, 1), HOSTILE)])
    browser._desk._toggle_code()
    browser.explain_channel()
    for markup in markups(browser):
        assert "<img src=x" not in markup


def markups(widget: Any) -> list[str]:
    """Return all HTML in a tree of widgets."""
    own = [widget.value] if type(widget).__name__ == "HTML" else []
    return own + [text for child in getattr(widget, "children", ()) for text in markups(child)]


# what it refuses


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


# controls and links


def test_the_controls_set_order_scale_opacity_and_colours(browser: FeatureMapBrowser) -> None:
    desk = browser._desk
    desk.order.value, desk.scale.value = "index", "shared"
    desk._opacity.slider.value = 0.3
    desk._swatches.signed["PuOr_r"].click()
    settled(browser)
    assert (browser.order, browser.scale) == ("index", "shared")
    assert (browser.style.opacity, browser.style.signed_colormap) == (0.3, "PuOr_r")


def test_maps_of_two_signs_can_be_grey_too(browser: FeatureMapBrowser) -> None:
    assert browser.explanation.signed
    browser._desk._swatches.signed["grey"].click()
    assert browser.style.signed_colormap == "grey"
    assert browser.error == ""


def test_the_film_takes_the_colours_of_the_wall(browser: FeatureMapBrowser) -> None:
    before = browser._desk.depth._style.value
    browser.style = Style(colormap="green", signed_colormap="grey")
    settled(browser)
    assert browser._desk.depth._style.value != before


def test_the_notes_speak_of_the_maps_and_of_no_class(browser: FeatureMapBrowser) -> None:
    assert "logit" not in browser._desk._notes.value


def test_the_controls_follow_the_traits(browser: FeatureMapBrowser) -> None:
    browser.order, browser.scale, browser.style = "index", "shared", Style(opacity=0.2)
    settled(browser)
    desk = browser._desk
    assert (desk.order.value, desk.scale.value, desk._opacity.slider.value) == ("index", "shared", 0.2)


def test_a_frame_of_the_film_becomes_the_layer(browser: FeatureMapBrowser) -> None:
    browser._desk.depth._frames[-1].click()
    settled(browser)
    assert browser.explanation.layer == browser._desk.depth.frames[-1]
    assert browser._desk.depth._style.value.count("url(data:image/jpeg") == len(browser._desk.depth.frames)


def test_an_explorer_and_a_browser_can_be_linked_by_layer_and_picture(
    browser: FeatureMapBrowser, probe: Probe
) -> None:
    explorer = cnnviz.Explorer(probe, [picture(), picture(seed=1)], renderer="image")
    try:
        links = [traitlets.link((browser, name), (explorer, name)) for name in ("layer", "image")]
        explorer.layer = "deep"
        assert explorer.wait(PATIENCE)
        settled(browser)
        assert browser.explanation.layer == "deep"
        browser.layer, browser.image = "positive", 1
        settled(browser)
        assert explorer.wait(PATIENCE)
        assert (explorer.explanation.layer, explorer.image) == ("positive", 1)
        for link in links:
            link.unlink()
    finally:
        explorer.close()


# explain this channel


def test_a_channel_can_be_explained_below_on_the_same_picture(browser: FeatureMapBrowser) -> None:
    browser.image, browser.channel = 1, 5
    settled(browser)
    explorer = browser.explain_channel()
    assert explorer.wait(PATIENCE)
    assert explorer.target == Unit("maps", 5)
    assert explorer.explanation.image == browser.explanation.image
    assert explorer in browser._desk.below.children
    assert explorer.status == "Red places speak for channel 5 of maps: covered, it falls."


def test_until_there_are_maps_there_is_nothing_to_explain_or_to_dream(make: Make, probe: Probe) -> None:
    gate = threading.Event()
    worker.submit("gate", lambda job: gate.wait(PATIENCE) and None)
    browser = FeatureMapBrowser(probe, picture(), renderer="image")
    buttons = browser._desk.explain, browser._desk.dreams.button
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
    assert browser._desk._kernel.value
    assert (generator.session.state, generator.error) == ("computing", "")
    generator.close()
    browser.close()


def test_of_a_silent_channel_it_is_said_that_there_is_nothing_to_explain(make: Make) -> None:
    model = weighed(np.array([[1.0, 0.0]]), np.zeros(2))
    browser = make(model, [picture(channels=1)], channel=1)
    explorer = browser.explain_channel()
    assert explorer.wait(PATIENCE)
    said = browser._desk.below.children[0].children[0].value
    assert said.startswith("<b>Channel 1</b> of maps is silent in this picture")
    assert explorer.status.startswith("Flat")


def test_a_second_explorer_takes_the_place_of_the_first_and_can_be_closed(browser: FeatureMapBrowser) -> None:
    first = browser.explain_channel()
    browser.channel = 2
    second = browser.explain_channel()
    assert first._closed
    assert second.target == Unit("maps", 2)
    browser._desk.below.children[0].children[-1].click()
    assert second._closed
    assert browser._desk.below.children == ()


def test_the_page_scrolls_to_the_explorer_once_it_is_there(
    browser: FeatureMapBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[Any] = []
    monkeypatch.setattr(browser._desk.helper, "send", sent.append)
    explorer = browser.explain_channel()
    assert sent == []
    explorer._desk.helper.loaded = True
    assert sent == [{"do": "show", "what": ".cv-below"}]


def test_closing_frees_every_widget_the_explorer_below_too(probe: Probe) -> None:
    before = set(registry._instances)
    browser = FeatureMapBrowser(probe, [picture()], renderer="image")
    settled(browser)
    browser.explain_channel()
    browser.close()
    browser.close()
    assert set(registry._instances) == before


# what leaves the notebook


@pytest.mark.parametrize("settings", [{}, {"layer": "deep", "scale": "shared", "order": "index"}], ids=str)
def test_the_code_shows_the_same_picture_again(make: Make, settings: dict[str, Any]) -> None:
    browser = make(Probe(network(), value_range=(0, 2)), **settings)
    browser.turn(1)
    where = {"model": browser.probe.model, "image": browser.images[0]}
    *lines, last = browser.code().splitlines()
    exec("\n".join([*lines, f"shown = {last}"]), where)
    assert where["shown"].png == browser.snapshot()


def test_the_saved_page_is_the_one_on_the_screen(make: Make, tmp_path: Path) -> None:
    browser = make(layer="deep")
    first = browser.snapshot()
    browser.turn(1)
    browser.save(tmp_path / "page.png")
    assert (tmp_path / "page.png").read_bytes() == browser.snapshot() != first


def test_the_code_on_the_screen_follows_the_page(make: Make) -> None:
    browser = make(layer="deep")
    browser._desk._toggle_code()
    assert "page=" not in browser._desk._code.value
    browser.turn(1)
    assert "page=1, tiles=(6, 4)" in browser._desk._code.value


def test_a_saved_notebook_shows_the_page(browser: FeatureMapBrowser) -> None:
    bundle = browser._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]) == browser.snapshot()
    assert bundle["text/plain"].startswith("FeatureMapBrowser(network): What the layer sees")


# sizes


@pytest.mark.parametrize(
    ("size", "column", "side"),
    [
        ("L", 1120, 300),
        ("L", 960, 278),
        ("M", 900, 300),
        ("L", 700, 300),
        (560, 600, 286),
        (340, 348, 340),
        ("L", 0, 270),
    ],
)
def test_the_channel_fits_beside_the_wall_or_under_it(size: str | int, column: int, side: int) -> None:
    assert beside(size, column) == side
    assert side >= LEAST


def test_a_narrow_column_has_a_higher_wall(browser: FeatureMapBrowser) -> None:
    browser.layer = "deep"
    settled(browser)
    for width, grid in ((1200, (6, 4)), (360, (4, 6))):
        browser._desk.helper.width = width
        assert browser._desk.tiles.wall.grid == grid


def test_an_autoencoder_can_be_browsed_to_its_end(make: Make) -> None:
    browser = make(autoencoder(), [picture(channels=1)], layer="rebuilt")
    assert browser.status == "What the layer sees: its one map."


def test_a_network_of_another_kind_starts_at_its_first_convolution(make: Make) -> None:
    assert make(functional()).layer == "conv_1"
