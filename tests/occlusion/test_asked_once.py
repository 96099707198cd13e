"""A sweep asks nothing twice: maps, strides and classes are read from what is known."""

from typing import Any

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, LayerEnergy, Occlusion
from cnnviz_widgets.probe.randomised import RandomisedCopy
from tests import models
from tests.occlusion.common import covered, swept


class Counting(cnnviz.Probe):
    """A probe that notes how many pictures it is asked for."""

    pictures = 0

    def answers(self, images: Any, questions: Any, *, fitted: bool = False) -> list[np.ndarray]:
        self.pictures += len(images)
        return super().answers(images, questions, fitted=fitted)


@pytest.fixture
def counting() -> Counting:
    return Counting(models.functional())


def test_another_map_and_another_class_run_no_model(counting: Counting) -> None:
    found = swept(counting)
    before = counting.calls
    for name in ("fall", "probability", "label", "activity"):
        for index in range(3):
            found.map(name, index)
            Occlusion(patch=3, stride=1, map=name, target=index)(counting, found.image)
    assert counting.calls == before


def test_each_position_is_asked_once_and_the_bare_picture_once(counting: Counting) -> None:
    found = swept(counting, target=0)
    assert counting.pictures == found.grid.count + 1


def test_a_stride_that_divides_an_earlier_one_asks_only_for_the_positions_between(counting: Counting) -> None:
    image = models.picture()
    coarse = swept(counting, image, patch=2, stride=2, target=0)
    before = counting.pictures
    fine = swept(counting, image, patch=2, stride=1, target=0)
    assert counting.pictures - before == fine.grid.count - coarse.grid.count
    fresh = swept(cnnviz.Probe(counting.model), image, patch=2, stride=1, target=0)
    np.testing.assert_allclose(fine.values(0), fresh.values(0), atol=1e-6)


def test_what_is_known_already_is_shown_before_anything_is_asked(counting: Counting) -> None:
    swept(counting, patch=2, stride=2, target=0)
    before = counting.calls
    first = next(Occlusion(patch=2, stride=1, target=0).sweep(counting, models.picture()))
    assert (counting.calls, first.progress) == (before, "16 of 49")


def test_a_stride_that_multiplies_an_earlier_one_asks_for_nothing(counting: Counting) -> None:
    fine = swept(counting, patch=2, stride=1, target=0)
    before = counting.calls
    coarse = swept(counting, patch=2, stride=3, target=0)
    assert counting.calls == before
    assert coarse.values(0)[-1] == fine.values(0)[-1]


@pytest.mark.parametrize("changed", [{"patch": 4}, {"fill": "black"}, {"shape": "round"}])
def test_another_patch_is_asked_anew(counting: Counting, changed: dict[str, Any]) -> None:
    first = swept(counting, target=0)
    second = swept(counting, target=0, **changed)
    assert counting.pictures == first.grid.count + second.grid.count + 2


def test_a_sweep_that_was_stopped_goes_on_where_it_was(counting: Counting) -> None:
    parts = Occlusion(patch=2, stride=1, target=0).sweep(counting, models.picture())
    begun = next(parts)
    parts.close()
    assert begun.progress == "31 of 49"
    swept(counting, patch=2, stride=1, target=0)
    assert counting.pictures == 50


def test_what_is_known_now_does_not_grow_behind_ones_back(probe: cnnviz.Probe) -> None:
    first, last = Occlusion(patch=2, stride=1, target=0).sweep(probe, models.picture())
    assert np.count_nonzero(np.isnan(first.values(0))) == 18
    assert not np.isnan(last.values(0)).any()


def test_new_weights_are_asked_anew(counting: Counting) -> None:
    before = swept(counting, target=0).values(0)
    counting.model.get_layer("classes").kernel.assign_add(np.ones((5, 3)) * [[0.5, 0.1, 0.2]])
    assert not np.allclose(swept(counting, target=0).values(0), before)


def test_the_least_recently_used_sweep_goes_when_memory_is_short(counting: Counting) -> None:
    counting.kept_sweeps.total = 1500
    for patch in (1, 2, 3, 4):
        swept(counting, patch=patch, target=0)
    assert sum(found.bytes for found in counting.kept_sweeps.values()) < 5000
    before = counting.pictures
    swept(counting, patch=1, target=0)
    assert counting.pictures > before


def test_a_network_with_shuffled_weights_is_not_answered_from_the_original_ones(windows: None) -> None:
    probe = cnnviz.Probe(models.functional())
    before = swept(probe, target=0)
    copy = RandomisedCopy(probe)
    np.testing.assert_allclose(swept(copy.probe, target=0).values(0), before.values(0), atol=1e-5)
    copy.shuffle("conv_1")
    found = swept(copy.probe, target=0)
    np.testing.assert_allclose(found.values(0), copy.probe.scores(covered(found), 0), atol=1e-5)
    assert not np.allclose(found.values(0), before.values(0))


def test_whole_pictures_answer_several_questions_in_one_run(probe: cnnviz.Probe) -> None:
    images = [models.picture(seed=k) for k in range(3)]
    asked = ("logits", "conv_1", ClassScore(2), LayerEnergy("conv_2"))
    before = probe.calls
    logits, maps, score, energy = probe.answers(images, asked)
    assert probe.calls == before + 1
    np.testing.assert_allclose(logits, probe.logits(images), rtol=1e-5)
    np.testing.assert_allclose(maps, probe.activations(images, "conv_1"), rtol=1e-5)
    np.testing.assert_allclose(score, logits[:, 2], rtol=1e-6)
    np.testing.assert_allclose(energy, probe.scores(images, LayerEnergy("conv_2")), rtol=1e-5)


def test_a_model_of_any_size_is_swept() -> None:
    image = keras.Input((None, None, 1), name="image")
    total = keras.Model(image, keras.layers.Lambda(lambda x: keras.ops.sum(x, (1, 2)))(image))
    found = swept(cnnviz.Probe(total), models.picture(5, 7, 1), patch=2, fill="black")
    assert found.values(0)[-1] == pytest.approx(float(found.image.pixels.sum()), rel=1e-5)
