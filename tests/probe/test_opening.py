"""Models and layers that are written as classes: their inner layers are those of the user, with the right numbers."""

from __future__ import annotations

import sys
import threading
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import cnnviz_widgets as cnnviz
from cnnviz_widgets.probe.randomised import RandomisedCopy
from tests import models
from tests.kinds.opened import Flow, Small, blocks, with_flow
from tests.models import SIDE

PICTURES = np.random.default_rng(1).uniform(0, 1, (3, SIDE, SIDE, 3)).astype(np.float32)
IMAGE = models.picture()


def small() -> Small:
    keras.utils.set_random_seed(3)
    model = Small()
    model(PICTURES)
    return model


def by_tape(model: Small, score: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first layer's maps, and the gradients of a logit by them and by the pixels, worked out by hand."""
    pictures = tf.constant(IMAGE.pixels[None])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(pictures)
        maps = model.first(pictures)
        last = ops.mean(ops.relu(model.second(maps) + 0.1), axis=(1, 2))
        logit = (last @ model.head.kernel + model.head.bias)[0, score]
    return maps[0].numpy(), tape.gradient(logit, maps)[0].numpy(), tape.gradient(logit, pictures)[0].numpy()


def test_its_inner_layers_are_there_by_name() -> None:
    names = [layer.name for layer in cnnviz.Probe(small()).layers]
    assert [name for name in names if name in ("first", "second", "drop", "head")] == [
        "first",
        "second",
        "drop",
        "head",
    ]


def test_activations_and_gradients_of_an_inner_layer_are_those_of_a_tape() -> None:
    model = small()
    maps, by_maps, by_pixels = by_tape(model, 1)
    probe = cnnviz.Probe(model)
    inner, outer = probe.gradient(IMAGE, 1, at="first"), probe.gradient(IMAGE, 1)
    np.testing.assert_allclose(inner.values, maps, atol=1e-6)
    np.testing.assert_allclose(inner.slope, by_maps, atol=1e-6)
    np.testing.assert_allclose(outer.slope, by_pixels, atol=1e-6)


def test_the_head_is_found_and_logits_are_before_it() -> None:
    model = small()
    probe = cnnviz.Probe(model)
    assert probe.squash == "softmax"
    made = np.exp(probe.logits(PICTURES))
    expected = model.predict(PICTURES, verbose=0)
    np.testing.assert_allclose(made / made.sum(1, keepdims=True), expected, atol=1e-6)


def test_grad_cam_follows_its_formula() -> None:
    model = small()
    maps, by_maps, _ = by_tape(model, 2)
    found = cnnviz.GradCAM(layer="first", target=cnnviz.ClassScore(2))(model, IMAGE)
    expected = np.maximum(maps @ by_maps.mean(axis=(0, 1)), 0)
    np.testing.assert_allclose(found.values, expected, atol=1e-6)


def test_an_inner_layer_is_decoded_as_the_model_goes_on() -> None:
    model = small()
    probe = cnnviz.Probe(model)
    np.testing.assert_allclose(
        probe.decode(probe.encode(PICTURES, "first"), "first"), model.predict(PICTURES, verbose=0), atol=1e-6
    )


def test_new_weights_are_those_of_the_next_question() -> None:
    model = small()
    probe = cnnviz.Probe(model)
    probe.predict(PICTURES)
    model.set_weights([weight * 0.7 for weight in model.get_weights()])
    np.testing.assert_allclose(probe.predict(PICTURES), model.predict(PICTURES, verbose=0), atol=1e-6)


def test_a_layer_made_of_layers_is_opened_where_it_stands_each_time_it_is_used() -> None:
    model = blocks()
    probe = cnnviz.Probe(model)
    names = [layer.name for layer in probe.layers]
    assert [name for name in names if name.startswith("block/inner")] == ["block/inner", "block/inner#2"]
    inner = model.get_layer("block").inner
    once = PICTURES + inner(PICTURES)
    np.testing.assert_allclose(probe.activations(PICTURES, "block/inner#2"), inner(once), atol=1e-6)
    np.testing.assert_allclose(probe.predict(PICTURES), model.predict(PICTURES, verbose=0), atol=1e-6)


def _everything(layer: Any) -> list[tuple[str, int]]:
    """Return what a layer and those below it hold, by identity, and the records of their calls."""
    return [
        (f"{one.name}.{name}", len(value) if name.endswith("_nodes") else id(value))
        for one in layer._flatten_layers(include_self=True)
        for name, value in sorted(vars(one).items())
    ]


@pytest.mark.parametrize("make", [small, blocks])
def test_opening_writes_nothing_to_the_layers(make: Any) -> None:
    model = make()
    before = _everything(model)
    probe = cnnviz.Probe(model)
    assert _everything(model) == before
    probe.predict(PICTURES)
    assert _everything(model) == before


class Leaving(Small):
    """A model that leaves what it made in its attributes, and then fails."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []
        self.fails = False

    def call(self, pictures: Any, training: bool = False) -> Any:
        self.last = self.first(pictures)
        self.seen.append(self.last)
        if self.fails:
            raise RuntimeError("not today")
        return self.head(ops.mean(self.second(self.last), axis=(1, 2)))


@pytest.mark.parametrize("fails", [False, True])
def test_what_a_call_leaves_behind_is_taken_away_after_an_error_too(fails: bool) -> None:
    model = Leaving()
    model(PICTURES)
    model.seen.clear()
    model.fails = fails
    last = model.last
    before = _everything(model)
    if fails:
        with pytest.raises(cnnviz.ModelError, match="not today"):
            cnnviz.Probe(model)
    else:
        cnnviz.Probe(model)
    assert model.last is last
    assert model.seen == []
    assert _everything(model) == before


@pytest.fixture(scope="module")
def flow() -> Flow:
    return with_flow()


def after_first(model: Flow, maps: Any) -> Any:
    """Return what the network makes of the first layer's maps, worked out by hand."""
    return (
        ops.max(ops.relu(model.second(maps * model.scale)), axis=(1, 2)) @ model.head.kernel + model.head.bias
    )


def test_layers_are_seen_through_plain_tensorflow_and_the_flow_of_python(flow: Flow) -> None:
    probe = cnnviz.Probe(flow)
    names = " ".join(layer.name for layer in probe.layers)
    assert names == "first mul second relu max drop head softmax"
    assert (probe.why_no_layers, probe.squash) == ("", "softmax")
    np.testing.assert_allclose(probe.predict(PICTURES), flow.predict(PICTURES, verbose=0), atol=1e-6)


def test_activations_and_gradients_between_traced_functions_are_those_of_a_tape(flow: Flow) -> None:
    pictures = tf.constant(IMAGE.pixels[None])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(pictures)
        maps = flow.first(pictures)
        score = ops.softmax(after_first(flow, maps))[0, 2]
    probe = cnnviz.Probe(flow)
    target = cnnviz.ClassScore(2, of="probability")
    inner, outer = probe.gradient(IMAGE, target, at="first"), probe.gradient(IMAGE, target)
    np.testing.assert_allclose(inner.values, maps[0], atol=1e-6)
    np.testing.assert_allclose(inner.slope, tape.gradient(score, maps)[0], atol=1e-6)
    np.testing.assert_allclose(outer.slope, tape.gradient(score, pictures)[0], atol=1e-6)


def test_a_network_is_decoded_through_traced_functions(flow: Flow) -> None:
    probe = cnnviz.Probe(flow)
    code = np.random.default_rng(2).uniform(0, 1, (2, SIDE, SIDE, 4)).astype(np.float32)
    expected = ops.softmax(after_first(flow, code))
    np.testing.assert_allclose(probe.decode(code, "first"), expected, atol=1e-6)


def test_a_weight_read_between_layers_is_the_one_that_holds_now_and_is_shuffled_with_the_others(
    flow: Flow,
) -> None:
    probe = cnnviz.Probe(flow)
    before = flow.scale.numpy()
    try:
        flow.scale.assign([1.0, -2.0, 3.0, 0.5])
        np.testing.assert_allclose(probe.predict(PICTURES), flow.predict(PICTURES, verbose=0), atol=1e-6)
        copy = RandomisedCopy(probe)
        assert copy.layers(cnnviz.ClassScore(0)) == ("head", "second", "mul", "first")
        made = copy.probe.activations(PICTURES, "mul")
        copy.shuffle("mul")
        assert not np.allclose(copy.probe.activations(PICTURES, "mul"), made)
        np.testing.assert_array_equal(flow.scale.numpy(), np.float32([1, -2, 3, 0.5]))
    finally:
        flow.scale.assign(before)


def test_watching_writes_nothing_to_the_layers_and_leaves_no_hook(flow: Flow) -> None:
    before, hook = _everything(flow), sys.getprofile()
    cnnviz.Probe(flow)
    assert _everything(flow) == before
    assert sys.getprofile() is hook


def test_what_another_thread_calls_meanwhile_is_not_seen(flow: Flow, monkeypatch: pytest.MonkeyPatch) -> None:
    called = []

    def elsewhere() -> None:
        other = threading.Thread(target=lambda: called.append(flow.first(PICTURES)))
        other.start()
        other.join()

    monkeypatch.setattr(Flow, "meanwhile", lambda self: elsewhere())
    names = [layer.name for layer in cnnviz.Probe(flow).layers]
    assert called
    assert [name for name in names if name.startswith("first")] == ["first"]


class InFunction(Small):
    """A model whose `call`, and what that calls, are functions of TensorFlow."""

    @tf.function
    def end(self, maps: Any) -> Any:
        return self.head(tf.reduce_mean(maps, (1, 2)))

    @tf.function
    def call(self, pictures: Any, training: bool = False) -> Any:
        return self.end(self.second(self.first(pictures)))


def test_functions_of_tensorflow_are_looked_into() -> None:
    model = InFunction()
    model(PICTURES)
    probe = cnnviz.Probe(model)
    assert [layer.name for layer in probe.layers] == ["first", "second", "mean", "head"]
    assert not tf.config.functions_run_eagerly()
    np.testing.assert_allclose(probe.predict(PICTURES), model.predict(PICTURES, verbose=0), atol=1e-6)


class Looping(Small):
    """A model with one layer in a loop."""

    def call(self, pictures: Any, training: bool = False) -> Any:
        maps = tf.map_fn(lambda one: self.second(one[None])[0], self.first(pictures))
        return self.head(tf.reduce_mean(maps, (1, 2)))


def test_a_layer_in_a_loop_is_not_had_and_its_weights_are_not_shuffled_in_silence() -> None:
    model = Looping()
    model(PICTURES)
    probe = cnnviz.Probe(model)
    names = [layer.name for layer in probe.layers]
    assert ("first" in names, "second" in names) == (True, False)
    assert probe.notes == ("Called inside of loops, and not shown: second.",)
    np.testing.assert_allclose(probe.predict(PICTURES), model.predict(PICTURES, verbose=0), atol=1e-6)
    with pytest.raises(cnnviz.ModelError, match=r"weights inside of loops.*cannot be exchanged"):
        RandomisedCopy(probe)


class LoopingOverPatches(Small):
    """A model whose convolutions all run in a loop."""

    def call(self, pictures: Any, training: bool = False) -> Any:
        pooled = tf.map_fn(
            lambda one: tf.reduce_mean(self.second(self.first(one[None]))[0], (0, 1)), pictures
        )
        return self.head(pooled)


def test_what_has_no_maps_since_its_convolutions_run_in_a_loop_says_so() -> None:
    model = LoopingOverPatches()
    model(PICTURES)
    with pytest.raises(
        cnnviz.LayerError, match=r"has maps: .*first.* called inside of loops, and not seen\. Use a pixel"
    ):
        cnnviz.Probe(model).last_spatial()


class Wrapped(keras.Model):
    """A functional model with a `call` of its own, as custom training is written."""

    def call(self, pictures: Any, training: bool = False) -> Any:
        return tf.nn.softmax(super().call(pictures, training=training))


def test_a_functional_model_with_a_call_of_its_own_is_opened_without_having_been_called() -> None:
    plain = models.functional(head="linear")
    model = Wrapped(plain.inputs, plain.outputs)
    probe = cnnviz.Probe(model)
    assert [layer.name for layer in probe.layers][-2:] == ["classes", "softmax"]
    np.testing.assert_allclose(probe.predict(PICTURES), model.predict(PICTURES, verbose=0), atol=1e-6)


class Two(Small):
    """A model of two inputs and two outputs, by name."""

    def call(self, given: Any, training: bool = False) -> Any:
        maps = self.first(given["photo"])
        code = tf.concat([tf.reduce_mean(self.second(maps), (1, 2)), given["age"]], axis=1)
        return {"label": self.head(code), "maps": maps}


def test_inputs_and_outputs_keep_their_names() -> None:
    model = Two()
    given = {"photo": PICTURES, "age": np.float32([[2], [2], [2]])}
    model(given)
    probe = cnnviz.Probe(model, inputs={"age": [2]}, output="label")
    expected = model.predict(given, verbose=0)["label"]
    np.testing.assert_allclose(probe.predict(PICTURES), expected, atol=1e-6)


class Parts(keras.Model):
    """A variational autoencoder as tutorials write it: no `call`."""

    def __init__(self, spread: float) -> None:
        super().__init__(name="vae")
        image = keras.Input((SIDE, SIDE, 1))
        flat = layers.Flatten()(image)
        mean, width = layers.Dense(2)(flat), layers.Dense(2)(flat)
        drawn = layers.GaussianNoise(spread)(mean) if spread == 0 else Drawn()(mean)
        self.encoder = keras.Model(image, [mean, width, drawn], name="encoder")
        code = keras.Input((2,))
        self.decoder = keras.Model(code, layers.Reshape((SIDE, SIDE, 1))(layers.Dense(SIDE * SIDE)(code)))


class Drawn(layers.Layer):
    """A code drawn at random."""

    def call(self, mean: Any) -> Any:
        return mean + tf.random.normal(tf.shape(mean))


@pytest.mark.parametrize(("spread", "output"), [(0.0, 2), (1.0, 0)])
def test_a_model_without_call_is_told_the_line_that_puts_its_parts_together(
    spread: float, output: int
) -> None:
    vae = Parts(spread)
    before = _everything(vae)
    line = f"keras.Model(vae.encoder.input, vae.decoder(vae.encoder.output[{output}]))"
    with pytest.raises(cnnviz.ModelError, match=r"Its parts: vae\.encoder .*, vae\.decoder ") as error:
        cnnviz.Probe(vae)
    assert f"cnnviz.Probe({line})" in str(error.value)
    assert _everything(vae) == before
    together = eval(line, {"keras": keras, "vae": vae})
    assert cnnviz.Probe(together).output_shape == (SIDE, SIDE, 1)


def test_a_model_without_call_is_told_which_part_takes_pictures() -> None:
    model = keras.Model(name="contrastive")
    model.encoder = keras.Sequential([keras.Input((SIDE, SIDE, 3)), layers.Flatten(), layers.Dense(4)])
    model.probing = keras.Sequential([keras.Input((4,)), layers.Dense(2)])
    line = "keras.Model(contrastive.encoder.inputs, contrastive.probing(contrastive.encoder.outputs[0]))"
    with pytest.raises(
        cnnviz.ModelError, match=r"One by itself: cnnviz\.Probe\(contrastive\.encoder\)\.$"
    ) as error:
        cnnviz.Probe(model)
    assert f"cnnviz.Probe({line})" in str(error.value)
    together = eval(line, {"keras": keras, "contrastive": model})
    assert cnnviz.Probe(together).output_shape == (2,)


def test_a_model_without_call_and_without_parts_is_told_to_have_one() -> None:
    with pytest.raises(cnnviz.ModelError, match=r"holds no model that does\. Give its class a `call"):
        cnnviz.Probe(keras.Model())
