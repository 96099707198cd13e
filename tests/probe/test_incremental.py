"""Patches answered by windows: the same as whole pictures, for random networks, pictures, patches and places."""

from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Contrast, LayerEnergy, ReconstructionError, Similarity, Unit
from cnnviz_widgets.coverage import coverage_mean, sweep_grid
from cnnviz_widgets.errors import SettingError
from cnnviz_widgets.probe.incremental import network
from cnnviz_widgets.probe.incremental.cost import Rates
from tests import models

CLOSE = 1e-5  # of the range of the answers


@pytest.fixture(scope="module", autouse=True)
def windows_wherever_possible() -> Iterator[None]:
    """Let windows seem to cost nothing, so that every layer that can runs on them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "machine_rates", lambda: Rates(windows=1e-9, shape=0.0))
        patch.setattr("cnnviz_widgets.probe.incremental.patched.WORTH", 0.0)
        yield


def covered(image: cnnviz.Image, patches: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Return the picture with each patch put in, (N, H, W, C)."""
    made = np.repeat(image.pixels[None], len(places), axis=0)
    for picture, patch, (top, left) in zip(made, patches, places, strict=True):
        picture[top : top + patch.shape[0], left : left + patch.shape[1]] = patch
    return made


def assert_close(found: np.ndarray, expected: np.ndarray) -> None:
    scale = max(float(np.ptp(expected)), float(np.abs(expected).max()) / 10, 1e-6)
    np.testing.assert_allclose(found, expected, rtol=0, atol=CLOSE * scale)


def everywhere(size: tuple[int, int], patch: tuple[int, int]) -> np.ndarray:
    """Return some places: all corners, and a few between."""
    rows, columns = (
        sorted({0, (n - k) // 3, (n - k) // 2, max(n - k - 1, 0), n - k})
        for n, k in zip(size, patch, strict=True)
    )
    return np.array([(row, column) for row in rows for column in columns])


# one layer of every kind

KINDS: dict[str, Callable[[], Any]] = {
    "convolution": lambda: layers.Conv2D(3, 3, activation="relu"),
    "same convolution": lambda: layers.Conv2D(3, (3, 4), padding="same", activation="elu"),
    "strided convolution": lambda: layers.Conv2D(3, 3, strides=2, padding="same", use_bias=False),
    "sparse convolution": lambda: layers.Conv2D(3, 1, strides=2),
    "sparse convolution of wide steps": lambda: layers.Conv2D(3, 2, strides=(3, 4), padding="same"),
    "strided valid convolution": lambda: layers.Conv2D(3, (2, 3), strides=(2, 3)),
    "dilated convolution": lambda: layers.Conv2D(3, 3, dilation_rate=2, padding="same"),
    "grouped convolution": lambda: layers.Conv2D(4, 3, groups=2, padding="same"),
    "depthwise convolution": lambda: layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same"),
    "strided depthwise convolution": lambda: layers.DepthwiseConv2D(3, strides=2, padding="same"),
    "separable convolution": lambda: layers.SeparableConv2D(
        4, 3, strides=2, padding="same", activation="relu"
    ),
    "transposed convolution": lambda: layers.Conv2DTranspose(
        3, 3, strides=2, padding="same", activation="relu"
    ),
    "valid transposed convolution": lambda: layers.Conv2DTranspose(3, 4, strides=3),
    "transposed convolution with gaps": lambda: layers.Conv2DTranspose(3, 2, strides=3, padding="same"),
    "maximum pooling": lambda: layers.MaxPooling2D(),
    "same maximum pooling": lambda: layers.MaxPooling2D(3, strides=2, padding="same"),
    "sparse maximum pooling": lambda: layers.MaxPooling2D(1, strides=2),
    "average pooling": lambda: layers.AveragePooling2D((2, 3), strides=2),
    "same average pooling": lambda: layers.AveragePooling2D(3, strides=1, padding="same"),
    "nearest upsampling": lambda: layers.UpSampling2D((2, 3)),
    "bilinear upsampling": lambda: layers.UpSampling2D((3, 2), interpolation="bilinear"),
    "zero padding": lambda: layers.ZeroPadding2D(((1, 2), (0, 3))),
    "cropping": lambda: layers.Cropping2D(((2, 1), (1, 3))),
    "normalisation": lambda: layers.BatchNormalization(),
    "channel softmax": lambda: layers.Softmax(),
    "channel layer normalisation": lambda: layers.LayerNormalization(),
    "rescaling": lambda: layers.Rescaling(2.0, offset=[0.1, 0.2, 0.3, 0.4]),
    "shared slopes": lambda: layers.PReLU(shared_axes=[1, 2], alpha_initializer="glorot_uniform"),
    "dropout": lambda: layers.Dropout(0.5),
    "dense over channels": lambda: layers.Dense(3, activation="tanh"),
}
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


def randomise(model: keras.Model, seed: int) -> keras.Model:
    """Give every weight that begins at a constant a random value."""
    source = np.random.default_rng(seed)
    for weight in model.weights:
        if np.ptp(weight.numpy()) == 0:
            weight.assign(source.uniform(0.5, 1.5, weight.shape) * (1 if "var" in weight.path else 0.5))
    return model


def between(kind: Callable[[], Any], size: tuple[int, int] = (13, 16)) -> keras.Model:
    """Return a model with one layer between two convolutions."""
    keras.utils.set_random_seed(3)
    image = keras.Input((*size, 2), name="image")
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="before")(image)
    x = kind()(x)
    x = layers.Conv2D(2, 3, padding="same", name="after")(x)
    return randomise(keras.Model(image, x), 0)


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
@settings(max_examples=10)
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
        assert_close(found, np.asarray(model(covered(image, patches, places), training=False)))


# questions


def test_one_sweep_answers_every_kind_of_question() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    targets = [
        ClassScore(1), ClassScore(2, of="probability"), Unit("conv_1", 2, (3, 4)), LayerEnergy("conv_2"),
        Similarity(models.picture(seed=9), "conv_2"), Contrast(ClassScore(0), ClassScore(2)),
    ]  # fmt: skip
    patched = probe.patched(
        image, ["output", "logits", "norm_1", *targets], everywhere((8, 8), (3, 3)), (3, 3)
    )
    patches = patched.patches(np.zeros_like(image.pixels))
    pictures = covered(image, patches, patched.places)
    whole = [probe.predict(pictures), probe.logits(pictures), probe.activations(pictures, "norm_1")]
    whole += [probe.scores(pictures, target) for target in targets]
    for found, expected in zip(patched.answers(patches), whole, strict=True):
        assert_close(found, expected)


def test_the_reconstruction_error_is_that_of_the_patched_picture() -> None:
    probe, image = cnnviz.Probe(models.autoencoder()), models.picture(8, 8, 1)
    patched = probe.patched(image, [ReconstructionError()], everywhere((8, 8), (2, 3)), (2, 3))
    patches = patched.patches(np.ones_like(image.pixels))
    (found,) = patched.answers(patches)
    assert_close(found, probe.scores(covered(image, patches, patched.places), ReconstructionError()))


def test_occlusion_by_windows_is_occlusion_by_whole_pictures() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    found = cnnviz.Occlusion(patch=3, stride=2, fill="black", target=1)(probe, image)
    grid = sweep_grid((8, 8), 3, 2)
    pictures = [grid.covered(image.pixels, np.zeros_like(image.pixels), place) for place in grid.order]
    scores = probe.scores(np.stack([image.pixels, *pictures]), 1)
    falls = np.empty(grid.shape, np.float32)
    falls[tuple(np.transpose(grid.order))] = scores[0] - scores[1:]
    assert_close(found.values, coverage_mean(grid, falls))


def test_a_patch_that_changes_nothing_lets_exactly_nothing_fall() -> None:
    image = cnnviz.Image(np.full((8, 8, 3), 0.5, np.float32), (0, 1))
    assert not cnnviz.Occlusion(patch=3, stride=1)(models.functional(), image).values.any()


def test_a_round_patch_covers_by_its_mask() -> None:
    image = models.picture()
    patched = cnnviz.Probe(models.functional()).patched(image, ["output"], [(2, 1)], (3, 3))
    mask = np.array([[0, 1, 0], [1, 1, 1], [0, 0.5, 0]], np.float32)
    (patch,) = patched.patches(np.zeros_like(image.pixels), mask=mask)
    np.testing.assert_allclose(patch, image.pixels[2:5, 1:4] * (1 - mask[..., None]), atol=1e-6)


def test_some_positions_are_answered_in_the_order_asked() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    patched = probe.patched(image, [1], everywhere((8, 8), (2, 2)), (2, 2))
    patches = patched.patches(np.zeros_like(image.pixels))
    (all_of_them,) = patched.answers(patches)
    numbers = [7, 0, 23, 7]
    (some,) = patched.answers(patches[numbers], numbers)
    np.testing.assert_allclose(some, all_of_them[numbers], atol=1e-6)


def test_a_second_size_of_patch_compiles_nothing_new() -> None:
    probe, image = cnnviz.Probe(between(KINDS["same convolution"])), models.picture(13, 16, 2)
    held = []
    for size in ((3, 3), (4, 2)):
        patched = probe.patched(image, ["output"], everywhere((13, 16), size), size)
        patched.answers(patched.patches(np.zeros_like(image.pixels)))
        held.append(patched.compiled)
    assert held[0] == held[1] > 0


def test_new_weights_are_noticed() -> None:
    model = models.functional()
    probe, image = cnnviz.Probe(model), models.picture()
    patched = probe.patched(image, ["output"], everywhere((8, 8), (2, 2)), (2, 2))
    patches = patched.patches(np.zeros_like(image.pixels))
    patched.answers(patches)
    for weight in model.weights:
        weight.assign(weight.numpy() * 1.5)
    assert_close(patched.answers(patches)[0], probe.predict(covered(image, patches, patched.places)))


def test_the_model_is_left_as_it_was() -> None:
    model = models.functional()
    before = [weight.numpy() for weight in model.weights]
    patched = cnnviz.Probe(model).patched(models.picture(), ["output"], [(0, 0)], (2, 2))
    patched.answers(patched.patches(np.zeros((8, 8, 3), np.float32)))
    for weight, value in zip(model.weights, before, strict=True):
        np.testing.assert_array_equal(weight.numpy(), value)


def test_a_preprocessing_of_single_pixels_is_applied_to_the_patch() -> None:
    probe = cnnviz.Probe(models.functional(), preprocess=lambda x: x[..., ::-1] * 2 - 1)
    image = models.picture()
    patched = probe.patched(image, ["output"], everywhere((8, 8), (3, 3)), (3, 3))
    patches = patched.patches(np.zeros_like(image.pixels))
    assert_close(patched.answers(patches)[0], probe.predict(covered(image, patches, patched.places)))


def test_a_preprocessing_that_mixes_pixels_is_run_on_whole_pictures() -> None:
    probe = cnnviz.Probe(models.functional(), preprocess=lambda x: x - x.mean(axis=(1, 2), keepdims=True))
    image = models.picture()
    patched = probe.patched(image, ["output", 1], everywhere((8, 8), (3, 3)), (3, 3))
    patches = patched.patches(np.zeros_like(image.pixels))
    pictures = covered(image, patches, patched.places)
    outputs, scores = patched.answers(patches)
    assert_close(outputs, probe.predict(pictures))
    assert_close(scores, probe.scores(pictures, 1))


@pytest.mark.parametrize(
    "make",
    [
        models.subclassed, models.channels_first, models.with_policy("mixed_float16"),
        models.with_policy("float64"), models.two_inputs, models.dict_inputs, models.dict_outputs,
        models.shared_layer, models.shared_model, models.model_in_model_in_model, models.base_and_softmax,
        models.sequential, models.no_convolution, models.ops_softmax, models.single_logit, models.constant,
    ],
)  # fmt: skip
def test_every_kind_of_model_is_served(make: Callable[[], keras.Model]) -> None:
    probe = cnnviz.Probe(make())
    height, width, channels = probe.input_shape
    image = models.picture(height, width, channels or 3)
    patched = probe.patched(image, ["output"], everywhere(image.size, (3, 2)), (3, 2))
    patches = patched.patches(np.zeros_like(image.pixels))
    assert_close(patched.answers(patches)[0], probe.predict(covered(image, patches, patched.places)))


def test_a_model_of_any_size_is_served_at_two_sizes() -> None:
    probe = cnnviz.Probe(models.functional((None, None, 3)))
    for size in ((8, 11), (12, 9)):
        image = models.picture(*size)
        patched = probe.patched(image, ["output"], everywhere(size, (3, 2)), (3, 2))
        patches = patched.patches(np.zeros_like(image.pixels))
        assert_close(patched.answers(patches)[0], probe.predict(covered(image, patches, patched.places)))


def test_a_patch_outside_of_the_picture_is_refused() -> None:
    probe = cnnviz.Probe(models.functional())
    with pytest.raises(SettingError, match="first rows must be from 0 to 5; got 0 to 6"):
        probe.patched(models.picture(), ["output"], [(0, 0), (6, 0)], (3, 3))


def test_a_gain_that_would_not_pay_for_compiling_leaves_whole_pictures(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    places = everywhere((8, 8), (2, 2))
    gain = probe.patched(image, ["output"], places, (2, 2)).gain
    assert gain > 1
    for worth, left in ((gain * 0.99, gain), (gain * 1.01, 1.0)):
        monkeypatch.setattr("cnnviz_widgets.probe.incremental.patched.WORTH", worth)
        assert probe.patched(image, ["output"], places, (2, 2)).gain == pytest.approx(left)
