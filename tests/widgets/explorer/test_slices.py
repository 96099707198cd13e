"""Volumes and videos in the Explorer: a slider moves from slice to slice, and all follows it."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from cnnviz_widgets import Explorer, GradCAM, Image, ImageError, ModelError, Probe, SettingError, explore
from tests.kinds.volumes import of_videos, of_volumes, volume_of
from tests.models import functional, picture
from tests.widgets.explorer.common import Make, settled


@pytest.fixture(scope="module")
def scanned() -> Probe:
    model = of_volumes()
    return Probe(model, volume=volume_of(model), value_range=(0, 1), slice_index=1)


@pytest.fixture
def explorer(make: Make, scanned: Probe) -> Explorer:
    return make(scanned, scanned.volume.source)


def move(explorer: Explorer, index: int) -> None:
    """Move the slider as a reader does."""
    explorer.view.slices.slider.value = index
    settled(explorer)


def test_the_slider_says_which_of_how_many(explorer: Explorer) -> None:
    line = explorer.view.slices.widget
    assert explorer.view.lever.children[0] is line
    assert [line.children[0].value, line.children[2].value] == ["Slice", "of 4"]
    slider = explorer.view.slices.slider
    assert (slider.min, slider.value, slider.max) == (0, 1, 3)


def test_picture_map_and_strip_follow_the_slider(explorer: Explorer, scanned: Probe) -> None:
    before = explorer.view.strip._style.value
    move(explorer, 3)
    other = scanned.at_slice(3)
    picture = other.volume.picture()
    assert (explorer.slice_index, explorer.images) == (3, [picture])
    assert explorer.explanation.image == picture
    np.testing.assert_array_equal(explorer.explanation.values, GradCAM()(other, picture).values)
    assert explorer.view.strip.thumbs[0].tooltip == "slice 3"
    assert explorer.view.strip._style.value != before


@pytest.mark.parametrize("index", [0, 2])
def test_the_lines_make_the_map_of_the_slice(explorer: Explorer, scanned: Probe, index: int) -> None:
    explorer.slice_index = index
    settled(explorer)
    assert explorer.view.slices.slider.value == index
    names = {"model": scanned.model, "volume": scanned.volume.source}
    exec(explorer.code(), names)
    plt.close("all")
    np.testing.assert_array_equal(names["heat"].values, explorer.explanation.values)


def test_undo_goes_back_to_the_slice_before(explorer: Explorer) -> None:
    move(explorer, 3)
    explorer.view.undo.click()
    settled(explorer)
    assert (explorer.slice_index, explorer.view.slices.slider.value) == (1, 1)
    assert explorer.explanation.image.name == "slice 1"
    explorer.view.redo.click()
    settled(explorer)
    assert explorer.explanation.image.name == "slice 3"


def test_a_drag_asks_for_the_slice_it_ends_at_alone(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    monkeypatch.setattr(
        GradCAM, "votes", lambda _, g: asked.append(1) or np.ones(g.values.shape[:2], np.float32)
    )
    monkeypatch.setattr("cnnviz_widgets.widgets.explorer.explorer.REST_SECONDS", 1.0)
    explorer.presenter.film._strip.layers = ()  # it would ask for each layer
    for index in (0, 3, 2):
        explorer.view.slices.slider.value = index
    settled(explorer)
    assert explorer.explanation.image.name == "slice 2"
    assert len(asked) == 1


def test_another_picture_takes_the_place_of_each_slice_in_turn(make: Make, scanned: Probe) -> None:
    own = picture(8, 8, 1)
    explorer = make(scanned, [own])
    found = explorer.explanation.scores["score"]
    move(explorer, 3)
    assert explorer.images == [own]
    assert explorer.explanation.scores["score"] != found


def test_what_goes_in_follows_the_slider(explorer: Explorer, scanned: Probe) -> None:
    explorer.view.received.toggle()
    assert explorer.view.received.wait()
    move(explorer, 0)
    assert explorer.view.received.wait()
    assert explorer.view.received.received.image == scanned.at_slice(0).volume.picture()


def test_a_model_and_a_video_are_enough_and_frames_are_called_frames() -> None:
    model = of_videos()
    explorer = explore(model, volume_of(model), renderer="image", value_range=(0, 1))
    settled(explorer)
    assert explorer.view.slices.widget.children[0].value == "Frame"
    assert repr(explorer.probe).endswith("frame 1 of 3, 4 layers)")
    assert isinstance(explorer.images[0], Image)
    explorer.close()


def test_a_probe_with_its_volume_is_enough(make: Make, scanned: Probe) -> None:
    explorer = Explorer(scanned, renderer="image")
    assert explorer.images == [scanned.volume.picture()]
    explorer.close()


def test_a_network_of_pictures_has_no_slider(make: Make, probe: Probe) -> None:
    explorer = make()
    assert explorer.view.slices is None
    with pytest.raises(SettingError, match="slice_index is for models of volumes"):
        explorer.slice_index = 1


def test_a_slice_that_is_not_there_is_refused(explorer: Explorer) -> None:
    with pytest.raises(SettingError, match="slice_index must be from 0 to 3; got 4"):
        explorer.slice_index = 4
    assert explorer.slice_index == 1


def test_what_is_missing_or_does_not_fit_is_said() -> None:
    with pytest.raises(ImageError, match="images is missing"):
        explore(functional())
    with pytest.raises(SettingError, match="volume must have 4 slices"):
        explore(of_volumes(), np.zeros((3, 8, 8, 1), np.float32))
    with pytest.raises(ModelError, match=r"Probe\(model, volume=array\)"):
        explore(of_volumes())
