"""Models that take pictures of any size: their first call pins none, and a list may hold several."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from tests import models


class Sharper(keras.Model):
    """A picture to a picture, of any size, written as a class."""

    def __init__(self) -> None:
        super().__init__(name="sharper")
        self.maps = layers.Conv2D(4, 3, padding="same", activation="relu", name="maps")
        self.made = layers.Conv2D(3, 3, padding="same", name="made")

    def call(self, x: Any) -> Any:
        return self.made(self.maps(x))


class Closed(Sharper):
    """The same, with a loop in Python that symbolic tensors do not show."""

    def call(self, x: Any) -> Any:
        return keras.ops.map(lambda one: self.made(self.maps(one[None]))[0], x)


class Fixed(Sharper):
    """One that needs the size it was built with."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = layers.Dense(12)

    def call(self, x: Any) -> Any:
        return keras.ops.reshape(self.dense(keras.ops.reshape(self.maps(x), (-1, 8 * 8 * 4))), (-1, 2, 2, 3))


class Classifier(keras.Model):
    """One row for a picture of any size."""

    def __init__(self) -> None:
        super().__init__(name="classifier")
        self.maps = layers.Conv2D(4, 3, padding="same", activation="relu", name="maps")
        self.half = layers.Conv2D(5, 3, strides=2, padding="same", activation="relu", name="half")
        self.classes = layers.Dense(3, activation="softmax", name="classes")

    def call(self, x: Any, training: bool = False) -> Any:
        return self.classes(keras.ops.mean(self.half(self.maps(x)), axis=(1, 2)))


class Flat(Classifier):
    """One whose layers would take any size, which its author's reshaping cuts into several pictures."""

    def call(self, x: Any, training: bool = False) -> Any:
        return self.classes(keras.ops.reshape(self.half(self.maps(x)), (-1, 4 * 4 * 5)))


class Sized(Classifier):
    """One that asks for the size while it is traced."""

    def call(self, x: Any, training: bool = False) -> Any:
        return super().call(x[:, 1:] if x.shape[1] > 8 else x)


def called(model: keras.Model) -> keras.Model:
    model(np.zeros((1, 8, 8, 3), np.float32))
    return model


@pytest.mark.parametrize("kind", [Sharper, Closed])
def test_the_first_call_pins_no_size(kind: Any) -> None:
    model = called(kind())
    probe = cnnviz.Probe(model)
    assert probe.input_shape == (None, None, 3)
    picture = models.picture(12, 10)
    np.testing.assert_allclose(probe.predict(picture), model(picture.pixels[None]), atol=1e-5)


@pytest.mark.filterwarnings("ignore:`build")
def test_a_size_that_the_model_needs_stays() -> None:
    probe = cnnviz.Probe(called(Fixed()))
    assert probe.input_shape == (8, 8, 3)
    assert probe.predict(models.picture(12, 10)).shape == (1, 2, 2, 3)


def test_a_list_may_hold_pictures_of_several_sizes() -> None:
    probe = cnnviz.Probe(models.functional((None, None, 3)))
    pictures = [models.picture(12, 10), models.picture(9, 14)]
    alone = [probe.predict(picture)[0] for picture in pictures]
    np.testing.assert_allclose(probe.predict(pictures), alone, atol=1e-6)
    np.testing.assert_allclose(
        probe.scores(pictures, 1), [probe.scores(picture, 1)[0] for picture in pictures], atol=1e-6
    )


def test_answers_of_several_sizes_are_refused_in_words() -> None:
    probe = cnnviz.Probe(called(Sharper()))
    with pytest.raises(
        cnnviz.ImageError, match="several sizes, and so have the answers: ask for them one by one"
    ):
        probe.predict([models.picture(12, 10), models.picture(9, 14)])


@pytest.fixture(scope="module")
def classifier() -> Any:
    keras.utils.set_random_seed(3)
    model = called(Classifier())
    return model, cnnviz.Probe(model)


@pytest.mark.parametrize("size", [(8, 8), (12, 10), (9, 17)])
def test_a_classifier_written_as_a_class_answers_to_each_size_as_predict_does(
    classifier: Any, size: tuple[int, int]
) -> None:
    model, probe = classifier
    picture = models.picture(*size)
    assert probe.input_shape == (None, None, 3)
    np.testing.assert_allclose(
        probe.predict(picture), model.predict(picture.pixels[None], verbose=0), atol=1e-6
    )


def test_a_closed_classifier_takes_any_size_too() -> None:
    model = models.closed()
    probe, picture = cnnviz.Probe(model), models.picture(12, 10)
    assert probe.layers == ()
    np.testing.assert_allclose(probe.predict(picture), model(picture.pixels[None]), atol=1e-6)


@pytest.mark.parametrize("kind", [Flat, Sized])
@pytest.mark.filterwarnings("ignore:`build")
def test_a_classifier_that_needs_its_size_keeps_it(kind: Any) -> None:
    assert cnnviz.Probe(called(kind())).input_shape == (8, 8, 3)


def test_a_class_map_has_the_size_of_its_picture(classifier: Any) -> None:
    found = cnnviz.GradCAM(layer="maps")(classifier[1], models.picture(12, 10))
    assert found.values.shape == (12, 10)


def test_a_picture_of_another_size_than_the_first_is_told_of(classifier: Any) -> None:
    said = (
        "classifier takes pictures of any size: this one goes in at its own 12 x 10, the first one was 8 x 8. "
        "Probe(model, size=(8, 8)) brings all to that size."
    )
    assert said in cnnviz.Saliency()(classifier[1], models.picture(12, 10)).notes
    assert said in classifier[1].received(models.picture(12, 10)).notes
    assert cnnviz.Saliency()(classifier[1], models.picture(8, 8)).notes == ()


def test_layers_of_any_size_stand_in_stages_of_one_size(classifier: Any) -> None:
    assert [[layer.name for layer in stage] for _, stage in classifier[1].stages()] == [["maps"], ["half"]]


@pytest.mark.parametrize("of_any", [True, False])
def test_a_stated_size_is_that_of_all_pictures(classifier: Any, of_any: bool) -> None:
    model = models.functional((None, None, 3)) if of_any else classifier[0]
    probe, picture = cnnviz.Probe(model, size=(6, 10)), models.picture(12, 20)
    assert probe.input_shape == (6, 10, 3)
    assert probe.layers[0].shape == (6, 10, 4)
    fitted = probe.fit(picture)
    assert fitted.size == (6, 10)
    np.testing.assert_allclose(probe.predict(picture), model(fitted.pixels[None]), atol=1e-6)


def test_a_model_that_asks_for_its_size_is_opened_for_the_one_stated() -> None:
    model = called(Sized())
    probe, picture = cnnviz.Probe(model, size=(12, 10)), models.picture(12, 10)
    assert probe.layer("maps").shape == (11, 10, 4)
    np.testing.assert_allclose(probe.predict(picture), model(picture.pixels[None]), atol=1e-6)


def test_a_size_that_the_model_does_not_take_is_refused() -> None:
    with pytest.raises(cnnviz.SettingError, match=r"size must be \(8, 8\), for functional takes no other"):
        cnnviz.Probe(models.functional(), size=(6, 10))


def test_a_size_that_its_layers_do_not_take_is_refused() -> None:
    image = keras.Input((None, None, 3))
    model = keras.Model(
        image, layers.Concatenate()([layers.UpSampling2D()(layers.MaxPooling2D()(image)), image])
    )
    with pytest.raises(cnnviz.SettingError, match=r"size \(7, 8\) is none that functional\S* takes"):
        cnnviz.Probe(model, size=(7, 8))


@pytest.mark.parametrize("size", [7, (0, 8), "large", (8, 8, 3)])
def test_a_size_is_a_height_and_a_width(size: Any) -> None:
    with pytest.raises(cnnviz.SettingError, match=r"Probe.size must be \(height, width\) in pixels"):
        cnnviz.Probe(models.functional((None, None, 3)), size=size)


@pytest.fixture(scope="module")
def asks() -> Any:
    """A model for any size with a layer that asks for the size while it is traced, as UpSampling2D may."""

    class Asks(layers.Layer):
        def call(self, maps: Any) -> Any:
            return maps[:, 1:] if maps.shape[1] > 8 else maps

        def compute_output_spec(self, maps: Any) -> Any:
            return keras.KerasTensor(maps.shape, maps.dtype)

    keras.utils.set_random_seed(2)
    image = keras.Input((None, None, 3))
    maps = Asks(name="asks")(layers.Conv2D(4, 3, padding="same", name="maps")(image))
    model = keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(maps)), name="asking")
    return model, cnnviz.Probe(model)


@pytest.mark.parametrize("size", [(8, 8), (12, 10)])
def test_a_network_that_asks_for_the_size_in_a_trace_is_compiled_for_each(
    asks: Any, size: tuple[int, int]
) -> None:
    model, probe = asks
    picture = models.picture(*size)
    np.testing.assert_allclose(probe.predict(picture), model(picture.pixels[None]), atol=1e-6)
    found = probe.gradient(picture, 1, at="maps")
    np.testing.assert_allclose(found.values, model.get_layer("maps")(picture.pixels[None])[0], atol=1e-6)
    assert found.slope.any()


def test_a_size_that_a_layer_does_not_take_in_a_trace_is_told_with_the_cure() -> None:
    class Refuses(layers.Layer):
        def call(self, maps: Any) -> Any:
            if maps.shape[1] != 8:
                raise ValueError("only 8 rows")
            return maps

        def compute_output_spec(self, maps: Any) -> Any:
            return keras.KerasTensor(maps.shape, maps.dtype)

    image = keras.Input((None, None, 3))
    model = keras.Model(image, layers.GlobalAveragePooling2D()(Refuses()(image)), name="refusing")
    with pytest.raises(
        cnnviz.ModelError, match=r"refusing does not take .* at Refuses: only 8 rows\. Give Probe\("
    ):
        cnnviz.Probe(model).predict(models.picture(12, 10))
