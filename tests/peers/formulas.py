"""The methods once more, in plain TensorFlow and NumPy, with nothing of the package: what its numbers are held to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

Score = Callable[[Any, Any], Any]  # output (N, ...), picture (N, H, W, C) -> (N,)


def logits_model(model: keras.Model) -> keras.Model:
    """Return a model that stops before a last Softmax layer."""
    last = model.layers[-1]
    return keras.Model(
        model.inputs[0], last.input if isinstance(last, keras.layers.Softmax) else model.output
    )


def class_score(index: int) -> Score:
    return lambda output, _: output[:, index]


def energy(output: Any, _: Any) -> Any:
    """Half the mean square of an output: of a model that ends in the code, its energy."""
    return tf.reduce_mean(tf.reshape(output, (len(output), -1)) ** 2, axis=1) / 2


def reconstruction_error(output: Any, picture: Any) -> Any:
    return tf.reduce_mean((output - picture) ** 2, axis=(1, 2, 3))


def slope(model: keras.Model, score: Score, pictures: np.ndarray) -> np.ndarray:
    """Return dS/dx for (N, H, W, C)."""

    @tf.function(autograph=False)
    def run(given: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(given)
            value = score(model(given, training=False), given)
        return tape.gradient(value, given)

    # By the eight: kernels round by the batch's size, and a ReLU6 at its kink turns rounding into a step.
    parts = [run(tf.constant(pictures[k : k + 8], tf.float32)) for k in range(0, len(pictures), 8)]
    return np.concatenate([part.numpy() for part in parts])


def maps_and_slopes(
    model: keras.Model, score: Score, picture: np.ndarray, layer: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return a layer's maps and dS/dA, (h, w, K)."""
    both = keras.Model(model.inputs[0], [model.get_layer(layer).output, model.output])
    given = tf.constant(picture[None], tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(given)
        maps, output = both(given, training=False)
        value = score(output, given)
    return maps.numpy()[0], tape.gradient(value, maps).numpy()[0]


def enlarged(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return (h, w) at another size, cell centre on cell centre; TensorFlow's own resizing does just this."""
    return tf.image.resize(values[..., None], size, "bilinear").numpy()[..., 0]


def grad_cam(maps: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    return np.maximum(np.einsum("ijk,k->ij", maps, slopes.mean(axis=(0, 1))), 0)


def grad_cam_plus_plus(maps: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    """Equations 11 and 19; the factor exp(S) of all weights is left out."""
    maps, slopes = maps.astype(float), slopes.astype(float)
    below = 2 * slopes**2 + np.einsum("ijk->k", maps) * slopes**3
    alpha = slopes**2 / np.where(below == 0, 1, below)
    return np.maximum(np.einsum("ijk,k->ij", maps, np.einsum("ijk->k", alpha * np.maximum(slopes, 0))), 0)


def layer_cam(maps: np.ndarray, slopes: np.ndarray) -> np.ndarray:
    return np.maximum(np.einsum("ijk,ijk->ij", maps, np.maximum(slopes, 0)), 0)


def score_cam(
    model: keras.Model, score: Score, picture: np.ndarray, maps: np.ndarray, most: int
) -> np.ndarray:
    order = np.argsort(-maps.std(axis=(0, 1)), kind="stable")[:most]
    masks = [enlarged(maps[..., k], picture.shape[:2]) for k in order]
    masks = [(m - m.min()) / (np.ptp(m) or 1) for m in masks]
    pictures = np.stack([picture * m[..., None] for m in [*masks, 0 * masks[0]]])
    *seen, empty = score(model.predict(pictures, verbose=0), pictures)
    weights = tf.nn.softmax(np.array(seen) - empty).numpy()
    return np.maximum(maps[..., order] @ weights, 0)


def smooth_grad(model: keras.Model, score: Score, picture: np.ndarray, noise: np.ndarray) -> np.ndarray:
    return slope(model, score, picture + noise).mean(axis=0)


def integrated_gradients(
    model: keras.Model, score: Score, picture: np.ndarray, start: np.ndarray, steps: int
) -> np.ndarray:
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    path = ((nodes + 1) / 2).astype(np.float32)[:, None, None, None]
    slopes = slope(model, score, start + path * (picture - start))
    return (picture - start) * np.einsum("n,nijc->ijc", weights / 2, slopes)


def ruled(model: keras.Model, rule: str) -> keras.Model:
    """Return a copy of a model in which each activation of the ReLU family follows a rule on the way back."""

    def changed(layer: keras.layers.Layer) -> keras.layers.Layer:
        config = layer.get_config()
        if isinstance(layer, keras.layers.ReLU | keras.layers.ELU):
            return _Ruled(layer.call, rule, name=layer.name)
        if getattr(layer, "activation", None) in (keras.activations.elu, keras.activations.relu):
            config["activation"] = _Ruled(layer.activation, rule)
        return type(layer).from_config(config)

    made = keras.models.clone_model(model, clone_function=changed)
    made.set_weights(model.get_weights())
    return made


class _Ruled(keras.layers.Layer):
    def __init__(self, function: Callable[[Any], Any], rule: str, **more: Any) -> None:
        super().__init__(**more)
        self.function, self.rule = function, rule

    def call(self, given: Any) -> Any:
        @tf.custom_gradient
        def run(x: Any) -> tuple[Any, Callable[[Any], Any]]:
            with tf.GradientTape() as tape:
                tape.watch(x)
                made = self.function(x)
            derivative = tape.gradient(made, x)
            if self.rule == "guided":
                return made, lambda above: tf.nn.relu(above * derivative)
            return made, lambda above: tf.nn.relu(above)

        return run(given)


def rise(
    model: keras.Model, score: Score, picture: np.ndarray, masks: np.ndarray, ground: float
) -> np.ndarray:
    """Equation 6 for masks that were drawn with half of their cells on."""
    pictures = ground + masks[..., None] * (picture - ground)
    scores = np.asarray(score(model.predict(pictures, verbose=0), pictures))
    return np.einsum("n,nij->ij", scores, masks) / len(masks) / 0.5


def elu_autoencoder() -> keras.Model:
    """Return a small autoencoder with ELU activations, of two kinds, and weights that are the same each time."""
    image = keras.Input((32, 32, 3), name="image")
    x = keras.layers.Conv2D(8, 3, strides=2, padding="same", activation="elu", name="down_1")(image)
    x = keras.layers.Conv2D(6, 3, strides=2, padding="same", name="encoded")(x)
    x = keras.layers.ELU(name="code")(x)
    x = keras.layers.UpSampling2D(name="up_1")(x)
    x = keras.layers.Conv2D(8, 3, padding="same", activation="elu", name="conv_1")(x)
    x = keras.layers.UpSampling2D(name="up_2")(x)
    model = keras.Model(
        image, keras.layers.Conv2D(3, 3, padding="same", name="rebuilt")(x), name="elu_autoencoder"
    )
    source = np.random.default_rng(12)
    model.set_weights([source.normal(0, 0.3, w.shape).astype(np.float32) for w in model.get_weights()])
    return model
