"""SmoothGrad: the mean of signed slopes over noisy copies."""

import keras
import numpy as np
import pytest
from keras import layers

import cnnviz_widgets as cnnviz
from tests import easy_models, models


def _sum_of_squares(side: int = 6) -> keras.Model:
    """Return a model whose one score is the sum of all squared values, so that its slope is 2 x."""
    image = keras.Input((side, side, 1), name="image")
    dense = layers.Dense(1, use_bias=False, kernel_initializer="ones")
    return keras.Model(image, dense(layers.Flatten()(layers.Multiply()([image, image]))))


def _noise(samples: int, shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.stack(
        [np.random.default_rng((seed, k)).standard_normal(shape, np.float32) for k in range(samples)]
    )


def test_without_noise_it_is_the_slope() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    found = cnnviz.SmoothGrad(noise=0, samples=3, target=1)(probe, image)
    np.testing.assert_allclose(
        found.values, cnnviz.Saliency(target=1)(probe, image).values, rtol=1e-5, atol=1e-8
    )


def test_for_a_linear_model_it_is_the_slope_whatever_the_noise() -> None:
    weights = np.random.default_rng(0).normal(size=(6, 9, 3)).astype(np.float32)
    found = cnnviz.SmoothGrad(noise=1, target=0, reduction="signed")(
        easy_models.linear(weights), models.picture(6, 9)
    )
    np.testing.assert_allclose(found.values, weights.sum(axis=2), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("samples", [1, 8, 19])
@pytest.mark.parametrize("high", [1.0, 255.0])
def test_for_a_sum_of_squares_it_is_twice_the_mean_copy(samples: int, high: float) -> None:
    image = models.picture(6, 6, 1, high=high)
    found = cnnviz.SmoothGrad(samples=samples, noise=0.2, reduction="signed", target=0)(
        _sum_of_squares(), image
    )
    expected = 2 * (image.pixels + 0.2 * high * _noise(samples, (6, 6, 1)).mean(axis=0))
    np.testing.assert_allclose(found.values, expected[..., 0], rtol=1e-4, atol=1e-5 * high)


def test_magnitudes_are_taken_after_the_mean() -> None:
    grey = cnnviz.Image(np.zeros((6, 6, 1), np.float32), (-1, 1))
    found = cnnviz.SmoothGrad(samples=64, noise=0.5, target=0)(_sum_of_squares(), grey)
    np.testing.assert_allclose(
        found.values, np.abs(2 * _noise(64, (6, 6, 1)).mean(axis=0))[..., 0], atol=1e-5
    )
    assert found.values.mean() < 0.5


def test_another_seed_is_another_noise_and_the_same_seed_the_same() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    first, again, other = (cnnviz.SmoothGrad(seed=s)(probe, image).values for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_it_sharpens_by_eight_copies_and_holds_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    sizes: list[int] = []
    slopes = probe.slopes
    monkeypatch.setattr(
        probe, "slopes", lambda images, *a, **k: sizes.append(len(images)) or slopes(images, *a, **k)
    )
    progress = [part.progress for part in cnnviz.SmoothGrad(samples=20, target=0).explain(probe, image)]
    assert progress == ["8 of 20", "16 of 20", "20 of 20"]
    assert sizes == [8, 8, 4]


def test_noise_beyond_the_whole_range_is_refused() -> None:
    with pytest.raises(cnnviz.SettingError, match=r"SmoothGrad\.noise must be a number from 0 to 1; got 3"):
        cnnviz.SmoothGrad(noise=3)
