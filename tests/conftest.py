"""What all tests share: quiet TensorFlow, no GPU, a light heap, and the folder of the source tree."""

import gc
import os
from pathlib import Path

import pytest

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("MPLBACKEND", "agg")


@pytest.fixture(scope="module", autouse=True)
def light_heap() -> None:
    """Put aside what TensorFlow and earlier tests hold: Python's collector would look through it again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the source tree."""
    return Path(__file__).resolve().parent.parent
