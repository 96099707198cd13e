"""NaN and infinite numbers: explanations say in which layer they appear first, `predict` gives them as they are.

A convolution and its ReLU that are run as one give 0 for NaN on some processors, and then `model.predict` answers
with finite numbers though weights are NaN. `_Fused` does the same on every processor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ModelError
from cnnviz_widgets.probe.run_errors import plainly
from tests import models
from tests.probe.test_served_models import QUICK

SAID = r"does not answer this picture with finite numbers: NaN appears first in the output of 'conv_2'; .* hold 3 NaN\."


def _holding(number: float, head: str = "softmax") -> keras.Model:
    """Return a classifier whose second convolution holds three numbers that are none."""
    model = models.functional(head=head)
    kernel, bias = (np.copy(weight) for weight in model.get_layer("conv_2").get_weights())
    kernel[0, 0, 0, :3] = number
    model.get_layer("conv_2").set_weights([kernel, bias])
    return model


@pytest.fixture(scope="module")
def probe() -> cnnviz.Probe:
    """Give the probe of a network with NaN weights."""
    return cnnviz.Probe(_holding(np.nan))


def test_predict_gives_what_the_network_answers(probe: cnnviz.Probe) -> None:
    answered = probe.model.predict(models.picture().pixels[None], verbose=0)
    np.testing.assert_allclose(probe.predict(models.picture()), answered, rtol=1e-6)


ASKED: dict[str, Callable[[cnnviz.Probe, cnnviz.Image], Any]] = {
    "top": lambda probe, image: probe.top(image),
    "natural target": lambda probe, image: probe.target(None, image),
    "score": lambda probe, image: probe.scores(image, 1),
    "slopes": lambda probe, image: probe.slopes([image], 1),
    "code": lambda probe, image: probe.code(image, "mean"),
    "sweep at one place": lambda probe, image: cnnviz.Occlusion(target=1, patch=4, stride=4)(probe, image),
    "similarity": lambda probe, image: cnnviz.similarity(probe, image, models.picture(seed=2), layer="mean"),
    "codes": lambda probe, image: cnnviz.Codes.of(probe, [image], layer="mean"),
    "evaluate": lambda probe, image: cnnviz.evaluate([cnnviz.Saliency(target=1)], probe, [image]),
}


@pytest.mark.parametrize("way", ASKED)
def test_whatever_reads_an_answer_names_the_layer(way: str, probe: cnnviz.Probe) -> None:
    with pytest.raises(ModelError, match=SAID):
        ASKED[way](probe, models.picture())


@pytest.mark.parametrize("label", [label for label in cnnviz.methods() if not label.startswith("Attention")])
def test_every_method_names_the_layer_and_none_hangs(label: str, probe: cnnviz.Probe) -> None:
    with pytest.raises(ModelError, match=SAID):
        cnnviz.methods()[label](**QUICK.get(label, {}))(probe, models.picture())


@pytest.mark.parametrize("label", cnnviz.generators())
def test_every_method_that_makes_pictures_names_the_layer(label: str, probe: cnnviz.Probe) -> None:
    target = {"target": cnnviz.LayerEnergy("conv_2")} if label == "DeepDream" else {}
    with pytest.raises(ModelError, match=SAID):
        cnnviz.generators()[label](steps=2, **target)(probe, models.picture())


def test_maps_of_which_some_are_numbers_are_shown_with_that_said() -> None:
    found = cnnviz.FeatureMaps(layer="conv_2", target=cnnviz.LayerEnergy("conv_2"))(
        _holding(np.nan), models.picture()
    )
    model = _holding(np.nan)
    inner = keras.Model(model.inputs, model.get_layer("conv_2").output)
    own = inner.predict(models.picture().pixels[None], verbose=0)[0]
    np.testing.assert_array_equal(np.isnan(found.values), np.isnan(own))
    assert "NaN appears first in the output of 'conv_2'" in " ".join(found.notes)


def test_infinite_weights_are_called_so() -> None:
    probe = cnnviz.Probe(_holding(np.inf))
    with pytest.raises(
        ModelError, match=r"first in the output of 'conv_2'; its weights hold 3 infinite numbers\."
    ):
        probe.top(models.picture())


def test_weights_that_reach_no_answer_are_told_beside_the_map() -> None:
    image = keras.Input((8, 8, 3))
    seen = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, name="seen")(image))
    unseen = layers.Lambda(lambda x: x[:, :0], name="none")(
        layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3, name="unseen")(image))
    )
    model = keras.Model(image, layers.Dense(3)(layers.Concatenate()([seen, unseen])))
    kernel, bias = model.get_layer("unseen").get_weights()
    model.get_layer("unseen").set_weights([kernel * np.nan, bias])
    found = cnnviz.RISE(target=1, masks=40)(model, models.picture())
    assert np.isfinite(found.values).all()
    assert any(note.startswith("The weights of 'unseen' hold 54 NaN:") for note in found.notes)


# where a processor takes NaN for 0


class _Fused(layers.Layer):
    """A ReLU that gives 0 for NaN in a graph, and NaN by itself."""

    def call(self, x: Any) -> Any:
        y = tf.nn.relu(x)
        return tf.where(tf.math.is_nan(y), 0.0, y) if tf.inside_function() else y


@pytest.fixture(scope="module")
def fused() -> cnnviz.Probe:
    """Give a network with three NaN weights whose answers are finite."""
    keras.utils.set_random_seed(3)
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, padding="same", name="conv_1")(image)
    x = _Fused(name="fused")(layers.Conv2D(5, 3, padding="same", name="conv_2")(x))
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    model = keras.Model(image, layers.Dense(3, activation="softmax", name="classes")(x))
    kernel, bias = (np.copy(weight) for weight in model.get_layer("conv_2").get_weights())
    kernel[0, 0, 0, :3] = np.nan
    model.get_layer("conv_2").set_weights([kernel, bias])
    return cnnviz.Probe(model)


def test_predict_gives_the_finite_numbers_too(fused: cnnviz.Probe) -> None:
    answered = fused.model.predict(models.picture().pixels[None], verbose=0)
    assert np.isfinite(answered).all()
    np.testing.assert_allclose(fused.predict(models.picture()), answered, rtol=1e-6)


@pytest.mark.parametrize("way", ASKED)
def test_what_reads_such_an_answer_names_the_layer_too(way: str, fused: cnnviz.Probe) -> None:
    with pytest.raises(ModelError, match=SAID):
        ASKED[way](fused, models.picture())


@pytest.mark.parametrize("label", [label for label in cnnviz.methods() if not label.startswith("Attention")])
def test_every_method_names_the_layer_where_answers_are_finite_all_the_same(
    label: str, fused: cnnviz.Probe
) -> None:
    with pytest.raises(ModelError, match=SAID):
        cnnviz.methods()[label](**QUICK.get(label, {}))(fused, models.picture())


def test_layers_before_the_broken_one_are_served_with_that_said(fused: cnnviz.Probe) -> None:
    found = cnnviz.FeatureMaps(layer="conv_1", target=cnnviz.LayerEnergy("conv_1"))(fused, models.picture())
    assert np.isfinite(found.values).all()
    assert any(note.startswith("The weights of 'conv_2' hold 3 NaN:") for note in found.notes)
    assert np.isfinite(fused.code(models.picture(), "conv_1")).all()


def test_maps_behind_it_are_shown_with_the_layer_named(fused: cnnviz.Probe) -> None:
    found = cnnviz.FeatureMaps(layer="fused", target=cnnviz.LayerEnergy("conv_1"))(fused, models.picture())
    assert "NaN appears first in the output of 'conv_2'" in " ".join(found.notes)


# where the weights are sound


def _over(function: Callable[[Any], Any], **how: Any) -> keras.Model:
    """Return a classifier with a function of one's own between its convolution and its head."""
    keras.utils.set_random_seed(5)
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, name="conv", **how)(image)
    x = layers.Lambda(function, name="own", dtype="float32")(x)
    return keras.Model(image, layers.Dense(3)(layers.GlobalAveragePooling2D()(x)), name="with_own")


def test_a_layer_whose_mathematics_fails_is_named_with_the_range_of_its_input() -> None:
    probe = cnnviz.Probe(_over(lambda x: ops.log(x - 1000)))
    said = r"NaN appears first in the output of 'own'; its weights are finite, .* which reaches from -\d.* to -?\d"
    with pytest.raises(ModelError, match=said):
        cnnviz.Occlusion(target=1, patch=4, stride=4)(probe, models.picture())


def test_an_overflow_of_half_precision_is_called_so() -> None:
    much = keras.initializers.Constant(3e4)
    probe = cnnviz.Probe(_over(lambda x: x, dtype="mixed_float16", kernel_initializer=much))
    with pytest.raises(
        ModelError, match=r"first in the output of 'conv'; .* overflows float16, which ends at 65504\."
    ):
        cnnviz.Saliency(target=0)(probe, models.picture())


@pytest.fixture(scope="module")
def rooted() -> cnnviz.Probe:
    """Give a network that answers with finite numbers and whose gradient is NaN: it takes a root at 0."""
    return cnnviz.Probe(_over(lambda x: x + ops.sqrt(ops.sum((x - x) ** 2, axis=-1, keepdims=True))))


@pytest.mark.parametrize("label", ["Saliency", "Guided backprop", "Integrated gradients", "SmoothGrad"])
def test_a_gradient_that_is_not_finite_names_the_layer_on_the_way_back(
    label: str, rooted: cnnviz.Probe
) -> None:
    said = r"The gradient of the target is not finite, although.*: NaN appears first on the way back through 'own'\."
    with pytest.raises(ModelError, match=said):
        cnnviz.methods()[label](target=1, **QUICK.get(label, {}))(rooted, models.picture())


@pytest.mark.parametrize("label", ["Occlusion", "Feature maps", "Grad-CAM"])
def test_what_needs_no_gradient_through_that_layer_is_served(label: str, rooted: cnnviz.Probe) -> None:
    found = cnnviz.methods()[label](**QUICK.get(label, {}))(rooted, models.picture())
    assert np.isfinite(found.values).all()


def test_a_climb_on_such_a_gradient_says_so_instead_of_standing_still(rooted: cnnviz.Probe) -> None:
    with pytest.raises(ModelError, match="on the way back through 'own'"):
        cnnviz.ActivationMaximization(target=1, steps=2)(rooted)


def test_a_target_of_ones_own_that_is_nan_is_told_from_the_layers() -> None:
    probe = cnnviz.Probe(models.functional(head="linear"))
    target = cnnviz.Custom(lambda output: ops.log(output[:, 0] - 100))
    with pytest.raises(ModelError, match="The target is NaN, although the output of every layer is finite"):
        cnnviz.Saliency(target=target)(probe, models.picture())


def test_a_preprocess_that_makes_nan_says_so() -> None:
    def divided(pixels: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return (pixels - pixels) / 0

    probe = cnnviz.Probe(models.functional(), preprocess=divided)
    with pytest.raises(cnnviz.ImageError, match="preprocess made 192 of 192 values NaN or infinite"):
        probe.predict(models.picture())


@dataclass(frozen=True)
class _Broken(cnnviz.Method):
    """A method of a user's own that divides by 0."""

    label: ClassVar[str] = "Broken"

    def explain(self, probe: cnnviz.Probe, image: cnnviz.Image) -> Iterator[cnnviz.Heatmap]:
        values = np.ones((2, 2), np.float32)
        values[0, 0] = np.nan
        yield cnnviz.Heatmap(**self.about(probe, image), values=values)


def test_a_method_of_ones_own_that_makes_nan_is_drawn_with_a_note() -> None:
    found = _Broken()(models.functional(), models.picture())
    assert found.notes == ("1 of 4 numbers are NaN or infinite, although those of the network are finite.",)


def test_the_good_case_runs_the_network_no_more_often() -> None:
    probe = cnnviz.Probe(models.functional())
    cnnviz.GradCAM()(probe, models.picture())
    assert probe.calls == 1


# what TensorFlow refuses


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (tf.errors.UnimplementedError(None, None, "The Conv2D op currently only supports the NHWC tensor format on the "
         "CPU. The op was given the format: NCHW [[{{node net/conv/convolution}}]]"),
         r"net takes channels first, .* only with TF_ENABLE_ONEDNN_OPTS=1 set .* before TensorFlow is imported"),
        (tf.errors.InvalidArgumentError(None, None, "Default MaxPoolingOp only supports NHWC on device type CPU"),
         r"net takes channels first.*data_format='channels_last'"),
        (tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor with shape[9]"),
         r"There is not enough memory to run net\. Choose a smaller picture"),
        (tf.errors.InvalidArgumentError(None, None, "Incompatible shapes: [2] vs. [3]\n\t [[{{node net/add}}]]\n\nStack"
         " trace for op definition"), r"could not run net at net/add: Incompatible shapes: \[2\] vs\. \[3\]\.$"),
    ],
)  # fmt: skip
def test_what_tensorflow_refuses_is_said_in_one_sentence(error: Exception, said: str) -> None:
    with pytest.raises(ModelError, match=said), plainly("net"):
        raise error


def test_a_layer_that_fails_as_it_runs_is_a_model_error() -> None:
    def checked(x: Any) -> Any:
        with tf.control_dependencies([tf.debugging.assert_less(tf.reduce_max(x), -1e9, message="own words")]):
            return tf.identity(x)

    probe = cnnviz.Probe(_over(checked))
    for ask in (
        lambda: probe.predict(models.picture()), lambda: cnnviz.Saliency(target=1)(probe, models.picture()),
    ):  # fmt: skip
        with pytest.raises(
            ModelError, match=r"^TensorFlow could not run with_own at [\w/]+: assertion failed: .*own words"
        ):
            ask()
