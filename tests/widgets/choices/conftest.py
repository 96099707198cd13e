"""A Probe for the tests in this folder."""

import pytest

from cnnviz_widgets import Probe
from tests.models import functional
from tests.widgets.page import HOSTILE


@pytest.fixture(scope="session")
def probe() -> Probe:
    return Probe(functional(), labels=["cat", "tiger cat", HOSTILE])
