"""Networks for the tests of sweeps, and a machine on which windows are used."""

import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets.probe.patching import network
from cnnviz_widgets.probe.patching.cost import Rates
from tests import models


@pytest.fixture
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(models.functional())


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let windows seem to cost nothing, so that they are used."""
    monkeypatch.setattr(network, "machine_rates", lambda: Rates(windows=1e-9, shape=0.0))
    monkeypatch.setattr("cnnviz_widgets.probe.patching.patched.WORTH", 0.0)
