"""Tokens of a transformer are maps of the picture, and nothing else is taken for them."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Probe
from tests import models
from tests.kinds import transformers
from tests.kinds.transformers import WIDTH, ClassToken, Patches, block


@pytest.fixture(scope="module")
def with_class_token() -> Probe:
    return Probe(transformers.class_token(count=2))


@pytest.fixture(scope="module")
def picture() -> cnnviz.Image:
    return models.picture(12, 16)


def _inner(model: keras.Model, layer: str, image: cnnviz.Image) -> np.ndarray:
    """Return a layer's own output, (tokens, C), by Keras alone."""
    made = keras.Model(model.input, model.get_layer(layer).output)(image.pixels[None])
    return np.asarray(made)[0]


def _of(tokens: Callable[[Any], Any], shape: tuple[int, int, int] = (16, 24, 3)) -> Probe:
    keras.utils.set_random_seed(5)
    image = keras.Input(shape)
    x = tokens(image)
    read = layers.GlobalAveragePooling1D()(x) if len(x.shape) == 3 else layers.Flatten()(x)
    return Probe(keras.Model(image, layers.Dense(3)(read)))


def _by_axes(image: Any) -> Any:
    x = layers.Reshape((4, 4, 6, 4, 3))(image)
    return layers.Dense(WIDTH, name="tokens")(layers.Reshape((24, 48))(layers.Permute((1, 3, 2, 4, 5))(x)))


class Embedded(layers.Layer):
    """Cuts, embeds, and adds three learnt tokens, all behind one name."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.cut, self.token = layers.Conv2D(WIDTH, 4, strides=4), ClassToken(3)

    def call(self, inputs: Any) -> Any:
        maps = self.cut(inputs)
        return self.token(ops.reshape(maps, (ops.shape(maps)[0], -1, WIDTH)))


def _overlapping(image: Any) -> Any:
    x = layers.Conv2D(WIDTH, 5, strides=2, padding="same")(image)
    x = layers.Lambda(lambda t: tf.reshape(t, (-1, 96, WIDTH)))(x)
    return layers.Dense(WIDTH, name="tokens")(x)


@pytest.mark.parametrize(
    ("tokens", "grid", "extra"),
    [
        (lambda image: Patches(name="tokens")(image), (4, 6), 0),
        (_by_axes, (4, 6), 0),
        (lambda image: Embedded(name="tokens")(image), (4, 6), 3),
        (lambda image: layers.Dense(4, name="tokens")(ClassToken(last=True)(Patches()(image))), (4, 6), 1),
        (_overlapping, (8, 12), 0),
        (lambda image: layers.Cropping1D((2, 0), name="tokens")(ClassToken(2)(Patches()(image))), (4, 6), 0),
        (lambda image: ops.expand_dims(ClassToken(2)(Patches()(image))[:, 1:], -1)[..., 0], (4, 6), 1),
    ],
)
def test_the_grid_is_found_however_the_picture_is_cut(tokens: Any, grid: tuple[int, int], extra: int) -> None:
    probe = _of(tokens)
    found = [layer for layer in probe.layers if layer.grid][-1]
    assert (found.grid, found.extra_tokens, found.spatial) == (grid, extra, True)
    assert found.shape[:2] == grid


def test_the_maps_are_the_tokens_row_by_row_without_the_extra_ones(
    with_class_token: Probe, picture: cnnviz.Image
) -> None:
    own = _inner(with_class_token.model, "block_0", picture)
    np.testing.assert_allclose(
        with_class_token.activations(picture, "block_0"), own[2:].reshape(3, 4, WIDTH), atol=1e-6
    )


def test_gradients_at_tokens_are_those_of_a_tape(with_class_token: Probe, picture: cnnviz.Image) -> None:
    model = with_class_token.model
    both = keras.Model(model.input, [model.get_layer("block_0").output, model.output])
    with tf.GradientTape() as tape:
        image = tf.constant(picture.pixels[None])
        tape.watch(image)
        tokens, answer = both(image)
        score = answer[0, 1]
    expected = tape.gradient(score, tokens)[0, 2:].numpy().reshape(3, 4, WIDTH)
    found = with_class_token.gradient(picture, 1, at="block_0")
    np.testing.assert_allclose(found.slope, expected, atol=1e-6)
    assert found.values.shape == (3, 4, WIDTH)


def test_a_unit_is_a_token_by_its_place(with_class_token: Probe, picture: cnnviz.Image) -> None:
    own = _inner(with_class_token.model, "block_0", picture)
    found = with_class_token.scores([picture], cnnviz.Unit("block_0", 5, (1, 3)))
    assert found[0] == pytest.approx(own[2 + 4 + 3, 5], abs=1e-6)


def test_codes_are_the_places_and_what_is_decoded_is_all_tokens(
    with_class_token: Probe, picture: cnnviz.Image
) -> None:
    own = _inner(with_class_token.model, "block_1", picture)
    np.testing.assert_allclose(with_class_token.code(picture, "block_1"), own[2:].ravel(), atol=1e-6)
    codes = with_class_token.encode(picture, "block_1")
    assert codes.shape == (1, 14, WIDTH) == (1, *with_class_token.layer("block_1").raw_shape)
    np.testing.assert_allclose(
        with_class_token.decode(codes, "block_1"), with_class_token.predict(picture), atol=1e-6
    )


def test_patch_similarity_adds_up_over_the_places_of_tokens() -> None:
    probe, one, other = (
        Probe(transformers.mean_head()),
        models.picture(16, 16),
        models.picture(16, 16, seed=1),
    )
    target = cnnviz.Similarity(other, "block_1", "cosine")
    found = cnnviz.PatchSimilarity(target)(probe, one)
    assert found.values.shape == (4, 4)
    assert found.values.sum() == pytest.approx(float(probe.scores([one], target)[0]), abs=1e-5)


def test_cam_reads_a_mean_over_tokens() -> None:
    probe, image = Probe(transformers.mean_head()), models.picture(16, 16)
    found = cnnviz.CAM(target=1)(probe, image)
    bias = probe.model.get_layer("classes").bias.numpy()[1]
    assert found.values.mean() + bias == pytest.approx(float(probe.logits(image)[0, 1]), abs=1e-5)


def _lost(image: Any) -> Any:
    tokens = layers.Reshape((24, WIDTH), name="tokens")(layers.Conv2D(WIDTH, 4, strides=4)(image))
    turned = layers.Permute((2, 1), name="turned")(tokens)
    mixed = layers.Dense(24, name="mixing")(layers.Dense(30, name="hidden")(turned))
    tokens = layers.Add(name="mixed")([tokens, layers.Permute((2, 1), name="back")(mixed)])
    heads = layers.Permute((2, 1, 3), name="heads")(layers.Reshape((24, 2, 4), name="split")(tokens))
    windows = layers.Reshape((4, 6, WIDTH), name="windows")(layers.Reshape((6, 4, WIDTH))(tokens))
    return layers.Concatenate()(
        [layers.Flatten()(heads), layers.Flatten()(windows), layers.Flatten()(tokens)]
    )


def test_tokens_that_stand_last_or_are_split_are_no_maps_and_what_is_added_to_tokens_is() -> None:
    spatial = {layer.name for layer in _of(_lost).spatial_layers}
    assert spatial & {"turned", "hidden", "mixing", "heads", "split", "windows"} == set()
    assert {"tokens", "mixed"} <= spatial


@pytest.mark.parametrize(
    "shaped",
    [
        lambda maps: layers.Permute((2, 1, 3), name="asked")(maps),
        lambda maps: layers.Reshape((-1, 4), name="asked")(maps),  # capsules
        lambda maps: layers.Conv2D(2, 1, name="asked")(layers.Permute((2, 1, 3))(maps)),
    ],
)
def test_maps_of_exchanged_axes_and_capsules_are_no_maps_of_the_picture(shaped: Any) -> None:
    assert not _of(lambda image: shaped(layers.Conv2D(8, 4, strides=4)(image))).layer("asked").spatial


def test_shuffled_channels_and_axes_put_back_are_maps() -> None:
    def there_and_back(image: Any) -> Any:
        x = layers.Conv2D(8, 3, padding="same")(image)
        x = layers.Permute((1, 2, 4, 3))(layers.Reshape((16, 24, 2, 4))(x))
        x = layers.Reshape((16, 24, 8), name="shuffled")(x)
        return layers.Permute((2, 3, 1), name="back")(layers.Permute((3, 1, 2))(x))

    probe = _of(there_and_back)
    assert probe.layer("shuffled").spatial
    assert probe.layer("back").spatial


class Latents(layers.Layer):
    """As many learnt tokens as there are patches; they know nothing of the picture."""

    def build(self, shape: Any) -> None:
        self.token = self.add_weight(shape=(1, shape[1], shape[2]), initializer="random_normal", name="token")

    def call(self, inputs: Any) -> Any:
        return ops.repeat(self.token, ops.shape(inputs)[0], axis=0)


def test_learnt_queries_of_equal_number_are_no_places() -> None:
    def asked(image: Any) -> Any:
        tokens = layers.Reshape((24, WIDTH))(layers.Conv2D(WIDTH, 4, strides=4)(image))
        return layers.MultiHeadAttention(2, 4, name="cross")(Latents(name="latents")(tokens), tokens)

    probe = _of(asked)
    assert probe.layer("latents").grid is None
    assert probe.layer("cross").grid is None


def test_a_grid_that_is_given_is_taken_and_one_that_does_not_fit_is_refused() -> None:
    model = transformers.class_token()
    assert Probe(model, token_grid=(6, 2)).layer("block_1").grid == (6, 2)
    with pytest.raises(cnnviz.SettingError, match=r"token_grid \(5, 9\) is 45 tokens.*13 \(with_token\)"):
        Probe(model, token_grid=(5, 9))
    with pytest.raises(cnnviz.SettingError, match=r"two whole numbers from 1; got \(3, 'x'\)"):
        Probe(model, token_grid=(3, "x"))


def test_a_network_is_as_it_was_after_its_tokens_were_found() -> None:
    model = transformers.mean_head()
    weights, called = model.get_weights(), [len(layer._inbound_nodes) for layer in model.layers]
    Probe(model)
    np.testing.assert_equal(model.get_weights(), weights)
    assert [len(layer._inbound_nodes) for layer in model.layers] == called


def test_class_maps_are_read_before_the_last_attention_if_the_class_token_alone_is_read(
    with_class_token: Probe, picture: cnnviz.Image
) -> None:
    assert with_class_token.last_spatial() == "block_1_before"
    assert not with_class_token.gradient(picture, 1, at="block_1").slope.any()
    assert with_class_token.gradient(picture, 1, at="block_1_before").slope.any()


@pytest.mark.parametrize(
    "head",
    [
        lambda tokens: tokens[:, 0],
        layers.Lambda(lambda tokens: tokens[:, 0], output_shape=(WIDTH,)),
        lambda tokens: layers.Flatten()(layers.Cropping1D((0, 24))(tokens)),
    ],
)
def test_it_is_seen_in_however_the_class_token_is_taken_out(head: Any) -> None:
    def read(image: Any) -> Any:
        rows = layers.Reshape((24, WIDTH))(layers.Conv2D(WIDTH, 4, strides=4)(image))
        return head(block(ClassToken()(rows), "block"))

    assert _of(read).last_spatial() == "block_before"


def test_a_head_that_reads_all_tokens_takes_the_last_block() -> None:
    assert Probe(transformers.mean_head()).last_spatial() == "block_1"


def test_rows_that_are_the_answer_are_not_the_default_layer() -> None:
    image = keras.Input((16, 24, 3))
    boxes = layers.Reshape((-1, 7), name="boxes")(layers.Conv2D(7, 4, strides=4, name="before")(image))
    assert Probe(keras.Model(image, boxes)).last_spatial() == "before"


def test_a_token_sees_its_patch_before_attention_and_the_whole_picture_after_it() -> None:
    for probe, row in (
        (Probe(transformers.class_token()), "placed"),
        (Probe(transformers.mean_head()), "embedded"),
    ):
        if row == "embedded":
            before = probe.receptive_field(row, (1, 2))
            assert (before.top, before.left, before.height, before.width) == (4, 8, 4, 4)
        assert probe.receptive_field("block_0", (1, 2)).whole
    before = probe.receptive_field("patches", (3, 0))
    assert (before.top, before.left, before.height, before.width) == (12, 0, 4, 4)
