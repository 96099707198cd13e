"""Codes in a plane: the directions in which they differ most, or neighbours beside each other."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cnnviz_widgets import MissingPackageError, SettingError
from cnnviz_widgets.embeddings import projection as folder
from cnnviz_widgets.embeddings.projection import plane, ways


def some(count: int = 40, width: int = 6) -> np.ndarray:
    spread = np.array([9, 5, 1, 0.5, 0.2, 0.1])[:width]
    return (np.random.default_rng(0).normal(size=(count, width)) * spread + 3).astype(np.float32)


def test_the_axes_are_those_of_largest_variance() -> None:
    codes = some()
    found = plane(codes, "pca", "euclidean")
    _, sizes, axes = np.linalg.svd(codes - codes.mean(axis=0), full_matrices=False)
    np.testing.assert_allclose(
        np.abs(found.points), np.abs((codes - codes.mean(axis=0)) @ axes[:2].T), rtol=1e-3
    )
    np.testing.assert_allclose(found.shares, sizes[:2] ** 2 / (sizes**2).sum(), rtol=1e-5)


def test_the_same_codes_are_laid_out_the_same_way_round() -> None:
    codes = some()
    np.testing.assert_array_equal(plane(codes).points, plane(codes.copy()).points)


def test_for_the_cosine_the_length_of_a_code_does_not_count() -> None:
    codes = some()
    np.testing.assert_allclose(plane(codes).points, plane(codes * 7).points, atol=1e-5)
    assert not np.allclose(plane(codes, metric="dot").points, plane(codes * 7, metric="dot").points)


def test_wide_codes_are_laid_out_as_narrow_ones() -> None:
    codes = np.random.default_rng(1).normal(size=(9, 200)).astype(np.float32)
    centred = codes - codes.mean(axis=0)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    found = plane(codes, metric="euclidean")
    np.testing.assert_allclose(np.abs(found.points), np.abs(centred @ axes[:2].T), atol=1e-3)
    np.testing.assert_allclose(found.shares, sizes[:2] ** 2 / (sizes**2).sum(), rtol=1e-5)


def test_axes_of_very_many_codes_are_those_of_some_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(folder.MOST_FITTED, False, 20)
    found = plane(some(), metric="euclidean")
    assert found.notes == ("The axes are those of one code in 2.",)
    assert found.points.shape == (40, 2)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_gallery_of_one_or_two_can_be_laid_out(count: int) -> None:
    found = plane(some(count))
    assert found.points.shape == (count, 2)
    assert np.isfinite(found.points).all()


def test_codes_that_are_all_the_same_lie_in_one_point_and_say_so() -> None:
    found = plane(np.ones((4, 3), np.float32))
    assert not found.points.any()
    assert found.shares == (0.0, 0.0)
    assert "All codes are the same." in found.notes


def test_a_code_of_one_number_lies_on_a_line() -> None:
    assert not plane(some(5, 1), metric="dot").points[:, 1].any()


def test_an_unknown_way_is_refused() -> None:
    with pytest.raises(
        SettingError, match=r"how must be 'pca' or 'umap'; got 'umpa'\. Did you mean 'umap'\?"
    ):
        plane(some(), "umpa")


def test_without_umap_the_error_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert ways() == ("pca",)
    with pytest.raises(MissingPackageError, match=r"cnnviz_widgets\[umap\].*Without it, use how='pca'"):
        plane(some(), "umap")


UMAP = """
import sys
import numpy as np
from cnnviz_widgets.embeddings.projection import plane
codes = np.load(sys.argv[1])
np.save(sys.argv[1], [plane(codes, "umap").points, plane(codes, "umap").points])
"""


@pytest.mark.long
def test_umap_is_the_same_each_time_and_keeps_groups_apart(tmp_path: Path) -> None:
    source = np.random.default_rng(2)
    codes = np.repeat(np.eye(3, 8) * 20, 6, axis=0) + source.normal(size=(18, 8)) / 10
    file = tmp_path / "codes.npy"
    np.save(file, codes.astype(np.float32))
    uncompiled = {**os.environ, "NUMBA_DISABLE_JIT": "1"}  # compiling takes far longer than so few codes
    subprocess.run([sys.executable, "-c", UMAP, str(file)], check=True, env=uncompiled, timeout=300)
    points, again = np.load(file)
    np.testing.assert_array_equal(points, again)
    groups = points.reshape(3, 6, 2)
    middles = groups.mean(axis=1)
    spread = np.abs(groups - middles[:, None]).max()
    assert min(np.linalg.norm(middles[a] - middles[b]) for a, b in ((0, 1), (0, 2), (1, 2))) > spread


def test_too_few_pictures_for_umap_are_laid_out_by_pca(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder, "ways", lambda: folder.HOWS)
    found = plane(some(3), "umap")
    assert found.how == "pca"
    assert found.notes == ("UMAP needs at least 5 pictures; these 3 are laid out by PCA.",)
