"""A sweep from coarse to fine, and what it refuses before any work."""

from typing import Any

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import LayerEnergy, Occlusion
from cnnviz_widgets.occlusion import questions
from tests import models
from tests.occlusion.common import covered, swept

# from coarse to fine


def test_before_anything_is_compiled_a_few_whole_pictures_are_shown(
    windows: None, probe: cnnviz.Probe
) -> None:
    parts = Occlusion(patch=2, stride=1).sweep(probe, models.picture())
    guessed, first = next(parts), next(parts)
    assert guessed.progress == first.progress == "9 of 49"
    np.testing.assert_allclose(guessed.values(1), first.values(1), rtol=1e-4)
    again = Occlusion(patch=3, stride=1).sweep(probe, models.picture())
    assert [next(again).progress for _ in range(2)] == ["9 of 36", "36 of 36"]


def test_what_was_shown_before_anything_was_compiled_is_asked_again(
    windows: None, probe: cnnviz.Probe
) -> None:
    parts = Occlusion(patch=2, stride=1).sweep(probe, models.picture())
    next(parts)
    parts.close()
    found = swept(probe, patch=2)
    fresh = swept(cnnviz.Probe(models.functional()), patch=2)
    np.testing.assert_array_equal(found.values(1), fresh.values(1))


def test_the_same_sweep_gives_the_same_numbers_to_the_last_bit(windows: None) -> None:
    cold = cnnviz.Probe(models.functional())
    warm = cnnviz.Probe(models.functional())
    swept(warm, models.picture(seed=3))
    swept(warm, patch=5)
    np.testing.assert_array_equal(swept(cold).values(1), swept(warm).values(1))


# what is refused


@pytest.mark.parametrize(
    ("make", "name", "said"),
    [
        (
            models.functional,
            "code distance",
            "needs a code between two pictures.*Choose one of fall, probability",
        ),
        (models.functional, "reconstruction error", "needs an output of the picture's shape"),
        (models.autoencoder, "label", "needs classes, which autoencoder does not have"),
        (lambda: models.ZOO["no convolution"](), "activity", "needs layers with maps"),
        (models.functional, "labels", "Occlusion.map must be one of.*Did you mean 'label'"),
    ],
)
def test_a_map_that_the_model_cannot_show_is_refused_before_any_work(make: Any, name: str, said: str) -> None:
    probe = cnnviz.Probe(make())
    channels = probe.input_shape[-1] or 1
    with pytest.raises(cnnviz.SettingError, match=said):
        Occlusion(map=name, target=LayerEnergy("encoded") if channels == 1 else 0)(
            probe, models.picture(channels=channels)
        )
    assert probe.calls == 0


def test_labels_that_would_take_too_much_memory_are_refused(
    probe: cnnviz.Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "MOST_BYTES", 100)
    found = swept(probe, target=1)
    np.testing.assert_allclose(found.values(1), probe.scores(covered(found), 1), atol=1e-5)
    with pytest.raises(
        cnnviz.SettingError, match=r"36 positions times 3 classes take too much memory.*larger stride"
    ):
        found.label()
