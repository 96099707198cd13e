"""Explanations as pictures: sizes, collages, panels."""

from typing import Any

import numpy as np
import pytest

from cnnviz_widgets.colours import table
from cnnviz_widgets.errors import SettingError
from cnnviz_widgets.explanation import ActivationMaps, ColourMap, Explanation, Heatmap, Kernels
from cnnviz_widgets.images.image import Image
from cnnviz_widgets.render import layout, panels, picture, thumbnail
from cnnviz_widgets.render.collage import grid
from cnnviz_widgets.style import MODES, Style


def photograph(height: int = 30, width: int = 45, channels: int = 3) -> Image:
    return Image(np.random.default_rng(0).integers(0, 256, (height, width, channels), dtype=np.uint8))


def heatmap(values: Any = None, image: Image | None = None, **more: Any) -> Heatmap:
    if values is None:
        values = np.random.default_rng(1).random((4, 6))
    return Heatmap(image=image or photograph(), recipe=None, values=np.asarray(values, np.float32), **more)


def maps(count: int = 30, **more: Any) -> ActivationMaps:
    values = np.random.default_rng(2).random((5, 5, count)).astype(np.float32)
    return ActivationMaps(image=photograph(40, 40), recipe=None, values=values, **more)


def test_a_small_picture_is_drawn_at_224() -> None:
    assert picture(heatmap()).shape == (149, 224, 3)


def test_a_large_picture_keeps_its_size() -> None:
    assert picture(heatmap(image=photograph(300, 200))).shape == (300, 200, 3)


def test_size_is_the_longer_side() -> None:
    assert picture(heatmap(), size=90).shape == (60, 90, 3)


@pytest.mark.parametrize("size", [0, -3, 2.5, True, "big", 10**6])
def test_a_wrong_size_is_named_with_what_is_allowed(size: Any) -> None:
    with pytest.raises(SettingError, match="size must be a whole number of px from 1 to 8192"):
        picture(heatmap(), size=size)


def test_what_is_no_known_explanation_is_refused_by_name() -> None:
    with pytest.raises(TypeError, match="got Explanation"):
        picture(Explanation(image=photograph(), recipe=None))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5])
def test_an_image_of_any_number_of_channels_is_drawn(mode: str, channels: int) -> None:
    assert picture(heatmap(image=photograph(8, 9, channels)), Style(mode=mode), size=32).dtype == np.uint8


def test_heat_lands_on_its_cell() -> None:
    values = np.zeros((4, 6))
    values[1, 4] = 1.0
    drawn = picture(heatmap(values), Style(mode="map", colormap="grey"), size=120).mean(axis=2)
    row, column = np.unravel_index(drawn.argmax(), drawn.shape)
    assert (row // 20, column // 20) == (1, 4)


def test_a_flat_map_shows_the_photograph_and_says_so() -> None:
    shown = panels(heatmap(np.zeros((7, 7))), hero=90, tile=30)
    assert shown.flat == "Flat: all values are 0."
    assert np.array_equal(shown.hero, picture(heatmap(np.full((7, 7), 1e-9)), Style(limit=1.0), size=90))


def test_a_map_with_nan_is_drawn_and_the_panels_say_so() -> None:
    shown = panels(heatmap([[np.nan, 1.0], [0.5, 0.2]]), Style(soften=2.0), hero=60, tile=30)
    assert shown.hero.dtype == np.uint8
    assert "1 of 4" in panels(heatmap([[np.nan, 1.0], [0.5, 0.2]]), hero=60, tile=30).words


def test_panels_keep_the_shape_of_the_picture() -> None:
    shown = panels(heatmap(unit="vote"), hero=120, tile=60)
    assert [shown.hero.shape, shown.photo.shape, shown.map.shape] == [(80, 120, 3), (40, 60, 3), (40, 60, 3)]
    assert (shown.low, shown.unit, shown.zero, shown.tag) == (
        "0",
        "vote",
        None,
        "map 4 \N{MULTIPLICATION SIGN} 6",
    )


def test_the_map_panel_shows_raw_cells() -> None:
    values = np.random.default_rng(3).random((4, 6))
    shown = panels(heatmap(values), hero=120, tile=60)
    assert len(np.unique(shown.map.reshape(-1, 3), axis=0)) <= 24
    assert (shown.map[:10, :10] == shown.map[0, 0]).all()


def test_no_panel_is_larger_than_asked_for_in_any_mode() -> None:
    for mode in MODES:
        assert max(panels(heatmap(), Style(mode=mode), hero=120, tile=40).hero.shape) <= 120


def test_a_signed_map_marks_zero_in_its_bar() -> None:
    shown = panels(heatmap([[-1.0, 0.5]], signed=True), hero=60, tile=30)
    assert shown.zero == 0.5
    assert np.array_equal(shown.bar, table("RdBu_r", signed=True))


def test_a_map_of_a_sweep_names_its_places_and_not_the_size_of_the_picture() -> None:
    swept = heatmap(np.eye(6), places=(2, 3))
    assert panels(swept, hero=60, tile=30).tag == "2 \N{MULTIPLICATION SIGN} 3 places"
    assert panels(swept, Style(soften=3.0), hero=60, tile=30).tag.endswith("3 places, softened")


def test_a_softened_map_says_so_in_its_tag() -> None:
    assert panels(heatmap(), Style(soften=3.0), hero=60, tile=30).tag.endswith("softened")


def test_a_colour_map_is_drawn_on_mid_grey() -> None:
    values = np.zeros((6, 6, 3), np.float32)
    values[2, 3, 0] = 1.0
    drawn = picture(ColourMap(image=photograph(6, 6), recipe=None, values=values), Style(mode="map"), size=6)
    assert drawn[0, 0].tolist() == [128, 128, 128]
    assert drawn[2, 3].tolist() == [255, 128, 128]


def test_a_thumbnail_has_the_side_asked_for() -> None:
    assert max(thumbnail(heatmap(), side=70).shape) == 70
    assert thumbnail(maps(), side=70).shape == (70, 70, 3)
    assert max(thumbnail(heatmap(), Style(mode="side by side"), side=70).shape) == 70


@pytest.mark.parametrize(
    ("count", "columns_rows"),
    [(1, (1, 1)), (2, (2, 1)), (6, (3, 2)), (8, (4, 2)), (16, (4, 4)), (24, (5, 5)), (25, (5, 5))],
)
def test_tiles_fill_their_grid(count: int, columns_rows: tuple[int, int]) -> None:
    assert grid(count) == columns_rows


@pytest.mark.parametrize("count", range(1, 26))
def test_every_count_of_tiles_fits_its_grid(count: int) -> None:
    columns, rows = grid(count)
    assert columns <= 5
    assert rows <= 5
    assert columns * rows >= count


def test_a_collage_is_no_larger_than_asked_for() -> None:
    for side in (100, 448, 660):
        assert max(picture(maps(), size=side).shape) <= side


def test_pages_show_every_channel_once_in_order() -> None:
    order = tuple(reversed(range(30)))
    pages = [layout(maps(order=order), 300, page) for page in (0, 1)]
    assert pages[0].channels + pages[1].channels == order
    assert pages[0].pages == 2


def test_a_page_past_the_end_is_the_last_one() -> None:
    assert layout(maps(), 300, 9).page == 1


def test_a_place_in_the_collage_names_its_channel() -> None:
    places = layout(maps(8), 400)
    for k, channel in enumerate(places.channels):
        top, left = places.corner(k)
        assert places.at((left + 3) / places.size[1], (top + 3) / places.size[0]) == channel
    assert places.at(1.2, 0.5) is None


def test_an_empty_place_of_the_last_page_names_nothing() -> None:
    assert layout(maps(32), 300, 1).at(0.99, 0.99) is None


def test_maps_have_a_scale_of_their_own_unless_a_limit_is_set() -> None:
    values = np.zeros((4, 4, 2), np.float32)
    values[0, 0] = 1.0, 100.0
    both = ActivationMaps(image=photograph(), recipe=None, values=values)
    own, shared = (picture(both, s, size=20) for s in (Style(), Style(limit=100.0)))
    places = layout(both, 20)
    left = places.corner(1)[1]
    assert np.array_equal(own[:, : places.tile[1]], own[:, left:])
    assert shared[0, 0].max() < shared[0, left].max()


@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (3, 9)])
def test_maps_of_any_shape_make_a_collage(shape: tuple[int, int]) -> None:
    made = ActivationMaps(image=photograph(), recipe=None, values=np.ones((*shape, 5), np.float32))
    assert picture(made, size=200).dtype == np.uint8


def test_the_panels_of_a_collage_show_its_first_channel() -> None:
    shown = panels(maps(order=(7, 3)), hero=200, tile=50)
    assert shown.tag == "channel 7, 5 \N{MULTIPLICATION SIGN} 5"
    assert shown.map.shape == (50, 50, 3)


@pytest.mark.parametrize("channels", [1, 5])
def test_a_colour_map_of_other_than_three_channels_is_drawn_grey(channels: int) -> None:
    values = np.random.default_rng(4).normal(size=(6, 6, channels)).astype(np.float32)
    made = ColourMap(image=photograph(6, 6, channels), recipe=None, values=values)
    assert np.ptp(picture(made, Style(mode="map"), size=12), axis=2).max() == 0


def test_the_tiles_of_a_page_can_be_set() -> None:

    first, second = (layout(maps(), 300, page, (6, 4)) for page in (0, 1))
    assert (first.columns, first.rows, first.pages) == (6, 4, 2)
    assert (len(first.channels), second.channels) == (24, tuple(range(24, 30)))
    assert 285 <= picture(maps(), size=300, tiles=(6, 4)).shape[1] <= 300


@pytest.mark.parametrize("tiles", [(0, 4), (6,), (2.5, 2), (6, 65)])
def test_tiles_that_make_no_grid_are_refused(tiles: Any) -> None:
    with pytest.raises(SettingError, match=r"tiles must be \(columns, rows\), whole numbers from 1 to 64"):
        picture(maps(4), tiles=tiles)


def test_a_kernel_that_is_no_number_is_drawn_grey() -> None:
    values = np.full((3, 3, 1), np.nan, np.float32)
    drawn = picture(Kernels(image=photograph(), recipe=None, values=values, order=(0,)), size=90)
    assert abs(int(drawn[45, 45, 0]) - 128) <= 1
