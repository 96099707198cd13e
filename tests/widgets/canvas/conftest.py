"""A view, and the wire to it, for each test in this folder."""

from collections.abc import Iterator
from typing import Any

import pytest

from cnnviz_widgets.widgets.canvas import make_canvas
from tests.widgets.canvas.common import Wire


@pytest.fixture
def view() -> Iterator[Any]:
    made = make_canvas("L", "ipympl")
    yield made
    made.close()


@pytest.fixture(params=["ipympl", "image"])
def either(request: pytest.FixtureRequest) -> Iterator[Any]:
    made = make_canvas("L", request.param)
    yield made
    made.close()


@pytest.fixture
def wire(view: Any) -> Wire:
    made = Wire(view)
    made.up()
    return made
