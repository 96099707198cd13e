"""A worker for each test in this folder."""

from collections.abc import Iterator

import pytest

from cnnviz_widgets.jobs import Worker


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker()
    yield made
    made._leave()
