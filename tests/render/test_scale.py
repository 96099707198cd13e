"""Which value gets which colour, and what the scale says of it."""

import numpy as np
import pytest

from cnnviz_widgets.render import as_text
from cnnviz_widgets.render.scale import scale_of
from cnnviz_widgets.style import Style

PLAIN = Style()
MINUS = "\N{MINUS SIGN}"


def test_a_map_from_0_up_runs_from_0_to_its_maximum() -> None:
    scale = scale_of(np.array([[0.1, 0.359]]), False, PLAIN)
    assert (scale.low_text, scale.high_text, scale.zero) == ("0", "0.359", None)


def test_a_signed_map_is_symmetric_and_marks_zero() -> None:
    scale = scale_of(np.array([[-0.5, 2.0]]), True, PLAIN)
    assert (scale.low_text, scale.high_text, scale.zero) == (f"{MINUS}2", "2", 0.5)
    assert scale.heat(np.array([[-0.5, 0.0, 2.0]])).tolist() == [[-0.25, 0.0, 1.0]]


@pytest.mark.parametrize("value", [0.0, 3.0])
def test_a_constant_map_draws_and_says_why(value: float) -> None:
    scale = scale_of(np.full((7, 7), value), False, PLAIN)
    assert scale.flat == f"Flat: all values are {value:g}."
    assert np.isfinite(scale.heat(np.full((7, 7), value))).all()


def test_a_constant_negative_map_says_its_value() -> None:
    assert scale_of(np.full((2, 2), -1.5), True, PLAIN).flat == f"Flat: all values are {MINUS}1.5."


def test_a_map_that_varies_is_not_called_flat() -> None:
    assert scale_of(np.array([[1.0, 1.01]]), False, PLAIN).flat == ""


def test_tiny_values_are_not_called_flat() -> None:
    assert scale_of(np.array([[1e-20, 3e-20]]), False, PLAIN).flat == ""


def test_a_small_map_is_never_clipped() -> None:
    values = np.ones((10, 100))
    values[0, 0] = 50.0
    assert scale_of(values, False, Style(clip=0.9)).high == 50.0


def test_a_large_map_is_clipped_and_says_how_much_lies_beyond() -> None:
    values = np.ones((40, 50))
    values[0, :4] = 50.0
    scale = scale_of(values, False, Style(clip=0.99))
    assert scale.high == 1.0
    assert scale.words == "0.2 % of the values lie beyond the scale and are drawn in its last colour."


def test_clip_1_shows_the_whole_range() -> None:
    values = np.linspace(0, 9, 5000)[None]
    assert scale_of(values, False, Style(clip=1.0)).high == 9.0


def test_one_value_in_a_sea_of_zeros_is_still_seen() -> None:
    values = np.zeros((60, 60))
    values[30, 30] = 4.0
    scale = scale_of(values, False, PLAIN)
    assert scale.high == 4.0
    assert scale.heat(values).max() == 1.0


def test_a_limit_is_the_same_scale_for_all() -> None:
    style = Style(limit=10.0)
    assert (
        scale_of(np.ones((3, 3)), False, style).high
        == scale_of(np.full((3, 3), 7.0), False, style).high
        == 10.0
    )


def test_what_is_not_a_number_is_counted_and_drawn_as_0() -> None:
    values = np.array([[np.nan, np.inf, 1.0, 2.0]])
    scale = scale_of(values, False, PLAIN)
    assert "2 of 4 values are not numbers" in scale.words
    assert scale.heat(values).tolist() == [[0.0, 0.0, 0.5, 1.0]]


@pytest.mark.parametrize("factor", [1e-42, 1e-30, 1e30])
def test_very_small_and_very_large_maps_draw(factor: float) -> None:
    values = (np.array([[0.25, 1.0]]) * factor).astype(np.float32)
    scale = scale_of(values, False, PLAIN)
    assert scale.heat(values)[0] == pytest.approx([0.25, 1.0], rel=0.01)


def test_what_lies_below_zero_in_a_map_from_0_up_is_drawn_as_0() -> None:
    values = np.array([[-5.0, 1.0]])
    assert scale_of(values, False, PLAIN).heat(values).tolist() == [[0.0, 1.0]]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.35949, "0.359"),
        (1234.6, "1230"),
        (-2.5, f"{MINUS}2.5"),
        (0.00123456, "0.00123"),
        (1.5e-7, f"1.5e{MINUS}7"),
        (2e9, "2e9"),
        (99.96, "100"),
    ],
)
def test_numbers_have_three_significant_digits(value: float, text: str) -> None:
    assert as_text(value) == text
