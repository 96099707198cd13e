"""A network and a photograph for the tests in this folder."""

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from tests.methods.generated.common import UNIT, seeing


@pytest.fixture(scope="session")
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(seeing(), value_range=UNIT)


@pytest.fixture(scope="session")
def photo() -> cnnviz.Image:
    rows, columns = np.mgrid[:64, :64] / 63
    return cnnviz.Image(np.stack([rows, columns, (rows + columns) / 2], -1).astype(np.float32), UNIT, "ramp")
