"""What all tests share: quiet TensorFlow, no GPU, a light heap, no deadlines, and the folder of the source tree."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("MPLBACKEND", "agg")
settings.register_profile("untimed", deadline=None)  # how long an example takes says nothing of the package
settings.load_profile("untimed")


@pytest.fixture(scope="module", autouse=True)
def light_heap() -> None:
    """Put aside what TensorFlow and earlier tests hold: Python's collector would look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the source tree."""
    return Path(__file__).resolve().parent.parent
