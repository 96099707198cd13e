"""What a sweep costs: predicted, measured and told."""

import dataclasses

import numpy as np
import pytest

from cnnviz_widgets import OcclusionExplorer
from cnnviz_widgets.widgets.occlusion.clock import SweepClock
from cnnviz_widgets.widgets.occlusion.text import cost
from tests.models import functional, picture
from tests.widgets.occlusion.common import Make, lit, settled, tile


def timed(seconds: float, parts: int = 6, patch: int = 4) -> SweepClock:
    """Return a clock that has timed some parts of ten positions each, of a hundred."""
    moments = iter(np.arange(parts) * seconds)
    clock = SweepClock(lambda: next(moments))
    clock.begin("a sweep", patch)
    for part in range(parts):
        clock.step((part + 1) / 10, 100)
    return clock


def test_a_sweep_to_come_is_predicted_from_the_speed_of_the_last(explorer: OcclusionExplorer) -> None:
    clock = timed(2.0)
    assert cost(None, 225, clock) == "225 pictures, about 45 s.\nCoarse map first, then sharper."
    assert cost(None, 225, SweepClock()) == "225 pictures.\nCoarse map first, then sharper."


def test_the_speed_of_another_size_of_patch_serves_until_its_own_is_known() -> None:
    clock = timed(2.0, patch=4)
    clock.begin("another sweep", 8)
    assert clock.each == pytest.approx(0.2)


def test_the_time_that_is_left_is_known_once_a_few_parts_are_timed() -> None:
    assert timed(2.0, parts=3).left == 0
    assert timed(2.0, parts=4).left == pytest.approx(12)


def test_a_compilation_within_a_sweep_is_not_taken_for_slowness() -> None:
    moments = iter([0.0, 500.0, 500.1, 500.2])
    clock = SweepClock(lambda: next(moments))
    for part in range(1, 5):
        clock.step(part / 10, 100)
    assert clock.left == pytest.approx(0.6)


def test_a_finished_sweep_tells_its_gain_and_the_spot_check(explorer: OcclusionExplorer) -> None:
    clock, made = timed(0.1), explorer.explanation
    checked = dataclasses.replace(
        made, scores={"gain over whole pictures": 2.13, "largest difference from them": 1.1e-6}
    )
    clock.end(1.2)
    assert cost(checked, 100, clock) == (
        "100 pictures in 1.2 s.\nAbout 2.1 times as fast as whole pictures; a few checked against them: "
        "1.1e−6 apart at most."
    )
    clock.end(20.0)
    assert "in 20 s, most of it to get ready for such a patch.\nAbout" in cost(checked, 100, clock)
    assert cost(dataclasses.replace(made, scores={}), 100, clock).endswith("Run whole: here that is fastest.")
    left = dataclasses.replace(made, scores={}, notes=("It failed, so whole pictures were run.",))
    assert cost(left, 100, clock).endswith("Run whole.")


def test_a_sweep_that_was_known_before_says_that_nothing_was_run(explorer: OcclusionExplorer) -> None:
    explorer.stride = 1
    assert "49 pictures in" in settled(explorer).view.cost.value
    explorer.stride = 2
    assert "16 pictures, known from before.\nNothing was run." in settled(explorer).view.cost.value


def test_a_patch_as_large_as_the_picture_says_so(explorer: OcclusionExplorer) -> None:
    explorer.patch = 8
    assert "1 picture: the patch covers all of it." in settled(explorer).view.cost.value


def test_another_map_keeps_what_the_sweep_took(explorer: OcclusionExplorer) -> None:
    before = explorer.view.cost.value
    explorer.map = "label"
    assert settled(explorer).view.cost.value == before


def test_a_short_sweep_whose_first_part_took_long_says_that_it_was_made_ready(
    explorer: OcclusionExplorer,
) -> None:
    moments = iter([20.0, 20.5])
    clock = SweepClock(lambda: next(moments))
    for part in (0.5, 1.0):
        clock.step(part, 40)
    clock.end(20.5)
    assert clock.preparing


def test_another_picture_darkens_the_maps_of_the_one_before_until_its_own_are_there(make: Make) -> None:
    explorer = make(images=[lit(), picture(channels=1)])
    before = tile(explorer, "photo")
    with explorer.lock:  # nothing new is shown while this is held
        explorer.image = 1
        dark = tile(explorer, "photo")
        tags = explorer.canvas._scene.tags  # type: ignore[attr-defined]
    assert (dark.mean() < before.mean() / 2, tags) == (True, ("on its way", "on its way"))
    assert (tile(settled(explorer), "photo").mean() > before.mean() / 2).all()


def test_an_answer_that_is_awaited_for_long_is_not_replaced_by_the_one_before(
    explorer: OcclusionExplorer,
) -> None:
    with explorer.lock:
        explorer.position = (0, 5)
        explorer.presenter._behind._say_late()
        assert explorer.view.footer.text == "Looking behind the patch."
    assert settled(explorer).status.startswith("Covered here:")


def test_the_sentence_stays_while_only_pins_are_awaited(explorer: OcclusionExplorer) -> None:
    with explorer.lock:
        explorer.pins = [(1, 1)]
        explorer.presenter._behind._say_late()
        assert explorer.view.footer.text.startswith("<b>Covered here:")


def test_a_sweep_that_runs_tells_how_many_pictures_it_takes(make: Make) -> None:
    explorer = make(functional((32, 32, 3)), [picture(32, 32)], patch=4, stride=2)
    explorer.fill = "black"
    explorer.presenter.rebuild()
    assert "225 pictures" in explorer.view.cost.value
    assert "Coarse map first, then sharper." in explorer.view.cost.value
