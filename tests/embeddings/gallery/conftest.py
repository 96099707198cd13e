"""A network and a folder of pictures for the tests in this folder."""

from pathlib import Path

import numpy as np
import PIL.Image
import pytest

import cnnviz_widgets as cnnviz
from tests import models


@pytest.fixture(scope="session")
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(models.autoencoder())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder of seven pictures, two broken ones, and something else."""
    made = tmp_path / "pictures"
    (made / "more").mkdir(parents=True)
    for k in range(7):
        pixels = (models.picture(9 + k, 12, 3, seed=k).pixels * 255).astype(np.uint8)
        PIL.Image.fromarray(pixels).save(made / ("more" if k > 4 else ".") / f"{k}.png")
    (made / "broken.png").write_bytes(b"no picture")
    (made / "cut.png").write_bytes((made / "0.png").read_bytes()[:60])
    (made / "notes.txt").write_text("something else")
    return made
