"""What kind of answer a network gives, what is asked of it first, and in which layer that is explained."""

from collections.abc import Callable

import keras
import numpy as np
import pytest
from keras import layers, ops

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Box, ClassScore, LayerEnergy, Mask, Output, Unit
from tests import models
from tests.kinds import answers

Made = Callable[[], keras.Model]


def _row(*after: keras.layers.Layer, loss: object = None, side: int = 8) -> Made:
    """Return a builder of a network that pools its maps, with some layers after that."""

    def build() -> keras.Model:
        image = keras.Input((side, side, 3))
        x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(image))
        for layer in after:
            x = layer(x)
        model = keras.Model(image, x)
        if loss is not None:
            model.compile(loss=loss)
        return model

    return build


def _with_loss(build: Made, loss: object) -> Made:
    def compiled() -> keras.Model:
        model = build()
        model.compile(loss=loss)
        return model

    return compiled


def _lengths(model: keras.Model) -> keras.Model:
    x = model.output
    return keras.Model(model.input, x / ops.norm(x, axis=-1, keepdims=True))


def _hidden_softmax() -> keras.Model:
    model = _row(layers.Dense(3))()
    return keras.Model(
        model.input, layers.Lambda(lambda x: ops.exp(x) / ops.sum(ops.exp(x), 1)[:, None])(model.output)
    )


def _two_heads(merged: Callable[[list[object]], object]) -> keras.Model:
    """Return a network of two weighted sums that are made one, as of a class token and a distillation token."""
    model = _row()()
    return keras.Model(model.input, merged([layers.Dense(10)(model.output), layers.Dense(10)(model.output)]))


def _denoiser(channels: int = 32) -> keras.Model:
    """Return a grey autoencoder whose smallest maps hold as many numbers as there are channels for."""
    image = keras.Input((8, 8, 1))
    x = layers.Conv2D(channels, 3, strides=2, padding="same", activation="relu")(image)
    x = layers.Conv2DTranspose(4, 3, strides=2, padding="same", activation="relu")(x)
    return keras.Model(image, layers.Conv2D(1, 3, padding="same", activation="sigmoid")(x))


def _detector() -> keras.Model:
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, activation="relu", name="seen")(image)
    kinds = layers.Softmax()(layers.Reshape((-1, 3))(layers.Conv2D(6, 1, name="kinds")(x)))
    places = layers.Reshape((-1, 4))(layers.Conv2D(8, 1, name="places")(layers.Conv2D(4, 1, name="aside")(x)))
    return keras.Model(image, layers.Concatenate(axis=-1)([kinds, places]))


def _plain_mask() -> keras.Model:
    image = keras.Input((8, 8, 1))
    x = layers.Conv2D(4, 3, padding="same", activation="relu", name="seen")(image)
    return keras.Model(image, layers.Conv2D(1, 1, activation="sigmoid")(x))


def _mean_dice(true: object, made: object) -> object:
    return true


FROM_LOGITS = keras.losses.BinaryCrossentropy(from_logits=True)
SPARSE = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
dense, u_net = layers.Dense, answers.u_net


@pytest.mark.parametrize(
    ("build", "task"),
    [
        (_row(dense(3, "softmax")), "multiclass"),
        (_row(dense(1, "sigmoid")), "binary"),
        (_row(dense(4, "sigmoid")), "multilabel"),
        (_row(dense(4, "sigmoid"), loss="mse"), "regression"),
        (_row(dense(4), loss="huber"), "regression"),
        (_row(dense(1)), "regression"),
        (_row(dense(1), loss=FROM_LOGITS), "binary"),
        (_row(dense(4), loss=FROM_LOGITS), "multilabel"),
        (_row(dense(4), loss=SPARSE), "multiclass"),
        (_row(dense(4)), "multiclass"),
        (_row(dense(34), layers.Reshape((17, 2))), "regression"),
        (_row(), "embedding"),
        (_row(dense(16, "relu")), "embedding"),
        (_row(dense(16, name="embedding")), "embedding"),
        (lambda: _lengths(_row(dense(16))()), "embedding"),
        (_row(dense(16), layers.Lambda(lambda x: x / ops.norm(x, axis=1)[:, None])), "embedding"),
        (_hidden_softmax, "multiclass"),
        (_row(dense(3), layers.Activation("log_softmax")), "multiclass"),
        (_row(dense(3), layers.Lambda(lambda x: ops.log_softmax(x))), "multiclass"),
        (lambda: _two_heads(layers.Average()), "multiclass"),
        (lambda: _two_heads(layers.Add()), "multiclass"),
        (lambda: _two_heads(lambda both: (both[0] + both[1]) / 2), "multiclass"),
        (lambda: _two_heads(lambda both: both[0] / 0.07), "multiclass"),
        (lambda: _two_heads(lambda both: layers.ReLU()(both[0]) + both[1]), "embedding"),
        (answers.encoder, "embedding"),
        (answers.key_points, "regression"),
        (answers.pair, "regression"),
        (answers.steps, "sequence"),
        (answers.boxes, "detection"),
        (_detector, "detection"),
        (answers.enlarger, "image"),
        (models.autoencoder, "image"),
        (_denoiser, "image"),
        (models.segmentation, "segmentation"),
        (u_net, "segmentation"),
        (lambda: u_net(side=None), "segmentation"),
        (_plain_mask, "segmentation"),
        (lambda: u_net(3, 1), "segmentation"),
        (lambda: u_net(3, 5, None), "segmentation"),
        (lambda: u_net(3, 3), "image"),
        (_with_loss(lambda: u_net(3, 3, None), SPARSE), "segmentation"),
        (_with_loss(u_net, "mse"), "image"),
        (_with_loss(_denoiser, _mean_dice), "segmentation"),
    ],
)
def test_a_task_is_found(build: Made, task: str) -> None:
    assert cnnviz.Probe(build()).task == task


@pytest.mark.parametrize(
    ("build", "others"),
    [
        (_row(dense(4)), "'regression' or 'embedding'"),
        (_plain_mask, "'image'"),
        (_denoiser, "'segmentation'"),
        (_with_loss(u_net, "binary_crossentropy"), "'image'"),
    ],
)
def test_a_task_that_could_be_another_is_said_with_how_to_set_it(build: Made, others: str) -> None:
    (note,) = cnnviz.Probe(build()).notes
    assert note.endswith(f"say so: Probe(model, task={others}).")


@pytest.mark.parametrize(
    "build", [_row(dense(3, "softmax")), u_net, models.autoencoder, answers.encoder, answers.steps]
)
def test_a_task_that_is_sure_is_not_explained(build: Made) -> None:
    assert cnnviz.Probe(build()).notes == ()


def test_class_names_tell_that_numbers_are_classes() -> None:
    model = _row(dense(4))()
    assert cnnviz.Probe(model, labels=list("abcd")).notes == ()
    assert (
        cnnviz.Probe(_row(dense(16, name="embedding"))(), labels=[str(k) for k in range(16)]).task
        == "multiclass"
    )


def test_an_embedding_is_shown_without_classes_and_probabilities() -> None:
    probe = cnnviz.Probe(answers.encoder())
    assert (probe.gives_classes, probe.top(models.picture())) == (False, [])
    with pytest.raises(cnnviz.TargetError, match="gives no classes: its task is embedding"):
        probe.chances(models.picture())
    with pytest.raises(cnnviz.TargetError, match="gives an embedding, not classes"):
        probe.target(ClassScore(1, "probability"))


def test_the_coordinates_of_a_box_are_no_classes() -> None:
    probe, image = cnnviz.Probe(answers.boxes()), models.picture()
    rows = probe.predict(image)[0]
    assert (probe.classes, probe.first_class, probe.top(image)) == (3, 4, [])
    np.testing.assert_allclose(probe.class_scores(image), rows[:, 4:])
    np.testing.assert_allclose(probe.scores([image], ClassScore(2, at=5))[0], rows[5, 6], atol=1e-6)
    with pytest.raises(cnnviz.TargetError, match="not known to be"):
        probe.chances(image)
    with pytest.raises(cnnviz.TargetError, match=r"ClassScore.of must be 'logit'"):
        probe.target(ClassScore(2, "probability", at=5))


def test_class_scores_are_found_where_the_network_puts_them() -> None:
    probe = cnnviz.Probe(_detector())
    assert (probe.classes, probe.first_class) == (3, 0)


def test_a_yes_by_a_plain_number_has_the_probability_of_its_sigmoid() -> None:
    probe, image = cnnviz.Probe(_row(dense(1), loss=FROM_LOGITS)()), models.picture()
    logit = float(probe.predict(image)[0, 0])
    yes = 1 / (1 + np.exp(-logit))
    assert {k: chance for k, _, chance in probe.top(image)} == pytest.approx({0: 1 - yes, 1: yes})
    np.testing.assert_allclose(probe.scores([image], ClassScore(1, "probability")), yes, rtol=1e-5)
    assert probe.natural_target(image) == ClassScore(int(logit > 0))


def test_classes_behind_axes_of_one_are_a_row() -> None:
    image = keras.Input((8, 8, 3))
    x = layers.GlobalAveragePooling2D(keepdims=True)(layers.Conv2D(4, 3, activation="relu")(image))
    probe = cnnviz.Probe(keras.Model(image, layers.Conv2D(5, 1, activation="softmax")(x)))
    output = probe.predict(models.picture())[0, 0, 0]
    assert (probe.task, probe.classes) == ("multiclass", 5)
    assert [k for k, _, _ in probe.top(models.picture())] == list(np.argsort(-output))
    found = cnnviz.Occlusion(patch=4, stride=4)(probe, models.picture())
    assert found.target == f"class {output.argmax()}"


def test_a_number_without_an_axis_of_its_own_can_be_explained() -> None:
    probe, image = cnnviz.Probe(answers.pair()), models.picture()
    assert probe.natural_target(image) == Output(0)
    assert probe.scores([image], 0).shape == (1,)
    np.testing.assert_allclose(probe.scores([image], Output(0)), probe.predict(image), rtol=1e-6)


# what is asked first


def test_of_a_segmentation_the_class_that_covers_most_is_asked_first() -> None:
    probe, image = cnnviz.Probe(models.segmentation()), models.picture()
    won = probe.predicted(image)
    most = int(np.bincount(won.ravel()).argmax())
    assert probe.natural_target(image) == ClassScore(most, at=Mask(won == most))


def test_of_one_mask_its_inside_is_asked_first() -> None:
    probe, image = cnnviz.Probe(u_net()), models.picture(channels=1)
    won = probe.predict(image)[0, ..., 0] > 0.5
    assert probe.natural_target(image) == (ClassScore(1, at=Mask(won)) if won.any() else ClassScore(1))


def test_of_a_sequence_its_surest_step_is_asked_first() -> None:
    probe, image = cnnviz.Probe(answers.steps()), models.picture()
    chances, target = probe.predict(image)[0], probe.natural_target(image)
    assert isinstance(target, ClassScore)
    assert isinstance(target.at, int)
    assert chances[target.at].argmax() == target.index


def test_of_boxes_the_best_score_is_asked_first() -> None:
    probe, image = cnnviz.Probe(answers.boxes()), models.picture()
    row, index = np.unravel_index(probe.predict(image)[0][:, 4:].argmax(), (16, 3))
    assert probe.natural_target(image) == ClassScore(int(index), at=int(row))


def test_of_an_embedding_its_largest_number_is_asked_first() -> None:
    probe, image = cnnviz.Probe(answers.encoder()), models.picture()
    assert probe.natural_target(image) == Output(int(probe.predict(image)[0].argmax()))
    assert cnnviz.Saliency()(probe, image).values.max() > 0


def test_of_a_picture_without_a_code_the_middle_pixel_is_asked_first() -> None:
    probe = cnnviz.Probe(answers.enlarger())
    assert probe.natural_target(models.picture(8, 12)) == Output(8, 12, 1)
    assert cnnviz.Probe(models.autoencoder()).natural_target(models.picture(channels=1)) == LayerEnergy(
        "encoded"
    )


def test_of_feature_maps_the_loudest_channel_is_asked_first() -> None:
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, activation="relu", name="first")(image)
    probe = cnnviz.Probe(keras.Model(image, layers.ReLU(name="last")(layers.Conv2D(12, 3, name="sum")(x))))
    means = probe.predict(models.picture())[0].mean(axis=(0, 1))
    assert probe.natural_target(models.picture()) == Unit("last", int(means.argmax()))
    assert cnnviz.GradCAM()(probe, models.picture()).layer == "first"


# where it is explained


@pytest.mark.parametrize(
    ("build", "layer"),
    [
        (answers.pair, "encoder/seen"),
        (answers.steps, "pool"),
        (answers.boxes, "seen"),
        (u_net, "up_1"),
        (answers.enlarger, "seen"),
        (_detector, "seen"),
        (models.segmentation, "conv_2"),
    ],
)
def test_the_usual_layer_lies_before_what_is_asked_and_has_the_pictures_places(
    build: Made, layer: str
) -> None:
    probe = cnnviz.Probe(build())
    height, width, channels = (n or 8 for n in probe.input_shape)
    found = cnnviz.GradCAM()(probe, models.picture(height, width, channels))
    assert found.layer == layer
    assert not any("not react" in note or "comes after" in note for note in found.notes)


def test_maps_that_were_turned_or_cut_up_are_not_the_usual_layer() -> None:
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(8, 3, padding="same", name="seen")(layers.RandomFlip(name="flipped")(image))
    turned = layers.Conv2D(4, 3, name="beyond")(layers.Permute((3, 1, 2), name="turned")(x))
    cut = layers.Reshape((64, 4, 2), name="heads")(x)
    for name, end in (("turned", turned), ("cut", cut)):
        model = keras.Model(image, dense(3)(layers.Flatten()(end)), name=name)
        assert cnnviz.Probe(model).last_spatial() == "seen"


def test_channels_that_are_shuffled_keep_their_places() -> None:
    image = keras.Input((8, 8, 3))
    x = layers.Reshape((8, 8, 2, 4))(layers.Conv2D(8, 3, padding="same", name="seen")(image))
    x = layers.Reshape((8, 8, 8))(layers.Permute((1, 2, 4, 3))(x))
    x = layers.DepthwiseConv2D(3, name="late")(x)
    model = keras.Model(image, dense(3)(layers.GlobalAveragePooling2D()(x)))
    assert cnnviz.Probe(model).last_spatial() == "late"


def test_a_unit_at_a_place_is_explained_in_a_layer_before_it() -> None:
    probe = cnnviz.Probe(models.functional())
    found = cnnviz.GradCAM(target=Unit("conv_2", 1, (2, 2)))(probe, models.picture())
    assert found.layer == "pool_1"


def test_a_network_without_maps_before_its_code_begins_with_saliency() -> None:
    image = keras.Input((8, 8, 1))
    code = dense(4, name="latent")(layers.Flatten()(image))
    model = keras.Model(image, layers.Reshape((8, 8, 1))(dense(64, "sigmoid")(code)))
    probe = cnnviz.Probe(model)
    assert (probe.has_maps, probe.task) == (False, "image")


def test_a_box_of_an_output_of_any_size_is_checked_for_the_picture() -> None:
    probe = cnnviz.Probe(u_net(3, 4, "softmax", None))
    target = ClassScore(1, at=Box(6, 6, 4, 4))
    assert probe.target(target, models.picture(12, 12)) == target
    with pytest.raises(cnnviz.TargetError, match="must lie in the output's 8 rows"):
        probe.target(target, models.picture(8, 8))


def test_of_boxes_and_their_scores_the_scores_are_looked_at() -> None:
    image = keras.Input((16, 16, 3))
    x = layers.Conv2D(4, 3, strides=4, padding="same", activation="relu")(image)
    boxes = layers.Reshape((-1, 4), name="boxes")(layers.Conv2D(4, 1)(x))
    classes = layers.Reshape((-1, 3), name="classes")(layers.Conv2D(3, 1, activation="sigmoid")(x))
    probe = cnnviz.Probe(keras.Model(image, {"boxes": boxes, "classes": classes}))
    assert (probe.output_name, probe.task, probe.classes) == ("classes", "detection", 3)
    assert "'classes' is looked at" in " ".join(probe.notes)
