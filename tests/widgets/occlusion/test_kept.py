"""What is kept of a sweep, and the end of the occlusion explorer."""

from typing import Any

import numpy as np
import PIL.Image
from ipywidgets.widgets import widget as registry

from cnnviz_widgets import Image, OcclusionExplorer
from cnnviz_widgets.export.caption import settings_of
from tests.widgets.occlusion.common import Make, lit, moved, settled


def test_the_code_makes_the_map_again(explorer: OcclusionExplorer) -> None:
    assert (
        "cnnviz.Occlusion(patch=2, stride=2, target=cnnviz.ClassScore(0))(probe, images[0])"
        in explorer.code()
    )


def test_the_code_takes_picture_and_filling_from_the_list_that_was_given(make: Make) -> None:
    images = [lit(), Image(-lit().pixels, (-1, 1.2), "unlit"), lit()]
    explorer = make(None, images, fill=images[1])
    explorer.image = 2
    lines = settled(explorer).code()
    given = {"model": explorer.probe.model, "images": images}
    exec(lines.replace("heat.show()", ""), given)
    assert "fill=cnnviz.Image.load(images[1])" in lines
    assert "(probe, images[2])" in lines
    assert np.allclose(given["heat"].values, explorer.explanation.values)  # type: ignore[attr-defined]


def test_the_snapshot_is_a_picture(explorer: OcclusionExplorer, tmp_path: Any) -> None:
    explorer.save(tmp_path / "map.png")
    with PIL.Image.open(tmp_path / "map.png") as saved:
        assert saved.width > 200


def test_the_seed_is_told_of_noise_alone(make: Make) -> None:
    told = [settings_of(make(fill=fill).explanation) for fill in ("grey", "noise")]  # type: ignore[arg-type]
    assert ["seed" in settings for settings in told] == [False, True]


def test_the_time_left_is_that_of_the_steady_parts(explorer: OcclusionExplorer) -> None:
    explorer.presenter.clock.left = 42.0
    assert explorer.presenter._status._computing()[1].endswith("· 42 s left")


def test_closing_frees_everything_and_does_so_once(make: Make) -> None:
    before = len(registry._instances)
    explorer = make()
    explorer.pin()
    explorer.play()
    explorer.close()
    explorer.close()
    assert len(registry._instances) == before


def test_another_picture_keeps_the_patch_and_forgets_the_class(explorer: OcclusionExplorer) -> None:
    explorer.target = 1
    moved(explorer, 0, 6)
    explorer.image = 1
    assert (settled(explorer).target, explorer.position, explorer.error) == (None, (0, 6), "")
