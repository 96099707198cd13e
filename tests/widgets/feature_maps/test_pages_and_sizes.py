"""Pages and sizes: how many tiles there are, how large, and what stands beside them."""

import re

import pytest

from cnnviz_widgets import FeatureMapBrowser
from cnnviz_widgets.widgets.core.sizes import LEAST, beside
from cnnviz_widgets.widgets.feature_maps.wall import MOST, room, wall
from tests.models import autoencoder, functional, picture
from tests.widgets.feature_maps.common import Make, looks, pressed, settled, tiles

# pages


def test_a_large_layer_has_pages_of_24(make: Make) -> None:
    browser = make(layer="deep")
    desk = browser.view
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
    assert browser.view.footer._pages.value == "25–30 of 30"
    assert pressed(browser) == ["channel 29"]


def test_a_small_layer_has_no_pager(browser: FeatureMapBrowser) -> None:
    assert browser.view.footer.pager.layout.display == "none"


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
        browser.view.helper.width = width
        assert browser.view.tiles.wall.grid == grid


def test_an_autoencoder_can_be_browsed_to_its_end(make: Make) -> None:
    browser = make(autoencoder(), [picture(channels=1)], layer="rebuilt")
    assert browser.status == "What the layer sees: its one map."


def test_a_network_of_another_kind_starts_at_its_first_convolution(make: Make) -> None:
    assert make(functional()).layer == "conv_1"
