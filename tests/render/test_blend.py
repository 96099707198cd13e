"""The laws of the blend modes."""

import numpy as np
import pytest

from cnnviz_widgets.colours import STAGE, table
from cnnviz_widgets.images.image import Image
from cnnviz_widgets.render.blend import Ground, Paint, as_picture, blend, ground, step
from cnnviz_widgets.style import MODES, Style

HEAT = table("heat")
SIGNED = table("RdBu_r", signed=True)
ON_PHOTO = [mode for mode in MODES if mode != "map"]


def photograph(height: int = 12, width: int = 20) -> Ground:
    """Return a small random photograph."""
    return Ground(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


def everywhere(value: float, colours: np.ndarray = HEAT, signed: bool = False) -> Paint:
    """Return a constant map for the small photograph."""
    return Paint(np.full((12, 20), value, np.float32), colours, signed)


def ramp() -> np.ndarray:
    """Return heat that rises from left to right."""
    return np.repeat(np.linspace(0, 1, 20, dtype=np.float32)[None], 12, axis=0)


@pytest.mark.parametrize("mode", ON_PHOTO)
def test_no_opacity_shows_the_photograph(mode: str) -> None:
    photo = photograph()
    drawn = blend(photo, Paint(ramp(), HEAT), Style(mode=mode, opacity=0.0))
    assert np.array_equal(drawn[:, -20:], photo.photo)


@pytest.mark.parametrize("mode", ON_PHOTO)
def test_opacity_moves_every_mode_on_the_photograph(mode: str) -> None:
    drawn = [blend(photograph(), Paint(ramp(), HEAT), Style(mode=mode, opacity=o)) for o in (0.2, 0.5, 0.9)]
    assert not np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[1], drawn[2])


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("signed", [False, True])
def test_every_mode_gives_a_uint8_picture_and_leaves_the_photograph_alone(mode: str, signed: bool) -> None:
    photo = photograph()
    before = photo.photo.copy()
    drawn = blend(photo, Paint(ramp(), SIGNED if signed else HEAT, signed), Style(mode=mode))
    assert drawn.dtype == np.uint8
    assert drawn.shape[0] == 12
    assert drawn.shape[1] == (20 if mode != "side by side" else 42)
    assert np.array_equal(photo.photo, before)


@pytest.mark.parametrize("mode", MODES)
def test_blending_twice_gives_the_same_picture(mode: str) -> None:
    photo, paint = photograph(), Paint(ramp(), HEAT)
    assert np.array_equal(blend(photo, paint, Style(mode=mode)), blend(photo, paint, Style(mode=mode)))


def test_the_overlay_follows_its_formula() -> None:
    photo = Ground(np.full((1, 1, 3), (200, 100, 50), np.uint8))
    grey = 0.2126 * 200 + 0.7152 * 100 + 0.0722 * 50
    heat, opacity = 0.5, 0.8
    t = (heat - 0.15) / 0.55
    alpha = opacity * t * t * (3 - 2 * t)
    light = 0.2 + 0.8 * (0.35 + 1.1 * grey / 255)
    base = (np.array([200, 100, 50]) * 0.35 + grey * 0.65) * 0.94
    wanted = base * (1 - alpha) + alpha * light * HEAT[128].astype(float)
    drawn = blend(photo, Paint(np.full((1, 1), heat, np.float32), HEAT), Style(opacity=opacity))
    assert drawn[0, 0] == pytest.approx(wanted, abs=0.51)


def test_cold_places_of_an_overlay_show_the_muted_photograph_only() -> None:
    photo = photograph()
    cold = blend(photo, everywhere(0.0), Style())
    assert np.array_equal(cold, blend(photo, everywhere(0.14), Style()))
    assert np.array_equal(cold, as_picture(photo.muted))


def test_the_spotlight_leaves_hot_places_as_they_are() -> None:
    photo = photograph()
    assert np.array_equal(blend(photo, everywhere(1.0), Style(mode="spotlight")), photo.photo)


def test_the_spotlight_turns_cold_places_to_dark_grey() -> None:
    drawn = blend(photograph(), everywhere(0.0), Style(mode="spotlight"))
    assert np.ptp(drawn, axis=2).max() == 0
    assert drawn.max() <= 0.2 * 255 + 1


def test_the_map_shows_its_colours_and_no_photograph() -> None:
    drawn = blend(photograph(), everywhere(1.0), Style(mode="map", opacity=0.1))
    assert (drawn == HEAT[255]).all()


def test_zero_of_a_signed_map_has_the_middle_colour() -> None:
    drawn = blend(photograph(), everywhere(0.0, SIGNED, True), Style(mode="map"))
    assert (drawn == SIGNED[128]).all()


def test_both_signs_are_drawn_at_the_ends_of_the_colours() -> None:
    ends = [blend(photograph(), everywhere(v, SIGNED, True), Style(mode="map"))[0, 0] for v in (-1.0, 1.0)]
    assert [e.tolist() for e in ends] == [SIGNED[1].tolist(), SIGNED[255].tolist()]


def test_the_mask_is_photograph_times_heat_on_the_stage() -> None:
    photo = photograph()
    style = Style(mode="mask", opacity=1.0)
    assert (blend(photo, everywhere(0.0), style) == STAGE).all()
    assert np.array_equal(blend(photo, everywhere(1.0), style), photo.photo)


def test_adding_to_one_channel_leaves_the_others() -> None:
    photo = photograph()
    drawn = blend(photo, everywhere(0.5), Style(mode="add", channel="green", opacity=0.4))
    assert np.array_equal(drawn[..., [0, 2]], photo.photo[..., [0, 2]])
    assert drawn[..., 1].tolist() == np.minimum(photo.photo[..., 1] + 51.0, 255).tolist()


def test_adding_what_is_below_zero_takes_away() -> None:
    drawn = blend(photograph(), everywhere(-1.0, SIGNED, True), Style(mode="add", opacity=1.0))
    assert drawn.max() == 0


def test_the_outline_runs_where_the_heat_is_half() -> None:
    photo = Ground(np.full((64, 64, 3), 90, np.uint8))
    heat = np.repeat(np.linspace(0, 1, 64, dtype=np.float32)[None], 64, axis=0)
    drawn = blend(photo, Paint(heat, HEAT), Style(mode="outline"))
    assert set(drawn[30].max(axis=1).argsort()[-2:]) == {31, 32}


def test_the_outline_dims_the_outside_only() -> None:
    photo = Ground(np.full((64, 64, 3), 90, np.uint8))
    heat = np.repeat(np.linspace(0, 1, 64, dtype=np.float32)[None], 64, axis=0)
    drawn = blend(photo, Paint(heat, HEAT), Style(mode="outline"))
    assert drawn[5, 60].tolist() == [90, 90, 90]
    assert drawn[5, 2].tolist() == [50, 50, 50]


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_a_constant_map_has_an_outline_without_a_warning(value: float) -> None:
    assert blend(photograph(), everywhere(value), Style(mode="outline")).shape == (12, 20, 3)


def test_side_by_side_shows_the_photograph_first() -> None:
    photo = photograph()
    drawn = blend(photo, Paint(ramp(), HEAT), Style(mode="side by side"))
    assert np.array_equal(drawn[:, :20], photo.photo)
    assert np.array_equal(drawn[:, -20:], blend(photo, Paint(ramp(), HEAT), Style()))


def test_a_coloured_map_is_mid_grey_at_zero() -> None:
    drawn = blend(
        photograph(), Paint(np.zeros((12, 20, 3), np.float32), table("gray"), True), Style(mode="map")
    )
    assert (drawn == 128).all()


@pytest.mark.parametrize("mode", MODES)
def test_a_coloured_map_can_be_drawn_in_every_mode(mode: str) -> None:
    heat = np.random.default_rng(1).uniform(-1, 1, (12, 20, 3)).astype(np.float32)
    assert blend(photograph(), Paint(heat, table("gray"), True), Style(mode=mode)).dtype == np.uint8


def test_the_smooth_step_is_0_below_and_1_above() -> None:
    assert step(np.array([0.0, 0.15, 0.425, 0.7, 1.0], np.float32), 0.15, 0.7) == pytest.approx(
        [0, 0, 0.5, 1, 1]
    )


def test_the_same_photograph_is_prepared_once() -> None:
    pixels = np.random.default_rng(2).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    assert ground(Image(pixels), (12, 16)) is ground(Image(pixels.copy()), (12, 16))


def test_a_ground_at_the_picture_size_is_the_picture() -> None:
    pixels = np.random.default_rng(3).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    assert np.array_equal(ground(Image(pixels), (6, 8)).photo, pixels)
