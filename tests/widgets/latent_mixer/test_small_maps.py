"""The small map beside the mixture: what the code changes, and where a cell looks."""

import numpy as np
import pytest

from cnnviz_widgets import LatentMixer
from cnnviz_widgets.widgets.core.elements import is_rounded
from cnnviz_widgets.widgets.latent_mixer.drawing import rounded_up
from tests.models import SIDE
from tests.widgets.latent_mixer.common import Make, settled


def test_the_change_is_from_a_until_the_code_is_changed(mixer: LatentMixer) -> None:
    assert np.allclose(mixer.presenter._small.values, 0.5 - 0.2)
    assert mixer.canvas._scene.tags == ("the pixels mixed", "change since A")
    mixer.edit(1, scale=0)
    assert np.allclose(settled(mixer).presenter._small.values, -0.25)
    assert mixer.canvas._scene.tags[1] == "change by the edits"


def test_at_a_nothing_is_changed(mixer: LatentMixer) -> None:
    mixer.mix = 0
    assert settled(mixer).canvas._scene.tags == ("the picture", "nothing changed")


def test_the_focus_is_the_slope_of_the_codes_energy(mixer: LatentMixer) -> None:
    mixer.view.beside.value = "focus"
    # energy: half of the mean of (m^2 + 4 m^2); each pixel is a quarter of one of 16 cells
    assert np.allclose(settled(mixer).presenter._small.values, 0.5 * 5 / 2 / 16 / 4, rtol=1e-4)
    assert mixer.canvas._scene.tags[1] == "where the code looks"


def test_a_cell_looks_at_its_own_pixels_only(mixer: LatentMixer) -> None:
    mixer.channel, mixer.cell, mixer.beside = 0, (3, 0), "channel"
    expected = np.zeros((SIDE, SIDE))
    expected[6:, :2] = 0.25
    assert np.allclose(settled(mixer).presenter._small.values, expected)
    assert mixer.canvas._scene.tags[1] == "where cell 3, 0 of channel 0 looks"


def test_without_room_for_tiles_the_small_pictures_stand_in_the_side(make: Make) -> None:
    mixer = make(size="S")
    assert mixer.view._alone.value.count("<img") == 2
    assert "change since A" in mixer.view._alone.value


@pytest.mark.parametrize(("told", "rounded"), [(0.5, True), (0.49, True), (0.47, False), (0.6, False)])
def test_what_a_slider_rounds_to_its_steps_is_no_move(told: float, rounded: bool) -> None:
    assert is_rounded(told, 0.504, 0.05) == rounded


def test_a_number_is_rounded_up_to_one_figure() -> None:
    assert [rounded_up(value) for value in (0.37, 0.4, 12, 0.0)] == [0.4, 0.4, 20, 0]
