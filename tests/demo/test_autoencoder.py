"""The demo's autoencoder and its gallery: what is lost, what its code finds alike, and what they promise."""

import re
from pathlib import Path

import keras
import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets import demo
from cnnviz_widgets.demo import trained_autoencoder
from cnnviz_widgets.demo.clothes import CLOTHES_NAMES, held_out_clothes
from cnnviz_widgets.demo.retrieval import precision
from cnnviz_widgets.errors import ModelError

ERROR = 0.0133
PRECISION = {"cosine": (0.647, 0.633), "euclidean": (0.632, 0.618)}  # of the code, of the raw pixels


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return demo.autoencoder()


@pytest.fixture(scope="module")
def pictures() -> np.ndarray:
    return np.stack([image.pixels for image in demo.gallery().images])


@pytest.fixture(scope="module")
def codes_and_made(model: keras.Model, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    inside = keras.Model(model.input, [model.get_layer("encoded").output, model.output])
    codes, made = inside.predict(pictures, verbose=0)
    return codes, made


def test_the_gallery_is_rebuilt_with_the_error_that_the_docs_state(
    codes_and_made: tuple[np.ndarray, np.ndarray], pictures: np.ndarray, root: Path
) -> None:
    error = float(np.mean((codes_and_made[1] - pictures) ** 2))
    assert error == pytest.approx(ERROR, abs=6e-5)
    assert f"| 400 of the gallery | {ERROR:.4f} |" in (root / "docs" / "demo_models.md").read_text("utf-8")


@pytest.mark.parametrize("metric", PRECISION)
def test_the_code_finds_the_same_kind_as_often_as_the_docs_state(
    metric: str, codes_and_made: tuple[np.ndarray, np.ndarray], root: Path
) -> None:
    pixels, labels = held_out_clothes()
    found = tuple(precision(numbers, labels, metric) for numbers in (codes_and_made[0], pixels))  # type: ignore[arg-type]
    assert found == pytest.approx(PRECISION[metric], abs=2e-3)  # a near tie may turn on another machine
    docs = (root / "docs" / "demo_models.md").read_text("utf-8")
    row = re.search(rf"^\| 400 of the gallery \| {metric} \| (\S+) \| (\S+) \|$", docs, re.MULTILINE)
    assert row
    assert (float(row[1]), float(row[2])) == pytest.approx(PRECISION[metric], abs=6e-4)


def test_the_code_beats_the_pixels_by_cosine() -> None:
    code, raw = PRECISION["cosine"]
    assert code > raw


def test_precision_is_worked_out_by_hand_on_five_points_of_a_line() -> None:
    codes, labels = np.array([[0.0], [1.0], [3.0], [7.0], [7.5]]), np.array([0, 0, 1, 1, 0])
    # nearest: 1 to 0 (same), 0 to 1 (same), 1 to 3 (other), 7.5 to 7 (other), 7 to 7.5 (other)
    assert precision(codes, labels, "euclidean", neighbours=1) == pytest.approx(2 / 5)


def test_precision_by_cosine_knows_no_length() -> None:
    codes = np.array([[1.0, 0], [9.0, 0.1], [0, 1.0], [0.1, 9.0]])
    assert precision(codes, np.array([0, 0, 1, 1]), "cosine", neighbours=1) == 1.0
    assert precision(codes, np.array([0, 0, 1, 1]), "euclidean", neighbours=1) == 0.5


def test_its_layers_are_named_as_in_the_question(model: keras.Model) -> None:
    wanted = [f"conv_{k}_e" for k in range(4)] + ["encoded"] + [f"conv_{k}_d" for k in range(3)]
    named = [layer.name for layer in model.layers]
    assert [name for name in named if name in {*wanted, "conv_decoded"}] == [*wanted, "conv_decoded"]


def test_all_its_convolutions_are_elu(model: keras.Model) -> None:
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert {layer.activation for layer in convolutions} == {keras.activations.elu}


def test_its_code_is_a_sixteenth_of_the_numbers_of_the_picture(model: keras.Model) -> None:
    code = model.get_layer("encoded").output.shape[1:]
    assert (np.prod(code), np.prod(model.input.shape[1:])) == (256, 4096)


def test_two_by_two_pixels_of_the_reconstruction_are_equal(
    codes_and_made: tuple[np.ndarray, np.ndarray],
) -> None:
    made = codes_and_made[1]
    assert (np.repeat(np.repeat(made[:, ::2, ::2], 2, axis=1), 2, axis=2) == made).all()


def test_the_probe_takes_it_for_an_autoencoder_and_looks_at_its_code(model: keras.Model) -> None:
    probe = cnnviz.Probe(model, value_range=model.value_range)
    assert probe.task == "image"
    assert probe.natural_target(demo.gallery().images[0]) == cnnviz.LayerEnergy("encoded")


def test_a_unit_of_the_code_depends_on_its_receptive_field_alone(model: keras.Model) -> None:
    probe, image = cnnviz.Probe(model, value_range=model.value_range), demo.gallery().images[9]
    unit, field = cnnviz.Unit("encoded", 3, (0, 3)), probe.receptive_field("encoded", (0, 3))
    seen = np.zeros(image.size, bool)
    seen[field.top : field.top + field.height, field.left : field.left + field.width] = True
    slope = probe.gradient(image, unit).slope
    covered = cnnviz.Image(np.where(seen[..., None], image.pixels, 0.5), image.range)
    assert slope[seen].any()
    assert not slope[~seen].any()
    assert not np.array_equal(covered.pixels, image.pixels)
    assert probe.scores(covered, unit) == pytest.approx(probe.scores(image, unit), abs=1e-6)


def test_every_call_makes_a_new_model(model: keras.Model) -> None:
    assert demo.autoencoder() is not model


def test_weights_that_are_not_the_known_ones_are_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "autoencoder.weights.h5"
    other.write_bytes(b"something else")
    monkeypatch.setattr(trained_autoencoder, "WEIGHTS", other)
    with pytest.raises(ModelError, match=r"autoencoder\.weights\.h5 is not the weights file"):
        demo.autoencoder()


def test_the_gallery_holds_forty_of_each_of_ten_kinds() -> None:
    gallery = demo.gallery()
    assert {kind: gallery.labels.count(kind) for kind in CLOTHES_NAMES} == dict.fromkeys(CLOTHES_NAMES, 40)
    assert len(gallery.images) == 400


def test_the_kinds_take_turns_in_the_gallery() -> None:
    assert demo.gallery().labels[:20] == 2 * list(CLOTHES_NAMES)


def test_each_picture_of_the_gallery_has_a_name_of_its_own_that_begins_with_its_kind() -> None:
    images, labels = demo.gallery()
    assert len({image.name for image in images}) == len(images)
    assert all(image.name.startswith(label) for image, label in zip(images, labels, strict=True))


def test_the_gallery_comes_at_the_size_and_range_of_the_autoencoder(model: keras.Model) -> None:
    image = demo.gallery().images[7]
    assert (*image.size, image.channels) == model.input.shape[1:]
    assert image.range == model.value_range == (0.0, 1.0)


def test_the_bundled_files_are_small(root: Path) -> None:
    data = root / "cnnviz_widgets" / "demo" / "data"
    assert (data / "autoencoder.weights.h5").stat().st_size < 3_000_000
    assert (data / "held_out_clothes.npz").stat().st_size < 300_000
