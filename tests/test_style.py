"""What a style accepts, and what it says when it does not."""

import matplotlib
import numpy as np
import pytest

from cnnviz_widgets.colours import NAMED, SIGNED, table
from cnnviz_widgets.errors import SettingError
from cnnviz_widgets.style import Style


def test_every_setting_explains_itself() -> None:
    assert all(spec.help for spec in Style.specs().values())


def test_a_style_is_a_value() -> None:
    assert Style(opacity=0.5) == Style().replace(opacity=0.5)
    assert hash(Style()) == hash(Style())


def test_any_matplotlib_map_may_be_used() -> None:
    assert Style(colormap="cividis").colormap == "cividis"


@pytest.mark.parametrize("name", ["jet", "jet_r", "turbo", "hsv", "nipy_spectral"])
def test_a_rainbow_is_refused_with_the_reason_and_what_to_use(name: str) -> None:
    with pytest.raises(SettingError, match=r"lightness rises and falls.*Use heat, green, violet, grey"):
        Style(colormap=name)


def test_a_typing_error_in_a_map_gets_a_suggestion() -> None:
    with pytest.raises(SettingError, match="Did you mean 'viridis'"):
        Style(colormap="virridis")


@pytest.mark.parametrize("name", ["RdBu_r", "PuOr_r", "coolwarm", "PiYG", "BrBG"])
def test_a_diverging_map_may_colour_signed_maps(name: str) -> None:
    assert Style(signed_colormap=name).signed_colormap == name


@pytest.mark.parametrize("name", ["viridis", "gray", "inferno"])
def test_a_map_without_a_middle_may_not_colour_signed_maps(name: str) -> None:
    with pytest.raises(SettingError, match="must be a diverging map"):
        Style(signed_colormap=name)


@pytest.mark.parametrize("value", [None, 3, ["heat"], np.array([1, 2])])
def test_a_map_is_named_by_a_word(value: object) -> None:
    with pytest.raises(SettingError, match=r"Style\.colormap must be one of heat"):
        Style(colormap=value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("mode", "overly", r"Style\.mode must be one of overlay.*Did you mean 'overlay'"),
        ("opacity", 1.2, "from 0 to 1; got 1.2"),
        ("opacity", float("nan"), r"Style\.opacity must be a number from 0 to 1"),
        ("clip", 0.5, "from 0.9 to 1; got 0.5"),
        ("soften", -1, "of the side from 0 to 6; got -1"),
        ("channel", "alpha", "must be one of all, red, green, blue"),
        ("limit", 0, "above 0"),
        ("limit", -2, "at least 0; got -2"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(setting: str, value: object, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        Style(**{setting: value})  # type: ignore[arg-type]


@pytest.mark.parametrize("name", [*NAMED, *SIGNED])
def test_a_table_has_256_colours(name: str) -> None:
    assert table(name).shape == (256, 3)
    assert table(name).dtype == "uint8"


def test_heat_starts_where_inferno_has_left_black() -> None:
    assert tuple(table("heat")[0]) == tuple(round(255 * c) for c in matplotlib.colormaps["inferno"](0.28)[:3])
    assert tuple(table("heat", whole=True)[0]) == (0, 0, 4)


def test_entry_128_of_a_signed_table_is_the_middle_of_the_map() -> None:
    middle = [round(255 * c) for c in matplotlib.colormaps["RdBu_r"](0.5)[:3]]
    assert table("RdBu_r", signed=True)[128].tolist() == middle


def test_a_map_of_two_signs_may_be_grey_with_zero_in_the_middle() -> None:
    grey = table(Style(signed_colormap="grey").signed_colormap, signed=True)
    assert abs(int(grey[128, 0]) - 128) <= 1
    assert (int(grey[1, 0]), int(grey[255, 0])) == (0, 255)
