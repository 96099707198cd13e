"""What a climb is made of: spaces, moves, pulls, and how a user's preprocessing is undone."""

import itertools

import keras
import numpy as np
import pytest
import tensorflow as tf

import cnnviz_widgets as cnnviz
from cnnviz_widgets.probe import Climber, ClimbPlan, Penalties, Shaking, Space
from cnnviz_widgets.probe.synthesis import parameterization, regularizers, transforms
from cnnviz_widgets.probe.synthesis.affine_preprocess import outlet_of
from tests import models

UNIT = (0.0, 1.0)


def some(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.05, 0.95, shape).astype(np.float32)


@pytest.mark.parametrize(
    ("kind", "size", "channels"),
    [
        (kind, size, c)
        for kind in ("fourier", "pixels")
        for size in ((8, 8), (9, 12), (7, 5))
        for c in (1, 3, 4)
    ],
)
def test_a_picture_written_down_is_shown_again(kind: str, size: tuple[int, int], channels: int) -> None:
    space, pictures = Space(kind, size), some(2, *size, channels)
    again = np.asarray(parameterization.shown(space, tf.constant(parameterization.written(space, pictures))))
    np.testing.assert_allclose(again, pictures, atol=2e-5)


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(8, 8), (9, 12), (7, 5)])
@pytest.mark.parametrize("kind", ["fourier", "pixels"])
def test_the_slope_by_the_numbers_is_that_of_tensorflow(
    kind: str, size: tuple[int, int], channels: int
) -> None:
    space = Space(kind, size)
    numbers = tf.constant(parameterization.noise(space, 2, channels, seed=1, strength=0.3))
    slope = tf.constant(some(2, *size, channels, seed=4) - 0.5)
    with tf.GradientTape() as tape:
        tape.watch(numbers)
        pictures = tf.identity(parameterization.shown(space, numbers))
        raised = tf.reduce_sum(pictures * slope)
    expected = tape.gradient(raised, numbers)
    found = parameterization.slope_by_numbers(space, pictures, slope)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)


def test_a_wave_twice_as_long_counts_twice_as_much() -> None:
    space = Space("fourier", (16, 16), decorrelated=False)
    amplitude = []
    for rate in (1, 2):
        numbers = np.zeros((1, 1, 16, 9, 2), np.float32)
        numbers[0, 0, 0, rate, 0] = 1e-3
        amplitude.append(np.ptp(np.asarray(parameterization.shown(space, tf.constant(numbers)))))
    assert amplitude[0] / amplitude[1] == pytest.approx(2, rel=1e-3)


def test_each_picture_has_noise_of_its_own_whatever_their_number() -> None:
    space = Space("fourier", (8, 8))
    many, few = parameterization.noise(space, 3, 3, seed=5), parameterization.noise(space, 2, 3, seed=5)
    np.testing.assert_array_equal(many[:2], few)
    assert not np.array_equal(many[0], many[1])


def test_a_shift_is_a_shift_by_whole_pixels() -> None:
    pictures = tf.constant(some(1, 12, 12, 1))
    moved = transforms.shaken(Shaking(jitter=2), pictures, tf.constant([0, 3])).numpy()[0]
    shifts = list(itertools.product(range(-2, 3), repeat=2))
    inside = [
        np.array_equal(np.roll(pictures.numpy()[0], by, (0, 1))[2:-2, 2:-2], moved[2:-2, 2:-2])
        for by in shifts
    ]
    assert inside.count(True) == 1


def test_without_moves_the_network_sees_the_picture_itself() -> None:
    pictures = tf.constant(some(1, 6, 6, 1))
    assert transforms.shaken(Shaking(), pictures, tf.constant([0, 0])) is pictures


def test_every_step_moves_differently_and_the_same_step_alike() -> None:
    pictures = tf.constant(some(1, 12, 12, 1))
    first, again, other = (
        transforms.shaken(Shaking(2, 10, 0.2), pictures, tf.constant([1, k])).numpy() for k in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("name", ["variation", "greyness", "extremes", "blur"])
def test_a_pull_is_minus_the_slope_of_its_penalty(name: str) -> None:
    def penalty(x: np.ndarray) -> float:
        away = 2 * (x - 0.5)
        if name == "variation":
            return float((np.abs(np.diff(x, axis=1)).sum() + np.abs(np.diff(x, axis=2)).sum()) / 2)
        if name == "greyness":
            return float((away**2).sum() / 4)
        if name == "extremes":
            return float((away**6).sum() / 12)
        return float(((x - regularizers.blurred(tf.constant(x)).numpy()) ** 2).sum() / 2)

    pictures = some(1, 6, 5, 2).astype(np.float64).astype(np.float32)
    pull = regularizers.pull(Penalties(**{name: 1.0}), tf.constant(pictures)).numpy()
    for place in ((0, 0, 0, 0), (0, 3, 2, 1), (0, 5, 4, 0)):
        up, down = pictures.copy(), pictures.copy()
        up[place] += 1e-2
        down[place] -= 1e-2
        slope = (penalty(up) - penalty(down)) / 2e-2
        assert pull[place] == pytest.approx(-slope, abs=6e-3)


def test_greyness_pulls_to_the_ground() -> None:
    pictures = tf.constant(some(1, 4, 4, 1))
    pull = regularizers.pull(Penalties(greyness=1.0, ground=0.0), pictures)
    np.testing.assert_allclose(pull, -2 * pictures, rtol=1e-6)


def test_the_slope_of_a_climb_is_that_of_finite_differences() -> None:
    probe = cnnviz.Probe(models.functional(), value_range=UNIT)
    climber = Climber(probe, [cnnviz.ClassScore(1)], ClimbPlan(Space("pixels", (8, 8))), UNIT, seed=0)
    state, _ = climber.began(models.picture(seed=3).pixels)
    score, slope = climber._climb.slopes(state, climber._feeds)
    assert float(probe.scores(state.numbers, 1)[0]) == pytest.approx(float(score[0]), rel=1e-4)
    for place in ((0, 2, 3, 0), (0, 7, 0, 2)):
        ends = []
        for by in (1e-2, -1e-2):
            moved = state.numbers.copy()
            moved[place] += by
            ends.append(float(probe.scores(moved, 1)[0]))
        assert slope[place] == pytest.approx((ends[0] - ends[1]) / 2e-2, rel=0.02, abs=1e-3)


def test_colours_swapped_and_shifted_by_preprocessing_are_undone() -> None:
    def preprocess(images: np.ndarray) -> np.ndarray:
        return images[..., ::-1] * 2 - np.array([10.0, 20.0, 30.0], np.float32)

    outlet, pictures = outlet_of(preprocess, 3, 0, 255), some(2, 5, 5, 3)
    np.testing.assert_allclose(outlet(tf.constant(pictures)).numpy(), preprocess(pictures * 255), rtol=1e-5)


def test_preprocessing_that_bends_values_is_refused() -> None:
    with pytest.raises(cnnviz.ModelError, match=r"preprocess does more than to weigh.*Put it into the model"):
        outlet_of(lambda images: np.sqrt(images), 3, 0, 255)


def test_a_silent_unit_is_looked_for_with_stronger_noise() -> None:
    image = keras.Input((8, 8, 1))
    maps = keras.layers.Conv2D(1, 1, activation="relu", name="maps")
    model = keras.Model(image, maps(image))
    maps.set_weights([np.ones((1, 1, 1, 1), np.float32), np.array([-0.9], np.float32)])
    probe = cnnviz.Probe(model, value_range=UNIT)
    plan = ClimbPlan(Space("pixels", (8, 8)))
    _, said = Climber(probe, [cnnviz.Unit("maps", 0)], plan, UNIT, seed=0).began()
    assert said.startswith("Nothing answered to faint noise, so it began with noise")


def _hard_to_wake(height: float) -> cnnviz.Probe:
    """Return a unit that answers only where a pixel's four channels together are above a height of at most 4."""
    image = keras.Input((8, 8, 4))
    sums = keras.layers.Conv2D(1, 1, activation="relu", name="sums")
    maps = keras.layers.Conv2D(1, 1, activation="relu", name="maps")
    model = keras.Model(image, maps(sums(image)))
    sums.set_weights([np.ones((1, 1, 4, 1), np.float32), np.array([-2.5], np.float32)])
    maps.set_weights([np.ones((1, 1, 1, 1), np.float32), np.array([2.5 - height], np.float32)])
    return cnnviz.Probe(model, value_range=UNIT)


def test_a_unit_that_no_noise_wakes_is_woken_on_slopes_through_silent_relus() -> None:
    probe, plan = _hard_to_wake(3.95), ClimbPlan(Space("pixels", (8, 8)))
    climber = Climber(probe, [cnnviz.Unit("maps", 0)], plan, UNIT, seed=0)
    state, said = climber.began()
    assert said.startswith("Nothing answered to noise, so the first steps followed slopes")
    assert state.step == 0
    _, scores = climber.advance(state, 4, np.ones(4, np.float32))
    assert (scores > 0).all()


def test_a_unit_that_can_never_answer_is_left_silent() -> None:
    climber = Climber(
        _hard_to_wake(9), [cnnviz.Unit("maps", 0)], ClimbPlan(Space("pixels", (8, 8))), UNIT, seed=0
    )
    state, said = climber.began()
    assert said == ""
    assert not climber.advance(state, 2, np.ones(2, np.float32))[1].any()


def test_a_start_of_another_size_is_refused() -> None:
    probe = cnnviz.Probe(models.functional(), value_range=UNIT)
    climber = Climber(probe, [cnnviz.ClassScore(1)], ClimbPlan(Space("pixels", (8, 8))), UNIT, seed=0)
    with pytest.raises(cnnviz.ImageError, match=r"must be 8 x 8 pixels; got 9 x 8"):
        climber.began(np.zeros((9, 8, 3), np.float32))


def test_climbs_that_differ_only_in_the_class_share_one_compiled_step() -> None:
    probe = cnnviz.Probe(models.functional(), value_range=UNIT)
    plan = ClimbPlan(Space("pixels", (8, 8)))
    first, second = (Climber(probe, [cnnviz.ClassScore(k)], plan, UNIT, seed=0) for k in (0, 1))
    assert first._climb is second._climb
