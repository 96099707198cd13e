"""Windows that round too much are left for whole pictures, and a map that is next to flat says so."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Occlusion
from cnnviz_widgets.occlusion import Swept
from cnnviz_widgets.probe.patching.network import Network
from tests import models
from tests.occlusion.common import covered, swept

pytestmark = pytest.mark.usefixtures("windows")
Answers = list[np.ndarray]


@pytest.fixture
def spoiled(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[int], float]], list[int]]:
    """Have the answers of windows be off by a share of themselves that depends on how often they were asked for."""
    true, calls = Network.run, list[int]()

    def run(network: Network, *given: Any) -> Answers:
        calls.append(len(calls))
        source = np.random.default_rng(len(calls))
        off = share(len(calls))
        return [
            answer * (1 + off * source.uniform(-1, 1, answer.shape)).astype(np.float32)
            for answer in true(network, *given)
        ]

    def spoil(given: Callable[[int], float]) -> list[int]:
        nonlocal share
        share = given
        return calls

    share: Callable[[int], float] = lambda _: 0.0  # noqa: E731
    monkeypatch.setattr(Network, "run", run)
    return spoil


def assert_of_whole_pictures(probe: cnnviz.Probe, found: Swept) -> None:
    np.testing.assert_allclose(found.values(1), probe.scores(covered(found), 1), atol=1e-7)
    fall = found.fall(1)
    assert "gain over whole pictures" not in fall.scores
    (note,) = fall.notes
    assert note.startswith("Computed only where the patch can reach, the map would be off by ")


def test_windows_that_are_off_at_the_first_positions_are_left_and_not_tried_again(
    probe: cnnviz.Probe, spoiled: Callable[[Callable[[int], float]], list[int]]
) -> None:
    calls = spoiled(lambda _: 1e-3)
    assert_of_whole_pictures(probe, swept(probe, stride=2))
    tried = len(calls)
    assert_of_whole_pictures(probe, swept(probe, stride=1))
    assert len(calls) == tried > 0


def test_windows_that_turn_out_to_be_wrong_at_the_end_are_left_too(
    probe: cnnviz.Probe, spoiled: Callable[[Callable[[int], float]], list[int]]
) -> None:
    sweep = Occlusion(patch=3, stride=1).sweep(probe, models.picture())
    guessed, coarse = next(sweep), next(sweep)
    assert guessed.done == coarse.done < 1
    spoiled(lambda _: 1e-1)
    *_, last = sweep
    assert_of_whole_pictures(probe, last)


def test_a_map_whose_range_is_nothing_beside_the_score_is_said_to_be_nearly_flat() -> None:
    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 3))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, padding="same", activation="relu")(image))
    large = keras.initializers.Constant(300.0)
    probe = cnnviz.Probe(keras.Model(image, layers.Dense(3, bias_initializer=large)(x)))
    found = swept(probe)
    fall = found.fall(0)
    assert 1e-5 < np.ptp(fall.values) / fall.scores["score"] < 1e-4
    assert fall.notes == ("Nearly flat: wherever the patch is, the score is the same to a ten-thousandth.",)
    assert (
        fall.scores["gain over whole pictures"] > 1
    )  # what rounding makes of it is no reason to leave windows
