"""The README's code, run as it stands, on a tiny model and pictures of the names that it uses."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as PillowImage

BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)


@pytest.fixture
def reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Give what a reader of the README has: a model with a layer conv5, names of its classes, and two pictures."""
    import keras

    keras.utils.set_random_seed(0)
    picture = keras.Input((64, 64, 3))
    maps = keras.layers.Conv2D(8, 9, strides=8, activation="relu", name="conv5")(picture)
    scores = keras.layers.Dense(300, activation="softmax")(keras.layers.GlobalAveragePooling2D()(maps))
    pixels = np.random.default_rng(0).integers(0, 255, (70, 90, 3), np.uint8)
    for name in ("cat.jpg", "dog.jpg"):
        PillowImage.fromarray(pixels).save(tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return {"model": keras.Model(picture, scores), "names": [f"kind {k}" for k in range(300)]}


def test_every_block_of_the_readme_runs(
    reader: dict[str, Any], root: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import cnnviz_widgets as cnnviz
    from cnnviz_widgets import method

    made: list[Any] = []
    for name in ("explore", "FeatureMapBrowser", "Comparison"):
        real = getattr(cnnviz, name)
        monkeypatch.setattr(cnnviz, name, lambda *given, r=real, **more: made.append(r(*given, **more)))
    monkeypatch.setattr(method, "_registered", dict(method._registered))
    blocks = BLOCK.findall((root / "README.md").read_text("utf-8"))
    assert len(blocks) == 4
    for block in blocks:
        exec(compile(block, "README.md", "exec"), reader)
    assert Path("cat-explained.png").stat().st_size > 1000
    assert capsys.readouterr().out.splitlines()[-1] == "1.0 (64, 64)"
    assert cnnviz.methods()["Raised slope"](power=1, target=3)(reader["model"], "cat.jpg").values.shape == (
        64,
        64,
    )
    for widget in made:
        assert widget.wait(60)
        assert widget.error == ""
        widget.close()
    assert [type(widget).__name__ for widget in made] == ["Explorer", "FeatureMapBrowser", "Comparison"]
