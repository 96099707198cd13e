"""The Explorer from end to end, without a browser: what is asked, what is shown, what is refused."""

import base64
import datetime
import gc
import io
import json
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import PIL.Image
import pytest
import traitlets

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Explorer, Heatmap, Image, LayerEnergy, Probe, Style, Unit
from cnnviz_widgets import method as registry
from cnnviz_widgets.errors import CnnvizError, ImageError, LayerError, ModelError, SettingError, TargetError
from cnnviz_widgets.jobs import worker
from cnnviz_widgets.method import Method, methods
from cnnviz_widgets.settings import flag, number, objective, whole
from tests.models import ZOO, Subclassed, autoencoder, constant, functional, no_convolution, picture
from tests.widgets.leftovers import collected, left_behind

PATIENCE = 60
HOSTILE = "<img src=x onerror=alert(1)>"
Make = Callable[..., Explorer]


@pytest.fixture(scope="module")
def probe() -> Probe:
    return Probe(functional(), labels=["cat", "dog", "owl"])


@pytest.fixture
def make(probe: Probe) -> Iterator[Make]:
    """Give a maker of Explorers that are closed after the test."""
    made: list[Explorer] = []

    def explorer(model: Any = None, images: Any = None, **settings: Any) -> Explorer:
        pictures = [picture(), picture(seed=1)] if images is None else images
        settings = {"renderer": "image", **settings}
        made.append(Explorer(probe if model is None else model, pictures, **settings))
        return settled(made[-1])

    yield explorer
    for one in made:
        one.close()


@pytest.fixture
def explorer(make: Make) -> Explorer:
    return make()


def settled(explorer: Explorer) -> Explorer:
    assert explorer.wait(PATIENCE)
    assert worker.wait(explorer._film, PATIENCE)
    return explorer


def shown(explorer: Explorer) -> Any:
    return np.asarray(PIL.Image.open(io.BytesIO(explorer._view.png())).convert("RGB"))


def label(explorer: Explorer) -> str:
    return type(explorer.explanation.recipe).label


# what it shows


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_it_opens_on_the_first_picture_with_the_top_class_in_words(make: Make, renderer: str) -> None:
    explorer = make(renderer=renderer)
    top = explorer.probe.top(explorer.images[0], 1)[0][1]
    assert explorer.status == f"Warm places speak for “{top}” in layer conv_2."
    assert (explorer.image, explorer.method, explorer.layer, explorer.target) == (
        0,
        "Grad-CAM",
        "conv_2",
        None,
    )
    assert (explorer.progress, explorer.error) == (1.0, "")
    assert isinstance(explorer.explanation, Heatmap)


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
@pytest.mark.parametrize(
    "change",
    [{"layer": "conv_1"}, {"method": "Saliency"}, {"image": 1}, {"target": 2}, {"style": Style(opacity=0.2)}],
    ids=str,
)
def test_every_trait_changes_the_picture(make: Make, renderer: str, change: dict[str, Any]) -> None:
    explorer = make(renderer=renderer, target=0)
    before = shown(explorer)
    ((name, value),) = change.items()
    setattr(explorer, name, value)
    settled(explorer)
    assert explorer.error == ""
    assert (shown(explorer) != before).any()


def test_what_is_given_at_the_start_is_what_is_shown(make: Make) -> None:
    style = Style(mode="map")
    explorer = make(method=cnnviz.Saliency(reduction="l2"), target=ClassScore(1), style=style)
    assert explorer.explanation.recipe == cnnviz.Saliency(reduction="l2", target=ClassScore(1))
    assert explorer.style == style


def test_a_layer_given_at_the_start_stays_through_the_methods_that_have_one(make: Make) -> None:
    explorer = make(layer="conv_1")
    for name in ("Saliency", "Feature maps", "Grad-CAM"):
        explorer.method = name
        settled(explorer)
    assert (explorer.explanation.layer, explorer.layer) == ("conv_1", "conv_1")


def test_an_empty_layer_is_the_methods_own_choice(make: Make) -> None:
    explorer = make(layer="conv_1")
    explorer.layer = ""
    settled(explorer)
    assert (explorer.explanation.layer, explorer.layer) == ("conv_2", "conv_2")


def test_a_layer_picked_while_an_older_answer_is_marked_is_the_one_that_is_asked_for(make: Make) -> None:
    explorer = make(layer="conv_1")
    settled(explorer)
    with explorer._lock:  # as the worker holds it while it marks an answer on the controls
        cell = threading.Thread(target=setattr, args=(explorer, "layer", "relu_1"))
        cell.start()
        while explorer.layer != "relu_1":
            cell.join(0.01)
        with explorer._quietly():
            explorer.layer = "conv_1"
    cell.join()
    assert (settled(explorer).layer, explorer.explanation.layer) == ("relu_1", "relu_1")


def test_traits_can_be_observed(explorer: Explorer) -> None:
    seen: list[str] = []
    explorer.observe(lambda change: seen.append(change["name"]), ["method", "explanation", "status", "style"])
    explorer.method = "Saliency"
    settled(explorer)
    explorer.style = Style(opacity=0.1)
    assert set(seen) == {"method", "explanation", "status", "style"}


@pytest.mark.parametrize("name", ["explanation", "progress", "status", "error"])
def test_what_it_tells_cannot_be_set(explorer: Explorer, name: str) -> None:
    with pytest.raises(traitlets.TraitError, match="read-only"):
        setattr(explorer, name, None)


def test_a_class_is_let_go_with_its_picture_and_a_layers_energy_is_not(make: Make) -> None:
    explorer = make(target=1)
    explorer.image = 1
    assert explorer.target is None
    explorer.target = LayerEnergy("conv_1")
    explorer.image = 0
    settled(explorer)
    assert explorer.target == LayerEnergy("conv_1")


def test_a_restyle_asks_the_network_nothing(explorer: Explorer) -> None:
    calls, before = explorer.probe.calls, explorer.explanation
    for opacity in (0.1, 0.2, 0.3):
        explorer.style = Style(opacity=opacity)
    settled(explorer)
    assert explorer.probe.calls == calls
    assert explorer.explanation is before


def test_walking_through_the_layers_asks_the_network_nothing(explorer: Explorer) -> None:
    calls = explorer.probe.calls
    for layer in ("conv_1", "relu_1", "pool_1", "conv_2"):
        explorer.layer = layer
        settled(explorer)
        assert explorer.explanation.layer == layer
    assert explorer.probe.calls == calls


def test_one_scale_for_all_layers_changes_the_picture_of_a_weak_one_and_goes_back(explorer: Explorer) -> None:
    peaks = {layer.name: 0.0 for layer in explorer.probe.spatial_layers}
    for layer in peaks:
        explorer.layer = layer
        peaks[layer] = float(settled(explorer).explanation.values.max())
    explorer.layer = min(peaks, key=lambda name: peaks[name])
    settled(explorer)
    before = shown(explorer)
    explorer._desk.style.same.value = True
    assert (shown(explorer) != before).any()
    explorer._desk.style.same.value = False
    np.testing.assert_array_equal(shown(explorer), before)


def test_a_film_of_the_method_lies_behind_the_frames(explorer: Explorer) -> None:
    assert explorer._desk.depth._style.value.count("url(data:image/jpeg") == len(explorer._desk.depth.frames)


def test_the_film_takes_the_colours_of_the_picture(explorer: Explorer) -> None:
    before = explorer._desk.depth._style.value
    explorer.style = explorer.style.replace(colormap="green")
    assert worker.wait(explorer._film, PATIENCE)
    assert explorer._desk.depth._style.value != before


def test_what_a_method_took_before_is_what_it_is_predicted_to_take(make: Make, probe: Probe) -> None:
    explorer = make(Probe(probe.model), method="Occlusion")
    assert "pictures, about" in explorer._desk.cost.value


# what the controls do


def test_the_pills_and_tabs_choose_the_method(explorer: Explorer) -> None:
    explorer._desk.chooser.tabs.value = "Pixels"
    settled(explorer)
    assert (explorer.method, label(explorer)) == ("Saliency", "Saliency")


def test_a_bar_of_the_verdict_becomes_the_target(explorer: Explorer) -> None:
    explorer._desk.verdict._bars[2].click()
    settled(explorer)
    index = explorer.probe.top(explorer.images[0])[2][0]
    assert explorer.explanation.recipe.target == ClassScore(index)


def test_the_last_bar_that_was_clicked_wins(explorer: Explorer) -> None:
    seen: list[Any] = []
    explorer.observe(lambda change: seen.append(change["new"].recipe.target), "explanation")
    for bar in (1, 2, 0, 1):
        explorer._desk.verdict._bars[bar].click()
    settled(explorer)
    assert seen[-1] == ClassScore(explorer.probe.top(explorer.images[0])[1][0])


def test_a_frame_of_the_film_becomes_the_layer(explorer: Explorer) -> None:
    explorer._desk.depth._frames[0].click()
    settled(explorer)
    assert explorer.explanation.layer == explorer._desk.depth.frames[0]


def test_a_slider_of_the_form_asks_anew(make: Make) -> None:
    explorer = make(method="Occlusion")
    explorer._desk.form.controls["patch"].value = 4
    settled(explorer)
    assert explorer.explanation.recipe.patch == 4


def test_the_form_says_what_it_will_cost(make: Make) -> None:
    explorer = make(method="Occlusion")
    count = explorer.explanation.recipe.passes(explorer.explanation.image)
    assert f"{count} pictures" in explorer._desk.cost.value


def test_a_sweep_is_titled_by_its_places(make: Make) -> None:
    explorer = make(method="Occlusion")
    recipe, image = explorer.explanation.recipe, explorer.explanation.image
    rows, columns = recipe.grid(image).shape
    assert explorer._screen.stage.panels.tag == f"{rows} × {columns} places"


@pytest.mark.parametrize(
    ("method", "offered"), [("Filters", False), ("Feature maps", True), ("Saliency", True)]
)
def test_colours_are_offered_where_they_colour_something(make: Make, method: str, offered: bool) -> None:
    swatches = make(method=method)._desk.style._swatches.widget
    assert (swatches.layout.display != "none") == offered


def test_a_slider_in_pixels_ends_at_the_pictures_shorter_side(make: Make) -> None:
    explorer = make(ZOO["non-square"](), [picture(20, 30)], method="Occlusion")
    assert explorer._desk.form.controls["patch"].max == 8


def test_a_click_on_the_map_makes_its_unit_the_target_and_shows_it_as_a_chip(explorer: Explorer) -> None:
    explorer._view.on_click("map", 0.99, 0.3)
    settled(explorer)
    assert explorer.target == Unit("conv_2", None, (1, 3))
    chip = explorer._desk.verdict._chip
    assert (chip.description, chip.layout.display) == ("cell 1, 3 of conv_2  ×", None)
    chip.click()
    settled(explorer)
    assert (explorer.target, chip.layout.display) == (None, "none")


def test_a_click_on_a_feature_map_makes_its_channel_the_target(make: Make) -> None:
    explorer = make(method="Feature maps", layer="conv_1")
    explorer._view.on_click("hero", 0.01, 0.01)
    assert explorer.target == Unit("conv_1", explorer.explanation.order[0])


def test_what_was_clicked_is_a_chip_before_the_network_has_answered(make: Make) -> None:
    explorer = make(method="Feature maps", layer="conv_1")
    chip = explorer._desk.verdict._chip
    with explorer._lock:  # no answer can come before it is let go
        explorer._view.on_click("hero", 0.01, 0.01)
        assert (chip.description[:7], chip.layout.display) == ("channel", None)


def test_a_click_on_the_photograph_changes_nothing(explorer: Explorer) -> None:
    explorer._view.on_click("photo", 0.5, 0.5)
    assert explorer.target is None


def test_the_mouse_on_the_map_reads_pixel_cell_and_value(explorer: Explorer) -> None:
    explorer._view.on_hover("map", 0.0, 0.0)
    assert "pixel 0, 0:" in explorer._desk.footer._right.value
    assert "cell 0, 0:" in explorer._desk.footer._right.value
    explorer._view.on_hover(None)
    assert "model call" in explorer._desk.footer._right.value


def test_undo_and_redo_bring_method_layer_picture_and_style_back(explorer: Explorer) -> None:
    first = shown(explorer)
    desk = explorer._desk
    assert (desk.undo.disabled, desk.redo.disabled) == (True, True)
    explorer.layer = "conv_1"
    settled(explorer)
    explorer.image = 1
    explorer.method = "Saliency"
    settled(explorer)
    last = shown(explorer)
    assert (desk.undo.disabled, desk.redo.disabled) == (False, True)
    for _ in range(2):
        desk.undo.click()
        settled(explorer)
    assert (explorer.method, explorer.image, explorer.explanation.layer) == ("Grad-CAM", 0, "conv_2")
    np.testing.assert_array_equal(shown(explorer), first)
    for _ in range(2):
        desk.redo.click()
        settled(explorer)
    np.testing.assert_array_equal(shown(explorer), last)
    assert desk.redo.disabled


def test_undo_amid_the_next_sweep_keeps_the_one_that_was_finished(make: Make) -> None:
    explorer = make()
    explorer.method = "Occlusion"
    settled(explorer)
    finished = explorer.explanation.recipe
    with explorer._lock:  # so the next sweep cannot end before Undo
        explorer.change_setting("patch", 5)
        explorer._desk.undo.click()
    settled(explorer)
    assert explorer.explanation.recipe == finished
    explorer._desk.undo.click()
    settled(explorer)
    assert label(explorer) == "Grad-CAM"


def test_an_earlier_picture_can_be_clicked(explorer: Explorer) -> None:
    explorer.method = "Saliency"
    settled(explorer)
    assert len(explorer._desk._past.children) == 2
    explorer._desk._past.children[0].click()
    settled(explorer)
    assert explorer.method == "Grad-CAM"


# a method of one's own


@pytest.fixture
def list_kept() -> Iterator[None]:
    before = dict(registry._registered)
    yield
    registry._registered.clear()
    registry._registered.update(before)


def own_method(level: float) -> type[Method]:
    @dataclass(frozen=True)
    class Own(Method):
        label: ClassVar[str] = "Own"
        family: ClassVar[str] = "Cover"
        help: ClassVar[str] = "a map of one's own"
        source: ClassVar[str] = "nobody"
        says: ClassVar[str] = "{places} are my own."

        reach: int = whole(3, low=1, high=9, help="how far", label="Reach <b>")
        share: float = number(0.5, low=0, high=1, help="how much")
        both: bool = flag(True, help="both sides")
        empty: int | None = whole(None, low=2, high=7, unit="px", help="left open")
        target: Any = objective(help="what")

        def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
            values = np.eye(4, dtype=np.float32) * self.reach + level
            yield Heatmap(**self.about(probe, image), values=values)

    return Own


@pytest.mark.usefixtures("list_kept")
def test_a_method_registered_in_a_cell_is_in_the_menu_and_has_its_form(make: Make) -> None:
    cnnviz.register(own_method(0))
    explorer = make(method="Own")
    assert "Own" in explorer._desk.chooser.pills.options
    assert list(explorer._desk.form.controls) == ["reach", "share", "both", "empty"]
    explorer._desk.form.controls["reach"].value = 9
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


# what it refuses


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


class Held:
    """The picture on the screen before something goes wrong."""

    def __init__(self, explorer: Explorer) -> None:
        self.explorer, self.explanation = explorer, explorer.explanation
        self.pixels = shown(explorer)

    def stays_and_says(self, sentence: str) -> None:
        settled(self.explorer)
        assert sentence in self.explorer.error
        assert self.explorer.status == self.explorer.error
        assert 'role="alert"' in self.explorer._desk.footer._say.value
        assert self.explorer.explanation is self.explanation
        np.testing.assert_array_equal(shown(self.explorer), self.pixels)

    def recovers(self) -> None:
        self.explorer.method, self.explorer.layer = "Grad-CAM", "relu_1"
        settled(self.explorer)
        assert self.explorer.error == ""
        assert 'role="status"' in self.explorer._desk.footer._say.value
        assert self.explorer.explanation.layer == "relu_1"


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
    explorer._desk.form.controls["patch"].value = 4
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
    explorer._desk.verdict.search.value = text
    held.stays_and_says(sentence)
    assert "<img" not in explorer._desk.footer._say.value
    held.recovers()


def test_a_second_mistake_is_told_in_place_of_the_first(explorer: Explorer) -> None:
    held = Held(explorer)
    explorer._desk.verdict.search.value = "99"
    held.stays_and_says("got 99")
    explorer._desk.verdict.search.value = "98"
    held.stays_and_says("got 98")
    held.recovers()


def upload(name: str, content: bytes) -> dict[str, Any]:
    return {
        "name": name, "type": "image/png", "size": len(content), "content": memoryview(content),
        "last_modified": datetime.datetime.now(datetime.UTC),
    }  # fmt: skip


def encoded(array: Any, kind: str = "png") -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(array).save(buffer, kind)
    return buffer.getvalue()


GREEN = np.tile(np.uint8([10, 200, 30]), (20, 20, 1))


def test_an_uploaded_picture_is_looked_at(explorer: Explorer) -> None:
    explorer._desk.strip._upload.value = (upload("green.png", encoded(GREEN)),)
    settled(explorer)
    assert (explorer.image, len(explorer.images), explorer.images[2].name) == (2, 3, "green")
    assert explorer.explanation.image.name == "green"
    assert explorer.error == ""


def test_what_is_refused_at_the_start_is_one_error_that_says_nothing_of_traitlets(make: Make) -> None:
    with pytest.raises(TargetError, match="from 0 to 2") as seen:
        make(target=99)
    assert (seen.value.__cause__, seen.value.__suppress_context__) == (None, True)
    assert not [entry for entry in seen.traceback if "traitlets" in str(entry.path)]


def test_what_is_refused_later_is_one_error(explorer: Explorer) -> None:
    with pytest.raises(TargetError, match="from 0 to 2") as seen:
        explorer.target = 99
    assert (seen.value.__cause__, seen.value.__suppress_context__) == (None, True)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        (HOSTILE, b"no picture", f"{HOSTILE}: "),
        ("half.png", encoded(GREEN)[:60], "half.png: the file cannot be read"),
        ("nan.tiff", encoded(np.full((9, 9), np.nan, np.float32), "tiff"), "NaN"),
    ],
)
def test_an_upload_that_is_no_picture_is_told_and_the_picture_stays(
    explorer: Explorer, name: str, content: bytes, sentence: str
) -> None:
    held = Held(explorer)
    explorer._desk.strip._upload.value = (upload(name, content),)
    held.stays_and_says(sentence)
    assert "<img" not in explorer._desk.footer._say.value
    assert len(explorer.images) == 2
    held.recovers()


def test_of_two_uploads_the_bad_one_is_told_and_the_good_one_stands_in_the_strip(explorer: Explorer) -> None:
    held = Held(explorer)
    explorer._desk.strip._upload.value = (upload("bad.png", b"bad"), upload("good.png", encoded(GREEN)))
    held.stays_and_says("bad.png: ")
    explorer._desk.strip._thumbs[2].click()
    settled(explorer)
    assert explorer.explanation.image.name == "good"


def test_a_picture_that_does_not_fit_the_model_is_told_and_the_next_one_recovers(make: Make) -> None:
    explorer = make(images=[picture(), picture(channels=5), picture(seed=2)])
    held = Held(explorer)
    explorer._desk.strip._thumbs[1].click()
    held.stays_and_says("the picture has 5 channels; the model takes 3")
    explorer._desk.strip._thumbs[2].click()
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


# markup in names


def test_names_of_others_are_text_and_not_markup_wherever_they_are_shown(make: Make) -> None:
    model = functional()
    model.get_layer("conv_2").name = HOSTILE.replace("/", "")
    explorer = make(model, [Image(picture().pixels, (0, 1), HOSTILE)], labels=[HOSTILE] * 3)
    explorer._desk._toggle_code()
    for name in ("Feature maps", "Grad-CAM", "Occlusion"):
        explorer.method = name
        settled(explorer)
        for markup in markups(explorer):
            assert "<img" not in markup


def markups(widget: Any) -> list[str]:
    """Return all HTML in a tree of widgets."""
    own = [widget.value] if type(widget).__name__ == "HTML" else []
    return own + [text for child in getattr(widget, "children", ()) for text in markups(child)]


# what leaves the notebook


def test_the_code_makes_the_same_picture_again(make: Make) -> None:
    explorer = make(style=Style(mode="outline", opacity=0.4), target=1, layer="conv_1")
    where = {"model": explorer.probe.model, "image": explorer.images[0]}
    *lines, last = explorer.code().splitlines()
    exec("\n".join([*lines, f"shown = {last}"]), where)
    assert where["shown"].png == explorer._preview()
    shown = where["heat"].picture(explorer.style)
    np.testing.assert_array_equal(shown, explorer.explanation.picture(explorer.style))
    np.testing.assert_array_equal(where["heat"].values, explorer.explanation.values)


@pytest.mark.parametrize("name", ["Grad-CAM", "Saliency", "Occlusion", "Feature maps"])
def test_the_code_of_every_method_runs(make: Make, name: str) -> None:
    explorer = make(method=name)
    where = {"model": explorer.probe.model, "image": explorer.images[0]}
    exec(explorer.code(), where)
    found = where["maps" if name == "Feature maps" else "heat"]
    np.testing.assert_array_equal(found.values, explorer.explanation.values)


def test_it_is_a_sentence_in_a_console(explorer: Explorer) -> None:
    assert repr(explorer) == f"Explorer({explorer.probe.name}): {explorer.status}"
    assert explorer.status


def test_pictures_without_a_name_have_one_everywhere(make: Make) -> None:
    explorer = make(images=[picture().pixels])
    explorer.add_images([picture(seed=1).pixels])
    settled(explorer)
    assert [thumb.tooltip for thumb in explorer._desk.strip._thumbs] == ["picture 1", "picture 2"]
    assert explorer.file_name().startswith("picture-2-grad-cam")
    assert 'image: the picture "picture 2"' in explorer.code()
    assert "Image: picture 2" in PIL.Image.open(io.BytesIO(explorer.snapshot())).text["Description"]


def test_the_code_on_the_screen_follows_the_picture(explorer: Explorer) -> None:
    explorer._desk._toggle_code()
    assert "cnnviz.GradCAM" in explorer._desk._code.value
    explorer.method = "Saliency"
    settled(explorer)
    assert "cnnviz.Saliency" in explorer._desk._code.value


def test_a_snapshot_is_a_png_with_a_caption_below_the_picture(explorer: Explorer, tmp_path: Path) -> None:
    opened = PIL.Image.open(io.BytesIO(explorer.snapshot()))
    assert opened.format == "PNG"
    assert opened.height > explorer.explanation.picture(explorer.style).shape[0] * opened.width / 448 / 2
    explorer.save(tmp_path / "map.png")
    assert (tmp_path / "map.png").read_bytes() == explorer.snapshot()


def test_the_save_button_writes_beside_the_notebook_and_over_nothing(
    explorer: Explorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(2):
        explorer._desk._save()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "random-0-grad-cam-conv_2-2.png",
        "random-0-grad-cam-conv_2.png",
    ]
    assert "beside the notebook" in explorer._desk.footer.text


def test_a_picture_that_cannot_be_written_is_told(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(path: Path, content: bytes) -> int:
        raise OSError("the disk is full")

    held = Held(explorer)
    monkeypatch.setattr(Path, "write_bytes", full)
    explorer._desk._save()
    held.stays_and_says("The picture could not be saved as")
    held.recovers()


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_a_saved_notebook_holds_a_picture_and_words(make: Make, renderer: str) -> None:
    explorer = make(renderer=renderer)
    bundle = explorer._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert bundle["text/plain"] == f"Explorer(functional): {explorer.status}"
    png = PIL.Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert np.asarray(png.convert("RGB")).std() > 10
    assert json.dumps(bundle)


def test_pictures_added_by_code_stand_in_the_strip_and_the_first_of_them_is_looked_at(
    explorer: Explorer,
) -> None:
    explorer.add_images([picture(seed=5), picture(seed=6)])
    settled(explorer)
    assert (explorer.image, len(explorer._desk.strip._thumbs)) == (2, 4)
    assert explorer.explanation.image.name == "random 5"


def test_one_picture_needs_no_list(make: Make) -> None:
    assert len(make(images=picture()).images) == 1


# models of every kind


@pytest.mark.parametrize("kind", [kind for kind in ZOO if kind != "Sequential, not built"])
def test_a_model_of_every_kind_opens_and_draws(make: Make, kind: str) -> None:
    explorer = make(ZOO[kind](), [picture()])
    assert explorer.error == ""
    assert explorer.explanation is not None
    assert explorer.status.endswith(".")


def test_a_score_that_never_changes_draws_and_says_why_it_is_flat(make: Make) -> None:
    explorer = make(constant())
    for name in ("Grad-CAM", "Saliency", "Occlusion"):
        explorer.method = name
        settled(explorer)
        assert explorer.status.startswith("Flat: ")
        assert explorer.error == ""
        assert shown(explorer).std() > 5


@pytest.mark.parametrize(
    ("model", "says"),
    [
        (no_convolution, "No layer of no_convolution has maps"),
        (ZOO["subclassed"], "inner layers Keras does not record"),
    ],
    ids=["no convolution", "subclassed"],
)
def test_a_model_without_maps_begins_with_pixels_and_says_why_it_has_no_class_maps(
    make: Make, model: Callable[[], Any], says: str
) -> None:
    explorer = make(model())
    assert (explorer.method, explorer.error) == ("Saliency", "")
    held = Held(explorer)
    explorer.method = "Grad-CAM"
    held.stays_and_says(says)
    explorer.method = "Occlusion"
    settled(explorer)
    assert explorer.error == ""


def test_a_subclassed_model_that_was_never_called_is_explored_or_refused_in_words(make: Make) -> None:
    with pytest.raises(ModelError, match=r"[Cc]all it once"):
        make(Subclassed())


def test_an_autoencoder_explains_its_code_and_has_no_classes(make: Make) -> None:
    explorer = make(autoencoder(), [picture(channels=1)])
    assert explorer.explanation.recipe.target == LayerEnergy("encoded")
    assert all(bar.layout.display == "none" for bar in explorer._desk.verdict._bars)
    assert explorer._desk.verdict._chip.description.startswith("the energy of encoded")


# several at once, and the end


def test_two_explorers_linked_by_layer_walk_together_both_ways(make: Make) -> None:
    one, other = make(), make(method="Feature maps")
    link = traitlets.link((one, "layer"), (other, "layer"))
    for changed, name in ((one, "conv_1"), (other, "relu_1"), (one, "conv_2")):
        changed.layer = name
        settled(one)
        settled(other)
        assert (one.explanation.layer, other.explanation.layer) == (name, name)
    link.unlink()


def test_linked_explorers_do_not_wait_for_each_other_for_ever(make: Make) -> None:
    one, other = make(), make(method="Feature maps")
    links = [traitlets.link((one, name), (other, name)) for name in ("layer", "image", "target")]
    errors: list[BaseException] = []

    def hammer(explorer: Explorer, seed: int) -> None:
        chance, desk = np.random.default_rng(seed), explorer._desk
        buttons = [*desk.depth._frames, *desk.strip._thumbs, *desk.verdict._bars[:3], desk.undo]
        try:
            for _ in range(60):
                buttons[chance.integers(len(buttons))].click()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=hammer, args=(e, k), daemon=True) for k, e in enumerate((one, other))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    settled(one)
    settled(other)
    assert (errors, one.error, other.error) == ([], "", "")
    for link in links:
        link.unlink()


@pytest.mark.parametrize("given", [{"labels": ["a"]}, {"value_range": (0, 1)}, {"preprocess": np.negative}])
def test_what_belongs_to_the_probe_is_refused_beside_one(probe: Probe, given: dict[str, Any]) -> None:
    name = next(iter(given))
    with pytest.raises(SettingError, match=rf"{name} belongs to the Probe.*write Probe\(model, {name}=...\)"):
        Explorer(probe, picture(), renderer="image", **given)


def test_to_explore_under_a_name_closes_the_one_before(probe: Probe) -> None:
    first = cnnviz.explore(probe, picture(), name="demo", renderer="image")
    other = cnnviz.explore(probe, picture(), name="other", renderer="image")
    second = cnnviz.explore(probe, picture(), name="demo", renderer="image")
    assert [e._closed for e in (first, other, second)] == [True, False, False]
    settled(second)
    second.close()
    other.close()


@pytest.mark.parametrize("kind", [cnnviz.FeatureMapBrowser, cnnviz.Comparison])
def test_another_widget_of_the_same_name_closes_only_its_like(probe: Probe, kind: Any) -> None:
    explorer = cnnviz.explore(probe, picture(), name="shown", renderer="image")
    first, second = (kind(probe, picture(), name="shown", renderer="image") for _ in range(2))
    assert [one._closed for one in (explorer, first, second)] == [False, True, False]
    explorer.close()
    second.close()


def test_a_name_does_not_keep_a_closed_explorer(probe: Probe) -> None:
    closed = settled(cnnviz.explore(probe, picture(), name="gone", renderer="image"))
    closed.close()
    left = weakref.ref(closed)
    del closed
    gc.collect()
    assert left() is None


def test_a_name_keeps_its_explorer_if_the_next_one_is_refused(probe: Probe) -> None:
    first = cnnviz.explore(probe, picture(), name="kept", renderer="image")
    with pytest.raises(ImageError, match="images is empty"):
        cnnviz.explore(probe, [], name="kept", renderer="image")
    assert not first._closed
    first.close()


def test_after_close_nothing_happens_any_more(make: Make) -> None:
    explorer = make()
    before = explorer.explanation
    explorer.close()
    explorer.close()
    explorer.method = "Saliency"
    explorer.style = Style(opacity=0.1)
    explorer.ask()
    explorer.change_setting("patch", 3)
    assert explorer.wait(1)
    assert explorer.explanation is before
    assert explorer.comm is None


def test_to_close_in_the_middle_of_the_work_stops_it(make: Make) -> None:
    explorer = make()
    for _ in range(5):
        explorer._desk.verdict._bars[1].click()
    explorer.method = "Occlusion"
    explorer.close()
    assert not worker.busy(explorer.session)
    assert worker.wait(explorer._film, PATIENCE)


@pytest.mark.parametrize("renderer", ["image", "ipympl"])
def test_fifty_explorers_leave_nothing_behind(probe: Probe, renderer: str) -> None:
    names = [label for label in methods() if label in ("Grad-CAM", "Saliency", "Occlusion", "Feature maps")]
    before = left_behind()
    for k in range(50):
        explorer = Explorer(probe, [picture()], renderer=renderer, method=names[k % 4])
        if k % 10 == 0:
            for change in ("Occlusion", "Feature maps", "Saliency"):
                explorer.method = change
                settled(explorer)
        explorer.close()
    assert left_behind() == before


def test_two_explorers_share_no_layout_and_no_style(make: Make) -> None:
    one, other = make(), make()
    looks = [{id(look) for look in explorer._looks._made.values()} for explorer in (one, other)]
    assert looks[0]
    assert not looks[0] & looks[1]


def test_closing_one_explorer_leaves_the_looks_of_another(make: Make) -> None:
    one, other = make(), make()
    one.close()
    assert all(look.comm is not None for look in other._looks._made.values())


def test_a_closed_explorer_can_be_collected(probe: Probe) -> None:
    assert collected(lambda: settled(Explorer(probe, [picture()], renderer="ipympl")))


def test_an_explorer_that_was_refused_leaves_nothing_behind(probe: Probe) -> None:
    before = left_behind()
    for settings in ({"size": "XXL"}, {"renderer": "svg"}, {"layer": "conv_9"}, {"method": "Grad"}):
        with pytest.raises(CnnvizError, match=r"."):
            Explorer(probe, [picture()], **settings)
    assert left_behind() == before


def test_a_closed_explorer_is_collected_without_waiting_for_a_lock(make: Make) -> None:
    explorer, held, let_go = make(), threading.Event(), threading.Event()
    explorer.close()

    def hold() -> None:
        with explorer._lock:
            held.set()
            let_go.wait(PATIENCE)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(PATIENCE)
    collector = threading.Thread(target=explorer.__del__, daemon=True)
    collector.start()
    collector.join(5)
    waited = collector.is_alive()
    let_go.set()
    holder.join(PATIENCE)
    assert not waited
