"""The code and its changes: channels silenced, raised and taken back, whole or in one cell."""

import numpy as np
import pytest

from cnnviz_widgets import CodeEdit, Image, LatentMixer, Style
from cnnviz_widgets.errors import SettingError
from cnnviz_widgets.widgets.latent_mixer.code_tiles import COLUMNS, MOST, sheet, strongest_first
from tests.models import SIDE, autoencoder, picture
from tests.probe.test_decoder import dense, two_halves
from tests.widgets.latent_mixer.common import Make, level, settled


def test_the_strongest_channel_is_chosen_first(mixer: LatentMixer) -> None:
    assert (mixer.channel, mixer.view.tiles.order) == (1, (1, 0))


def test_a_channel_that_the_reader_chose_stays(mixer: LatentMixer) -> None:
    mixer.view.tiles.buttons.made[1].click()
    mixer.a = 2
    assert settled(mixer).channel == 0


def test_a_silenced_channel_takes_its_half_of_the_picture_away(mixer: LatentMixer) -> None:
    mixer.edit(1, scale=0)
    assert level(mixer) == pytest.approx(0.25)
    assert mixer.status.endswith("with channel 1 set to 0.")


def test_the_sliders_change_the_chosen_channel(mixer: LatentMixer) -> None:
    mixer.view.editor._scale.value = 0.5
    mixer.view.editor._add.value = 0.4
    assert mixer.edits == (CodeEdit(1, 0.5, 0.4),)
    assert level(mixer) == pytest.approx(0.25 + 0.25 * (0.5 + 0.4))


def test_a_change_of_one_cell_changes_its_pixels_only(mixer: LatentMixer) -> None:
    mixer.edit(0, add=0.2, cell=(1, 2))
    values = settled(mixer).mixed.output[..., 0]
    changed = np.zeros((SIDE, SIDE))
    changed[2:4, 4:6] = 0.1
    assert np.allclose(values - 0.5, changed, atol=1e-6)


def test_the_change_of_a_whole_channel_comes_before_those_of_its_cells(mixer: LatentMixer) -> None:
    mixer.edits = [CodeEdit(0, add=0.2, cell=(0, 0)), CodeEdit(0, scale=0)]
    assert settled(mixer).mixed.code[..., 0].tolist()[0] == pytest.approx([0.2, 0, 0, 0])


def test_a_later_change_of_the_same_place_replaces_the_earlier(mixer: LatentMixer) -> None:
    mixer.edit(0, scale=3)
    mixer.edit(0, scale=2)
    assert mixer.edits == (CodeEdit(0, 2.0),)


def test_a_change_that_changes_nothing_is_none(mixer: LatentMixer) -> None:
    mixer.edit(0, scale=2)
    mixer.edit(0)
    assert mixer.edits == ()


def test_the_buttons_silence_and_take_back(mixer: LatentMixer) -> None:
    silence, back, everything = mixer.view.editor.widget.children[-1].children
    silence.click()
    assert mixer.edits == (CodeEdit(1, 0.0),)
    back.click()
    assert mixer.edits == ()
    mixer.edits = [CodeEdit(0, 2), CodeEdit(1, 2)]
    everything.click()
    assert (mixer.edits, everything.disabled) == ((), True)


def test_the_sliders_of_one_cell_follow_the_place(mixer: LatentMixer) -> None:
    editor = mixer.view.editor
    editor._where.value = True
    editor._place[1].value = 3
    editor._scale.value = 0.0
    assert mixer.edits == (CodeEdit(1, 0.0, 0.0, (0, 3)),)
    editor._where.value = False
    assert (mixer.cell, editor._scale.value) == (None, 1.0)


def test_a_changed_channel_has_a_mark_on_its_tile(mixer: LatentMixer) -> None:
    mixer.edit(0, scale=2)
    marks = ["cv-edited" in made._dom_classes for made in mixer.view.tiles.buttons.made]
    assert marks == [False, True]  # channel 1 is the stronger one and stands first


def test_a_flat_code_has_no_cells_to_choose(make: Make) -> None:
    mixer = make(dense(), [picture(channels=1)])
    assert mixer.view.editor._spot.layout.display == "none"
    with pytest.raises(SettingError, match="cell needs a code of maps"):
        mixer.edit(0, scale=0, cell=(0, 0))


def test_another_layer_forgets_the_changes(mixer: LatentMixer) -> None:
    mixer.edit(0, scale=0)
    mixer.view.layers.value = "means"
    assert level(mixer) == pytest.approx(0.5)
    assert (mixer.layer, mixer.edits, mixer.channel) == ("means", (), 0)


def test_only_layers_that_can_be_decoded_from_are_offered(make: Make) -> None:
    mixer = make(two_halves(), [picture(channels=1)])
    assert [name for _, name in mixer.view.layers.options] == ["flat", "z", "spread_out"]


def test_a_layer_that_is_no_bottleneck_is_allowed_and_said(make: Make) -> None:
    mixer = make(autoencoder(), [picture(channels=1)], layer="wide")
    assert "wide is no bottleneck: it holds 128 numbers, the picture 64" in mixer.view.notes.value


def test_many_channels_come_in_pages(make: Make) -> None:
    mixer = make(dense(), [picture(channels=1)], layer="flat")
    tiles = mixer.view.tiles
    assert (len(tiles.channels), tiles._pages.value) == (MOST, "1–32 of 64")
    tiles.turn(1)
    assert tiles.channels == tiles.order[MOST:]
    mixer.channel = tiles.order[1]
    assert tiles.page == 0


def test_a_chosen_channel_keeps_its_mark_where_another_order_puts_it(make: Make) -> None:
    images = []
    for bright in (5, 40):
        pixels = np.linspace(0.1, 0.2, SIDE * SIDE, dtype=np.float32)
        pixels[bright] = 1
        images.append(Image(pixels.reshape(SIDE, SIDE, 1), (0, 1), f"pixel {bright}"))
    mixer = make(dense(), images, layer="flat", b=0)
    mixer.channel = 20
    assert (mixer.view.tiles.page, mixer.view.tiles.order[0]) == (1, 5)
    mixer.channel = 40
    mixer.a = mixer.b = 1
    tiles = settled(mixer).view.tiles
    assert (tiles.page, tiles.order[0]) == (0, 40)
    assert ["cv-on" in made._dom_classes for made in tiles.buttons.made].index(True) == 0


def test_tiles_are_drawn_row_by_row() -> None:
    maps = np.zeros((1, 1, 10), np.float32)
    maps[..., 9] = 1
    drawn = sheet(maps, tuple(range(10)), Style(colormap="grey", limit=1.0), signed=False)
    side = drawn.shape[1] // COLUMNS
    lit = drawn[..., 0].reshape(2, side, COLUMNS, side).mean(axis=(1, 3)) > 128
    assert np.argwhere(lit).tolist() == [[1, 1]]


def test_the_strongest_channel_may_be_a_negative_one() -> None:
    codes = np.array([[0.0, 1.0, -3.0], [0.5, 2.0, 0.0]])
    assert strongest_first(codes) == (2, 1, 0)
