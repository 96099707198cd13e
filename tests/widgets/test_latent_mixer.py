"""The latent mixer from end to end, without a browser: the mixture, the code's changes, the walk, what is refused."""

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

from cnnviz_widgets import CodeEdit, Image, LatentMixer, Probe, Style
from cnnviz_widgets.errors import ImageError, LayerError, ModelError, SettingError
from cnnviz_widgets.jobs import worker
from cnnviz_widgets.widgets.latent_mixer.code_tiles import COLUMNS, MOST, sheet, strongest_first
from cnnviz_widgets.widgets.latent_mixer.drawing import rounded_up
from cnnviz_widgets.widgets.latent_mixer.live import LiveSession
from cnnviz_widgets.widgets.latent_mixer.mixture import Mixture
from cnnviz_widgets.widgets.latent_mixer.paper import ALSO, GIF_SIDE, STRIP
from cnnviz_widgets.widgets.latent_mixer.ranges import as_picture, ends_of
from cnnviz_widgets.widgets.latent_mixer.snap import is_rounded
from cnnviz_widgets.widgets.latent_mixer.words import also
from tests.models import SIDE, autoencoder, functional, picture, subclassed
from tests.probe.test_decoding import dense, two_halves, with_skips

PATIENCE = 60
Make = Callable[..., LatentMixer]


def averaging(side: int | None = SIDE, loud: float = 1.0) -> keras.Model:
    """Return an autoencoder whose code is the mean of 2 x 2 pixels, m, as (m, 2 m), and that gives back `loud` m.

    Half of what is given back comes of either channel.
    """
    image = keras.Input((side, side, 1), name="image")
    code = layers.Conv2D(2, 1, use_bias=False, name="encoded")(
        layers.AveragePooling2D(2, name="means")(image)
    )
    made = layers.Conv2D(1, 1, use_bias=False, name="made")(code)
    model = keras.Model(image, layers.UpSampling2D(name="wide")(made), name="averaging")
    model.get_layer("encoded").set_weights([np.array([[[[1, 2]]]], np.float32)])
    model.get_layer("made").set_weights([np.array([[[[0.5], [0.25]]]], np.float32) * loud])
    return model


def grey(level: float, name: str) -> Image:
    return Image(np.full((SIDE, SIDE, 1), level, np.float32), (0, 1), name)


def pictures() -> list[Image]:
    return [grey(0.2, "dark"), grey(0.8, "light"), grey(0.5, "middle"), grey(0.1, "black")]


@pytest.fixture(scope="module")
def probe() -> Probe:
    return Probe(averaging())


@pytest.fixture
def make(probe: Probe) -> Iterator[Make]:
    """Give a maker of mixers that are closed after the test."""
    made: list[LatentMixer] = []

    def mixer(model: Any = None, images: Any = None, **settings: Any) -> LatentMixer:
        given = {"renderer": "image", "size": "L", **settings}
        made.append(LatentMixer(probe if model is None else model, images or pictures(), **given))
        return settled(made[-1])

    yield mixer
    for one in made:
        one.close()


@pytest.fixture
def mixer(make: Make) -> LatentMixer:
    return make()


def settled(mixer: LatentMixer) -> LatentMixer:
    assert mixer.wait(PATIENCE)
    return mixer


def level(mixer: LatentMixer) -> float:
    """Return the one value that the decoded picture has everywhere."""
    values = settled(mixer).mixed.picture.pixels
    assert np.ptp(values) < 1e-5
    return float(values.mean())


# what is mixed


def test_it_opens_half_way_between_the_first_two_pictures(mixer: LatentMixer) -> None:
    assert (mixer.a, mixer.b, mixer.mix, mixer.layer, mixer.error) == (0, 1, 0.5, "encoded", "")
    assert level(mixer) == pytest.approx(0.5)


@pytest.mark.parametrize(("mix", "expected"), [(0, 0.2), (0.25, 0.35), (1, 0.8)])
def test_the_slider_mixes_the_codes(mixer: LatentMixer, mix: float, expected: float) -> None:
    mixer._desk.walk.slider.value = mix
    assert level(mixer) == pytest.approx(expected)
    assert mixer.mix == mix


def test_the_pixels_mixed_are_shown_beside(make: Make) -> None:
    images = [picture(channels=1, seed=1), picture(channels=1, seed=2)]
    mixer = make(images=images, mix=0.25)
    assert np.allclose(mixer.mixed.pixels.pixels, 0.75 * images[0].pixels + 0.25 * images[1].pixels)


def test_the_sentence_says_what_is_mixed(mixer: LatentMixer) -> None:
    assert mixer.status == "50 % of the way from “dark” to “light”."
    mixer.mix = 0.0
    assert settled(mixer).status == "“dark”, decoded from its code."
    mixer.mix = 1.0
    assert settled(mixer).status == "“light”, decoded from its code."


def test_further_pictures_are_added_and_taken_away(mixer: LatentMixer) -> None:
    mixer.added = {2: 1.0, 3: -0.5}
    assert level(mixer) == pytest.approx(0.5 + 0.5 - 0.05)
    assert mixer.status.endswith("plus 1 × “middle”, minus 0.5 × “black”.")


def test_every_added_picture_has_a_slider_that_weighs_it(mixer: LatentMixer) -> None:
    mixer.take(3, "added")
    assert dict(mixer.added) == {3: 1.0}
    mixer._desk.ends._sliders[3].value = -1.0
    assert level(mixer) == pytest.approx(0.5 - 0.1)
    mixer.take(3, "added")
    assert (dict(mixer.added), mixer._desk.ends._rows.children) == ({}, ())


def test_a_click_on_a_picture_sets_the_end_that_is_chosen(mixer: LatentMixer) -> None:
    mixer._desk.strip._thumbs[2].click()
    mixer._desk.ends.slot.value = "b"
    mixer._desk.strip._thumbs[3].click()
    assert (mixer.a, mixer.b) == (2, 3)
    assert level(mixer) == pytest.approx(0.3)


def test_a_single_picture_can_be_changed_without_a_walk(make: Make) -> None:
    mixer = make(images=[grey(0.4, "alone")])
    assert level(mixer) == pytest.approx(0.4)
    assert mixer.status == "“alone”, decoded from its code."


def test_an_opened_picture_takes_the_chosen_place(mixer: LatentMixer) -> None:
    mixer.add_images([grey(0.6, "mine")])
    assert (mixer.a, len(mixer.images)) == (4, 5)
    assert level(mixer) == pytest.approx(0.7)


def test_both_ends_stand_beside_what_their_codes_give_back_with_the_error(make: Make) -> None:
    image = picture(channels=1, seed=3)
    mixer = make(images=[image, grey(0.5, "flat")])
    means = image.pixels.reshape(4, 2, 4, 2).mean(axis=(1, 3))
    expected = ((np.kron(means, np.ones((2, 2))) - image.pixels[..., 0]) ** 2).mean()
    assert [end.error for end in mixer._screen.ends] == pytest.approx([expected, 0.0], abs=1e-6)
    cards = mixer._desk.ends._cards.value
    assert (cards.count("<img"), cards.count("rebuilt, error"), "error 0<" in cards) == (4, 2, True)


def test_two_mixers_can_be_linked(make: Make) -> None:
    first, second = make(), make()
    link = traitlets.link((first, "mix"), (second, "mix"))
    first.mix = 0.75
    assert level(second) == pytest.approx(0.65)
    link.unlink()


# the code and its changes


def test_the_strongest_channel_is_chosen_first(mixer: LatentMixer) -> None:
    assert (mixer.channel, mixer._desk.tiles.order) == (1, (1, 0))


def test_a_channel_that_the_reader_chose_stays(mixer: LatentMixer) -> None:
    mixer._desk.tiles.buttons.made[1].click()
    mixer.a = 2
    assert settled(mixer).channel == 0


def test_a_silenced_channel_takes_its_half_of_the_picture_away(mixer: LatentMixer) -> None:
    mixer.edit(1, scale=0)
    assert level(mixer) == pytest.approx(0.25)
    assert mixer.status.endswith("with channel 1 set to 0.")


def test_the_sliders_change_the_chosen_channel(mixer: LatentMixer) -> None:
    mixer._desk.editor._scale.value = 0.5
    mixer._desk.editor._add.value = 0.4
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
    silence, back, everything = mixer._desk.editor.widget.children[-1].children
    silence.click()
    assert mixer.edits == (CodeEdit(1, 0.0),)
    back.click()
    assert mixer.edits == ()
    mixer.edits = [CodeEdit(0, 2), CodeEdit(1, 2)]
    everything.click()
    assert (mixer.edits, everything.disabled) == ((), True)


def test_the_sliders_of_one_cell_follow_the_place(mixer: LatentMixer) -> None:
    editor = mixer._desk.editor
    editor._where.value = True
    editor._place[1].value = 3
    editor._scale.value = 0.0
    assert mixer.edits == (CodeEdit(1, 0.0, 0.0, (0, 3)),)
    editor._where.value = False
    assert (mixer.cell, editor._scale.value) == (None, 1.0)


def test_a_changed_channel_has_a_mark_on_its_tile(mixer: LatentMixer) -> None:
    mixer.edit(0, scale=2)
    marks = ["cv-edited" in made._dom_classes for made in mixer._desk.tiles.buttons.made]
    assert marks == [False, True]  # channel 1 is the stronger one and stands first


def test_a_flat_code_has_no_cells_to_choose(make: Make) -> None:
    mixer = make(dense(), [picture(channels=1)])
    assert mixer._desk.editor._spot.layout.display == "none"
    with pytest.raises(SettingError, match="cell needs a code of maps"):
        mixer.edit(0, scale=0, cell=(0, 0))


def test_another_layer_forgets_the_changes(mixer: LatentMixer) -> None:
    mixer.edit(0, scale=0)
    mixer._desk.layers.value = "means"
    assert level(mixer) == pytest.approx(0.5)
    assert (mixer.layer, mixer.edits, mixer.channel) == ("means", (), 0)


def test_only_layers_that_can_be_decoded_from_are_offered(make: Make) -> None:
    mixer = make(two_halves(), [picture(channels=1)])
    assert [name for _, name in mixer._desk.layers.options] == ["flat", "z", "spread_out"]


def test_a_layer_that_is_no_bottleneck_is_allowed_and_said(make: Make) -> None:
    mixer = make(autoencoder(), [picture(channels=1)], layer="wide")
    assert "wide is no bottleneck: it holds 128 numbers, the picture 64" in mixer._desk.notes.value


def test_many_channels_come_in_pages(make: Make) -> None:
    mixer = make(dense(), [picture(channels=1)], layer="flat")
    tiles = mixer._desk.tiles
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
    assert (mixer._desk.tiles.page, mixer._desk.tiles.order[0]) == (1, 5)
    mixer.channel = 40
    mixer.a = mixer.b = 1
    tiles = settled(mixer)._desk.tiles
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


# the small map


def test_the_change_is_from_a_until_the_code_is_changed(mixer: LatentMixer) -> None:
    assert np.allclose(mixer._screen._small.values, 0.5 - 0.2)
    assert mixer._view._scene.tags == ("the pixels mixed", "change since A")
    mixer.edit(1, scale=0)
    assert np.allclose(settled(mixer)._screen._small.values, -0.25)
    assert mixer._view._scene.tags[1] == "change by the edits"


def test_at_a_nothing_is_changed(mixer: LatentMixer) -> None:
    mixer.mix = 0
    assert settled(mixer)._view._scene.tags == ("the picture", "nothing changed")


def test_the_focus_is_the_slope_of_the_codes_energy(mixer: LatentMixer) -> None:
    mixer._desk.beside.value = "focus"
    # energy: half of the mean of (m^2 + 4 m^2); each pixel is a quarter of one of 16 cells
    assert np.allclose(settled(mixer)._screen._small.values, 0.5 * 5 / 2 / 16 / 4, rtol=1e-4)
    assert mixer._view._scene.tags[1] == "where the code looks"


def test_a_cell_looks_at_its_own_pixels_only(mixer: LatentMixer) -> None:
    mixer.channel, mixer.cell, mixer.beside = 0, (3, 0), "channel"
    expected = np.zeros((SIDE, SIDE))
    expected[6:, :2] = 0.25
    assert np.allclose(settled(mixer)._screen._small.values, expected)
    assert mixer._view._scene.tags[1] == "where cell 3, 0 of channel 0 looks"


def test_without_room_for_tiles_the_small_pictures_stand_in_the_side(make: Make) -> None:
    mixer = make(size="S")
    assert mixer._desk._alone.value.count("<img") == 2
    assert "change since A" in mixer._desk._alone.value


@pytest.mark.parametrize(("told", "rounded"), [(0.5, True), (0.49, True), (0.47, False), (0.6, False)])
def test_what_a_slider_rounds_to_its_steps_is_no_move(told: float, rounded: bool) -> None:
    assert is_rounded(told, 0.504, 0.05) == rounded


def test_a_number_is_rounded_up_to_one_figure() -> None:
    assert [rounded_up(value) for value in (0.37, 0.4, 12, 0.0)] == [0.4, 0.4, 20, 0]


# the range of values


def test_what_lies_beyond_the_range_is_drawn_at_its_end_and_said(make: Make) -> None:
    mixer = make(averaging(loud=2.0))
    assert level(mixer) == pytest.approx(1.0)
    mixer.mix = 1.0
    assert mixer.probe.predict(mixer.images[1]).max() == pytest.approx(1.6)
    assert "100 % of the numbers lie beyond 0 to 1" in settled(mixer)._desk.notes.value


def test_the_output_of_a_preprocessed_picture_is_brought_back_to_its_range(make: Make) -> None:
    images = [Image(np.full((SIDE, SIDE, 1), value, np.float32), (0, 255)) for value in (51, 204)]
    mixer = make(averaging(), images, preprocess=lambda x: x / 127.5 - 1)
    assert level(mixer) == pytest.approx(127.5, abs=0.01)
    assert mixer.mixed.picture.range == (0, 255)


def test_an_output_in_another_range_is_pointed_out_and_can_be_named(make: Make) -> None:
    image = keras.Input((SIDE, SIDE, 1), name="image")
    scaled = layers.Rescaling(1 / 255, name="scaled")(image)
    model = keras.Model(image, averaging()(scaled), name="scaling")
    images = [Image(np.full((SIDE, SIDE, 1), value, np.float32), (0, 255)) for value in (51, 204)]
    assert "name it, such as output_range=(0, 1)" in make(model, images)._desk.notes.value
    named = make(model, images, output_range=(0, 1))
    assert level(named) == pytest.approx(127.5, abs=0.01)
    assert named._desk.notes.value == ""


def test_channels_may_have_ranges_of_their_own() -> None:
    image = picture(channels=3, high=255.0)
    probe = Probe(functional(), preprocess=lambda x: x - np.array([100, 110, 120], np.float32))
    ends = ends_of(probe, image, None)
    back, beyond = as_picture(image.pixels - np.array([100, 110, 120], np.float32), image, ends)
    assert np.allclose(back.pixels, image.pixels, atol=1e-3)
    assert beyond == 0


# the walk


def test_the_film_has_nine_steps_from_a_to_b(mixer: LatentMixer) -> None:
    assert mixer._desk.walk._style.value.count("background-image") == 9
    weights = [[weight for _, weight in step.parts] for step in mixer.steps()]
    assert (weights[0], weights[2], weights[-1]) == ([1, 0], [0.75, 0.25], [0, 1])


def test_a_click_on_a_frame_goes_there(mixer: LatentMixer) -> None:
    mixer._desk.walk._frames[2].click()
    assert mixer.mix == 0.25
    assert "cv-on" in mixer._desk.walk._frames[2]._dom_classes


def test_between_frames_the_nearest_one_is_marked(mixer: LatentMixer) -> None:
    mixer.mix = 0.26
    assert "cv-near" in mixer._desk.walk._frames[2]._dom_classes


def test_the_film_follows_a_change_of_the_code(mixer: LatentMixer) -> None:
    before = mixer._desk.walk._style.value
    mixer.edit(1, scale=0)
    assert settled(mixer)._desk.walk._style.value != before


def test_a_model_that_is_trained_further_gets_a_new_film(make: Make) -> None:
    mixer = make(averaging())
    before = mixer._desk.walk._style.value
    mixer.probe.model.get_layer("encoded").set_weights([np.array([[[[0.5, 0.5]]]], np.float32)])
    mixer.ask()
    assert level(mixer) == pytest.approx(0.5 * (0.25 + 0.125))
    assert mixer._desk.walk._style.value != before


def test_play_walks_to_b_and_stops(mixer: LatentMixer) -> None:
    mixer.mix = 0.95
    mixer.play()
    mixer._player._clock.close()  # the steps are made here, one by one
    assert mixer.playing
    mixer._player._step()
    assert (mixer.mix, mixer.playing) == (0.96875, True)
    mixer._player._step()
    assert (mixer.mix, mixer.playing, mixer._desk.play.icon) == (1.0, False, "play")


def test_play_at_b_begins_at_a_and_a_second_press_stops_it(mixer: LatentMixer) -> None:
    mixer.mix = 1.0
    with mixer._lock:
        mixer.play()
        assert (mixer.mix, mixer._desk.play.icon) == (0.0, "stop")
        mixer.play()
    assert not mixer.playing


# on paper


def test_the_walk_goes_there_and_back_as_a_gif(mixer: LatentMixer, tmp_path: Path) -> None:
    mixer.save_gif(tmp_path / "walk.gif", steps=5)
    with PIL.Image.open(tmp_path / "walk.gif") as moving:
        assert (moving.n_frames, moving.info["loop"]) == (8, 0)  # type: ignore[attr-defined]
        levels = []
        for k in range(8):
            moving.seek(k)
            levels.append(np.asarray(moving.convert("L"))[50:150, 50:150].mean() / 255)
    assert levels == pytest.approx([0.2, 0.35, 0.5, 0.65, 0.8, 0.65, 0.5, 0.35], abs=0.02)


def test_the_button_has_the_page_save_the_gif(mixer: LatentMixer, monkeypatch: pytest.MonkeyPatch) -> None:
    saved: list[tuple[Any, ...]] = []
    mixer._desk.helper.loaded = True
    monkeypatch.setattr(mixer._desk.helper, "download", lambda *given: saved.append(given))
    mixer.deliver_gif()
    settled(mixer)
    assert [(name, content[:3], kind) for name, content, kind in saved] == [
        ("dark-to-light-encoded.gif", b"GIF", "image/gif")
    ]


@pytest.mark.parametrize("steps", [1, 1000, 2.5, True])
def test_a_gif_has_from_2_to_200_steps(mixer: LatentMixer, steps: Any) -> None:
    with pytest.raises(SettingError, match="steps must be a whole number from 2 to 200"):
        mixer.gif(steps)


def test_a_gif_is_saved_under_its_own_ending(mixer: LatentMixer) -> None:
    with pytest.raises(SettingError, match=r"must end in \.gif; got 'walk\.png'"):
        mixer.save_gif("walk.png")


def test_the_png_says_what_was_mixed(mixer: LatentMixer) -> None:
    mixer.edit(1, scale=0, add=0.5)
    mixer.added = {2: -1}
    with PIL.Image.open(io.BytesIO(settled(mixer).snapshot())) as page:
        title, text = page.info["Title"], page.info["Description"]
    assert title == '50 % of the way from A "dark" to B "light" − 1 × "middle"'
    assert "Decoded from the code of layer encoded, 4 × 4 × 2" in text
    assert "Changes of the code: channel 1 times 0 plus 0.5" in text
    assert "decoded from their own codes: A 0 · B 0" in text


def test_a_picture_that_is_saved_at_once_is_waited_for(probe: Probe, tmp_path: Path) -> None:
    mixer = LatentMixer(probe, pictures(), renderer="image", size="L")
    mixer.save(tmp_path / "mixture.png")
    mixer.close()
    assert (tmp_path / "mixture.png").stat().st_size > 1000


def test_the_walk_tells_what_is_added_and_changed_all_the_way(mixer: LatentMixer) -> None:
    mixer.added = {2: -1}
    mixer.edit(1, scale=0)
    assert also(mixer.mixture) == '− 1 × "middle" · channel 1 set to 0'
    with PIL.Image.open(io.BytesIO(settled(mixer).gif(2))) as moving:
        assert moving.height == GIF_SIDE + STRIP + ALSO


def test_the_code_decodes_the_same_picture(make: Make) -> None:
    images = [picture(channels=1, seed=seed) for seed in (1, 2, 3)]
    mixer = make(averaging(loud=2), images, mix=0.3, added={2: -0.5})
    mixer.edit(1, scale=0.5, add=-0.1)
    mixer.edit(0, scale=0, cell=(1, 2))
    given = {"model": mixer.probe.model, "images": images}
    exec(settled(mixer).code(), given)
    assert np.allclose(given["picture"].pixels, mixer.mixed.picture.pixels, atol=1e-5)  # type: ignore[attr-defined]


def test_the_code_takes_its_pictures_from_the_list_that_was_given(make: Make) -> None:
    images = [picture(channels=1, seed=seed) for seed in range(5)]
    mixer = make(None, images, a=4, b=2, mix=0.3984375, added={3: 1})
    given = {"model": mixer.probe.model, "images": images}
    assert "(images[4], images[2], images[3])" in mixer.code()
    exec(mixer.code(), given)
    assert np.allclose(given["picture"].pixels, mixer.mixed.picture.pixels, atol=1e-6)  # type: ignore[attr-defined]


def test_the_code_takes_arrays_of_the_list_as_they_were_given(make: Make) -> None:
    images = list(np.random.default_rng(0).random((3, SIDE, SIDE, 1), np.float32))
    mixer = make(None, images, a=2, b=0)
    given = {"model": mixer.probe.model, "images": images}
    exec(mixer.code(), given)
    assert np.allclose(given["picture"].pixels, mixer.mixed.picture.pixels, atol=1e-6)  # type: ignore[attr-defined]


def test_the_code_brings_pictures_to_the_size_of_a_where_the_network_takes_any(make: Make) -> None:
    images = [picture(channels=1, seed=1), Image(np.random.default_rng(2).random((12, 20, 1)), (0, 1))]
    mixer = make(averaging(None), images)
    given = {"model": mixer.probe.model, "images": images}
    exec(mixer.code(), given)
    assert np.allclose(given["picture"].pixels, mixer.mixed.picture.pixels, atol=1e-6)  # type: ignore[attr-defined]


def test_the_code_names_a_picture_that_was_added_later(mixer: LatentMixer) -> None:
    mixer.add_images([grey(0.9, "mine")], look=False)
    mixer.b = 4
    lines = settled(mixer).code()
    assert 'added_1: the picture "mine"' in lines
    assert "(images[0], added_1)" in lines


def test_the_code_brings_an_output_back_to_the_range_of_the_pictures(make: Make) -> None:
    images = [picture(channels=1, seed=seed, high=255.0) for seed in (1, 2)]
    mixer = make(averaging(), images, output_range=(0, 510))
    given = {"model": mixer.probe.model, "images": images}
    exec(mixer.code(), given)
    assert np.allclose(given["picture"].pixels, mixer.mixed.picture.pixels, atol=1e-3)  # type: ignore[attr-defined]


def test_a_saved_notebook_shows_the_picture(mixer: LatentMixer) -> None:
    assert mixer._repr_mimebundle_()["image/png"]
    assert repr(mixer) == "LatentMixer(averaging): 50 % of the way from “dark” to “light”."


def test_the_mouse_reads_the_decoded_number(mixer: LatentMixer) -> None:
    mixer._screen._hovered("hero", 0.5, 0.1)
    assert "pixel 0, 4: 0.5" in mixer._desk.footer._right.value
    mixer._screen._hovered("map", 0.5, 0.1)
    assert "pixel 0, 4: 0.3" in mixer._desk.footer._right.value


# while a slider moves


def test_what_is_being_made_is_shown_even_if_the_next_question_is_there(probe: Probe) -> None:
    """Of three questions the first, which is being made, and the last are answered."""
    session, begun, let = LiveSession(probe), threading.Event(), threading.Event()
    seen: list[int] = []
    session.observe(lambda change: seen.append(change["new"].number), "explanation")

    class Slow:
        """A mixture that is made once it may."""

        done, progress = 1.0, ""

        def __init__(self, number: int) -> None:
            self.number = number

        def explain(self, probe: Probe, image: Image) -> Iterator[Any]:
            begun.set()
            assert let.wait(PATIENCE)
            yield self

    session.order(pictures()[0], Slow(1))  # type: ignore[arg-type]
    assert begun.wait(PATIENCE)
    session.order(pictures()[0], Slow(2))  # type: ignore[arg-type]
    session.order(pictures()[0], Slow(3))  # type: ignore[arg-type]
    let.set()
    assert session.wait(PATIENCE)
    assert seen == [1, 3]


def test_a_question_after_cancel_is_answered(mixer: LatentMixer) -> None:
    with mixer._lock:
        mixer.mix = 0.1
        mixer.cancel()
        mixer.mix = 0.75
    assert level(mixer) == pytest.approx(0.65)


def test_the_worker_is_free_once_a_slider_rests(mixer: LatentMixer) -> None:
    for k in range(20):
        mixer.mix = k / 20
    settled(mixer)
    assert not any(worker.busy(owner) for owner in (mixer.session, mixer._screen, mixer._screen.film, mixer))
    assert mixer.session.state == "idle"


def test_closing_frees_everything_and_does_so_once(make: Make) -> None:
    before = len(registry._instances)
    mixer = make()
    mixer.added = {2: 1.0}
    mixer.beside = "focus"
    mixer.play()
    mixer.close()
    mixer.close()
    assert len(registry._instances) == before


def test_a_cell_that_is_run_again_closes_the_mixer_before(make: Make) -> None:
    first = make(name="shown")
    second = make(name="shown")
    assert (first._closed, second._closed) == (True, False)


# what is refused


@pytest.mark.parametrize(
    ("trait", "value", "message"),
    [
        ("a", 4, "a must be from 0 to 3, a picture; got 4"),
        ("mix", 1.5, r"mix must be from 0 \(A\) to 1 \(B\); got 1\.5"),
        ("added", {9: 1}, "added must be from 0 to 3, a picture; got 9"),
        ("added", {2: float("nan")}, r"added\[2\] must be a number; got nan"),
        ("added", [2], "added must map indices of pictures to weights"),
        ("edits", [3], r"edits must be a list of CodeEdit, such as \[CodeEdit\(3, scale=0\)\]"),
        ("edits", [CodeEdit(2)], "channel must be from 0 to 1, the channels of encoded; got 2"),
        ("edits", [CodeEdit(0, 0.0, 0.0, (4, 0))], "cell: the row must be from 0 to 3 in encoded; got 4"),
        ("edits", [CodeEdit(0, float("inf"))], r"CodeEdit\.scale must be a number"),
        ("channel", -1, "channel must be from 0 to 1"),
        ("cell", 3, r"cell must be \(row, column\) or None; got 3"),
        ("beside", "focu", "beside must be one of change, focus, channel; got 'focu'. Did you mean 'focus'"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_and_the_old_one_stays(
    mixer: LatentMixer, trait: str, value: Any, message: str
) -> None:
    before = getattr(mixer, trait)
    with pytest.raises(SettingError, match=message):
        setattr(mixer, trait, value)
    assert getattr(mixer, trait) == before


def test_a_layer_that_does_not_make_the_output_is_refused(make: Make) -> None:
    mixer = make(two_halves(), [picture(channels=1)])
    with pytest.raises(LayerError, match="'z_mean' does not make the output alone: z_spread reaches it"):
        mixer.layer = "z_mean"
    assert mixer.layer == "z"


def test_a_network_with_skip_connections_says_what_crosses_the_cut() -> None:
    with pytest.raises(LayerError, match="first, image reach it past that layer"):
        LatentMixer(with_skips(), [picture(channels=1)])


def test_a_classifier_is_refused_with_what_it_gives() -> None:
    with pytest.raises(ModelError, match=r"functional takes \(8, 8, 3\) and gives \(3\).*Explorer shows"):
        LatentMixer(functional(), [picture()])


def test_a_model_written_as_a_class_is_refused() -> None:
    with pytest.raises(ModelError, match=r"LatentMixer needs a network that gives back a picture"):
        LatentMixer(subclassed(), [picture()])


@pytest.mark.parametrize("wrong", [(1, 0), (0,), "dark", (0, float("inf"))])
def test_a_range_of_the_output_is_two_numbers(wrong: Any) -> None:
    with pytest.raises(SettingError, match="output_range must be two numbers, the first the lower"):
        LatentMixer(averaging(), pictures(), output_range=wrong)


def test_a_wrong_setting_leaves_nothing_behind() -> None:
    before = len(registry._instances)
    with pytest.raises(SettingError, match="b must be from 0 to 3"):
        LatentMixer(averaging(), pictures(), b=7, renderer="image")
    assert len(registry._instances) == before


# pictures of several sizes


def test_pictures_of_several_sizes_are_brought_to_that_of_a(make: Make) -> None:
    images = [picture(12, 12, 1, seed=1), picture(20, 16, 1, seed=2)]
    mixer = make(averaging(side=None), images)
    assert (mixer.mixed.picture.size, mixer.error) == ((12, 12), "")


def test_a_size_that_is_not_given_back_is_said(make: Make) -> None:
    mixer = make(averaging(side=None), [picture(9, 9, 1)])
    assert re.search(r"makes 8 x 8 pixels of a picture of 9 x 9", mixer.error)


def test_nothing_is_drawn_before_the_first_answer_and_snapshot_says_so(make: Make) -> None:
    mixer = make(averaging(side=None), [picture(9, 9, 1)])
    with pytest.raises(ImageError, match=r"there is no picture yet: call wait\(\) first"):
        mixer.snapshot()
    assert mixer.code() == ""


def test_a_mixture_is_a_value() -> None:
    parts = ((grey(0.2, "a"), 0.5), (grey(0.4, "b"), 0.5))
    assert Mixture("encoded", parts) == Mixture("encoded", parts)
