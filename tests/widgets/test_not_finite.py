"""A network with NaN weights in a widget: it says so, keeps its last good picture, and every other widget goes on."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets.jobs import worker
from tests import models

PATIENCE = 60
NAN = "NaN appears first in the output of 'conv_2'; its weights hold 180 NaN"
CODED = "NaN appears first in the output of 'encoded'; its weights hold 18 NaN"


DECODED = "NaN appears first in the output of 'rebuilt'; its weights hold 18 NaN"


def _broken(model: Any, layer: str) -> Any:
    first, *rest = (np.copy(weight) for weight in model.get_layer(layer).get_weights())
    model.get_layer(layer).set_weights([first * np.nan, *rest])
    return model


def test_two_explorers_of_which_one_breaks_and_the_other_answers() -> None:
    model, images = models.functional(), [models.picture(), models.picture(seed=2)]
    sound, breaking = cnnviz.explore(models.functional(), images), cnnviz.explore(model, images)
    assert breaking.wait(PATIENCE)
    good = breaking.explanation
    assert (good is not None, breaking.error) == (True, "")
    _broken(model, "conv_2")
    for change in ({"image": 1}, {"method": "Occlusion"}, {"method": "RISE"}, {"method": "Saliency"}):
        breaking.set_trait(*next(iter(change.items())))
        assert breaking.wait(PATIENCE)
        assert NAN in breaking.error
        assert breaking.explanation is good
        sound.set_trait(*next(iter(change.items())))
        assert sound.wait(PATIENCE)
        assert (sound.error, sound.explanation.done) == ("", 1)
    model.set_weights(sound.probe.model.get_weights())
    breaking.method = "Grad-CAM"
    assert breaking.wait(PATIENCE)
    assert breaking.error == ""
    assert breaking.explanation is not good
    for widget in (sound, breaking):
        widget.close()


OPENED: dict[str, tuple[str, Callable[[], Any]]] = {
    "Explorer": (NAN, lambda: cnnviz.explore(_broken(models.functional(), "conv_2"), [models.picture()])),
    "OcclusionExplorer": (
        NAN, lambda: cnnviz.OcclusionExplorer(_broken(models.functional(), "conv_2"), [models.picture()]),
    ),
    "FeatureMapBrowser": (
        NAN, lambda: cnnviz.FeatureMapBrowser(_broken(models.functional(), "conv_2"), [models.picture()]),
    ),
    "ImageGenerator": (NAN, lambda: cnnviz.ImageGenerator(_broken(models.functional(), "conv_2"))),
    "SimilarityExplorer": (
        CODED, lambda: cnnviz.SimilarityExplorer(
            _broken(models.autoencoder(), "encoded"), [models.picture(channels=1, seed=k) for k in range(3)]
        ),
    ),
    "LatentMixer": (
        CODED, lambda: cnnviz.LatentMixer(
            _broken(models.autoencoder(), "encoded"), [models.picture(channels=1, seed=k) for k in range(3)]
        ),
    ),
    "LatentMixer, decoder": (
        DECODED, lambda: cnnviz.LatentMixer(
            _broken(models.autoencoder(), "rebuilt"), [models.picture(channels=1, seed=k) for k in range(3)]
        ),
    ),
    "Explorer, decoder": (
        DECODED, lambda: cnnviz.explore(_broken(models.autoencoder(), "rebuilt"), [models.picture(channels=1)]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", OPENED)
def test_a_widget_opened_on_such_a_network_says_where_it_is_not_finite(kind: str) -> None:
    said, opened = OPENED[kind]
    widget = opened()
    assert widget.wait(PATIENCE)
    assert said in widget.error
    widget.close()


def test_an_explorer_that_never_had_an_answer_shows_the_picture_alone() -> None:
    image = models.picture()
    explorer = cnnviz.explore(_broken(models.functional(), "conv_2"), [image], renderer="image")
    assert explorer.wait(PATIENCE)
    scene = explorer.canvas._scene
    assert NAN in explorer.error
    assert scene.map is None
    assert abs(scene.hero.mean() - 255 * image.pixels.mean()) < 8
    explorer.close()


def test_a_comparison_says_it_in_every_cell() -> None:
    grid = cnnviz.Comparison(
        _broken(models.functional(), "conv_2"), [models.picture()],
        methods=[cnnviz.Saliency(target=1), cnnviz.GradCAM(target=1)],
    )  # fmt: skip
    assert grid.wait(PATIENCE)
    assert len(grid.session.refused) == 2
    assert all(NAN in said for said in grid.session.refused.values())
    grid.close()


def test_the_worker_is_still_there_after_all_of_them() -> None:
    seen: list[int] = []
    worker.submit("someone", lambda job: seen.append(1))
    assert worker.wait("someone", PATIENCE)
    assert seen == [1]
