"""A setting is checked when it is made, and the message says what is allowed."""

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from cnnviz_widgets.errors import CnnvizError, SettingError, did_you_mean, listed
from cnnviz_widgets.settings import Settings, choice, flag, layer_name, number, objective, whole


@dataclass(frozen=True)
class Sample(Settings):
    """One setting of each kind."""

    patch: int | None = whole(None, low=1, unit="px", help="side of the square")
    samples: int = whole(8, low=1, high=64, help="how many")
    noise: float = number(0.1, low=0, high=1, help="how strong")
    weight: float = number(1.0, help="any number")
    fill: str = choice("mean", ("mean", "blur"), help="what covers")
    paint: str = choice("grey", ("grey",), help="colour", pattern="a colour such as #ff8800")
    absolute: bool = flag(True, help="drop the sign")
    layer: str | None = layer_name(help="layer")
    target: Any = objective(help="target")
    note: str = "not a setting"


def test_specs_come_in_the_order_of_the_class_without_other_fields() -> None:
    names = ["patch", "samples", "noise", "weight", "fill", "paint", "absolute", "layer", "target"]
    assert list(Sample.specs()) == names


def test_settings_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError, match="samples"):
        Sample().samples = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("patch", 0, r"Sample\.patch must be a whole number of px, at least 1; got 0"),
        ("patch", 2.5, r"must be a whole number of px, at least 1; got 2\.5"),
        ("patch", "5", "must be a whole number of px, at least 1; got '5'"),
        ("samples", 65, "must be a whole number from 1 to 64; got 65"),
        ("samples", None, "must be a whole number from 1 to 64; got None"),
        ("samples", True, "got True"),
        ("noise", 3, r"Sample\.noise must be a number from 0 to 1; got 3\."),
        ("noise", float("nan"), "must be a number from 0 to 1; got nan"),
        ("noise", float("inf"), "got inf"),
        ("weight", 1j, "must be a number; got 1j"),
        ("fill", "men", r"must be one of mean, blur; got 'men'\. Did you mean 'mean'\?"),
        ("fill", 3, "must be one of mean, blur; got 3"),
        ("paint", "red", "must be one of grey or a colour such as #ff8800; got 'red'"),
        ("absolute", "yes", "must be True or False; got 'yes'"),
        ("absolute", 2, "must be True or False; got 2"),
        ("layer", 4, "must be a name in quotes; got 4"),
    ],
)
def test_a_wrong_value_is_refused_in_words(name: str, value: Any, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        Sample(**{name: value})


def test_values_are_kept_in_their_proper_type() -> None:
    made = Sample(patch=np.int64(5), samples=4.0, noise=np.float32(0.5), absolute=1)  # type: ignore[arg-type]
    assert [type(v) for v in (made.patch, made.samples, made.noise, made.absolute)] == [int, int, float, bool]


def test_both_ends_of_a_range_are_allowed() -> None:
    assert (Sample(noise=0).noise, Sample(noise=1).noise) == (0.0, 1.0)


def test_none_is_kept_where_it_means_automatic() -> None:
    assert Sample(patch=None).patch is None


def test_a_choice_with_a_pattern_takes_a_colour() -> None:
    assert Sample(paint="#ff8800").paint == "#ff8800"


def test_replacing_makes_a_new_checked_value() -> None:
    assert Sample().replace(noise=0.4) == Sample(noise=0.4)
    with pytest.raises(SettingError, match="noise must be"):
        Sample().replace(noise=4)


def test_replacing_a_setting_that_is_not_there_suggests_the_nearest() -> None:
    with pytest.raises(SettingError, match=r"Sample has no setting 'nose'.*Did you mean 'noise'\?"):
        Sample().replace(nose=0.2)


def test_a_setting_that_is_not_there_suggests_the_nearest() -> None:
    with pytest.raises(SettingError, match=r"Sample has no setting 'nose'.*Did you mean 'noise'\?"):
        Sample(nose=0.2)  # type: ignore[call-arg]


def test_equal_settings_have_equal_hashes() -> None:
    assert hash(Sample(noise=0.2)) == hash(Sample(noise=0.2))


def test_a_setting_error_is_a_value_error_of_this_package() -> None:
    assert issubclass(SettingError, ValueError)
    assert issubclass(SettingError, CnnvizError)


def test_a_name_unlike_all_others_gets_no_suggestion() -> None:
    assert did_you_mean("zzz", ["conv_1"]) == ""


def test_long_lists_are_cut_and_counted() -> None:
    assert listed("abcdefgh", 3) == "a, b, c, ... (8 in all)"
    assert listed([]) == "none"
