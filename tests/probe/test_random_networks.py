"""A network that answers by chance is noticed, said to be so, and draws the same in every run where that can be."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import cnnviz_widgets as cnnviz
from tests import models

PICTURE = models.picture()
SAID = "The network draws at random when it predicts, too, in "


class Kept(layers.Layer):
    """Stochastic depth by an author who forgot what it is for."""

    def call(self, inputs: Any) -> Any:
        shape = (ops.shape(inputs)[0], 1, 1, 1)
        return inputs * ops.cast(keras.random.uniform(shape) > 0.5, inputs.dtype)


class Sampled(layers.Layer):
    """The sampling layer of a variational autoencoder, with a generator of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.seeds = keras.random.SeedGenerator(1337)

    def call(self, inputs: Any) -> Any:
        return inputs + keras.random.normal(ops.shape(inputs), seed=self.seeds)


class OneForAll(layers.Layer):
    """Noise that is the same for all pictures of a batch."""

    def call(self, inputs: Any) -> Any:
        return inputs + keras.random.normal((1, *inputs.shape[1:]))


class ByTensorFlow(layers.Layer):
    """Noise by TensorFlow's own state."""

    def call(self, inputs: Any) -> Any:
        return inputs + tf.random.normal(tf.shape(inputs))


class Unused(layers.Layer):
    """An author's layer that draws what it does not use."""

    def call(self, inputs: Any) -> Any:
        return inputs + 0.0 * keras.random.normal(ops.shape(inputs))


class Plain(layers.Layer):
    """An author's layer that draws nothing."""

    def call(self, inputs: Any) -> Any:
        return 2.0 * inputs


def network(middle: Callable[[Any], Any]) -> keras.Model:
    image = keras.Input((8, 8, 3))
    x = middle(layers.Conv2D(4, 3, activation="relu", name="conv")(image))
    return keras.Model(image, layers.Dense(3, name="classes")(layers.Flatten()(x)), name="drawing")


HELD: dict[str, Callable[[], Any]] = {
    "stochastic depth": Kept,
    "own generator": Sampled,
    "the same for all": OneForAll,
    "a number as seed": lambda: layers.Lambda(lambda x: x + keras.random.normal(ops.shape(x), seed=3)),
}


@pytest.fixture(scope="module", params=HELD)
def drawing(request: pytest.FixtureRequest) -> tuple[keras.Model, cnnviz.Probe, cnnviz.Explanation]:
    keras.utils.set_random_seed(1)
    model = network(HELD[request.param]())
    probe = cnnviz.Probe(model)
    return model, probe, cnnviz.Saliency(target=1)(probe, PICTURE)


def test_it_is_said_once_in_words(drawing: tuple[keras.Model, cnnviz.Probe, cnnviz.Explanation]) -> None:
    _, probe, found = drawing
    assert [note.startswith(SAID) for note in found.notes] == [True]
    assert "one draw of many is explained" in found.notes[0]
    assert probe.notes == found.notes
    again = cnnviz.GradCAM(target=1)(probe, PICTURE)
    assert [note for note in again.notes if note.startswith(SAID)] == [probe.notes[0]]


def test_the_same_picture_gets_the_same_answer_in_any_batch_and_run(
    drawing: tuple[keras.Model, cnnviz.Probe, cnnviz.Explanation],
) -> None:
    model, probe, _ = drawing
    alone = probe.predict(PICTURE)[0]
    model.predict_on_batch(PICTURE.pixels[None])  # the user's own run draws on
    keras.random.normal((3,))
    for answer in probe.predict([models.picture(seed=4), PICTURE, PICTURE])[1:]:
        np.testing.assert_allclose(answer, alone, atol=1e-6)


def test_the_same_recipe_gives_the_same_map_in_another_thread(
    drawing: tuple[keras.Model, cnnviz.Probe, cnnviz.Explanation],
) -> None:
    model, probe, _ = drawing
    recipe, made = cnnviz.Occlusion(patch=8, stride=8, fill="black", target=1), list[np.ndarray]()
    first = recipe(probe, PICTURE).values
    thread = threading.Thread(target=lambda: made.append(recipe(cnnviz.Probe(model), PICTURE).values))
    thread.start()
    thread.join()
    np.testing.assert_allclose(made[0], first, atol=1e-6)
    ends = probe.scores(np.stack([PICTURE.pixels, 0 * PICTURE.pixels]), 1)
    np.testing.assert_allclose(first.mean(), ends[0] - ends[1], atol=1e-5)


def test_what_the_user_draws_is_not_moved_by_looking() -> None:
    model = network(Kept())
    drawn = []
    for look in (False, True):
        keras.utils.set_random_seed(5)
        keras.random.normal((1,))
        if look:
            cnnviz.Saliency(target=1)(model, PICTURE)
        drawn.append(np.asarray(keras.random.normal((3,))))
    np.testing.assert_array_equal(*drawn)


def test_what_tensorflow_draws_cannot_be_held_and_that_is_said() -> None:
    found = cnnviz.Saliency(target=1)(network(ByTensorFlow(name="noise")), PICTURE)
    (note,) = found.notes
    assert note.startswith(f"{SAID}noise, and its seeds cannot be held")


@pytest.mark.parametrize(
    "middle", [Plain, Unused, lambda: layers.GaussianNoise(0.9), lambda: layers.Dropout(0.5)]
)
def test_a_network_that_answers_the_same_each_time_is_not_suspected(middle: Any) -> None:
    probe = cnnviz.Probe(network(middle()))
    assert cnnviz.Saliency(target=1)(probe, PICTURE).notes == ()
    assert probe.notes == ()


def test_networks_that_draw_nothing_are_not_run_to_know_it() -> None:
    probe = cnnviz.Probe(network(Plain()))
    cnnviz.Saliency(target=1)(probe, PICTURE)
    assert probe.calls == 1


class Tossing(keras.Model):
    """A model written as a class that draws."""

    def __init__(self) -> None:
        super().__init__(name="tossing")
        self.flat, self.classes = layers.Flatten(), layers.Dense(3)

    def call(self, inputs: Any) -> Any:
        return self.classes(self.flat(inputs + keras.random.normal(ops.shape(inputs))))


def test_a_model_written_as_a_class_is_noticed_too() -> None:
    model = Tossing()
    model(PICTURE.pixels[None])
    probe = cnnviz.Probe(model)
    assert any(note.startswith(SAID) for note in cnnviz.Saliency(target=1)(probe, PICTURE).notes)
    first, second = (probe.predict(PICTURE) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("by", ["patches", "gradient"])
def test_similarity_says_once_that_the_network_draws(by: str) -> None:
    found = cnnviz.similarity(network(Kept(name="depth")), PICTURE, models.picture(seed=1), by=by)
    assert [note.startswith(f"{SAID}depth") for note in found.notes].count(True) == 1


def test_codes_say_once_that_the_network_draws_and_do_not_depend_on_their_neighbours() -> None:
    probe = cnnviz.Probe(network(Kept(name="depth")))
    codes = cnnviz.Codes.of(probe, [PICTURE, PICTURE, models.picture(seed=1)])
    assert [note.startswith(f"{SAID}depth") for note in codes.notes].count(True) == 1
    np.testing.assert_allclose(codes.values[codes.places == 0], codes.values[codes.places == 1], atol=1e-6)
