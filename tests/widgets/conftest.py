"""What the tests of several widgets share: a list of methods that is put back as it was."""

from collections.abc import Iterator

import pytest

from cnnviz_widgets import method as registry


@pytest.fixture
def list_kept() -> Iterator[None]:
    """Put the list of methods back as it was."""
    before = dict(registry._registered)
    yield
    registry._registered.clear()
    registry._registered.update(before)
