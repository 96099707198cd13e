"""Networks for the tests in this folder: one that rebuilds its picture, one that classifies it."""

import keras
import pytest

import cnnviz_widgets as cnnviz
from tests import models


@pytest.fixture(scope="session")
def rebuilding() -> cnnviz.Probe:
    keras.utils.set_random_seed(4)
    return cnnviz.Probe(models.autoencoder())


@pytest.fixture(scope="session")
def classifier() -> cnnviz.Probe:
    return cnnviz.Probe(models.functional())
