"""What the occlusion explorer refuses, and what it keeps then."""

from typing import Any

import numpy as np
import pytest

from cnnviz_widgets import OcclusionExplorer, Probe
from cnnviz_widgets.errors import ImageError, SettingError, TargetError
from tests.models import functional, picture
from tests.widgets.occlusion.common import Make, lit, settled


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
