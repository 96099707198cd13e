"""A comparison for each test in this folder, all of one small network."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from cnnviz_widgets import Comparison, Probe
from tests.models import functional, picture
from tests.widgets.comparison.common import PATIENCE, QUICK, Gate, Make, Slow


@pytest.fixture(scope="session")
def probe() -> Probe:
    return Probe(functional(), labels=["cat", "dog", "owl"])


@pytest.fixture
def make(probe: Probe) -> Iterator[Make]:
    """Give a maker of comparisons that are closed after the test."""
    made: list[Comparison] = []

    def comparison(
        model: Any = None, images: Any = None, *, wait: bool = True, **settings: Any
    ) -> Comparison:
        pictures = [picture(), picture(seed=1)] if images is None else images
        settings = {"renderer": "image", "methods": QUICK, **settings}
        made.append(Comparison(probe if model is None else model, pictures, **settings))
        assert not wait or made[-1].wait(PATIENCE)
        return made[-1]

    yield comparison
    for one in made:
        one.close()


@pytest.fixture
def gate() -> Iterator[Gate]:
    Slow.gate, Slow.runs = Gate(threading.Event(), threading.Event()), []
    yield Slow.gate
    Slow.gate.open.set()
