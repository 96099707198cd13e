"""The occlusion explorer from end to end, without a browser: the patch, the maps, the pins, and what is refused."""

import dataclasses
import io
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import PIL.Image
import pytest
from ipywidgets.widgets import widget as registry

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Image, LabelMap, OcclusionExplorer, Probe, Style
from cnnviz_widgets.errors import ImageError, SettingError, TargetError
from cnnviz_widgets.export.caption import settings_of
from cnnviz_widgets.sweeps import covered_picture, questions
from cnnviz_widgets.widgets.occlusion import behind
from cnnviz_widgets.widgets.occlusion import desk as occlusion_desk
from cnnviz_widgets.widgets.occlusion import screen as occlusion_screen
from cnnviz_widgets.widgets.occlusion.clock import SweepClock
from cnnviz_widgets.widgets.occlusion.picture import covered_photograph
from cnnviz_widgets.widgets.occlusion.words import cost
from tests.models import ZOO, autoencoder, functional, picture, two_class_linear

PATIENCE = 60
Make = Callable[..., OcclusionExplorer]


def network() -> keras.Model:
    """Return a network that says "lit" unless the bright pixel in row 1, column 6 is covered."""
    weights = np.zeros((8, 8, 1), np.float32)
    weights[1, 6] = 1
    return two_class_linear(weights)


def lit() -> Image:
    pixels = np.full((8, 8, 1), -0.1, np.float32)
    pixels[1, 6] = 1
    return Image(pixels, (-1.2, 1), "lit")


@pytest.fixture(scope="module")
def probe() -> Probe:
    return Probe(network(), labels=["lit", "dark"])


@pytest.fixture
def make(probe: Probe) -> Iterator[Make]:
    """Give a maker of explorers that are closed after the test."""
    made: list[OcclusionExplorer] = []

    def explorer(model: Any = None, images: Any = None, **settings: Any) -> OcclusionExplorer:
        given = {"patch": 2, "stride": 2, "renderer": "image", "size": "L", **settings}
        made.append(OcclusionExplorer(probe if model is None else model, images or [lit(), lit()], **given))
        return settled(made[-1])

    yield explorer
    for one in made:
        one.close()


@pytest.fixture
def explorer(make: Make) -> OcclusionExplorer:
    return make()


def settled(explorer: OcclusionExplorer) -> OcclusionExplorer:
    assert explorer.wait(PATIENCE)
    return explorer


def moved(explorer: OcclusionExplorer, *place: int) -> OcclusionExplorer:
    explorer.position = place
    return settled(explorer)


def shown(explorer: OcclusionExplorer) -> np.ndarray:
    return np.asarray(PIL.Image.open(io.BytesIO(explorer._view.png())).convert("RGB"))


def tile(explorer: OcclusionExplorer, name: str) -> np.ndarray:
    """Return the upper (``photo``) or the lower (``map``) small picture."""
    explorer._screen.redraw()
    return np.array(getattr(explorer._view._scene, name))  # type: ignore[attr-defined]


def rules(explorer: OcclusionExplorer) -> str:
    return str(explorer._desk.verdict._style.value)


# the patch where it lies


def test_it_opens_with_the_patch_in_the_middle_and_the_fall(explorer: OcclusionExplorer) -> None:
    assert explorer._screen.place() == (3, 3)
    assert (explorer.explanation.recipe.map, explorer.progress, explorer.error) == ("fall", 1.0, "")


def test_the_sentence_says_what_the_patch_does_and_what_is_said_now(explorer: OcclusionExplorer) -> None:
    assert "It still says “lit”" in moved(explorer, 4, 0).status
    assert re.match(r"Covered here: 88 → 45 %\. Now it says “dark”\.", moved(explorer, 0, 6).status)


def test_the_bars_show_what_is_now_and_a_tick_what_was(explorer: OcclusionExplorer) -> None:
    assert re.search(r"cv-b0 \{ --p: 45\.\d%; --was: 88\.\d%;", rules(moved(explorer, 0, 6)))


def test_the_network_is_not_run_for_a_position_that_the_sweep_knows(explorer: OcclusionExplorer) -> None:
    before = explorer.probe.calls
    moved(explorer, 0, 6)
    assert explorer.probe.calls == before
    moved(explorer, 0, 5)
    assert explorer.probe.calls == before + 1


def test_a_drag_moves_the_patch_as_far_as_the_mouse(explorer: OcclusionExplorer) -> None:
    drag = explorer._view.on_drag
    drag("grab", 4 / 8, 4 / 8)
    assert explorer._screen.place() == (3, 3)
    drag("move", 7 / 8, 2 / 8)
    drag("drop", 7 / 8, 2 / 8)
    assert explorer.position == (1, 6)
    assert "dark" in settled(explorer).status


def test_a_press_beside_the_patch_brings_its_middle_there(explorer: OcclusionExplorer) -> None:
    explorer._view.on_drag("grab", 1 / 8, 7 / 8)
    assert explorer.position == (6, 0)


def test_a_drag_beyond_the_border_stops_there(explorer: OcclusionExplorer) -> None:
    explorer._view.on_drag("grab", 4 / 8, 4 / 8)
    explorer._view.on_drag("move", 1.0, 1.0)
    assert explorer.position == (6, 6)


def test_a_click_on_a_map_sends_the_patch_there(explorer: OcclusionExplorer) -> None:
    explorer._view.on_click("map", 7 / 8, 1 / 8)
    assert explorer.position == (0, 6)


def test_the_sliders_move_the_patch_and_follow_it(explorer: OcclusionExplorer) -> None:
    down, across = explorer._desk._place.values()
    down.value = 6
    assert explorer.position == (6, 3)
    moved(explorer, 1, 2)
    assert (down.value, across.value, down.max) == (1, 2, 6)


def test_the_mouse_on_a_map_reads_its_value_or_label(make: Make) -> None:
    explorer = make(map="label")
    explorer._view.on_hover("photo", 7 / 8, 1 / 8)
    assert "dark" in explorer._desk.footer._right.value
    explorer._view.on_hover("map", 0.1, 0.9)
    assert ">0<" in explorer._desk.footer._right.value
    explorer._view.on_hover(None)
    assert "model call" in explorer._desk.footer._right.value


def test_a_larger_patch_moves_in_from_the_border(explorer: OcclusionExplorer) -> None:
    moved(explorer, 6, 6)
    explorer.patch = 5
    assert settled(explorer)._screen.place() == (3, 3)


# maps


def test_another_map_or_class_runs_no_model(explorer: OcclusionExplorer) -> None:
    before = explorer.probe.calls
    for name in ("label", "probability", "fall"):
        explorer.map = name
        assert settled(explorer).explanation.recipe.map == name
    explorer.target = 1
    assert settled(explorer).explanation.recipe.target == ClassScore(1)
    assert explorer.probe.calls == before


def test_another_map_of_an_autoencoder_runs_no_model(make: Make) -> None:
    explorer = make(autoencoder(), [picture(channels=1)])
    before = explorer.probe.calls
    for name in ("activity", "code distance", "reconstruction error", "code or error", "fall"):
        explorer.map = name
        assert settled(explorer).explanation.recipe.map == name
    assert explorer.probe.calls == before


def test_the_labels_have_a_legend_beside(explorer: OcclusionExplorer) -> None:
    assert re.search(r"rgb\(\d+, \d+, \d+\).*lit.*rgb\(\d+, \d+, \d+\).*dark", explorer._desk.legend.value)


def test_a_map_button_shows_its_map(explorer: OcclusionExplorer) -> None:
    explorer._desk.map.value = "label"
    assert isinstance(settled(explorer).explanation, LabelMap)


def test_without_room_for_tiles_the_map_stands_in_the_side(make: Make) -> None:
    assert 'alt="fall of “lit”"' in make(size="S")._desk.legend.value
    explorer = make()
    assert "<img" not in explorer._desk.legend.value
    explorer._resize("S")
    assert "<img" in explorer._desk.legend.value


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fall", "Red places speak for <b>“lit”</b>"),
        ("probability", "Covering the places that stay dark makes <b>“lit”</b> less probable"),
        ("label", "Covered at a coloured place, it no longer says <b>“lit”</b>"),
    ],
)
def test_every_map_says_what_it_shows(explorer: OcclusionExplorer, name: str, said: str) -> None:
    explorer.map = name
    assert said in settled(explorer)._desk.legend.value


# style


def test_another_style_draws_the_maps_anew_and_runs_no_model(explorer: OcclusionExplorer) -> None:
    calls, before = explorer.probe.calls, tile(explorer, "photo")
    explorer._desk.style.mode.value = "map"
    assert explorer.style.mode == "map"
    plain = tile(explorer, "photo")
    assert (plain != before).any()
    explorer._desk.style._swatches.signed["PuOr_r"].click()
    assert (explorer.style.signed_colormap, (tile(explorer, "photo") != plain).any()) == ("PuOr_r", True)
    assert "Orange places" in explorer._desk.legend.value
    assert explorer.probe.calls == calls


def test_the_style_bar_follows_a_style_that_is_set(explorer: OcclusionExplorer) -> None:
    explorer.style = Style(opacity=0.25, clip=0.95)
    sliders = explorer._desk.style.sliders
    assert (sliders["opacity"].value, sliders["clip"].value) == (0.25, 0.95)


def test_the_opacity_is_that_of_the_labels_too(make: Make) -> None:
    explorer = make(position=(0, 6))
    before = tile(explorer, "map")
    explorer._desk.style.sliders["opacity"].value = 0.2
    assert (tile(explorer, "map") != before).any()


@pytest.mark.parametrize(("name", "signed"), [("fall", True), ("label", True), ("probability", False)])
def test_the_colours_to_choose_from_suit_the_map(
    explorer: OcclusionExplorer, name: str, signed: bool
) -> None:
    explorer.map = name
    swatches = settled(explorer)._desk.style._swatches
    assert {made.layout.display != "none" for made in swatches.signed.values()} == {signed}


# what it costs


def timed(seconds: float, parts: int = 6, patch: int = 4) -> SweepClock:
    """Return a clock that has timed some parts of ten positions each, of a hundred."""
    moments = iter(np.arange(parts) * seconds)
    clock = SweepClock(lambda: next(moments))
    clock.begin("a sweep", patch)
    for part in range(parts):
        clock.step((part + 1) / 10, 100)
    return clock


def test_a_sweep_to_come_is_predicted_from_the_speed_of_the_last(explorer: OcclusionExplorer) -> None:
    clock = timed(2.0)
    assert cost(None, 225, clock) == "225 pictures, about 45 s.\nCoarse map first, then sharper."
    assert cost(None, 225, SweepClock()) == "225 pictures.\nCoarse map first, then sharper."


def test_the_speed_of_another_size_of_patch_serves_until_its_own_is_known() -> None:
    clock = timed(2.0, patch=4)
    clock.begin("another sweep", 8)
    assert clock.each == pytest.approx(0.2)


def test_the_time_that_is_left_is_known_once_a_few_parts_are_timed() -> None:
    assert timed(2.0, parts=3).left == 0
    assert timed(2.0, parts=4).left == pytest.approx(12)


def test_a_compilation_within_a_sweep_is_not_taken_for_slowness() -> None:
    moments = iter([0.0, 500.0, 500.1, 500.2])
    clock = SweepClock(lambda: next(moments))
    for part in range(1, 5):
        clock.step(part / 10, 100)
    assert clock.left == pytest.approx(0.6)


def test_a_finished_sweep_tells_its_gain_and_the_spot_check(explorer: OcclusionExplorer) -> None:
    clock, made = timed(0.1), explorer.explanation
    checked = dataclasses.replace(
        made, scores={"gain over whole pictures": 2.13, "largest difference from them": 1.1e-6}
    )
    clock.end(1.2)
    assert cost(checked, 100, clock) == (
        "100 pictures in 1.2 s.\nAbout 2.1 times as fast as whole pictures; a few checked against them: "
        "1.1e−6 apart at most."
    )
    clock.end(20.0)
    assert "in 20 s, most of it to get ready for such a patch.\nAbout" in cost(checked, 100, clock)
    assert cost(dataclasses.replace(made, scores={}), 100, clock).endswith("Run whole: here that is fastest.")


def test_a_sweep_that_was_known_before_says_that_nothing_was_run(explorer: OcclusionExplorer) -> None:
    explorer.stride = 1
    assert "49 pictures in" in settled(explorer)._desk.cost.value
    explorer.stride = 2
    assert "16 pictures, known from before.\nNothing was run." in settled(explorer)._desk.cost.value


def test_a_patch_as_large_as_the_picture_says_so(explorer: OcclusionExplorer) -> None:
    explorer.patch = 8
    assert "1 picture: the patch covers all of it." in settled(explorer)._desk.cost.value


def test_another_map_keeps_what_the_sweep_took(explorer: OcclusionExplorer) -> None:
    before = explorer._desk.cost.value
    explorer.map = "label"
    assert settled(explorer)._desk.cost.value == before


def test_a_short_sweep_whose_first_part_took_long_says_that_it_was_made_ready(
    explorer: OcclusionExplorer,
) -> None:
    moments = iter([20.0, 20.5])
    clock = SweepClock(lambda: next(moments))
    for part in (0.5, 1.0):
        clock.step(part, 40)
    clock.end(20.5)
    assert clock.preparing


def test_another_picture_darkens_the_maps_of_the_one_before_until_its_own_are_there(make: Make) -> None:
    explorer = make(images=[lit(), picture(channels=1)])
    before = tile(explorer, "photo")
    with explorer._lock:  # nothing new is shown while this is held
        explorer.image = 1
        dark = tile(explorer, "photo")
        tags = explorer._view._scene.tags  # type: ignore[attr-defined]
    assert (dark.mean() < before.mean() / 2, tags) == (True, ("on its way", "on its way"))
    assert (tile(settled(explorer), "photo").mean() > before.mean() / 2).all()


def test_an_answer_that_is_awaited_for_long_is_not_replaced_by_the_one_before(
    explorer: OcclusionExplorer,
) -> None:
    with explorer._lock:
        explorer.position = (0, 5)
        explorer._screen._behind._say_late()
        assert explorer._desk.footer.text == "Looking behind the patch."
    assert settled(explorer).status.startswith("Covered here:")


def test_the_sentence_stays_while_only_pins_are_awaited(explorer: OcclusionExplorer) -> None:
    with explorer._lock:
        explorer.pins = [(1, 1)]
        explorer._screen._behind._say_late()
        assert explorer._desk.footer.text.startswith("<b>Covered here:")


def test_a_sweep_that_runs_tells_how_many_pictures_it_takes(make: Make) -> None:
    explorer = make(functional((32, 32, 3)), [picture(32, 32)], patch=4, stride=2)
    explorer.fill = "black"
    explorer._screen.rebuild()
    assert "225 pictures" in explorer._desk.cost.value
    assert "Coarse map first, then sharper." in explorer._desk.cost.value


# an autoencoder


def test_an_autoencoder_tells_code_distance_and_error(make: Make) -> None:
    explorer = make(autoencoder(), [picture(channels=1)])
    assert re.match(r"Covered here: the code moves by [\d.]+, error [\d.]+ → [\d.]+\.", explorer.status)
    assert [name for _, name in explorer._desk.map.options] == [
        "fall", "activity", "code distance", "reconstruction error", "code or error",
    ]  # fmt: skip
    assert (explorer.map, explorer.explanation.unit) == ("code distance", "distance")


def test_what_is_rebuilt_from_the_covered_picture_stands_below_the_map(make: Make) -> None:
    model, image = autoencoder(), picture(channels=1)
    explorer = moved(make(model, [image], patch=4), 0, 0)
    covered = covered_picture(image, explorer._screen.ready, (0, 0))
    expected = np.asarray(model(covered[None]))[0, ..., 0]
    shown = np.asarray(PIL.Image.fromarray(tile(explorer, "map")).resize(expected.shape[::-1]))[..., 0] / 255
    assert np.corrcoef(expected.ravel(), shown.ravel())[0, 1] > 0.95
    assert explorer._view._scene.tags[1] == "rebuilt from the covered one"  # type: ignore[attr-defined]


def test_what_is_rebuilt_follows_the_patch_and_is_kept(make: Make) -> None:
    explorer = make(autoencoder(), [picture(channels=1)], patch=4)
    first = tile(moved(explorer, 0, 0), "map")
    assert (tile(moved(explorer, 4, 4), "map") != first).any()
    before = explorer.probe.calls
    assert (tile(moved(explorer, 0, 0), "map") == first).all()
    assert explorer.probe.calls == before


def test_what_is_rebuilt_stands_in_the_side_where_there_are_no_tiles(make: Make) -> None:
    explorer = make(autoencoder(), [picture(channels=1)], size="S")
    assert 'alt="rebuilt from the covered one"' in explorer._desk.legend.value


def test_what_is_rebuilt_of_a_prepared_picture_is_shown_in_the_range_it_was_given_in(make: Make) -> None:
    model, image = autoencoder(), Image(picture(channels=1).pixels * 255, (0, 255))
    prepared = Probe(model, preprocess=lambda pixels: pixels / 255, value_range=(0, 255))
    plain, shown = (
        tile(make(*given, fill="black"), "map")
        for given in ((model, [picture(channels=1)]), (prepared, [image]))
    )
    assert np.abs(plain.astype(int) - shown).max() <= 1


def test_the_pins_of_an_autoencoder_tell_distance_and_error(make: Make) -> None:
    explorer = make(autoencoder(), [picture(channels=1)])
    explorer.pin()
    assert re.match(
        r"1: the code moves by [\d.]+, error [\d.]+ → [\d.]+",
        settled(explorer)._desk._pins.children[0].description,
    )


def test_the_pins_of_the_picture_before_are_cleared_at_once(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    explorer = make(pins=((0, 0), (4, 4)))
    monkeypatch.setattr(behind.hand, "submit", lambda *_: None)
    explorer.images[1] = Image(-lit().pixels, (-1, 1.2), "unlit")
    explorer.image = 1
    assert [pin.description for pin in explorer._desk._pins.children] == ["1: …  ×", "2: …  ×"]


def test_no_word_is_pressed_for_a_filling_from_a_picture_and_grey_can_be_chosen(make: Make) -> None:
    explorer = make(fill=Image(-lit().pixels, (-1, 1.2), "unlit"))
    control = explorer._desk._settings["fill"]
    assert control.value is None
    control.value = "grey"
    assert settled(explorer).fill == "grey"


def test_a_colour_set_later_presses_no_word(explorer: OcclusionExplorer) -> None:
    explorer.fill = "#808080"
    assert (settled(explorer)._desk._settings["fill"].value, explorer.error) == (None, "")


@pytest.mark.parametrize("name", ["one sigmoid", "one score", "maps as output", "subclassed", "greyscale"])
def test_networks_of_all_kinds_are_served(make: Make, name: str) -> None:
    model = ZOO[name]()
    explorer = make(model, [picture(channels=Probe(model).input_shape[-1] or 3)])
    assert (explorer.error, explorer.status[:13]) == ("", "Covered here:")


# patch, stride, filling


def test_the_sliders_change_patch_and_stride_and_say_the_cost(explorer: OcclusionExplorer) -> None:
    explorer._desk._settings["stride"].value = 1
    assert settled(explorer).explanation.recipe.stride == 1
    explorer._desk._settings["patch"].value = 3
    assert settled(explorer).explanation.recipe.patch == 3
    assert re.search(r"36 pictures in \d", explorer._desk.cost.value)


def test_a_stride_that_divides_keeps_what_is_known(make: Make) -> None:
    explorer = make(Probe(network()))
    explorer.stride = 1
    assert "40 positions" not in settled(explorer).error
    assert explorer.session.calls == 2


def test_a_round_patch_is_drawn_round() -> None:
    recipe = cnnviz.Occlusion(patch=8, stride=2, shape="round", fill="black")
    drawn = covered_photograph(picture(16, 16), recipe, (4, 4), {}, (160, 160))
    assert drawn[80, 80].max() < 10
    assert drawn[43, 43].max() > 10


def test_another_picture_can_fill_the_patch(make: Make) -> None:
    explorer = make(fill=picture(channels=1, seed=3))
    assert (explorer.error, explorer.explanation.recipe.fill) == ("", picture(channels=1, seed=3))


def test_a_stride_larger_than_the_patch_says_what_it_misses(make: Make) -> None:
    assert "pixels are never covered" in make(patch=1, stride=3)._desk.notes.value


def test_a_sweep_that_would_take_minutes_waits_after_the_coarse_map(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(occlusion_screen, "MOST_SECONDS", 0.0)
    explorer = make(functional((32, 32, 3)), [picture(32, 32)], patch=4, stride=2)
    assert explorer.session.state == "cancelled"
    assert re.match(r"Coarse map\. The rest would take about .*: Run again computes it\.", explorer.status)
    assert 0.2 < explorer.explanation.done < 1
    explorer._desk.footer.again.click()
    assert settled(explorer).explanation.done == 1


def test_where_all_classes_are_too_much_the_fall_and_the_bars_are_still_shown(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "MOST_BYTES", 100)
    explorer = moved(make(Probe(network(), labels=["lit", "dark"])), 0, 6)
    assert (explorer.error, explorer.explanation.recipe.map) == ("", "fall")
    assert "cv-legend" not in explorer._desk.legend.value
    assert "Now it says “dark”" in explorer.status
    explorer.map = "label"
    assert "16 positions times 2 classes take too much memory" in settled(explorer).error


# pins and play


def test_pins_are_numbered_listed_and_removable(explorer: OcclusionExplorer) -> None:
    moved(explorer, 0, 6).pin()
    moved(explorer, 4, 0).pin()
    listed = [one.description for one in settled(explorer)._desk._pins.children]
    assert [text[:2] for text in listed] == ["1:", "2:"]
    assert "says dark" in listed[0]
    explorer._desk._pins.children[0].click()
    assert explorer.pins == ((4, 0),)
    assert len(settled(explorer)._desk._pins.children) == 1


def test_a_pin_is_drawn_on_the_picture(explorer: OcclusionExplorer) -> None:
    before = shown(explorer)
    explorer.pins = [(0, 0)]
    assert (shown(settled(explorer)) != before)[:110, :110].any()


def test_a_pin_that_a_larger_patch_does_not_fit_keeps_its_number_and_says_so(make: Make) -> None:
    explorer = make(pins=[(6, 6), (0, 0)])
    explorer.patch = 4
    outside, inside = settled(explorer)._desk._pins.children
    assert (outside.description, inside.description[:2]) == ("1: outside for this patch  ×", "2:")
    inside.click()
    assert explorer.pins == ((6, 6),)


def test_one_place_is_pinned_once(explorer: OcclusionExplorer) -> None:
    explorer.pin()
    explorer.pin()
    assert explorer.pins == ((3, 3),)


def test_play_goes_over_the_positions_to_the_last_and_stops(make: Make) -> None:
    explorer, seen = make(patch=4, stride=4, position=(0, 0)), []
    explorer.observe(lambda change: seen.append(change["new"]), "position")
    explorer.play()
    thread = explorer._player._thread  # type: ignore[union-attr]
    thread.join(PATIENCE)  # type: ignore[union-attr]
    assert seen == [(0, 4), (4, 0), (4, 4)]
    assert not explorer.playing


def test_play_begins_at_the_first_position_of_a_patch_that_was_not_moved(explorer: OcclusionExplorer) -> None:
    explorer.play()
    assert explorer.position == (0, 0)


def test_while_it_plays_the_maps_end_where_the_patch_has_come_to(make: Make) -> None:
    explorer = make(position=(2, 2))
    whole = tile(explorer, "map")
    explorer.play()
    part = tile(explorer, "map")
    assert (part[:100, :100] == whole[:100, :100]).all()
    assert (part[:, 150:] != whole[:, 150:]).any()
    explorer.stop()
    assert (tile(explorer, "map") == whole).all()


def test_play_can_be_stopped(explorer: OcclusionExplorer) -> None:
    explorer._desk.play.click()
    assert (explorer.playing, explorer._desk.play.icon) == (True, "stop")
    explorer._desk.play.click()
    assert (explorer.playing, explorer._desk.play.icon) == (False, "play")


# what is kept, and the end


def test_the_code_makes_the_map_again(explorer: OcclusionExplorer) -> None:
    assert (
        "cnnviz.Occlusion(patch=2, stride=2, target=cnnviz.ClassScore(0))(probe, images[0])"
        in explorer.code()
    )


def test_the_code_takes_picture_and_filling_from_the_list_that_was_given(make: Make) -> None:
    images = [lit(), Image(-lit().pixels, (-1, 1.2), "unlit"), lit()]
    explorer = make(None, images, fill=images[1])
    explorer.image = 2
    lines = settled(explorer).code()
    given = {"model": explorer.probe.model, "images": images}
    exec(lines.replace("heat.show()", ""), given)
    assert "fill=cnnviz.Image.load(images[1])" in lines
    assert "(probe, images[2])" in lines
    assert np.allclose(given["heat"].values, explorer.explanation.values)  # type: ignore[attr-defined]


def test_the_snapshot_is_a_picture(explorer: OcclusionExplorer, tmp_path: Any) -> None:
    explorer.save(tmp_path / "map.png")
    with PIL.Image.open(tmp_path / "map.png") as saved:
        assert saved.width > 200


def test_the_sentence_about_the_patch_comes_back_after_saving(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(occlusion_desk, "SAVED_SECONDS", 0.01)
    explorer = make()
    explorer._desk.helper.loaded = True
    monkeypatch.setattr(explorer._desk.helper, "download", lambda *_: None)
    said: list[str] = []
    come_back, say = threading.Event(), explorer._desk.footer.say

    def note(sentence: str, *more: Any, **how: Any) -> None:
        say(sentence, *more, **how)
        said.append(sentence)
        if len(said) > 1:
            come_back.set()

    monkeypatch.setattr(explorer._desk.footer, "say", note)
    explorer._desk._save()
    assert come_back.wait(PATIENCE)
    assert (said[0][:8], said[1][:15]) == ("Saved as", "<b>Covered here")


def test_the_seed_is_told_of_noise_alone(make: Make) -> None:
    told = [settings_of(make(fill=fill).explanation) for fill in ("grey", "noise")]  # type: ignore[arg-type]
    assert ["seed" in settings for settings in told] == [False, True]


def test_the_time_left_is_that_of_the_steady_parts(explorer: OcclusionExplorer) -> None:
    explorer._screen.clock.left = 42.0
    assert explorer._screen._status._computing()[1].endswith("· 42 s left")


def test_closing_frees_everything_and_does_so_once(make: Make) -> None:
    before = len(registry._instances)
    explorer = make()
    explorer.pin()
    explorer.play()
    explorer.close()
    explorer.close()
    assert len(registry._instances) == before


def test_another_picture_keeps_the_patch_and_forgets_the_class(explorer: OcclusionExplorer) -> None:
    explorer.target = 1
    moved(explorer, 0, 6)
    explorer.image = 1
    assert (settled(explorer).target, explorer.position, explorer.error) == (None, (0, 6), "")


# what is refused


@pytest.mark.parametrize(
    ("name", "value", "error", "said"),
    [
        ("patch", 9, SettingError, r"Patch 9 is larger than the picture \(8 × 8\)"),
        ("patch", 0, SettingError, r"patch must be a whole number of px, at least 1; got 0"),
        ("stride", 1.5, SettingError, r"stride must be a whole number.*got 1\.5"),
        ("fill", "plaid", SettingError, r"fill must be one of.*got 'plaid'"),
        ("shape", "star", SettingError, r"shape must be one of square, round; got 'star'"),
        ("map", "labels", SettingError, r"Did you mean 'label'"),
        ("map", "code distance", SettingError, r"needs a code between two pictures"),
        ("target", 2, TargetError, r"must be from 0 to 1"),
        ("position", (7, 0), SettingError, r"row of a patch of 2 must be from 0 to 6; got 7"),
        ("position", 3, SettingError, r"position must be \(row, column\)"),
        ("pins", [(0, -1)], SettingError, r"pins: the column of a patch of 2 must be from 0 to 6; got -1"),
        ("image", 5, SettingError, r"image must be from 0 to 1; got 5"),
    ],
)
def test_what_makes_no_sense_is_refused_and_the_old_value_stays(
    explorer: OcclusionExplorer, name: str, value: Any, error: type[Exception], said: str
) -> None:
    before = getattr(explorer, name)
    with pytest.raises(error, match=said):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before


def test_a_patch_that_does_not_fit_is_refused_from_the_start(probe: Probe) -> None:
    with pytest.raises(SettingError, match="Patch 9 is larger"):
        OcclusionExplorer(probe, [lit()], patch=9, renderer="image")


def test_a_picture_with_nan_is_refused(probe: Probe) -> None:
    with pytest.raises(ImageError, match="NaN"):
        OcclusionExplorer(probe, [np.full((8, 8, 1), np.nan, np.float32)], renderer="image")


def test_a_patch_too_large_for_the_next_picture_is_said(make: Make) -> None:
    explorer = make(functional((None, None, 3)), [picture(16, 16), picture(6, 6)], patch=10)
    explorer.image = 1
    assert "Patch 10 is larger than the picture (6 × 6)" in settled(explorer).error
    explorer.patch = 3
    assert settled(explorer).error == ""


@pytest.mark.parametrize(("first", "second"), [(None, None), ("left", "right")])
def test_explorers_without_a_name_or_of_two_names_stand_side_by_side(
    make: Make, first: str | None, second: str | None
) -> None:
    made = make(name=first), make(name=second)
    assert all(one.comm is not None for one in made)


def test_a_cell_that_is_run_again_closes_the_explorer_before(make: Make) -> None:
    first = make(name="patch")
    second = make(name="patch")
    assert first.comm is None
    assert second.comm is not None
