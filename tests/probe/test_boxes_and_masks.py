"""Which numbers of a box are scores, where a mask is nothing, and what is asked first of places and frames."""

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from cnnviz_widgets import ClassScore, Mask, Output
from tests import answering, models


def _box_parts(*widths: int, squashed: bool = True, name: str = "boxes") -> keras.Model:
    image = keras.Input((8, 8, 3))
    x = layers.Conv2D(4, 3, activation="relu", name="seen")(image)
    end = "sigmoid" if squashed else None
    rows = [
        layers.Reshape((-1, n))(layers.Conv2D(n, 1, activation=end, name=f"part_{k}")(x))
        for k, n in enumerate(widths)
    ]
    return keras.Model(image, layers.Concatenate(axis=-1)(rows), name=name)


@pytest.mark.parametrize("squashed", [True, False])
@pytest.mark.parametrize(
    ("widths", "classes", "first"),
    [((4, 1), 1, 4), ((4, 2), 2, 4), ((4, 3), 3, 4), ((3, 4), 3, 0), ((4, 1, 2), 2, 5), ((4, 20), 20, 4)],
)
def test_four_numbers_beside_others_are_the_coordinates(
    widths: tuple[int, ...], classes: int, first: int, squashed: bool
) -> None:
    probe = cnnviz.Probe(_box_parts(*widths, squashed=squashed), task="detection")
    assert (probe.classes, probe.first_class) == (classes, first)
    image = models.picture(8, 8)
    rows = probe.predict(image)[0]
    best = np.unravel_index(int(rows[:, first : first + classes].argmax()), (len(rows), classes))
    assert probe.natural_target(image) == ClassScore(int(best[1]), at=int(best[0]))


def test_four_scores_beside_four_coordinates_are_a_guess_that_is_said() -> None:
    probe = cnnviz.Probe(_box_parts(4, 4))
    assert (probe.task, probe.classes, probe.first_class) == ("detection", 4, 4)
    assert any("from 4 to 7 were taken for class scores" in note for note in probe.notes)


def test_four_shares_of_a_network_of_boxes_are_numbers_and_no_classes() -> None:
    image = keras.Input((8, 8, 3))
    x = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, activation="relu")(image))
    assert (
        cnnviz.Probe(keras.Model(image, layers.Dense(4, activation="sigmoid")(x), name="bbox")).task
        == "regression"
    )


def _masks(bias: float) -> keras.Model:
    image = keras.Input((8, 8, 1))
    seen = layers.Conv2D(2, 1, kernel_initializer="ones", name="seen")(image)
    score = layers.Conv2D(
        3,
        1,
        activation="sigmoid",
        kernel_initializer="ones",
        bias_initializer=keras.initializers.Constant(bias),
    )
    return keras.Model(image, score(seen), name="masks")


def test_of_a_step_a_frame_the_step_of_the_frame_that_is_shown_is_asked_first() -> None:
    frames = keras.Input((4, 8, 8, 1))
    seen = layers.TimeDistributed(layers.Conv2D(2, 3))(frames)
    x = layers.LSTM(3, return_sequences=True)(layers.TimeDistributed(layers.Flatten())(seen))
    video = np.random.default_rng(0).random((4, 8, 8, 1)).astype(np.float32)
    probe = cnnviz.Probe(
        keras.Model(frames, layers.Dense(3, activation="softmax")(x)), volume=video, slice_index=3
    )
    target = probe.natural_target(probe.volume.picture())
    assert isinstance(target, ClassScore)
    assert target.at == 3


def test_of_an_answer_at_each_place_of_a_volume_the_middle_of_the_slice_is_asked_first() -> None:
    scan = keras.Input((6, 8, 8, 1))
    model = keras.Model(scan, layers.Conv3D(2, 3, padding="same")(scan))
    volume = np.random.default_rng(0).random((6, 8, 8, 1)).astype(np.float32)
    probe = cnnviz.Probe(model, volume=volume, slice_index=1)
    assert probe.natural_target(probe.volume.picture()) == Output(1, 4, 4, 0)
    assert cnnviz.Saliency()(probe, probe.volume.picture()).values.any()


def test_of_separate_masks_none_wins_where_none_reaches_a_half() -> None:
    dark = np.zeros((8, 8, 1), np.float32)
    dark[:2, :3] = 1
    probe = cnnviz.Probe(_masks(-1.0), task="segmentation")
    assert (probe.predicted(dark) == np.where(dark[..., 0] > 0, 0, -1)).all()
    target = probe.natural_target(cnnviz.Image(dark, (0, 1)))
    assert target == ClassScore(0, at=Mask(dark[..., 0] > 0))
    nothing = cnnviz.Image(dark * 0, (0, 1))
    assert (probe.predicted(nothing) == -1).all()
    assert probe.natural_target(nothing) == ClassScore(0)
    with pytest.raises(cnnviz.TargetError, match="No place is predicted as 'class 0'"):
        probe.target(ClassScore(0, at="predicted"), nothing)


def test_of_a_segmentation_a_background_is_asked_first_only_where_there_is_nothing_else() -> None:
    mostly = np.full((8, 8, 1), 0.2, np.float32)
    mostly[:2] = 0.9
    probe = cnnviz.Probe(answering.by_brightness(3), labels=["Background", "thing", "other"])
    assert probe.natural_target(cnnviz.Image(mostly, (0, 1))).index == 1
    assert probe.natural_target(cnnviz.Image(mostly * 0 + 0.2, (0, 1))).index == 0
