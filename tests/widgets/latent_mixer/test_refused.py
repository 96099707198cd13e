"""What the latent mixer refuses: settings, layers and models."""

from typing import Any

import pytest
from ipywidgets.widgets import widget as registry

from cnnviz_widgets import CodeEdit, LatentMixer
from cnnviz_widgets.errors import LayerError, ModelError, SettingError
from tests.models import closed, functional, picture
from tests.probe.test_decoder import two_halves, with_skips
from tests.widgets.latent_mixer.common import Make, averaging, pictures


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
        LatentMixer(closed(), [picture()])


@pytest.mark.parametrize("wrong", [(1, 0), (0,), "dark", (0, float("inf"))])
def test_a_range_of_the_output_is_two_numbers(wrong: Any) -> None:
    with pytest.raises(SettingError, match="output_range must be two numbers, the first the lower"):
        LatentMixer(averaging(), pictures(), output_range=wrong)


def test_a_wrong_setting_leaves_nothing_behind() -> None:
    before = len(registry._instances)
    with pytest.raises(SettingError, match="b must be from 0 to 3"):
        LatentMixer(averaging(), pictures(), b=7, renderer="image")
    assert len(registry._instances) == before
