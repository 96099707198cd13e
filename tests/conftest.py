"""What all tests share: quiet TensorFlow, no GPU, a light heap, no deadlines, and the folder of the source tree."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault(
    "TF_ENABLE_ONEDNN_OPTS", "1"
)  # off by default on some processors, which then run no NCHW
settings.register_profile("untimed", deadline=None)  # how long an example takes says nothing of the package
settings.load_profile("untimed")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the tests marked long, and no others")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what takes minutes for `make test-long`: it is another run, not a skipped test of this one."""
    wanted = config.getoption("--long")
    left = [item for item in items if bool(item.get_closest_marker("long")) != wanted]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@pytest.fixture(scope="module", autouse=True)
def light_heap() -> None:
    """Put aside what TensorFlow and earlier tests hold: Python's collector would look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the source tree."""
    return Path(__file__).resolve().parent.parent
