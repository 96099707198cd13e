"""What the canvas draws: hero, tiles, bar and texts, pixel for pixel, at every size."""

from typing import Any

import numpy as np
import pytest

from cnnviz_widgets.errors import ImageError, SettingError
from cnnviz_widgets.widgets.canvas import Canvas, Scene, make_canvas
from cnnviz_widgets.widgets.canvas.layout import labels
from tests.widgets.canvas.common import pixels, scene

STAGE = (0x15, 0x17, 0x1B)


# what is shown


def test_the_hero_is_shown_pixel_for_pixel(either: Canvas) -> None:
    shown = scene()
    either.show(shown)
    np.testing.assert_array_equal(pixels(either)[:, :448], shown.hero)


def test_a_tile_is_shown_pixel_for_pixel_below_its_label(either: Canvas) -> None:
    shown = scene()
    either.show(shown)
    assert shown.photo is not None
    np.testing.assert_array_equal(pixels(either)[30:200, 460:], shown.photo[30:])


def test_a_map_is_drawn_in_cells_with_sharp_edges(either: Canvas) -> None:
    shown = scene()
    either.show(shown)
    assert shown.map is not None
    np.testing.assert_array_equal(
        pixels(either)[212 + 40 : 412, 460:], shown.map.repeat(40, 0).repeat(40, 1)[40:]
    )


def test_the_bar_runs_from_low_on_the_left_to_high_on_the_right(either: Canvas) -> None:
    shown = scene()
    either.show(shown)
    np.testing.assert_array_equal(pixels(either)[424, 460:], shown.bar)


@pytest.mark.parametrize("hero", [(224, 448), (448, 224), (100, 300)])
def test_a_picture_of_another_shape_stands_on_the_stage_in_its_own_shape(
    either: Canvas, hero: tuple[int, int]
) -> None:
    either.show(scene(hero=hero))
    ground = np.all(pixels(either)[:, :448] == STAGE, axis=-1)
    rows, columns = np.flatnonzero(~ground.all(1)), np.flatnonzero(~ground.all(0))
    longest = max(hero)
    assert abs(len(rows) - 448 * hero[0] / longest) <= 2
    assert abs(len(columns) - 448 * hero[1] / longest) <= 2
    assert abs(rows[0] + rows[-1] - 447) <= 2


def test_missing_tiles_leave_the_stage_empty(either: Canvas) -> None:
    either.show(scene())
    either.show(scene(photo=None, map=None, bar=None, low="", high="", unit=""))
    assert np.all(pixels(either)[:, 460:] == STAGE)


def test_the_frame_is_white_on_the_hero_and_goes_again(either: Canvas) -> None:
    dark = np.zeros((448, 448, 3), np.uint8)
    either.show(Scene(dark, frame=(0.25, 0.25, 0.5, 0.5)))
    seen = pixels(either)[:, :448]
    assert seen[224, 109:116].max() > 200
    assert seen[224, 224].max() == 0
    either.show(Scene(dark))
    assert pixels(either)[:, :448].max() == 0


def test_zero_is_marked_above_and_below_the_bar(either: Canvas) -> None:
    either.show(scene(zero=0.5, low="-1", high="1", unit=""))
    seen = pixels(either)
    assert seen[418, 558:563].max() > 100
    assert np.all(seen[418, 480:550] == STAGE)


def test_both_renderers_put_everything_in_the_same_place() -> None:
    shown = scene(zero=0.5, low="-0.36", frame=(0.2, 0.3, 0.2, 0.2), tags=("photograph", "map 5 x 5"))
    seen = []
    for renderer in ("ipympl", "image"):
        view = make_canvas("M", renderer)
        view.show(shown)
        seen.append(pixels(view).astype(float))
        view.close()
    assert seen[0].shape == seen[1].shape
    blocks = [s[:392, :576].reshape(49, 8, 72, 8, 3).mean((1, 3)) for s in seen]
    assert np.abs(blocks[0] - blocks[1]).mean() < 4


@pytest.mark.parametrize(
    ("size", "width", "height", "tile"),
    [
        ("S", 330, 330, 0),
        ("M", 576, 392, 172),
        ("L", 660, 448, 200),
        ("XL", 822, 560, 250),
        (400, 400, 400, 0),
    ],
)
def test_a_size_sets_canvas_hero_and_tile(
    either: Canvas, size: Any, width: int, height: int, tile: int
) -> None:
    either.show(scene())
    either.resize(size)
    assert pixels(either).shape == (height, width, 3)
    assert (either.hero_size, either.tile_size) == (height, tile)


def test_a_size_there_and_back_shows_the_same_pixels(either: Canvas) -> None:
    either.show(scene())
    before = pixels(either)
    either.resize("S")
    either.resize("L")
    np.testing.assert_array_equal(pixels(either), before)


def test_an_unknown_size_names_the_sizes() -> None:
    with pytest.raises(SettingError, match="size must be one of S, M, L, XL"):
        make_canvas("huge")


def test_an_unknown_renderer_names_the_renderers() -> None:
    with pytest.raises(SettingError, match="renderer must be one of auto, ipympl, image"):
        make_canvas(renderer="svg")


@pytest.mark.parametrize("hero", [np.zeros((4, 4)), np.zeros((4, 4, 3)), np.zeros((4, 4, 4), np.uint8)])
def test_a_scene_takes_only_finished_pixels(hero: Any) -> None:
    with pytest.raises(ImageError, match=r"Scene\.hero must be a uint8 array of shape \(height, width, 3\)"):
        Scene(hero)


# texts under the bar


def test_a_unit_stands_in_the_widest_gap() -> None:
    (_, zero, unit, _), left = labels(200, "-0.36", "0.36", "vote", 0.5)
    assert (zero.text, zero.x, unit.text, left) == ("0", 100, "vote", "")
    assert 100 < unit.x < 160


def test_a_unit_without_room_under_the_bar_goes_to_the_maps_label() -> None:
    (_, _, unit, _), left = labels(200, "-0.36", "0.36", "activation of the unit", 0.5)
    assert (unit.text, left) == ("", "activation of the unit")


def test_zero_at_an_end_is_not_written_over_the_end() -> None:
    (_, zero, _, _), _ = labels(200, "0", "0.36", "vote", 0.0)
    assert zero.text == ""
