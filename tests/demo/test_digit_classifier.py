"""The digit classifier: how often it is right, and that its last maps are its classes."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

from cnnviz_widgets import demo
from cnnviz_widgets.demo.pictures import held_out_digits

RIGHT = 990


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return demo.digit_classifier()


def test_990_of_1000_held_out_digits_are_read_right(model: Any) -> None:
    pixels, labels = held_out_digits()
    right = int(np.sum(model.predict(pixels.astype(np.float32), verbose=0).argmax(axis=1) == labels))
    assert len(labels) == 1000
    assert right == pytest.approx(RIGHT, abs=1)  # one digit may lie on the border on another machine


def test_the_docs_state_the_held_out_figure(root: Path) -> None:
    assert f"{RIGHT} of the 1,000" in (root / "docs" / "demo_models.md").read_text("utf-8")


def test_the_held_out_digits_are_a_hundred_of_each_class() -> None:
    assert np.bincount(held_out_digits()[1]).tolist() == [100] * 10


def test_the_last_convolution_has_one_map_a_class(model: Any) -> None:
    last = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)][-1]
    assert last.filters == len(model.class_names) == 10


def test_average_pooling_then_softmax_follow_the_last_convolution(model: Any) -> None:
    after = [type(layer) for layer in model.layers[-3:]]
    assert after == [keras.layers.Conv2D, keras.layers.GlobalAveragePooling2D, keras.layers.Softmax]


def test_the_mean_of_a_class_map_is_the_class_score(model: Any) -> None:
    inside = keras.Model(model.input, [model.get_layer("class_maps").output, model.output])
    maps, probabilities = inside.predict(demo.digits()[3].pixels[None], verbose=0)
    scores = np.exp(maps.mean(axis=(1, 2)))
    np.testing.assert_allclose(scores / scores.sum(), probabilities, rtol=1e-4)


def test_its_other_convolutions_are_relu(model: Any) -> None:
    *others, _ = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert {layer.activation for layer in others} == {keras.activations.relu}


def test_class_names_are_the_ten_digits(model: Any) -> None:
    assert list(model.class_names) == list("0123456789")


def test_the_twenty_shown_digits_are_two_of_each_and_read_right(model: Any) -> None:
    shown = demo.digits()
    named = [image.name.split()[1] for image in shown]
    read = model.predict(np.stack([image.pixels for image in shown]), verbose=0).argmax(axis=1)
    assert sorted(named) == sorted(2 * "0123456789")
    assert [str(label) for label in read] == named


def test_the_bundled_files_are_small(root: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in (root / "cnnviz_widgets/demo/data").iterdir()}
    assert sizes["digit_classifier.weights.h5"] < 1_000_000
    assert sizes["held_out_digits.npz"] < 300_000
