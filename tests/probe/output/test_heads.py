"""The head of a network is known by what it computes, and what is called a logit is one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import cnnviz_widgets as cnnviz
from cnnviz_widgets.export.caption import details
from cnnviz_widgets.probe.output.functions import end_of, relu_of
from cnnviz_widgets.style import Style

CLASSES = 4
PIXELS = np.random.default_rng(0).uniform(-1, 1, (3, 6, 6, 2)).astype(np.float32)


class OwnDense(layers.Dense):
    """A dense layer whose author gave it one more setting, and no configuration."""

    def __init__(self, units: int, loudness: int, **more: Any) -> None:
        super().__init__(units, **more)
        self.loudness = loudness


class OwnLayer(layers.Layer):
    """A dense layer written by hand, which ends in its activation."""

    def __init__(self, activation: Any) -> None:
        super().__init__()
        self.activation = activation

    def build(self, shape: Any) -> None:
        self.kernel = self.add_weight(shape=(shape[-1], CLASSES))

    def call(self, inputs: Any) -> Any:
        return self.activation(ops.matmul(inputs, self.kernel))


class Ignoring(OwnLayer):
    """A layer that does more after its activation."""

    def call(self, inputs: Any) -> Any:
        return 0.5 * super().call(inputs)


def half(row: Any) -> Any:
    mixed = keras.dtype_policies.get("mixed_float16")
    return layers.Activation("softmax", dtype="float32")(layers.Dense(CLASSES, dtype=mixed)(row))


def by_hand(x: Any) -> Any:
    raised = tf.exp(x)
    return raised / tf.reduce_sum(raised, axis=1, keepdims=True)


def one_place(row: Any) -> Any:
    return layers.Reshape((1, 1, row.shape[-1]))(row)


def dense(activation: Any, **more: Any) -> Any:
    return layers.Dense(CLASSES, activation=activation, **more)


SOFTMAX: dict[str, Callable[[Any], Any]] = {
    "tf.nn.softmax": lambda row: dense(tf.nn.softmax)(row),
    "keras.ops.softmax": lambda row: dense(ops.softmax)(row),
    "written by hand": lambda row: dense(by_hand)(row),
    "activation layer object": lambda row: dense(layers.Softmax())(row),
    "Lambda": lambda row: layers.Lambda(lambda x: keras.activations.softmax(x, axis=1))(dense(None)(row)),
    "own dense layer": lambda row: OwnDense(CLASSES, 3, activation="softmax")(row),
    "own layer": lambda row: OwnLayer(tf.nn.softmax)(row),
    "behind Flatten": lambda row: layers.Flatten()(layers.Conv2D(CLASSES, 1, activation="softmax")(one_place(row))),
    "behind Reshape": lambda row: layers.Reshape((CLASSES,))(layers.Softmax()(dense(None)(one_place(row)))),
    "behind squeeze": lambda row: ops.squeeze(layers.Softmax()(dense(None)(one_place(row))), (1, 2)),
    "behind a cast": lambda row: ops.cast(dense("softmax", dtype="float64")(row), "float32"),
    "behind a dropout": lambda row: layers.Dropout(0.5)(dense("softmax")(row)),
    "behind a clip": lambda row: ops.clip(dense("softmax")(row), 1e-7, 1 - 1e-7),
    "of half precision": half,
    "at one place": lambda row: dense("softmax")(one_place(row)),
    "at two places": lambda row: layers.Reshape((2, CLASSES))(dense("softmax")(layers.Reshape((1, 2, 1))(row))),
}  # fmt: skip
SIGMOID: dict[str, Callable[[Any], Any]] = {
    "tf.nn.sigmoid": lambda row: dense(tf.nn.sigmoid)(row),
    "ops.sigmoid": lambda row: ops.sigmoid(dense(None)(row)),
    "Lambda": lambda row: layers.Lambda(lambda x: 1 / (1 + tf.exp(-x)))(layers.Dense(1)(row)),
    "flattened maps": lambda row: layers.Flatten()(dense("sigmoid")(layers.Reshape((1, 2, 1))(row))),
}
OPEN: dict[str, Callable[[Any], Any]] = {
    "hard sigmoid": lambda row: dense("hard_sigmoid")(row),
    "softmax over places": lambda row: layers.Softmax(axis=1)(dense(None)(layers.Reshape((2, 1))(row))),
    "softmax, then flattened": lambda row: layers.Flatten()(dense("softmax")(layers.Reshape((1, 2, 1))(row))),
    "several steps": lambda row: layers.Lambda(lambda x: tf.nn.softmax(x / 3.0))(dense(None)(row)),
    "more after it": lambda row: Ignoring(tf.nn.softmax)(row),
}


def network(end: Callable[[Any], Any]) -> keras.Model:
    keras.utils.set_random_seed(5)
    image = keras.Input((6, 6, 2))
    row = layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3, activation="relu")(image))
    return keras.Model(image, end(row))


def softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits)
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


@pytest.mark.parametrize("name", SOFTMAX)
def test_a_softmax_is_looked_through(name: str) -> None:
    model = network(SOFTMAX[name])
    probe = cnnviz.Probe(model)
    assert probe.squash == "softmax"
    output, logits = probe.answers(PIXELS, ["output", "logits"])
    assert output.shape == logits.shape
    assert np.abs(logits.sum(axis=-1) - 1).min() > 1e-3, "these are no probabilities"
    loose = 2e-3 if name == "of half precision" else 1e-5
    np.testing.assert_allclose(softmax(logits), output, atol=loose)
    np.testing.assert_allclose(probe.predict(PIXELS), model(PIXELS), atol=loose)


@pytest.mark.parametrize("name", SIGMOID)
def test_a_sigmoid_is_looked_through(name: str) -> None:
    probe = cnnviz.Probe(network(SIGMOID[name]))
    assert probe.squash == "sigmoid"
    output, logits = probe.answers(PIXELS, ["output", "logits"])
    np.testing.assert_allclose(1 / (1 + np.exp(-logits)), output, atol=1e-6)


@pytest.mark.parametrize("name", OPEN)
def test_what_is_no_softmax_over_the_classes_is_not_looked_through(name: str) -> None:
    probe = cnnviz.Probe(network(OPEN[name]))
    output, logits = probe.answers(PIXELS, ["output", "logits"])
    np.testing.assert_array_equal(output, logits)


def test_the_gradient_of_a_logit_behind_steps_that_pass_it_on_is_that_of_the_bare_logit() -> None:
    bare = cnnviz.Probe(network(lambda row: dense(None)(row)))
    behind = cnnviz.Probe(network(SOFTMAX["behind Flatten"]))
    kernel, bias = bare.model.layers[-1].get_weights()
    behind.model.set_weights([*bare.model.layers[1].get_weights(), kernel[None, None], bias])
    picture = cnnviz.Image(PIXELS[0], (-1, 1))
    np.testing.assert_allclose(
        behind.gradient(picture, 1).slope, bare.gradient(picture, 1).slope, rtol=1e-4, atol=1e-7
    )


def test_an_authors_layer_is_not_written_to_by_looking_through_it() -> None:
    model = network(SOFTMAX["own layer"])
    layer = model.layers[-1]
    before = dict(vars(layer))
    probe = cnnviz.Probe(model)
    probe.logits(PIXELS)
    assert vars(layer) == before
    assert layer.activation is tf.nn.softmax


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (keras.activations.linear, "linear"),
        (lambda x: x / 1.0, "linear"),
        (tf.nn.log_softmax, "log_softmax"),
        (tf.math.log_sigmoid, "log_sigmoid"),
        (tf.nn.relu, ""),
        (tf.nn.tanh, ""),
        (lambda x: x + "no", ""),
        (lambda x: tf.nn.softmax(x, axis=0), ""),
    ],
)
def test_a_function_is_told_by_its_numbers(function: Callable[[Any], Any], name: str) -> None:
    assert end_of(function, (2, 5)) == name


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (lambda x: tf.maximum(x, 0.0), "ReLU"),
        (lambda x: tf.where(x > 0, x, 0.0), "ReLU"),
        (layers.ReLU(), "ReLU"),
        (layers.ReLU(max_value=4), "ReLU"),
        (tf.nn.relu6, "ReLU6"),
        (lambda x: tf.maximum(x, 0.2 * x), "LeakyReLU"),
        (lambda x: x * tf.sigmoid(x), "SiLU"),
        (lambda x: tf.nn.gelu(x, approximate=True), "GELU"),
        (tf.nn.elu, "ELU"),
        (tf.nn.tanh, ""),
        (lambda x: tf.nn.relu(x) ** 2, ""),
        (lambda x: tf.nn.relu(x) - tf.reduce_mean(x), ""),
        (lambda x: tf.clip_by_value(x, 0.0, 1.0), ""),
        (lambda x: x, ""),
    ],
)
def test_a_relative_of_the_relu_is_told_by_its_curve(function: Callable[[Any], Any], name: str) -> None:
    assert relu_of(function) == name


def test_a_score_that_cannot_be_looked_through_is_called_a_probability() -> None:
    probe = cnnviz.Probe(network(OPEN["several steps"]), labels=["ant", "bee", "cow", "dog"])
    assert (probe.squash, probe.scale, probe.task) == ("softmax", "probability", "multiclass")
    found = cnnviz.Saliency(target=2)(probe, cnnviz.Image(PIXELS[0], (-1, 1)))
    assert found.recipe.target == cnnviz.ClassScore(2, "probability")
    assert found.scores["score"] == pytest.approx(float(probe.predict(PIXELS[:1])[0, 2]), abs=1e-6)
    assert found.target == "“cow” (probability)"
    assert "probability 0." in " ".join(details(found, Style()))
    natural = cnnviz.Saliency()(probe, cnnviz.Image(PIXELS[0], (-1, 1)))
    assert natural.scores["score"] == pytest.approx(float(probe.predict(PIXELS[:1])[0].max()), abs=1e-6)


def test_a_logit_is_called_a_logit() -> None:
    found = cnnviz.Saliency(target=2)(network(SOFTMAX["Lambda"]), cnnviz.Image(PIXELS[0], (-1, 1)))
    assert "logit " in " ".join(details(found, Style()))


def test_log_softmax_gives_log_probabilities_and_says_so() -> None:
    probe = cnnviz.Probe(network(lambda row: ops.log_softmax(dense(None)(row))))
    picture = cnnviz.Image(PIXELS[0], (-1, 1))
    output = probe.predict(PIXELS[:1])[0]
    assert (probe.squash, probe.scale, probe.task) == ("", "log-probability", "multiclass")
    assert probe.target(1) == cnnviz.ClassScore(1, "log-probability")
    for of, wanted in {"log-probability": output[1], "probability": np.exp(output[1])}.items():
        score = probe.scores(PIXELS[:1], cnnviz.ClassScore(1, of))  # type: ignore[arg-type]
        assert score[0] == pytest.approx(float(wanted), rel=1e-5)
    best = probe.top(picture, 1)[0]
    assert best[2] == pytest.approx(float(np.exp(output.max())), rel=1e-4)


SHARES = keras.activations.softmax


class Whole(keras.Model):
    """A model written as a class, whose end is more than a softmax or sigmoid."""

    def __init__(self, end: Any) -> None:
        super().__init__()
        self.flat, self.end = layers.Flatten(), end

    def call(self, inputs: Any) -> Any:
        made = tf.square(self.end(self.flat(inputs)))
        return made / tf.reduce_sum(made, axis=-1, keepdims=True) if self.end.activation is SHARES else made


@pytest.mark.parametrize(
    ("end", "scale", "task", "squash"),
    [
        (dense("softmax"), "probability", "multiclass", "softmax"),
        (layers.Dense(1, activation="sigmoid"), "probability", "binary", "sigmoid"),
        (dense("sigmoid"), "probability", "multilabel", "sigmoid"),
        (dense("softplus"), "logit", "multiclass", ""),
        (layers.Dense(1, activation="softplus"), "logit", "regression", ""),
    ],
)
def test_what_comes_out_of_a_sealed_model_is_measured(end: Any, scale: str, task: str, squash: str) -> None:
    keras.utils.set_random_seed(6)
    model = Whole(end)
    model(PIXELS)
    probe = cnnviz.Probe(model)
    assert (probe.scale, probe.task, probe.squash) == (scale, task, squash)
    if task == "binary":
        yes, no = (probe.scores(PIXELS, cnnviz.ClassScore(k)) for k in (1, 0))
        np.testing.assert_allclose(yes, model(PIXELS)[:, 0], atol=1e-6)
        np.testing.assert_allclose(no, 1 - yes, atol=1e-6)
        logs = probe.scores(PIXELS, cnnviz.ClassScore(0, "log-probability"))
        np.testing.assert_allclose(logs, np.log(no), atol=1e-4)


def test_an_output_at_one_place_is_a_row_of_classes() -> None:
    model = network(SOFTMAX["at one place"])
    probe, picture = cnnviz.Probe(model), cnnviz.Image(PIXELS[0], (-1, 1))
    wanted = model(PIXELS).numpy()
    np.testing.assert_allclose(probe.predict(PIXELS), wanted, atol=1e-6)
    assert (probe.task, probe.classes, probe.output_shape) == ("multiclass", CLASSES, (CLASSES,))
    assert [k for k, _, _ in probe.top(picture, CLASSES)] == list(np.argsort(-wanted[0, 0, 0]))
    natural = cnnviz.GradCAM()(probe, picture)
    assert natural.recipe.target == cnnviz.ClassScore(int(wanted[0, 0, 0].argmax()))
    found = cnnviz.Occlusion(patch=6, stride=6, fill="black", target=1, map="probability")(probe, picture)
    assert np.isfinite(found.values).all()


def test_a_relu_that_is_silent_for_noise_is_no_probability() -> None:
    picture = keras.Input((8, 8, 3))
    maps = layers.GlobalAveragePooling2D()(layers.Conv2D(2, 3, activation="relu")(picture))
    end = layers.Dense(
        1, activation="relu", kernel_initializer="zeros", bias_initializer=keras.initializers.Constant(0.5)
    )
    probe = cnnviz.Probe(keras.Model(picture, end(maps)))
    end.kernel.assign([[-1.0], [-1.0]])
    again = cnnviz.Probe(probe.model)
    assert (again.task, again.scale, again.squash) == (probe.task, "logit", "") == ("regression", "logit", "")


def test_lengths_within_0_and_1_are_taken_for_probabilities_with_a_word() -> None:
    picture = keras.Input((8, 8, 3))
    capsules = layers.Reshape((3, 4))(layers.Dense(12)(layers.Flatten()(picture)))
    square = ops.sum(ops.square(capsules), -1)
    model = keras.Model(picture, square / (1 + square))
    said = "stay between 0 and 1 for any picture, and were taken for probabilities of a sigmoid"
    assert any(said in note for note in cnnviz.Probe(model).notes)
    assert not any(said in note for note in cnnviz.Probe(model, task="multiclass").notes)
