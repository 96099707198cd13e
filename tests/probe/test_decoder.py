"""The network in two halves: codes in the place of a layer's output, and the layers at which it cannot be cut."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import layers

from cnnviz_widgets import Probe
from cnnviz_widgets.errors import LayerError, SettingError
from tests.models import SIDE, autoencoder, channels_first, closed, functional, picture


def grey(seed: int = 0) -> np.ndarray:
    return picture(channels=1, seed=seed).pixels


def nested() -> keras.Model:
    """Return an autoencoder of two models, as most people write one."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    encoder = keras.Model(
        image, layers.Conv2D(2, 3, strides=2, padding="same", name="code")(image), name="encoder"
    )
    code = keras.Input((4, 4, 2), name="given")
    decoder = keras.Model(code, layers.Conv2DTranspose(1, 2, strides=2, name="made")(code), name="decoder")
    outer = keras.Input((SIDE, SIDE, 1), name="picture")
    return keras.Model(outer, decoder(encoder(outer)), name="nested")


def dense() -> keras.Model:
    """Return an autoencoder with a flat code of three numbers."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    code = layers.Dense(3, name="encoded")(layers.Flatten(name="flat")(image))
    wide = layers.Reshape((SIDE, SIDE, 1), name="wide")(layers.Dense(SIDE * SIDE, name="spread")(code))
    return keras.Model(image, wide, name="dense")


def with_skips() -> keras.Model:
    """Return a small U-Net: the first convolution and the picture itself reach the output past the code."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    first = layers.Conv2D(2, 3, padding="same", name="first")(image)
    code = layers.Conv2D(1, 3, strides=2, padding="same", name="encoded")(first)
    wide = layers.Concatenate(name="joined")([layers.UpSampling2D(name="wide")(code), first, image])
    return keras.Model(image, layers.Conv2D(1, 3, padding="same", name="made")(wide), name="with_skips")


def two_halves() -> keras.Model:
    """Return a model whose code is made of two layers, as that of a variational autoencoder."""
    image = keras.Input((SIDE, SIDE, 1), name="image")
    flat = layers.Flatten(name="flat")(image)
    mean, spread = layers.Dense(2, name="z_mean")(flat), layers.Dense(2, name="z_spread")(flat)
    code = layers.Add(name="z")([mean, spread])
    made = layers.Reshape((SIDE, SIDE, 1), name="made")(layers.Dense(SIDE * SIDE, name="spread_out")(code))
    return keras.Model(image, made, name="two_halves")


def conditioned() -> keras.Model:
    """Return an autoencoder whose decoder takes a number beside the code."""
    image, age = keras.Input((SIDE, SIDE, 1), name="image"), keras.Input((1,), name="age")
    code = layers.Dense(3, name="encoded")(layers.Flatten(name="flat")(image))
    both = layers.Concatenate(name="both")([code, layers.Dense(2, name="of_age")(age)])
    wide = layers.Reshape((SIDE, SIDE, 1), name="made")(layers.Dense(SIDE * SIDE, name="spread")(both))
    return keras.Model([image, age], wide, name="conditioned")


@pytest.mark.parametrize(
    ("make", "layer"),
    [
        (autoencoder, "encoded"),
        (autoencoder, "wide"),
        (nested, "encoder/code"),
        (dense, "encoded"),
        (two_halves, "z"),
    ],
)
def test_what_is_decoded_from_a_pictures_own_code_is_its_reconstruction(
    make: Callable[[], keras.Model], layer: str
) -> None:
    model = make()
    probe, batch = Probe(model), np.stack([grey(1), grey(2)])
    made = probe.decode(probe.encode(batch, layer), layer)
    assert np.allclose(made, model(batch), atol=1e-6)


def test_another_code_makes_what_the_decoder_by_itself_makes() -> None:
    model = nested()
    codes = np.random.default_rng(0).normal(size=(3, 4, 4, 2)).astype(np.float32)
    assert np.allclose(Probe(model).decode(codes, "code"), model.get_layer("decoder")(codes), atol=1e-6)


def test_a_decoder_that_takes_more_than_the_code_gets_what_the_probe_holds_it_at() -> None:
    model = conditioned()
    probe = Probe(model, inputs={"age": [2.5]})
    made = probe.decode(probe.encode(grey()[None], "encoded"), "encoded")
    assert np.allclose(made, model([grey()[None], np.array([[2.5]])]), atol=1e-6)


def test_more_codes_than_a_batch_are_all_decoded() -> None:
    model = dense()
    codes = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
    made = Probe(model).decode(codes, "encoded")
    after = model.get_layer("spread")(codes)
    assert np.allclose(made.reshape(40, -1), after, atol=1e-6)


def test_the_maps_of_a_network_with_channels_first_are_decoded_from_channels_last() -> None:
    model = channels_first()
    probe, batch = Probe(model), np.stack([picture(seed=3).pixels])
    made = probe.decode(probe.encode(batch, "conv_1"), "conv_1")
    assert np.allclose(made, probe.predict(batch), atol=1e-6)


def test_codes_in_half_precision_are_decoded_too() -> None:
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        probe = Probe(autoencoder())
    finally:
        keras.config.set_dtype_policy(before)
    made = probe.decode(probe.encode(grey()[None], "encoded"), "encoded")
    assert np.allclose(made, probe.predict(grey()[None]), atol=2e-3)


def test_decoding_writes_nothing_to_the_model() -> None:
    model = autoencoder()
    before = [weight.copy() for weight in model.get_weights()]
    Probe(model).decode(np.zeros((1, 4, 4, 2)), "encoded")
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_a_model_trained_further_decodes_with_its_new_weights() -> None:
    model = dense()
    probe, code = Probe(model), np.ones((1, 3), np.float32)
    probe.decode(code, "encoded")
    model.get_layer("spread").set_weights([np.zeros((3, SIDE * SIDE)), np.full(SIDE * SIDE, 0.25)])
    assert np.allclose(probe.decode(code, "encoded"), 0.25)


# where it can be cut


@pytest.mark.parametrize(
    ("make", "layer"),
    [(autoencoder, "encoded"), (nested, "encoder/code"), (dense, "encoded"), (two_halves, "z")],
)
def test_the_bottleneck_is_found_by_itself(make: Callable[[], keras.Model], layer: str) -> None:
    assert Probe(make()).split().name == layer


def test_the_bottleneck_of_a_model_for_any_size_is_found_too() -> None:
    image = keras.Input((None, None, 1), name="image")
    x = layers.Conv2D(2, 3, strides=2, padding="same", name="down")(image)
    x = layers.Conv2D(2, 3, strides=2, padding="same", name="narrow")(x)
    x = layers.Conv2DTranspose(2, 3, strides=2, padding="same", name="up")(x)
    model = keras.Model(image, layers.Conv2DTranspose(1, 3, strides=2, padding="same", name="made")(x))
    assert Probe(model).split().name == "narrow"
    assert Probe(model).split().shape == (None, None, 2)


def test_skip_connections_are_named_with_the_layers_that_cut_all_of_them() -> None:
    probe = Probe(with_skips())
    with pytest.raises(
        LayerError, match=r"'encoded' does not make the output alone: first, image reach it .* joined"
    ):
        probe.decode(np.zeros((1, 4, 4, 1)), "encoded")


def test_a_network_with_skip_connections_has_no_bottleneck() -> None:
    with pytest.raises(
        LayerError, match=r"with_skips has no bottleneck .* first, image reach it past that layer"
    ):
        Probe(with_skips()).split()


def test_half_of_a_code_is_no_code() -> None:
    with pytest.raises(
        LayerError, match=r"z_spread reaches it past that layer\. These do: flat, z, spread_out"
    ):
        Probe(two_halves()).split("z_mean")


def test_a_layer_beside_the_way_to_the_output_cannot_be_decoded_from() -> None:
    probe = Probe(autoencoder())
    with pytest.raises(LayerError, match="output does not follow from the layer 'rebuilt'"):
        probe.split("rebuilt")


def test_a_closed_model_says_why_it_cannot_be_cut() -> None:
    with pytest.raises(
        LayerError, match="no decoder that can be run by itself: closed is written as a class and could"
    ):
        Probe(closed()).split()


def test_a_classifier_is_decoded_into_its_classes() -> None:
    probe, batch = Probe(functional()), picture().pixels[None]
    assert np.allclose(probe.decode(probe.encode(batch, "mean"), "mean"), probe.predict(batch), atol=1e-6)


def test_codes_of_another_shape_are_refused() -> None:
    with pytest.raises(
        SettingError, match=r"codes of encoded must have the shape \(N, 4, 4, 2\); got \(4, 4, 2\)"
    ):
        Probe(autoencoder()).decode(np.zeros((4, 4, 2)), "encoded")


def test_codes_that_are_not_numbers_are_refused() -> None:
    with pytest.raises(SettingError, match="some are NaN or infinite"):
        Probe(dense()).decode([[0, np.nan, 1]], "encoded")
