"""The vision transformer of the demo: how often it is right, and how it is looked into."""

from pathlib import Path

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import demo
from cnnviz_widgets.demo import trained_transformer
from cnnviz_widgets.demo.clothes import held_out_clothes

RIGHT_OF_400 = 348


@pytest.fixture(scope="module")
def probe() -> cnnviz.Probe:
    return cnnviz.Probe(demo.transformer())


def test_it_is_as_often_right_on_the_held_out_clothes_as_the_docs_say(probe: cnnviz.Probe) -> None:
    pixels, labels = held_out_clothes()
    right = int(np.sum(probe.model.predict(pixels, verbose=0).argmax(axis=1) == labels))
    assert right == pytest.approx(RIGHT_OF_400, abs=1)  # one may lie on the border on another machine


def test_the_docs_state_the_held_out_figure(root: Path) -> None:
    told = (root / "docs" / "demo_models.md").read_text("utf-8")
    assert "8,594 of the 10,000" in told
    assert f"{RIGHT_OF_400} of the 400" in told


def test_its_tokens_are_7_by_7_places_and_a_class_token(probe: cnnviz.Probe) -> None:
    block = probe.layer("block_4")
    assert (block.grid, block.extra_tokens, block.raw_shape) == ((7, 7), 1, (50, 32))
    assert [layer.heads for layer in probe.attention_layers] == [4, 4, 4, 4]
    assert probe.last_spatial() == "block_4_normal"


def test_its_attention_of_a_place_is_a_map_of_7_by_7(probe: cnnviz.Probe) -> None:
    bag = demo.clothes().images[8]
    assert probe.top(bag, 1)[0][1] == "bag"
    found = cnnviz.Attention(layer="block_2_attention", head=2, query=(0, 3))(probe, bag)
    assert found.values.shape == (7, 7)
    assert found.values.sum() + found.scores["extra tokens"] == pytest.approx(1, abs=1e-5)


def test_another_weights_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "transformer.weights.h5"
    other.write_bytes(b"other")
    monkeypatch.setattr(trained_transformer, "WEIGHTS", other)
    with pytest.raises(cnnviz.ModelError, match="is not the weights file that is expected"):
        demo.transformer()
