"""Patches answered by windows: layers of every kind and random networks give what whole pictures give."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets.probe.patching import network
from cnnviz_widgets.probe.patching.cost import Rates
from tests import models
from tests.probe.patching.common import KINDS, assert_close, between, covered, everywhere, randomise

pytestmark = pytest.mark.usefixtures("windows_wherever_possible")

# one layer of every kind


MIXING: dict[str, Callable[[], Any]] = {
    "slopes for each place": lambda: layers.PReLU(alpha_initializer="glorot_uniform"),
    "group normalisation": lambda: layers.GroupNormalization(2),
    "layer normalisation over space": lambda: layers.LayerNormalization(axis=(1, 2, 3)),
    "cubic upsampling": lambda: layers.UpSampling2D(2, interpolation="bicubic"),
    "someone's own function": lambda: layers.Lambda(lambda x: x - keras.ops.mean(x, (1, 2), keepdims=True)),
    "someone's own activation": lambda: layers.Activation(
        lambda x: x / keras.ops.max(x, (1, 2), keepdims=True)
    ),
    "transposition": lambda: layers.Permute((2, 1, 3)),
}


@pytest.mark.parametrize("kind", [*KINDS, *MIXING])
def test_a_layer_of_each_kind_gives_what_whole_pictures_give(kind: str) -> None:
    model = between({**KINDS, **MIXING}[kind])
    probe, image, source = cnnviz.Probe(model), models.picture(13, 16, 2), np.random.default_rng(1)
    for size in ((1, 1), (3, 2), (5, 9), (13, 16)):
        places = everywhere(image.size, size)
        patches = source.uniform(0, 1, (len(places), *size, 2)).astype(np.float32)
        (found,) = probe.patched(image, ["output"], places, size).answers(patches)
        assert_close(found, np.asarray(model(covered(image, patches, places), training=False)))


@pytest.fixture
def slow_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have windows always pay: all that counts on this machine is the work."""
    monkeypatch.setattr(network, "machine_rates", lambda: Rates(work=1e6, traffic=1e9, shape=0.0))


@pytest.mark.usefixtures("slow_machine")
@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_that_sees_only_its_surroundings_runs_on_windows(kind: str) -> None:
    probe, image = cnnviz.Probe(between(KINDS[kind])), models.picture(13, 16, 2)
    patched = probe.patched(image, ["output"], [(5, 5)], (1, 1))
    assert patched.whole_layers == ()


@pytest.mark.parametrize("kind", MIXING)
def test_a_layer_that_mixes_places_and_all_after_it_run_on_whole_maps(kind: str) -> None:
    probe, image = cnnviz.Probe(between(MIXING[kind])), models.picture(13, 16, 2)
    patched = probe.patched(image, ["output"], [(5, 5)], (1, 1))
    assert len(patched.whole_layers) == 2
    assert patched.whole_layers[-1] == "after"


# random networks


def network_of(draw: Any) -> keras.Model:
    """Draw a network of a few layers with branches, for a picture that need not be square."""
    size = draw(st.integers(9, 21)), draw(st.integers(9, 21))
    keras.utils.set_random_seed(draw(st.integers(0, 99)))
    image = keras.Input((*size, draw(st.integers(1, 3))), name="image")
    x = layers.Conv2D(4, draw(st.integers(1, 4)), padding=draw(st.sampled_from(["same", "valid"])))(image)
    for _ in range(draw(st.integers(1, 4))):
        x = draw(st.sampled_from([_plain, _residual, _branches]))(draw, x)
    x = draw(st.sampled_from(ENDS))(x)
    return randomise(keras.Model(image, x), draw(st.integers(0, 9)))


def _plain(draw: Any, x: Any) -> Any:
    shrinks = min(x.shape[1:3]) >= 6
    kind = draw(st.sampled_from([name for name in KINDS if shrinks or "same" in name or "up" in name]))
    x = layers.Conv2D(4, 1)(x) if x.shape[-1] != 4 else x
    x = KINDS[kind]()(x)
    return layers.ReLU()(layers.BatchNormalization()(x)) if draw(st.booleans()) else x


def _residual(draw: Any, x: Any) -> Any:
    inner = layers.Conv2D(x.shape[-1], draw(st.integers(1, 3)), padding="same", use_bias=False)(x)
    inner = layers.BatchNormalization()(inner)
    merge = draw(
        st.sampled_from([layers.Add, layers.Multiply, layers.Subtract, layers.Maximum, layers.Average])
    )
    return layers.Activation("relu")(merge()([x, inner]))


def _branches(draw: Any, x: Any) -> Any:
    strides = draw(st.integers(1, 2))
    wide = layers.Conv2D(3, 5, strides=strides, padding="same", activation="relu")(x)
    pool = layers.AveragePooling2D(3, strides=strides, padding="same")(x)
    sparse = layers.Conv2D(2, 1, strides=strides, padding="same")(x)
    return layers.Concatenate()([pool, wide, sparse])


ENDS: list[Callable[[Any], Any]] = [
    lambda x: x,
    lambda x: layers.Dense(3)(layers.GlobalAveragePooling2D()(x)),
    lambda x: layers.GlobalMaxPooling2D(keepdims=True)(x),
    lambda x: layers.Dense(3, activation="softmax")(layers.Flatten()(x)),
]


@pytest.mark.slow
@given(st.data())
@settings(max_examples=5)
def test_a_random_network_gives_what_whole_pictures_give(data: st.DataObject) -> None:
    model = network_of(data.draw)
    probe = cnnviz.Probe(model)
    height, width, channels = probe.input_shape
    image = models.picture(height, width, channels)
    source = np.random.default_rng(data.draw(st.integers(0, 9)))
    for _ in range(2):
        size = data.draw(st.integers(1, height)), data.draw(st.integers(1, width))
        places = np.stack(
            [source.integers(0, n - k + 1, 12) for n, k in zip((height, width), size, strict=True)], axis=1
        )
        places[:2] = (0, 0), (height - size[0], width - size[1])
        patches = source.uniform(-1, 2, (12, *size, channels)).astype(np.float32)
        (found,) = probe.patched(image, ["output"], places, size).answers(patches)
        expected = np.asarray(model(covered(image, patches, places), training=False))
        assert_close(found, expected.reshape(found.shape))  # one place is read as a row
