"""A fresh kernel for each test in this folder."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kernel.client import KernelClient

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.kernel)


@pytest.fixture
def kernel() -> Iterator[KernelClient]:
    """Give a running kernel."""
    client = KernelClient()
    try:
        yield client.start()
    finally:
        client.stop()


@pytest.fixture
def subshell(kernel: KernelClient) -> str:
    """Give a subshell of the kernel; skip where the kernel has none."""
    if not kernel.has_subshells:
        pytest.skip("this ipykernel has no subshells; they came with 7.0")
    return kernel.make_subshell()
