"""Guided backpropagation and the deconvnet: the rules by hand, for every activation and every way to write it."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers, ops

import cnnviz_widgets as cnnviz
from tests import easy_models, models

SLOPES = np.array([1.0, -2.0, 0.5, 3.0], np.float32)  # of the first layer, one a channel
SHIFTS = np.array([-0.4, 0.9, 0.1, 4.5], np.float32)
WEIGHTS = np.array([1.0, -1.5, -0.25, 2.0], np.float32)  # of each channel in the score
IMAGE = models.picture(5, 7, 1)
BEFORE = IMAGE.pixels * SLOPES + SHIFTS


def _net(activate: Callable[[Any], Any] | None, **inside: Any) -> keras.Model:
    """Return a model whose score is the sum of WEIGHTS * activation(SLOPES * x + SHIFTS) over all places."""
    image = keras.Input((5, 7, 1), name="image")
    conv = layers.Conv2D(4, 1, name="conv", **inside)
    x = conv(image)
    x = activate(x) if activate else x
    score = layers.Conv2D(1, 1, use_bias=False, name="weigh")
    total = layers.Flatten()(score(x))
    dense = layers.Dense(1, use_bias=False, kernel_initializer="ones", name="score")
    model = keras.Model(image, dense(total))
    conv.set_weights([SLOPES.reshape(1, 1, 1, 4), SHIFTS])
    score.set_weights([WEIGHTS.reshape(1, 1, 4, 1)])
    return model


def _guided(derivative: np.ndarray) -> np.ndarray:
    return (np.maximum(WEIGHTS * derivative, 0) * SLOPES).sum(axis=2)


def _prelu() -> layers.Layer:
    return layers.PReLU(alpha_initializer=keras.initializers.Constant(-0.5), shared_axes=(1, 2))


ON = (BEFORE > 0).astype(np.float32)
GUIDED: dict[str, tuple[Callable[[], keras.Model], np.ndarray]] = {
    "ReLU layer": (lambda: _net(layers.ReLU()), ON),
    "relu of the convolution": (lambda: _net(None, activation="relu"), ON),
    "Activation layer": (lambda: _net(layers.Activation("relu")), ON),
    "keras.ops.relu": (lambda: _net(ops.relu), ON),
    "ReLU6 layer": (lambda: _net(layers.ReLU(max_value=6)), ON * (BEFORE < 6)),
    "relu6 of the convolution": (lambda: _net(None, activation="relu6"), ON * (BEFORE < 6)),
    "ReLU up to 5": (lambda: _net(layers.ReLU(max_value=5)), ON * (BEFORE < 5)),
    "LeakyReLU": (lambda: _net(layers.LeakyReLU(negative_slope=0.25)), np.where(BEFORE > 0, 1, 0.25)),
    "leaky_relu of the convolution": (
        lambda: _net(None, activation="leaky_relu"),
        np.where(BEFORE > 0, 1, 0.2),
    ),
    "PReLU": (lambda: _net(_prelu()), np.where(BEFORE > 0, 1, -0.5)),
    "ELU": (lambda: _net(layers.ELU()), np.where(BEFORE > 0, 1, np.exp(np.minimum(BEFORE, 0)))),
    "elu of the convolution": (
        lambda: _net(None, activation="elu"),
        np.where(BEFORE > 0, 1, np.exp(np.minimum(BEFORE, 0))),
    ),
    "SiLU": (
        lambda: _net(layers.Activation("silu")),
        (1 + np.exp(-BEFORE) * (1 + BEFORE)) / (1 + np.exp(-BEFORE)) ** 2,
    ),
}


@pytest.mark.parametrize("kind", GUIDED)
def test_guided_is_the_true_derivative_of_which_the_positive_is_kept(kind: str) -> None:
    make, derivative = GUIDED[kind]
    found = cnnviz.GuidedBackprop(reduction="signed", target=0)(make(), IMAGE)
    np.testing.assert_allclose(found.values, _guided(derivative), atol=1e-5)


@pytest.mark.parametrize("kind", [kind for kind in GUIDED if "ReLU" in kind or "relu" in kind])
def test_the_deconvnet_passes_what_is_positive_wherever_the_input_was(kind: str) -> None:
    found = cnnviz.Deconvnet(reduction="signed", target=0)(GUIDED[kind][0](), IMAGE)
    np.testing.assert_allclose(found.values, _guided(np.ones_like(BEFORE)), atol=1e-5)


@pytest.mark.parametrize("kind", GUIDED)
def test_an_extension_is_called_one_and_the_rule_of_the_paper_is_not(kind: str) -> None:
    notes = cnnviz.GuidedBackprop(target=0)(GUIDED[kind][0](), IMAGE).notes
    extended = "lu" in kind.lower() and not any(word in kind.lower() for word in ("relu",))
    assert bool(notes) == extended
    assert not extended or notes[0].startswith("Extension: the papers define the rule for ReLU")


@pytest.mark.parametrize("method", [cnnviz.GuidedBackprop, cnnviz.Deconvnet])
@pytest.mark.parametrize("activation", [None, "tanh", "sigmoid"])
def test_without_a_relu_it_is_the_plain_slope_and_says_so(method: Any, activation: str | None) -> None:
    model = _net(None, activation=activation)
    found = method(target=0)(model, IMAGE)
    np.testing.assert_array_equal(found.values, cnnviz.Saliency(target=0)(model, IMAGE).values)
    assert found.notes == ("No ReLU found: guided = plain gradient.",)


def test_the_answers_of_the_network_are_the_same_under_a_rule() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    score = cnnviz.Saliency(target=1)(probe, image).scores["score"]
    for method in (cnnviz.GuidedBackprop, cnnviz.Deconvnet):
        assert method(target=1)(probe, image).scores["score"] == pytest.approx(score, abs=1e-6)


def test_the_rule_does_not_stay_behind_in_the_network() -> None:
    model, image = models.functional(), models.picture()
    fresh = cnnviz.Saliency(target=1)(cnnviz.Probe(model), image).values
    probe = cnnviz.Probe(model)
    activations = [getattr(layer, "activation", None) for layer in model.layers]
    cnnviz.GuidedBackprop(target=1)(probe, image)
    cnnviz.Deconvnet(target=1)(probe, image)
    with pytest.raises(cnnviz.TargetError, match="must be from 0 to 2"):
        cnnviz.GuidedBackprop(target=7)(probe, image)
    np.testing.assert_array_equal(cnnviz.Saliency(target=1)(probe, image).values, fresh)
    np.testing.assert_array_equal(cnnviz.Saliency(target=1)(model, image).values, fresh)
    assert [getattr(layer, "activation", None) for layer in model.layers] == activations


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.Lambda(lambda x: ops.relu(x) - ops.mean(x), name="mine"),
        lambda: _Doubling(name="mine"),
        lambda: layers.TimeDistributed(layers.Dense(2, activation="relu"), name="mine"),
    ],
)
def test_a_step_of_ones_own_is_named_because_the_rule_cannot_reach_inside(make: Any) -> None:
    image = keras.Input((5, 7, 1), name="image")
    x = make()(layers.Conv2D(2, 1, activation="relu")(image))
    model = keras.Model(image, layers.Dense(1)(layers.Flatten()(x)))
    (note,) = cnnviz.GuidedBackprop(target=0)(model, IMAGE).notes
    assert note == "The rule does not reach inside mine: there the plain gradient flows."


class _Doubling(layers.Layer):
    def call(self, inputs: Any) -> Any:
        return inputs * 2


class _OwnConv(layers.Conv2D):
    """A convolution whose author wrote its end anew."""

    def call(self, inputs: Any) -> Any:
        made = ops.conv(inputs, self.kernel, padding="same")
        return self.activation(made + self.bias)


_OWN_RELUS: dict[str, Callable[[Any], Any]] = {
    "layer object": lambda x: layers.Conv2D(3, 3, padding="same", activation=layers.ReLU())(x),
    "function of NumPy's kind": lambda x: layers.Conv2D(
        3, 3, padding="same", activation=lambda y: ops.maximum(y, 0.0)
    )(x),
    "Activation of a function": lambda x: layers.Activation(lambda y: ops.where(y > 0, y, 0.0))(
        layers.Conv2D(3, 3, padding="same")(x)
    ),
    "Activation of a layer": lambda x: layers.Activation(layers.ReLU())(
        layers.Conv2D(3, 3, padding="same")(x)
    ),
    "Lambda": lambda x: layers.Lambda(ops.relu)(layers.Conv2D(3, 3, padding="same")(x)),
    "ops.maximum": lambda x: ops.maximum(layers.Conv2D(3, 3, padding="same")(x), 0.0),
    "ops.maximum of two numbers": lambda x: ops.maximum(0.0, layers.Conv2D(3, 3, padding="same")(x)),
    "own layer": lambda x: _OwnConv(3, 3, padding="same", activation="relu")(x),
}


def _with_relu(make: Callable[[Any], Any]) -> keras.Model:
    keras.utils.set_random_seed(8)
    image = keras.Input((5, 7, 1))
    return keras.Model(image, layers.Dense(2, activation="softmax")(layers.Flatten()(make(image))))


@pytest.fixture(scope="module")
def plain() -> tuple[keras.Model, np.ndarray]:
    """Return a network with a ReLU of Keras, and its guided map."""
    model = _with_relu(lambda x: layers.Conv2D(3, 3, padding="same", activation="relu")(x))
    return model, cnnviz.GuidedBackprop(target=1)(model, IMAGE).values


@pytest.mark.parametrize("name", _OWN_RELUS)
def test_a_relu_is_known_by_what_it_computes(name: str, plain: tuple[keras.Model, np.ndarray]) -> None:
    model = _with_relu(_OWN_RELUS[name])
    model.set_weights(plain[0].get_weights())
    found = cnnviz.GuidedBackprop(target=1)(model, IMAGE)
    assert found.notes == ()
    np.testing.assert_allclose(found.values, plain[1], atol=1e-6)


@pytest.mark.parametrize(
    "make",
    [
        lambda x: layers.Lambda(lambda y: ops.relu(y) - ops.mean(y), name="mine")(x),
        lambda x: layers.Activation(lambda y: ops.relu(y) ** 2, name="mine")(x),
        lambda x: ops.where(x > 0, x, 0.0),
    ],
)
def test_where_a_relu_may_hide_it_is_not_said_that_there_is_none(make: Callable[[Any], Any]) -> None:
    model = _with_relu(lambda x: make(layers.Conv2D(3, 3)(x)))
    (note,) = cnnviz.GuidedBackprop(target=1)(model, IMAGE).notes
    assert note.startswith("Whether there is a ReLU in ")
    assert "cannot be told" in note


@pytest.mark.parametrize("method", [cnnviz.GuidedBackprop, cnnviz.Deconvnet])
def test_a_model_that_cannot_be_looked_into_is_refused_naming_saliency(method: Any) -> None:
    with pytest.raises(cnnviz.ModelError, match=r"the network's own layers.*Use Saliency"):
        method()(models.closed(), models.picture())


def test_weights_that_change_change_the_map() -> None:
    model, image = models.functional(), models.picture()
    probe = cnnviz.Probe(model)
    before = cnnviz.GuidedBackprop(target=1)(probe, image).values
    model.set_weights([2 * weight for weight in model.get_weights()])
    assert (cnnviz.GuidedBackprop(target=1)(probe, image).values != before).any()


def test_guided_grad_cam_is_the_product_with_grad_cam_cell_by_cell() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    cam = cnnviz.GradCAM(layer="conv_2", target=1)(probe, image).values
    guided, _ = probe.ruled(image, 1, "guided")
    places = (np.arange(8) + 0.5) / 2 - 0.5
    large = np.stack([np.interp(places, np.arange(4), row) for row in cam])
    large = np.stack([np.interp(places, np.arange(4), column) for column in large.T], axis=1)
    found = cnnviz.GuidedGradCAM(layer="conv_2", target=1)(probe, image)
    np.testing.assert_allclose(
        found.values, np.abs(guided.slope * large[..., None]).max(axis=2), rtol=1e-4, atol=1e-7
    )


def test_guided_grad_cam_of_a_layer_that_speaks_against_the_target_says_why_it_is_flat() -> None:
    kernel, dense = np.ones((3, 2), np.float32), -np.ones((2, 2), np.float32)
    found = cnnviz.GuidedGradCAM(layer="maps", target=0)(
        easy_models.averaging(kernel, dense), models.picture()
    )
    assert not found.values.any()
    assert any("speaks against the target" in note for note in found.notes)


def test_guided_grad_cam_does_not_say_that_no_pixel_counts_where_only_grad_cam_is_empty() -> None:
    model = easy_models.averaging(np.ones((3, 2), np.float32), -np.ones((2, 2), np.float32))
    assert cnnviz.Saliency(target=0)(model, models.picture()).values.all()
    notes = cnnviz.GuidedGradCAM(layer="maps", target=0)(model, models.picture()).notes
    assert [note for note in notes if note.startswith("Flat")] == [
        "Flat: everything in this layer speaks against the target, and Grad-CAM shows only what speaks for it. "
        "Try an earlier layer, or a signed map such as Occlusion's."
    ]
