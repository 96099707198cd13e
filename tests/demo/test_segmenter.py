"""The demo's segmenter and its scenes: how well it finds what it was not trained on, and what they promise."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import demo
from cnnviz_widgets.demo import trained_segmenter
from cnnviz_widgets.demo.scenes import HELD_OUT_ON, LEARNT_FROM, SCENE_CLASSES
from cnnviz_widgets.errors import ModelError


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return demo.segmenter()


def test_the_held_out_scenes_are_found_as_well_as_the_docs_state(model: keras.Model, root: Path) -> None:
    images, masks = demo.scenes(100)
    found = model.predict(np.stack([image.pixels for image in images]), verbose=0).argmax(-1)
    classes = range(len(SCENE_CLASSES))
    shares = [np.sum((found == k) & (masks == k)) / np.sum((found == k) | (masks == k)) for k in classes]
    docs = (root / "docs" / "demo_models.md").read_text("utf-8")
    row = re.search(r"^\| 100 of `demo.scenes\(100\)` \| (.+) \|$", docs, re.MULTILINE)
    assert row
    assert [float(cell) for cell in row[1].split(" | ")] == pytest.approx(
        [*shares, np.mean(shares)], abs=0.006
    )


def test_scenes_are_the_same_each_time_and_hold_what_the_masks_say() -> None:
    one, other = demo.scenes(3), demo.scenes(3)
    np.testing.assert_array_equal(one.masks, other.masks)
    assert one.images == other.images
    assert one.masks.shape == (3, 96, 96)
    assert one.masks.max() < len(SCENE_CLASSES)
    assert not set(LEARNT_FROM) & set(HELD_OUT_ON)


def test_it_is_taken_for_a_segmentation_with_names_for_its_classes(model: keras.Model) -> None:
    probe = cnnviz.Probe(model)
    assert (probe.task, probe.labels, probe.value_range) == ("segmentation", SCENE_CLASSES, (0.0, 255.0))


def test_another_file_of_weights_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = tmp_path / "segmenter.weights.h5"
    other.write_bytes(b"no weights")
    monkeypatch.setattr(trained_segmenter, "WEIGHTS", other)
    with pytest.raises(ModelError, match="is not the weights file that is expected"):
        demo.segmenter()
