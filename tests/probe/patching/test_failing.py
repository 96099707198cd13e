"""Windows that fail are given up for whole pictures: with a note, for good, and without an error."""

from typing import Any

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets.errors import TargetError
from cnnviz_widgets.probe.patching import Patched, layer_rules
from cnnviz_widgets.probe.patching.network import Network
from tests import models
from tests.probe.patching.common import assert_close, covered, everywhere

pytestmark = pytest.mark.usefixtures("windows_wherever_possible")


class Failing:
    """Something that raises whenever it is called, and counts how often."""

    def __init__(self, error: Exception) -> None:
        self.error, self.calls = error, 0

    def __call__(self, *_: Any, **__: Any) -> Any:
        self.calls += 1
        raise self.error


def ready(probe: cnnviz.Probe, size: tuple[int, int] = (3, 3)) -> Patched:
    return probe.patched(models.picture(), ["output"], everywhere((8, 8), size), size)


def assert_whole(probe: cnnviz.Probe, patched: Patched) -> None:
    patches = patched.patches(np.zeros((8, 8, 3), np.float32))
    pictures = covered(patched.image, patches, patched.places)
    assert_close(patched.answers(patches)[0], probe.predict(pictures))


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (layer_rules.Convolution, "move"),  # planning
        (layer_rules.Convolution, "run"),  # compiling
        (Network, "still"),  # the picture as it is
        (Network, "run"),
    ],
)
def test_whatever_fails_leaves_whole_pictures_with_a_note(
    monkeypatch: pytest.MonkeyPatch, owner: type, name: str
) -> None:
    probe, failing = cnnviz.Probe(models.functional()), Failing(RuntimeError("no such kernel\nat all"))
    monkeypatch.setattr(owner, name, failing)
    patched = ready(probe)
    assert_whole(probe, patched)
    assert failing.calls == 1
    assert patched.gain == 1
    assert patched.note == (
        "Computing only what the patch can reach failed (RuntimeError: no such kernel), so whole pictures were run: "
        "the map is the same, it takes longer."
    )


def test_what_failed_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    probe, failing = cnnviz.Probe(models.functional()), Failing(ValueError())
    monkeypatch.setattr(layer_rules.Convolution, "run", failing)
    assert_whole(probe, ready(probe))
    for size in ((3, 3), (2, 4)):
        again = ready(probe, size)
        assert_whole(probe, again)
        assert "failed (ValueError)" in again.note
    assert failing.calls == 1


def test_a_first_look_that_fails_is_had_from_compiled_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    probe, failing = cnnviz.Probe(models.functional()), Failing(RuntimeError("x" * 200))
    monkeypatch.setattr(Network, "glimpse", failing)
    patched = ready(probe)
    patches = patched.patches(np.zeros((8, 8, 3), np.float32), [0, 3])
    expected = probe.predict(covered(patched.image, patches, patched.places[[0, 3]]))
    assert_close(patched.glimpse(patches, np.array([0, 3]))[0], expected)
    assert f"{'x' * 77}...)" in patched.note


def test_an_error_of_the_packages_own_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    probe = cnnviz.Probe(models.functional())
    monkeypatch.setattr(Network, "run", Failing(TargetError("the target is not one.")))
    patched = ready(probe)
    with pytest.raises(TargetError, match="the target is not one"):
        patched.answers(patched.patches(np.zeros((8, 8, 3), np.float32)))
    assert patched.note == ""


def test_a_network_that_fails_by_itself_says_so_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    probe = cnnviz.Probe(models.functional())
    patched = ready(probe)
    monkeypatch.setattr(Network, "run", Failing(RuntimeError("windows")))
    monkeypatch.setattr(probe.engine, "function", Failing(RuntimeError("the network itself")))
    with pytest.raises(RuntimeError, match="the network itself"):
        patched.answers(patched.patches(np.zeros((8, 8, 3), np.float32)))
