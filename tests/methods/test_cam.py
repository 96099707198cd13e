"""CAM: the dense weights on the maps that are averaged; the mean of the map plus the bias is the logit."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import layers, ops

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Contrast
from tests import easy_models, models


def _pooled(pool: Callable[[keras.KerasTensor], keras.KerasTensor], *after: layers.Layer) -> keras.Model:
    keras.utils.set_random_seed(11)
    image = keras.Input((8, 8, 3), name="image")
    x = pool(layers.Conv2D(4, 3, activation="relu", name="maps")(image))
    for layer in after:
        x = layer(x)
    return keras.Model(image, x)


def _dense(activation: str | None = None, units: int = 3) -> layers.Dense:
    return layers.Dense(units, activation=activation, bias_initializer="random_normal", name="classes")


MEAN = layers.GlobalAveragePooling2D
ENDINGS: dict[str, Callable[[], keras.Model]] = {
    "softmax inside": lambda: _pooled(MEAN(), _dense("softmax")),
    "softmax after": lambda: _pooled(MEAN(), _dense(), layers.Softmax()),
    "plain scores": lambda: _pooled(MEAN(), _dense()),
    "dropout between": lambda: _pooled(MEAN(), layers.Dropout(0.5), _dense("softmax")),
    "1x1 convolution": lambda: _pooled(
        MEAN(keepdims=True),
        layers.Conv2D(3, 1, bias_initializer="ones"),
        layers.Reshape((3,)),
        layers.Softmax(),
    ),
    "average pooling over all": lambda: _pooled(layers.AveragePooling2D(6), layers.Flatten(), _dense()),
    "keras.ops.mean": lambda: _pooled(lambda x: ops.mean(x, axis=(1, 2)), _dense("softmax")),
    "means alone": lambda: _pooled(MEAN()),
    "means and softmax": lambda: _pooled(MEAN(), layers.Softmax()),
    "nested": models.base_and_softmax,
}


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("index", [0, 2])
def test_the_mean_of_the_map_plus_the_bias_is_the_logit(ending: str, index: int) -> None:
    probe, image = cnnviz.Probe(ENDINGS[ending]()), models.picture()
    found = cnnviz.CAM(target=index)(probe, image)
    logit = float(probe.logits(image)[0, index])
    assert found.values.mean() + found.scores["bias"] == pytest.approx(logit, abs=1e-5)
    assert found.scores["score"] == pytest.approx(logit, abs=1e-5)
    assert found.signed


def test_the_map_is_the_class_weights_on_the_maps() -> None:
    kernel = np.array([[1.0, -1.0], [0.5, 2.0], [0.0, 1.0]], np.float32)
    dense = np.array([[2.0, -1.0], [-3.0, 1.0]], np.float32)
    image = models.picture()
    found = cnnviz.CAM(target=1)(easy_models.averaging(kernel, dense), image)
    np.testing.assert_allclose(found.values, (image.pixels @ kernel) @ dense[:, 1], atol=1e-5)
    assert found.layer == "maps"


def test_without_a_dense_layer_the_map_is_the_channel_itself() -> None:
    probe, image = cnnviz.Probe(ENDINGS["means alone"]()), models.picture()
    found = cnnviz.CAM(target=3)(probe, image)
    np.testing.assert_array_equal(found.values, probe.activations(image, "maps")[..., 3])
    assert found.scores["bias"] == 0


def test_grad_cam_is_cam_over_the_number_of_places_with_nothing_below_zero() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    exact, by_slopes = cnnviz.CAM(target=1)(probe, image), cnnviz.GradCAM(target=1)(probe, image)
    np.testing.assert_allclose(by_slopes.values * exact.values.size, np.maximum(exact.values, 0), atol=1e-5)


def test_one_sigmoid_has_no_as_the_opposite_of_yes() -> None:
    probe, image = cnnviz.Probe(models.single_logit()), models.picture()
    yes, no = (cnnviz.CAM(target=index)(probe, image) for index in (1, 0))
    np.testing.assert_array_equal(no.values, -yes.values)
    assert no.values.mean() + no.scores["bias"] == pytest.approx(no.scores["score"], abs=1e-5)


def test_one_plain_score_is_explained_as_it_is() -> None:
    probe, image = cnnviz.Probe(models.single_score()), models.picture()
    found = cnnviz.CAM()(probe, image)
    assert found.values.mean() + found.scores["bias"] == pytest.approx(
        float(probe.predict(image)[0, 0]), abs=1e-5
    )


def test_a_contrast_is_the_difference_of_the_maps() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    one, other = (cnnviz.CAM(target=index)(probe, image).values for index in (0, 2))
    found = cnnviz.CAM(target=Contrast(0, 2))(probe, image)
    np.testing.assert_allclose(found.values, one - other, atol=1e-6)
    np.testing.assert_allclose(cnnviz.CAM(target=-ClassScore(0))(probe, image).values, -one, atol=1e-6)


@pytest.mark.parametrize(
    "model",
    [
        models.no_convolution,
        models.autoencoder,
        models.segmentation,
        models.two_inputs,
        models.shared_model,
        models.model_in_model_in_model,
        models.closed,
        lambda: _pooled(layers.Flatten(), _dense("softmax")),
        lambda: _pooled(layers.GlobalMaxPooling2D(), _dense("softmax")),
        lambda: _pooled(layers.AveragePooling2D(3), layers.Flatten(), _dense("softmax")),
        lambda: _pooled(MEAN(), layers.Dense(5, activation="relu"), _dense("softmax")),
        lambda: _pooled(MEAN(), layers.Dense(5), _dense("softmax")),
        lambda: _pooled(MEAN(), _dense("tanh")),
    ],
)
def test_a_model_that_does_not_end_in_averaged_maps_is_refused_naming_grad_cam(
    model: Callable[[], keras.Model],
) -> None:
    probe = cnnviz.Probe(model())
    with pytest.raises(cnnviz.ModelError, match=r"ends in global average pooling.*Use Grad-CAM"):
        cnnviz.CAM()(probe, models.picture(channels=probe.input_shape[2] or 3))


@pytest.mark.parametrize(
    "target", [ClassScore(1, of="probability"), cnnviz.LayerEnergy("conv_1"), cnnviz.Unit("conv_1", 0)]
)
def test_a_target_that_is_no_logit_is_refused_naming_grad_cam(target: cnnviz.Objective) -> None:
    with pytest.raises(cnnviz.TargetError, match=r"CAM explains the logit of a class.*Use Grad-CAM"):
        cnnviz.CAM(target=target)(models.functional(), models.picture())
