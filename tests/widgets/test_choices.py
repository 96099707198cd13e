"""What can be chosen: method, layer, target, picture, style."""

import datetime
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import PIL.Image
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Heatmap, Image, LayerEnergy, Probe, ReconstructionError, Style, Unit
from cnnviz_widgets import method as registry
from cnnviz_widgets.errors import CnnvizError, LayerError, TargetError
from cnnviz_widgets.intake import loaded
from cnnviz_widgets.method import FAMILIES, Method, methods
from cnnviz_widgets.widgets.depth import FRAMES, DepthStrip, steps
from cnnviz_widgets.widgets.explorer.chooser import MethodChooser
from cnnviz_widgets.widgets.opacity import WHY
from cnnviz_widgets.widgets.strip import ImageStrip
from cnnviz_widgets.widgets.stylebar import FOLDED, UNFOLDED, StyleBar
from cnnviz_widgets.widgets.verdict import Verdict
from tests.models import autoencoder, functional, no_convolution, picture

HOSTILE = "<img src=x onerror=alert(1)>"


def nothing(*_: Any) -> None:
    """Take what a control gives."""


def visible(widget: Any) -> bool:
    return bool(widget.layout.display != "none")


def on(buttons: Any) -> list[int]:
    return [k for k, made in enumerate(buttons) if "cv-on" in made._dom_classes]


# method


@pytest.fixture
def list_kept() -> Iterator[None]:
    """Put the list of methods back as it was."""
    before = dict(registry._registered)
    yield
    registry._registered.clear()
    registry._registered.update(before)


def some_method(name: str, of: str) -> type[Method]:
    @dataclass(frozen=True)
    class Made(Method):
        label: ClassVar[str] = name
        family: ClassVar[str] = of
        help: ClassVar[str] = f"help of {name}"
        source: ClassVar[str] = "nobody"

        def explain(self, probe: Probe, image: Image) -> Iterator[Heatmap]:
            yield Heatmap(**self.about(probe, image))

    return Made


FOUR = {
    name: some_method(name, family)
    for name, family in (("a", FAMILIES[0]), ("b", FAMILIES[0]), ("c", FAMILIES[2]), ("d", FAMILIES[2]))
}


def test_families_that_hold_a_method_are_tabs_and_their_methods_pills() -> None:
    chooser = MethodChooser(FOUR, "b", nothing)
    assert chooser.tabs.options == (FAMILIES[0], FAMILIES[2])
    assert (chooser.tabs.value, chooser.pills.options, chooser.pills.value) == (FAMILIES[0], ("a", "b"), "b")
    assert tuple(chooser.pills.tooltips) == ("help of a. nobody", "help of b. nobody")


def test_a_family_remembers_the_method_chosen_last_in_it() -> None:
    chosen: list[str] = []

    def choose(label: str) -> None:
        chosen.append(label)
        chooser.mark(label)

    chooser = MethodChooser(FOUR, "a", choose)
    chooser.tabs.value = FAMILIES[2]
    chooser.pills.value = "d"
    chooser.tabs.value = FAMILIES[0]
    chooser.pills.value = "b"
    chooser.tabs.value = FAMILIES[2]
    chooser.tabs.value = FAMILIES[0]
    assert chosen == ["c", "d", "a", "b", "d", "b"]


def test_to_mark_a_method_asks_for_nothing() -> None:
    chosen: list[str] = []
    chooser = MethodChooser(FOUR, "a", chosen.append)
    chooser.mark("d")
    assert (chooser.tabs.value, chooser.pills.value, chosen) == (FAMILIES[2], "d", [])


@pytest.mark.usefixtures("list_kept")
def test_a_method_registered_after_the_chooser_was_made_can_be_marked() -> None:
    chooser = MethodChooser(methods(), "Grad-CAM", nothing)
    cnnviz.register(some_method("late", "Cover"))
    chooser.mark("late")
    assert chooser.pills.value == "late"
    assert "late" in chooser.pills.options


# layer


@pytest.fixture(scope="module")
def probe() -> Probe:
    return Probe(functional(), labels=["cat", "tiger cat", HOSTILE])


def test_at_most_nine_places_lie_evenly_from_the_first_to_the_last() -> None:
    assert steps(17, FRAMES) == [0, 2, 4, 6, 8, 10, 12, 14, 16]
    assert (steps(3, 9), steps(1, 9), steps(0, 9)) == ([0, 1, 2], [0], [])


def test_every_layer_with_maps_is_on_the_slider_and_in_the_list(probe: Probe) -> None:
    strip = DepthStrip("u", probe.stages(), nothing)
    names = [layer.name for layer in probe.spatial_layers]
    assert list(strip.slider.options) == names
    assert [value for _, value in strip.list.options if not value.startswith(" ")] == names
    assert [text for text, _ in strip.list.options if text.startswith("──")] == [
        "── stage 1, 8 × 8 ──",
        "── stage 2, 4 × 4 ──",
    ]


def test_frames_slider_and_list_choose_a_layer_by_its_name(probe: Probe) -> None:
    chosen: list[str] = []
    strip = DepthStrip("u", probe.stages(), chosen.append)
    strip.mark("conv_1")
    strip.slider.value = "relu_1"
    strip.list.value = "conv_2"
    strip._frames[1].click()
    assert chosen == ["relu_1", "conv_2", strip.frames[1]]


def test_the_heading_of_a_stage_chooses_its_first_layer(probe: Probe) -> None:
    chosen: list[str] = []
    strip = DepthStrip("u", probe.stages(), chosen.append)
    strip.list.value = " pool_1"
    assert chosen == ["pool_1"]


def test_to_mark_a_layer_moves_all_three_and_asks_for_nothing(probe: Probe) -> None:
    chosen: list[str] = []
    strip = DepthStrip("u", probe.stages(), chosen.append)
    strip.mark("conv_2")
    assert (strip.slider.value, strip.list.value, chosen) == ("conv_2", "conv_2", [])
    assert on(strip._frames) == [strip.frames.index("conv_2")]


def test_a_layer_without_maps_leaves_the_strip_as_it_is(probe: Probe) -> None:
    strip = DepthStrip("u", probe.stages(), nothing)
    strip.mark("conv_2")
    strip.mark("classes")
    assert strip.slider.value == "conv_2"


def test_a_network_without_maps_has_no_strip_and_chooses_nothing() -> None:
    chosen: list[str] = []
    strip = DepthStrip("u", Probe(no_convolution()).stages(), chosen.append)
    assert not visible(strip.widget)
    assert (strip.frames, chosen) == ([], [])


def test_developed_pictures_lie_behind_the_frames(probe: Probe) -> None:
    strip = DepthStrip("u", probe.stages(), nothing)
    strip.develop([np.full((4, 4, 3), 9, np.uint8)] * len(strip.frames))
    assert strip._style.value.count("background-image: url(data:image/jpeg;base64,") == len(strip.frames)


# target


def verdict(probe: Probe) -> tuple[Verdict, list[Any], list[Exception]]:
    chosen, refused = list[Any](), list[Exception]()
    return Verdict("u", probe, chosen.append, refused.append), chosen, refused


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("cat", ClassScore(0)), ("CAT ", ClassScore(0)), ("tiger  cat", ClassScore(1)), ("tiger", ClassScore(1)),
        ("2", ClassScore(2)), ("conv_1:3", Unit("conv_1", 3)), ("conv_2 : 0", Unit("conv_2", 0)),
        ("conv_1", LayerEnergy("conv_1")), ("energy of conv_1", LayerEnergy("conv_1")),
        ("Energy of conv_2", LayerEnergy("conv_2")), ("energy", LayerEnergy("conv_2")),
    ],
)  # fmt: skip
def test_the_search_understands(probe: Probe, text: str, meant: Any) -> None:
    assert verdict(probe)[0].parse(text) == meant


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3", r"There are classes 0 to 2; got 3"),
        ("-1", "Nothing is called '-1'"),
        ("²", "Nothing is called"),
        ("dog", r"Nothing is called 'dog'. Type a class, its number, layer:channel or energy of a layer"),
        ("conv_9:1", "no layer 'conv_9'.*Did you mean 'conv_"),
        ("energy of conv_9", "no layer 'conv_9'.*Did you mean 'conv_"),
        ("conv_1:99", "Unit.channel must be from 0 to 3, the channels of conv_1; got 99"),
        ("conv_1:²", "Nothing is called"),
        ("reconstruction error", "ReconstructionError needs a model whose output has the picture's shape"),
    ],
)
def test_the_search_says_what_it_does_not_understand(probe: Probe, text: str, says: str) -> None:
    with pytest.raises(TargetError, match=says):
        verdict(probe)[0].parse(text)


def test_a_part_of_several_names_names_one_of_them(probe: Probe) -> None:
    with pytest.raises(TargetError, match="2 classes hold 'ca': "):
        verdict(probe)[0].parse("ca")


def test_labels_that_are_digits_are_names_first() -> None:
    assert verdict(Probe(functional(), labels=["2", "1", "0"]))[0].parse("2") == ClassScore(0)


def test_an_autoencoder_is_asked_for_its_error_and_for_no_class() -> None:
    asked, _, _ = verdict(Probe(autoencoder()))
    assert asked.parse("reconstruction error") == ReconstructionError()
    assert asked.parse("energy") == LayerEnergy("encoded")
    with pytest.raises(TargetError, match="gives a picture, not classes"):
        asked.parse("1")


def test_energy_without_a_layer_that_has_maps_says_so() -> None:
    with pytest.raises(LayerError, match="No layer of no_convolution has maps"):
        verdict(Probe(no_convolution()))[0].parse("energy")


def test_a_search_that_makes_sense_chooses_and_empties_the_field(probe: Probe) -> None:
    asked, chosen, refused = verdict(probe)
    asked.search.value = "conv_1:2"
    assert (chosen, refused, asked.search.value) == ([Unit("conv_1", 2)], [], "")


def test_a_search_that_makes_none_is_refused_and_stays_to_be_mended(probe: Probe) -> None:
    asked, chosen, refused = verdict(probe)
    asked.search.value = "99"
    assert (chosen, len(refused), asked.search.value) == ([], 1, "99")
    assert isinstance(refused[0], CnnvizError)


def test_an_empty_search_does_nothing(probe: Probe) -> None:
    asked, chosen, refused = verdict(probe)
    asked.search.value = "  "
    assert (chosen, refused) == ([], [])


def test_bars_show_the_classes_and_choose_them(probe: Probe) -> None:
    asked, chosen, _ = verdict(probe)
    asked.show([(1, "tiger cat", 0.9), (2, HOSTILE, 0.1)])
    assert [visible(bar) for bar in asked._bars] == [True, True, False, False, False]
    assert [bar.description for bar in asked._bars[:2]] == ["tiger cat", HOSTILE]
    assert "--p: 90.0%" in asked._style.value
    assert "<img" not in asked._style.value
    asked._bars[1].click()
    asked._bars[4].click()
    assert chosen == [ClassScore(2)]


def test_a_class_with_a_bar_is_marked_there_and_any_other_target_is_a_chip(probe: Probe) -> None:
    asked, chosen, _ = verdict(probe)
    asked.show([(1, "tiger cat", 0.9)])
    asked.mark(ClassScore(1))
    assert (on(asked._bars), visible(asked._chip)) == ([0], False)
    asked.mark(Unit("conv_1", 2, (3, 1)))
    assert (on(asked._bars), visible(asked._chip)) == ([], True)
    assert asked._chip.description == "channel 2 at cell 3, 1 of conv_1  ×"
    asked._chip.click()
    assert chosen == [None]


def test_the_probability_of_a_class_is_not_its_bar(probe: Probe) -> None:
    asked, _, _ = verdict(probe)
    asked.show([(1, "tiger cat", 0.9)])
    asked.mark(ClassScore(1, "probability"))
    assert (on(asked._bars), visible(asked._chip)) == ([], True)


def test_the_field_suggests_classes_and_layers(probe: Probe) -> None:
    options = verdict(probe)[0].search.options
    assert options[:2] == ("cat", "tiger cat")
    assert "energy of conv_2" in options


# picture


def encoded(kind: str = "png") -> bytes:
    buffer = io.BytesIO()
    PIL.Image.fromarray(np.full((6, 9, 3), 120, np.uint8)).save(buffer, kind)
    return buffer.getvalue()


def upload(name: str, content: bytes) -> dict[str, Any]:
    return {
        "name": name, "type": "image/png", "size": len(content), "content": memoryview(content),
        "last_modified": datetime.datetime.now(datetime.UTC),
    }  # fmt: skip


Strip = tuple[ImageStrip, list[int], list[Any]]


@pytest.fixture
def strip() -> Strip:
    chosen, added = list[int](), list[Any]()
    images = loaded([picture(), Image(np.zeros((4, 4)), (0, 1))])
    return ImageStrip("u", images, chosen.append, lambda *found: added.append(found)), chosen, added


def test_every_picture_has_a_thumbnail_with_a_name(strip: Strip) -> None:
    assert [thumb.description for thumb in strip[0]._thumbs] == ["random 0", "picture 2"]


def test_thumbnails_are_drawn_when_asked_for_and_with_every_picture_added(strip: Strip) -> None:
    drawn = [strip[0]._style.value.count("background-image")]
    for act in (strip[0].draw, lambda: strip[0].append([picture(seed=3)])):
        act()
        drawn.append(strip[0]._style.value.count("background-image"))
    assert drawn == [0, 2, 3]


def test_a_click_on_a_thumbnail_chooses_it(strip: Strip) -> None:
    strip[0]._thumbs[1].click()
    strip[0].mark(1)
    assert (strip[1], on(strip[0]._thumbs)) == ([1], [1])


def test_pictures_added_stand_before_the_tile_that_takes_more(strip: Strip) -> None:
    strip[0].append([picture(seed=3)])
    assert strip[0].widget.children[-1] is strip[0]._upload
    assert [thumb.description for thumb in strip[0]._thumbs] == ["random 0", "picture 2", "random 3"]


def test_a_file_opened_by_the_reader_is_a_picture_with_its_name(strip: Strip) -> None:
    strip[0]._upload.value = (upload("my.cat.png", encoded()),)
    ((images, refused),) = strip[2]
    assert ([image.name for image in images], [image.size for image in images], refused) == (
        ["my.cat"],
        [(6, 9)],
        [],
    )


def test_a_file_that_is_no_picture_is_refused_by_its_name_and_the_others_open(strip: Strip) -> None:
    strip[0]._upload.value = (upload("notes.txt", b"not a picture"), upload("cat.png", encoded("bmp")))
    ((images, refused),) = strip[2]
    assert [image.name for image in images] == ["cat"]
    assert len(refused) == 1
    assert refused[0] == "notes.txt: the file is not a picture of a kind that Pillow knows."


def test_the_same_file_can_be_opened_twice(strip: Strip) -> None:
    for _ in range(2):
        strip[0]._upload.value = (upload("cat.png", encoded()),)
        assert strip[0]._upload.value == ()
    assert len(strip[2]) == 2


def test_a_hostile_file_name_stays_out_of_the_style_sheet(strip: Strip) -> None:
    strip[0].append([Image(np.zeros((4, 4)), (0, 1), HOSTILE)])
    assert "<img" not in strip[0]._style.value


# style


Bar = tuple[StyleBar, list[Any], list[bool]]


@pytest.fixture
def bar() -> Bar:
    styled, scaled = list[Any](), list[bool]()
    made = StyleBar("u", Style(), lambda style, moving: styled.append((style, moving)), scaled.append)
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
        assert {visible(made) for made in bar[0]._swatches.signed.values()} == {signed}
        assert {visible(made) for made in bar[0]._swatches.plain.values()} == {not signed}


def test_what_is_not_laid_on_the_picture_has_no_blending(bar: Bar) -> None:
    for blended in (False, True):
        bar[0].suit(False, blended)
        assert {visible(made) for made in (bar[0].mode, bar[0]._opacity.row, bar[0]._blend)} == {blended}


def test_what_has_colours_of_its_own_is_offered_none(bar: Bar) -> None:
    for coloured in (False, True):
        bar[0].suit(True, True, coloured)
        assert visible(bar[0]._swatches.widget) == coloured


def test_opacity_is_off_for_the_map_alone_and_says_why(bar: Bar) -> None:
    for mode, alone in (("overlay", False), ("map", True), ("spotlight", False)):
        bar[0].put(Style(mode=mode, opacity=0.4))
        opacity = bar[0]._opacity
        assert (opacity.slider.disabled, visible(opacity._why)) == (alone, alone)
        assert (opacity.slider.tooltip == WHY, opacity.slider.value) == (alone, 0.4)


def test_a_swatch_chooses_and_is_marked(bar: Bar) -> None:
    name = list(bar[0]._swatches.plain)[1]
    bar[0]._swatches.plain[name].click()
    assert bar[1] == [(Style(colormap=name), False)]
    assert on(bar[0]._swatches.plain.values()) == [1]


def test_to_put_a_style_asks_for_nothing(bar: Bar) -> None:
    bar[0].put(Style(opacity=0.1, clip=0.95, soften=2, mode="map", channel="red"))
    assert bar[1] == []
    assert (bar[0].sliders["clip"].value, bar[0].choices["channel"].value) == (0.95, "red")


def test_a_colour_map_of_matplotlib_marks_no_swatch(bar: Bar) -> None:
    bar[0].put(Style(colormap="cividis"))
    assert on(bar[0]._swatches.plain.values()) == []


def test_one_scale_for_all_is_passed_on(bar: Bar) -> None:
    bar[0].same.value = True
    assert bar[2] == [True]


def test_the_finer_points_unfold_and_fold(bar: Bar) -> None:
    seen = []
    for _ in range(3):
        seen.append((visible(bar[0]._more), bar[0]._fold.description))
        bar[0]._fold.click()
    assert seen == [(False, FOLDED), (True, UNFOLDED), (False, FOLDED)]
