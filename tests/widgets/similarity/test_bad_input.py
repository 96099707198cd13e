"""What the similarity explorer refuses, tells or makes the best of: folders, sizes, models and settings."""

import re
from pathlib import Path
from typing import Any

import keras
import PIL.Image
import pytest
from ipywidgets.widgets import widget as registry
from keras import layers

from cnnviz_widgets import Probe, SimilarityExplorer
from cnnviz_widgets.errors import ImageError, LayerError, MissingPackageError, SettingError
from cnnviz_widgets.widgets.similarity import state
from tests.models import ZOO, closed, functional, picture
from tests.widgets.similarity.common import Make, changed, gallery, quarters, row


def test_a_folder_is_read_and_broken_files_are_listed_and_left_out(make: Make, tmp_path: Path) -> None:
    for image in gallery()[:4]:
        PIL.Image.fromarray(image.rgb()).save(tmp_path / f"{image.name}.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    explorer = make(images=tmp_path)
    assert "1 picture could not be opened" in explorer.view._notes.value
    assert "<li>broken is not a picture" in explorer.view._notes.value
    assert len(explorer.neighbours) == 3


def test_if_the_first_picture_is_broken_the_next_one_is_the_query(make: Make, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"no picture")
    for image in gallery()[:2]:
        PIL.Image.fromarray(image.rgb()).save(tmp_path / f"b {image.name}.png")
    explorer = make(images=tmp_path)
    assert (explorer.query, explorer.error) == (1, "")


def test_a_folder_of_nothing_but_broken_files_says_so(make: Make, tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / f"{name}.png").write_bytes(b"no picture")
    with pytest.raises(
        ImageError, match=r"none of the 2 pictures could be opened. The first: a is not a pic"
    ):
        make(images=tmp_path)


@pytest.mark.parametrize("kind", [str, Path])
def test_a_folder_that_is_not_there_is_refused(make: Make, tmp_path: Path, kind: type) -> None:
    with pytest.raises(ImageError, match=r"there is no folder or file '.*nowhere'"):
        make(images=kind(tmp_path / "nowhere"))


def test_a_list_of_files_that_are_not_there_is_refused(make: Make, tmp_path: Path) -> None:
    with pytest.raises(
        ImageError, match=r"none of the 1 pictures could be opened. The first: there is no file"
    ):
        make(images=[tmp_path / "nowhere.png"])


def test_an_empty_folder_is_refused(make: Make, tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="holds no picture files"):
        make(images=tmp_path)


def test_a_gallery_of_one_compares_it_with_itself_and_says_so(make: Make) -> None:
    explorer = make(images=gallery()[:1])
    assert explorer.status.startswith("Alike: 1.00 of 1.")
    assert "no other picture" in explorer.view._notes.value
    assert (explorer.neighbours, row(explorer)) == ((), [])


def test_pictures_of_mixed_sizes_are_brought_to_one(make: Make) -> None:
    images = [picture(8, 8, 1), picture(20, 13, 1, seed=1), picture(5, 30, 3, seed=2)]
    assert (make(images=images).error, len(make(images=images).neighbours)) == ("", 2)


def test_a_model_of_any_size_gets_pictures_of_mixed_sizes(make: Make) -> None:
    explorer = make(functional((None, None, 3)), [picture(16, 16), picture(9, 20, seed=1)])
    assert (explorer.error, len(explorer.neighbours)) == ("", 1)


def test_an_all_zero_code_says_that_its_cosine_is_undefined_and_the_pair_stays(make: Make) -> None:
    explorer = make(images=[*gallery(), quarters(0, 0, 0, 0, name="black")])
    before = explorer.explanation
    changed(explorer, query=6)
    assert re.search(r"all zero: its cosine .*is undefined", explorer.error)
    assert explorer.explanation is before
    assert changed(explorer, metric="euclidean").error == ""


def test_a_layer_that_is_no_bottleneck_is_taken_and_told(explorer: SimilarityExplorer) -> None:
    changed(explorer, layer="rebuilt")
    assert explorer.error == ""
    assert "not the bottleneck" in explorer.view._notes.value


def test_maps_that_a_layer_does_not_have_are_refused_below(make: Make) -> None:
    explorer = make(ZOO["no convolution"](), [picture(seed=seed) for seed in range(3)])
    changed(explorer, by="patches")
    assert "has no exact decomposition" in explorer.error
    assert explorer.explanation.recipe.by == "gradient"


@pytest.mark.parametrize(
    "name", ["functional", "Sequential", "greyscale", "one sigmoid", "logits without softmax"]
)
def test_a_classifiers_penultimate_layer_is_a_code(make: Make, name: str) -> None:
    model = ZOO[name]()
    channels = Probe(model).input_shape[-1] or 3
    explorer = make(model, [picture(channels=channels, seed=seed) for seed in range(4)])
    assert (explorer.error, len(explorer.neighbours)) == ("", 3)


def test_one_branch_of_a_siamese_network_is_taken(make: Make) -> None:
    image = keras.Input((8, 8, 3))
    code = layers.Dense(4)(layers.GlobalAveragePooling2D()(layers.Conv2D(5, 3, name="maps")(image)))
    branch = keras.Model(image, layers.UnitNormalization(name="embedding")(code), name="branch")
    explorer = make(branch, [picture(seed=seed) for seed in range(4)])
    assert (explorer.error, explorer.explanation.layer) == ("", "embedding")
    assert explorer.explanation.agrees


def test_a_closed_model_is_refused_with_the_reason(make: Make) -> None:
    with pytest.raises(LayerError, match="no layer that holds a code"):
        make(closed(), [picture()])


@pytest.mark.parametrize(
    ("name", "value", "error", "said"),
    [
        ("query", 6, SettingError, r"query must be from 0 to 5; got 6"),
        ("match", -1, SettingError, r"match must be from 0 to 5; got -1"),
        ("foil", "shoe", SettingError, r"foil must be the number of a picture .* or a picture; got 'shoe'"),
        ("query", None, SettingError, r"query must be the number"),
        ("layer", "encoder", LayerError, r"Did you mean 'encoded'"),
        ("metric", "angle", SettingError, r"metric must be 'cosine', 'dot' or 'euclidean'; got 'angle'"),
        ("by", "patch", SettingError, r"by must be one of .*Did you mean 'patches'"),
        ("pooled", 2, SettingError, r"pooled must be True, False or None; got 2"),
        ("place", 3, SettingError, r"place must be \(row, column\) of a cell, or None; got 3"),
        ("place_b", (0, -1), SettingError, r"place_b must be \(row, column\) from 0"),
        ("plane", "tsne", SettingError, r"plane must be one of pca, umap"),
        ("click", "b", SettingError, r"click must be one of query, match, foil"),
        ("style", "bright", SettingError, r"style must be a Style"),
    ],
)
def test_what_makes_no_sense_is_refused_and_the_old_value_stays(
    explorer: SimilarityExplorer, name: str, value: Any, error: type[Exception], said: str
) -> None:
    before = getattr(explorer, name)
    with pytest.raises(error, match=said):
        setattr(explorer, name, value)
    assert getattr(explorer, name) == before


def test_umap_that_is_not_installed_is_refused_with_the_cure(
    explorer: SimilarityExplorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "ways", lambda: ("pca",))
    with pytest.raises(MissingPackageError, match="pip install"):
        explorer.plane = "umap"


def test_labels_that_are_not_one_a_picture_are_refused(make: Make) -> None:
    with pytest.raises(SettingError, match=r"each of the 6 pictures shows; got 2.*Probe\(model, labels"):
        make(labels=["cat", "dog"])


def test_a_layer_that_is_not_there_is_refused_from_the_start(make: Make) -> None:
    with pytest.raises(LayerError, match="no layer 'encoder'"):
        make(layer="encoder")


def test_a_setting_refused_from_the_start_leaves_nothing_behind(make: Make) -> None:
    before = len(registry._instances)
    with pytest.raises(SettingError, match="metric must be"):
        make(metric="angle")
    assert len(registry._instances) == before
