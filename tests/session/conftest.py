"""A session for each test in this folder."""

from collections.abc import Iterator

import pytest

from cnnviz_widgets import Probe
from cnnviz_widgets.session import Session
from tests.models import functional
from tests.session.common import PATIENCE


@pytest.fixture(scope="session")
def probe() -> Probe:
    return Probe(functional())


@pytest.fixture
def session(probe: Probe) -> Iterator[Session]:
    made = Session(probe)
    yield made
    made.cancel()
    assert made.wait(PATIENCE)
    made.unobserve_all()
