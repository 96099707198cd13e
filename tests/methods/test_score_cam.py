"""Score-CAM: against a plain loop over the channels."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

import cnnviz_widgets as cnnviz
from cnnviz_widgets import Custom
from tests import easy_models, models


def _enlarged(values: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a map at the picture's size: linear between the middles of cells, constant beyond the outermost."""
    rows, columns = ((np.arange(to) + 0.5) * n / to - 0.5 for n, to in zip(values.shape, size, strict=True))
    by_row = np.stack([np.interp(columns, np.arange(values.shape[1]), row) for row in values])
    return np.stack([np.interp(rows, np.arange(values.shape[0]), column) for column in by_row.T], axis=1)


def _by_the_paper(
    model: Any, maps: np.ndarray, pixels: np.ndarray, index: int, most: int | None
) -> np.ndarray:
    def score(picture: np.ndarray) -> float:
        return float(np.log(np.asarray(model(picture[None].astype(np.float32))))[0, index])

    def logit(picture: np.ndarray) -> float:
        chances = np.asarray(model(picture[None].astype(np.float32)), np.float64)[0]
        return float(np.log(chances[index]) - np.log(chances).mean())

    order = np.argsort(-maps.std(axis=(0, 1)), kind="stable")[:most]
    rises = []
    for k in order:
        mask = _enlarged(maps[..., k], pixels.shape[:2])
        mask = (mask - mask.min()) / (mask.max() - mask.min()) if mask.max() > mask.min() else 0 * mask
        rises.append(logit(pixels * mask[..., None]) - logit(0 * pixels))
    weights = np.exp(rises) / np.exp(rises).sum()
    return np.maximum(maps[..., order] @ weights, 0)


def _centred_logit(output: Any) -> Any:
    return tf.math.log(output[:, 1]) - tf.reduce_mean(tf.math.log(output), axis=1)


@pytest.mark.parametrize("most", [0, 1, 3])
@pytest.mark.parametrize("shape", [(8, 8, 3), (8, 12, 3)])
def test_it_is_the_formula_of_the_paper_channel_by_channel(shape: tuple[int, int, int], most: int) -> None:
    model, image = models.functional(shape), models.picture(*shape)
    probe = cnnviz.Probe(model)
    maps = probe.activations(image, "conv_2")
    target = Custom(_centred_logit, "centred logit")
    found = cnnviz.ScoreCAM(channels=most, target=target)(probe, image)
    np.testing.assert_allclose(
        found.values, _by_the_paper(model, maps, image.pixels, 1, most or None), atol=1e-5
    )


def test_no_more_than_one_batch_of_masks_exists_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    probe, image = cnnviz.Probe(_wide(70)), models.picture()
    sizes: list[int] = []
    scores = probe.scores
    monkeypatch.setattr(
        probe, "scores", lambda images, *a, **k: sizes.append(len(images)) or scores(images, *a, **k)
    )
    done = [part.progress for part in cnnviz.ScoreCAM(layer="maps", target=0).explain(probe, image)]
    assert max(sizes) == 32
    assert done == ["32 of 70", "64 of 70", "70 of 70"]


@pytest.mark.parametrize(("channels", "cost"), [(0, 72), (5, 7), (99, 72)])
def test_it_costs_a_picture_a_channel_and_two_more(channels: int, cost: int) -> None:
    method = cnnviz.ScoreCAM(layer="maps", channels=channels, target=0)
    probe, image = cnnviz.Probe(_wide(70)), models.picture()
    assert method.cost(probe, image) == cost


def _wide(channels: int) -> Any:
    source = np.random.default_rng(0)
    return easy_models.averaging(
        source.normal(size=(3, channels)).astype(np.float32),
        source.normal(size=(channels, 2)).astype(np.float32),
    )


def test_a_target_without_a_slope_is_explained_too() -> None:
    rounded = Custom(lambda output: tf.round(output[:, 0] * 100), "rounded")
    found = cnnviz.ScoreCAM(target=rounded)(models.functional(), models.picture())
    assert np.isfinite(found.values).all()
    with pytest.raises(cnnviz.TargetError, match="not differentiable"):
        cnnviz.GradCAM(target=Custom(lambda output: tf.cast(output[:, 0] > 0, tf.float32)))(
            models.functional(), models.picture()
        )


def test_a_constant_score_weighs_all_maps_alike() -> None:
    probe, image = cnnviz.Probe(easy_models.constant()), models.picture()
    found = cnnviz.ScoreCAM(layer="maps", target=0)(probe, image)
    expected = np.maximum(probe.activations(image, "maps").mean(axis=2), 0)
    np.testing.assert_allclose(found.values, expected, atol=1e-6)


def test_one_channel_that_decides_is_named() -> None:
    kernel = np.array([[1.0, 0.1], [1.0, 0.2], [1.0, -0.1]], np.float32)
    found = cnnviz.ScoreCAM(layer="maps", target=0)(
        easy_models.averaging(kernel, np.array([[50.0, 0.0], [0.0, 1.0]], np.float32)), models.picture()
    )
    assert any("of the weight" in note for note in found.notes)
