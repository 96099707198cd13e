"""RISE: against a plain loop over its masks."""

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets.occlusion.fill import filled
from tests import easy_models, models


def _mask(k: int, size: tuple[int, int], cells: int = 8, shown: float = 0.5, seed: int = 0) -> np.ndarray:
    source = np.random.default_rng((seed, k))
    grid = (source.random((cells + 1, cells + 1)) < shown).astype(float)
    step = [-(-length // cells) for length in size]
    top, left = int(source.integers(step[0])), int(source.integers(step[1]))
    rows, columns = (
        (np.arange(length) + start + 0.5) / s - 0.5
        for length, start, s in zip(size, (top, left), step, strict=True)
    )
    across = np.stack([np.interp(columns, np.arange(cells + 1), row) for row in grid])
    return np.stack([np.interp(rows, np.arange(cells + 1), column) for column in across.T], axis=1)


def _sampled(
    probe: cnnviz.Probe, image: cnnviz.Image, count: int, fill: str
) -> tuple[np.ndarray, np.ndarray]:
    cover = filled(image, fill)
    masks = np.stack([_mask(k, image.size) for k in range(count)])
    pictures = cover + masks[..., None] * (image.pixels - cover)
    return masks, probe.scores(pictures.astype(np.float32), 1).astype(float)


@pytest.mark.parametrize("fill", ["grey", "black"])
@pytest.mark.parametrize("shape", [(8, 8, 3), (8, 12, 3)])
def test_uncentred_it_is_the_mean_of_score_times_mask_over_the_share_shown(
    shape: tuple[int, int, int], fill: str
) -> None:
    probe, image = cnnviz.Probe(models.functional(shape)), models.picture(*shape)
    masks, scores = _sampled(probe, image, 50, fill)
    found = cnnviz.RISE(masks=50, fill=fill, centred=False, target=1)(probe, image)
    np.testing.assert_allclose(found.values, np.tensordot(scores, masks, 1) / 50 / 0.5, atol=1e-5)
    assert found.scores["mean score"] == pytest.approx(scores.mean(), abs=1e-5)


def test_centred_the_mean_score_counts_as_zero() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    masks, scores = _sampled(probe, image, 70, "grey")
    found = cnnviz.RISE(masks=70, target=1)(probe, image)
    samples = (scores - scores.mean())[:, None, None] * masks / 0.5
    np.testing.assert_allclose(found.values, samples.mean(axis=0), atol=1e-5)
    error = np.sqrt((samples.var(axis=0, ddof=1) / 70).mean())
    assert found.scores["standard error"] == pytest.approx(error, rel=1e-3)


def test_a_constant_score_is_zero_everywhere_and_says_so() -> None:
    found = cnnviz.RISE(masks=40, target=0)(easy_models.constant(), models.picture())
    assert not found.values.any()
    assert found.notes[0].startswith("Flat")


def test_a_model_that_reads_one_pixel_is_hottest_there() -> None:
    image = cnnviz.Image(np.ones((16, 24, 1), np.float32), (0, 1))
    found = cnnviz.RISE(masks=400, target=0, fill="black")(easy_models.one_pixel_reader(16, 24, 4, 17), image)
    row, column = np.unravel_index(found.values.argmax(), found.values.shape)
    assert abs(row - 4) <= 1
    assert abs(column - 17) <= 1


def test_more_masks_make_it_surer() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    few, many = (cnnviz.RISE(masks=n, target=1)(probe, image).scores["standard error"] for n in (100, 1600))
    assert many == pytest.approx(few / 4, rel=0.2)


def test_no_more_than_one_batch_of_masks_exists_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    sizes: list[int] = []
    scores = probe.scores
    monkeypatch.setattr(
        probe, "scores", lambda images, *a, **k: sizes.append(len(images)) or scores(images, *a, **k)
    )
    progress = [part.progress for part in cnnviz.RISE(masks=70, target=0).explain(probe, image)]
    assert sizes == [32, 32, 7]
    assert progress == ["31 of 70", "63 of 70", "70 of 70"]


def test_another_seed_is_other_masks() -> None:
    probe, image = cnnviz.Probe(models.functional()), models.picture()
    first, other = (cnnviz.RISE(masks=20, seed=s, target=0)(probe, image).values for s in (0, 1))
    assert (first != other).any()
