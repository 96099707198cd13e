"""Choosing a layer: by frame, slider, list and stage."""

import numpy as np

from cnnviz_widgets import Probe
from cnnviz_widgets.widgets.controls.layer_picker import FRAMES, LayerPicker, steps
from tests.models import no_convolution
from tests.widgets.choices.common import nothing, on
from tests.widgets.tree import visible


def test_at_most_nine_places_lie_evenly_from_the_first_to_the_last() -> None:
    assert steps(17, FRAMES) == [0, 2, 4, 6, 8, 10, 12, 14, 16]
    assert (steps(3, 9), steps(1, 9), steps(0, 9)) == ([0, 1, 2], [0], [])


def test_every_layer_with_maps_is_on_the_slider_and_in_the_list(probe: Probe) -> None:
    strip = LayerPicker("u", probe.stages(), nothing)
    names = [layer.name for layer in probe.spatial_layers]
    assert list(strip.slider.options) == names
    assert [value for _, value in strip.list.options if not value.startswith(" ")] == names
    assert [text for text, _ in strip.list.options if text.startswith("──")] == [
        "── stage 1, 8 × 8 ──",
        "── stage 2, 4 × 4 ──",
    ]


def test_frames_slider_and_list_choose_a_layer_by_its_name(probe: Probe) -> None:
    chosen: list[str] = []
    strip = LayerPicker("u", probe.stages(), chosen.append)
    strip.mark("conv_1")
    strip.slider.value = "relu_1"
    strip.list.value = "conv_2"
    strip._frames[1].click()
    assert chosen == ["relu_1", "conv_2", strip.frames[1]]


def test_the_heading_of_a_stage_chooses_its_first_layer(probe: Probe) -> None:
    chosen: list[str] = []
    strip = LayerPicker("u", probe.stages(), chosen.append)
    strip.list.value = " pool_1"
    assert chosen == ["pool_1"]


def test_to_mark_a_layer_moves_all_three_and_asks_for_nothing(probe: Probe) -> None:
    chosen: list[str] = []
    strip = LayerPicker("u", probe.stages(), chosen.append)
    strip.mark("conv_2")
    assert (strip.slider.value, strip.list.value, chosen) == ("conv_2", "conv_2", [])
    assert on(strip._frames) == [strip.frames.index("conv_2")]


def test_a_layer_without_maps_leaves_the_strip_as_it_is(probe: Probe) -> None:
    strip = LayerPicker("u", probe.stages(), nothing)
    strip.mark("conv_2")
    strip.mark("classes")
    assert strip.slider.value == "conv_2"


def test_a_network_without_maps_has_no_strip_and_chooses_nothing() -> None:
    chosen: list[str] = []
    strip = LayerPicker("u", Probe(no_convolution()).stages(), chosen.append)
    assert not visible(strip.widget)
    assert (strip.frames, chosen) == ([], [])


def test_developed_pictures_lie_behind_the_frames(probe: Probe) -> None:
    strip = LayerPicker("u", probe.stages(), nothing)
    strip.develop([np.full((4, 4, 3), 9, np.uint8)] * len(strip.frames), [None] * len(strip.frames))
    assert strip._style.value.count("background-image: url(data:image/jpeg;base64,") == len(strip.frames)
