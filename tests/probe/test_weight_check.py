"""Weights that changed are noticed at the next question, whatever wrote them and however little."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets.jobs import worker
from cnnviz_widgets.probe import cache as stamp_module
from cnnviz_widgets.probe.cache import WeightsStamp
from cnnviz_widgets.session import Session
from tests import models


def _wide() -> keras.Model:
    """Return a classifier with a layer of more numbers than any sample of them would hold."""
    keras.utils.set_random_seed(3)
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(16, 3, activation="relu", name="low"),
            layers.BatchNormalization(name="norm"),
            layers.Conv2D(48, 3, activation="relu", use_bias=False, name="wide"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(3, activation="softmax"),
        ],
        name="wide_network",
    )


def _changed(layer: Any, change: Callable[[np.ndarray], None]) -> None:
    first, *rest = (np.copy(weight) for weight in layer.get_weights())
    change(first)
    layer.set_weights([first, *rest])


def _next(numbers: np.ndarray) -> None:
    numbers[1, 2, 5, 7] = np.nextafter(numbers[1, 2, 5, 7], np.float32(9))


def _silence(numbers: np.ndarray) -> None:
    numbers[..., 5] = 0


def _exchange(numbers: np.ndarray) -> None:
    numbers[..., [5, 9]] = numbers[..., [9, 5]]


def _negate(numbers: np.ndarray) -> None:
    numbers *= -1


@pytest.mark.parametrize("change", [_next, _silence, _exchange, _negate], ids=lambda f: f.__name__[1:])
def test_a_layer_changed_in_part_is_noticed(change: Callable[[np.ndarray], None]) -> None:
    model = _wide()
    stamp = WeightsStamp(model)
    first = stamp.now()
    assert stamp.now() == first
    _changed(model.get_layer("wide"), change)
    second = stamp.now()
    assert second != first
    assert stamp.now() == second


def test_two_layers_with_their_weights_exchanged_are_noticed() -> None:
    keras.utils.set_random_seed(4)
    twins = [layers.Conv2D(3, 3, name=name) for name in ("one", "two")]
    stamp = WeightsStamp(keras.Sequential([keras.Input((8, 8, 3)), *twins]))
    first, (one, two) = stamp.now(), [layer.get_weights() for layer in twins]
    twins[0].set_weights(two)
    twins[1].set_weights(one)
    assert stamp.now() != first


def test_the_same_weights_written_again_are_no_change() -> None:
    model = _wide()
    stamp = WeightsStamp(model)
    first = stamp.now()
    model.set_weights(model.get_weights())
    assert stamp.now() == first


def test_moving_statistics_are_weights_and_losses_seeds_and_optimizers_are_not() -> None:
    model = keras.Sequential(
        [keras.Input((8, 8, 3)), layers.BatchNormalization(name="norm"), layers.Dropout(0.5), layers.Flatten(),
         layers.Dense(2)]
    )  # fmt: skip
    model.compile("adam", "mse")
    stamp, batch = WeightsStamp(model), np.ones((2, 8, 8, 3), np.float32)
    first = stamp.now()
    keras.layers.Dropout.call(model.layers[1], batch, training=True)  # moves its seed
    model.evaluate(batch, np.zeros((2, 2)), verbose=0)
    assert stamp.now() == first
    model(batch, training=True)  # moves the statistics
    assert stamp.now() != first


WRITES: dict[str, Callable[[Any], Any]] = {
    "assign": lambda v: v.assign(v + 1),
    "assign_add": lambda v: v.assign_add(tf.ones_like(v)),
    "assign_sub": lambda v: v.assign_sub(tf.ones_like(v)),
    "scatter_update": lambda v: v.scatter_update(tf.IndexedSlices(tf.ones((1, 4)), [1])),
    "scatter_nd_update": lambda v: v.scatter_nd_update([[1, 2]], [9.0]),
    "a slice": lambda v: v[1, 2].assign(9.0),
    "compiled": lambda v: tf.function(lambda: v.assign_add(tf.ones_like(v)), autograph=False)(),
    "compiled by XLA": lambda v: tf.function(
        lambda: v.assign_add(tf.ones_like(v)), autograph=False, jit_compile=True
    )(),
    "gradient descent": lambda v: tf.raw_ops.ResourceApplyGradientDescent(
        var=v.handle, alpha=0.1, delta=tf.ones_like(v)
    ),
    "sparse gradients": lambda v: tf.raw_ops.ResourceSparseApplyMomentum(
        var=v.handle, accum=tf.Variable(tf.zeros((3, 4))).handle, lr=0.1, grad=tf.ones((1, 4)), indices=[1],
        momentum=0.9,
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WRITES)
def test_however_tensorflow_writes_a_weight_it_is_noticed_each_time(way: str) -> None:
    layer = layers.Dense(4, use_bias=False)
    layer.build((None, 3))
    stamp = WeightsStamp(layer)
    seen = [stamp.now()]
    for _ in range(3):
        before = layer.get_weights()[0]
        WRITES[way](layer.kernel.value)
        seen.append(stamp.now())
        assert stamp.now() == seen[-1]
        assert (seen[-1] != seen[-2]) == bool((layer.get_weights()[0] != before).any())
    assert seen[1] != seen[0]


@pytest.mark.parametrize("kind", ["float16", "bfloat16", "float64", "int8", "bool"])
def test_weights_of_any_type_are_compared_bit_for_bit(kind: str) -> None:
    layer = layers.Layer()
    weight = layer.add_weight(shape=(5, 3), dtype=kind, initializer="ones", trainable=False)
    stamp = WeightsStamp(layer)
    first = stamp.now()
    bits = tf.Variable(weight.value).numpy()
    raw = bits.reshape(-1).view(np.uint8)
    raw[-bits.itemsize] ^= 1  # the last bit of the last number
    assert stamp.now() == first
    weight.assign(bits)
    assert stamp.now() != first


def test_a_weight_that_is_nan_is_the_same_as_long_as_it_stays() -> None:
    model = _wide()
    model.set_weights([w * np.nan for w in model.get_weights()])
    stamp = WeightsStamp(model)
    first = stamp.now()
    model.set_weights(model.get_weights())
    assert stamp.now() == first


def test_one_by_one_and_compiled_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamp_module, "WORTH_COMPILING", 0)
    model = models.with_policy("mixed_bfloat16")()
    stamp = WeightsStamp(model)
    assert len({stamp.now() for _ in range(stamp_module.UNCOMPILED + 3)}) == 1
    before = stamp.now()
    _changed(model.get_layer("conv_2"), _negate)
    after = stamp.now()
    assert after != before
    assert stamp.now() == after


def test_a_filter_silenced_is_seen_in_what_is_most_probable() -> None:
    model, image = _wide(), models.picture()
    probe = cnnviz.Probe(model)
    before = probe.top(image, 3)
    _changed(model.get_layer("wide"), _silence)
    assert probe.top(image, 3) == cnnviz.Probe(model).top(image, 3) != before


# layers and weights that were not there


ALTERED: dict[str, Callable[[keras.Model], Any]] = {
    "a layer added": lambda model: model.add(layers.Dense(2)),
    "a layer taken away": lambda model: model.pop(),
    "low-rank weights": lambda model: model.layers[-1].enable_lora(2),
}


@pytest.mark.parametrize("way", ALTERED)
def test_a_model_built_anew_says_so_instead_of_answering_as_it_was(way: str) -> None:
    model, image = _wide(), models.picture()
    probe = cnnviz.Probe(model)
    probe.top(image)
    ALTERED[way](model)
    for ask in (
        lambda: probe.top(image), lambda: probe.predict(image), lambda: cnnviz.GradCAM(target=1)(probe, image),
    ):  # fmt: skip
        with pytest.raises(
            cnnviz.ModelError, match=r"wide_network has other layers or weights.*give the model anew"
        ):
            ask()


def test_low_rank_weights_that_learn_are_noticed() -> None:
    model, image = _wide(), models.picture()
    model.layers[-1].enable_lora(2)
    probe = cnnviz.Probe(model)
    before = probe.top(image, 3)
    model.layers[-1].lora_kernel_b.assign(np.eye(2, 3, dtype=np.float32))
    after = probe.top(image, 3)
    assert after != before
    np.testing.assert_allclose(
        sorted(chance for _, _, chance in after), np.sort(model(image.pixels[None]).numpy()[0]), atol=1e-6
    )


def test_codes_made_before_a_change_are_not_compared_with_those_after_it() -> None:
    model = models.functional()
    codes = cnnviz.Codes.of(model, [models.picture(seed=k) for k in range(3)], layer="mean")
    codes.nearest(models.picture(seed=5))
    _changed(model.get_layer("conv_2"), _negate)
    with pytest.raises(cnnviz.ModelError, match=r"weights of functional have changed since.*Make them anew"):
        codes.nearest(models.picture(seed=5))
    assert len(codes.nearest(0)) == 2


# how often they are looked at


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """Count how often any weights are looked at."""
    made: list[None] = []
    now = WeightsStamp.now

    def counted(stamp: WeightsStamp) -> int:
        made.append(None)
        return now(stamp)

    monkeypatch.setattr(WeightsStamp, "now", counted)
    return made


def test_a_question_of_a_widget_looks_at_the_weights_once(looks: list[None]) -> None:
    probe = cnnviz.Probe(models.functional())
    session, image = Session(probe), models.picture()
    for layer in ("conv_1", "conv_2"):
        looks.clear()
        session.ask(image, cnnviz.GradCAM(layer=layer), first=lambda: [probe.top(image)])
        assert session.wait(60)
        assert session.error == ""
        assert len(looks) == 1


def test_within_a_question_weights_are_taken_as_they_were_and_after_it_they_are_looked_at() -> None:
    model, image = models.functional(), models.picture()
    probe = cnnviz.Probe(model)
    with probe.question():
        before = probe.top(image, 3)
        _changed(model.get_layer("conv_2"), _negate)
        with probe.question():
            assert probe.top(image, 3) == before
        assert probe.top(image, 3) == before
    assert probe.top(image, 3) == cnnviz.Probe(model).top(image, 3) != before


class _Writing(cnnviz.FeatureMaps):
    """A method of a user's own that writes weights between two questions."""

    def explain(self, probe: cnnviz.Probe, image: cnnviz.Image) -> Any:
        before = probe.gradient(image, 0).score
        _changed(probe.model.get_layer("conv_2"), _negate)
        after = probe.gradient(image, 0).score
        for found in super().explain(probe, image):
            found.scores.update(before=before, after=after)
            yield found


def test_a_method_of_ones_own_may_write_weights_between_its_questions() -> None:
    session = Session(cnnviz.Probe(models.functional()))
    session.ask(models.picture(), _Writing())
    assert session.wait(60)
    assert session.error == ""
    assert session.explanation.scores["before"] != session.explanation.scores["after"]


def test_a_change_of_style_does_not_look_at_the_weights_and_a_change_of_depth_does(looks: list[None]) -> None:
    widget = cnnviz.explore(models.functional(), [models.picture()])
    assert widget.wait(60)
    assert worker.wait(widget.presenter.film, 60)
    looks.clear()
    for style in (cnnviz.Style(opacity=0.2), cnnviz.Style(colormap="viridis"), cnnviz.Style(mode="map")):
        widget.style = style
    assert widget.wait(60)
    assert looks == []
    widget.layer = "conv_1"
    assert widget.wait(60)
    assert len(looks) == 1
    widget.close()
