"""The nearest codes: those of an exhaustive search, best first."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.neighbors import NearestNeighbors

from cnnviz_widgets import SettingError, TargetError
from cnnviz_widgets.embeddings.decomposition import METRICS, similarity_of
from cnnviz_widgets.embeddings.neighbours import nearest


def some(count: int, width: int, seed: int = 0, far: float = 0.0) -> np.ndarray:
    return (np.random.default_rng(seed).normal(size=(count, width)) + far).astype(np.float32)


def asked(codes: np.ndarray, query: np.ndarray, count: int = 5, metric: str = "cosine", **more: Any) -> Any:
    return nearest(codes, np.linalg.norm(codes, axis=1), query, count, metric, **more)


@given(
    st.sampled_from(METRICS),
    st.integers(1, 60),
    st.integers(1, 9),
    st.integers(1, 12),
    st.sampled_from([0, 1e3]),
)
@settings(max_examples=100)
def test_they_are_those_of_an_exhaustive_search(
    metric: str, count: int, width: int, k: int, far: float
) -> None:
    codes, query = some(count, width, far=far), some(1, width, 1, far)[0]
    every = np.array([similarity_of(query, code, metric) for code in codes])
    found = asked(codes, query, k, metric)
    np.testing.assert_array_equal(found.rows, np.argsort(-every, kind="stable")[:k])
    np.testing.assert_allclose(found.similarity, every[found.rows], rtol=1e-6)


@pytest.mark.parametrize("metric", ["cosine", "euclidean"])
def test_scikit_learn_finds_the_same(metric: str) -> None:
    codes, query = some(500, 40), some(1, 40, 1)
    peer = NearestNeighbors(n_neighbors=10, metric=metric, algorithm="brute").fit(codes.astype(np.float64))
    distances, rows = peer.kneighbors(query.astype(np.float64))
    found = asked(codes, query[0], 10, metric)
    np.testing.assert_array_equal(found.rows, rows[0])
    expected = 1 - distances[0] if metric == "cosine" else -distances[0]
    np.testing.assert_allclose(found.similarity, expected, rtol=1e-5)


def test_codes_that_differ_by_less_than_float32_tells_are_still_in_order() -> None:
    base = np.full(64, 1000, np.float32)
    steps = np.array([5, 3, 4, 1, 2], np.float32)
    codes = np.repeat(base[None], 5, axis=0)
    codes[:, 0] += steps * np.float32(2**-10)
    found = asked(codes, base, 5, "euclidean")
    np.testing.assert_array_equal(found.rows, np.argsort(steps))
    np.testing.assert_allclose(-found.similarity, np.sort(steps) * 2**-10)


def test_equal_codes_come_in_the_order_of_their_rows() -> None:
    codes = np.ones((7, 3), np.float32)
    np.testing.assert_array_equal(asked(codes, codes[0], 4).rows, [0, 1, 2, 3])


def test_the_row_that_is_left_out_does_not_come() -> None:
    codes = some(6, 3)
    found = asked(codes, codes[2], 10, leave_out=2)
    assert len(found) == 5
    assert 2 not in found.rows


def test_a_gallery_of_one_has_no_neighbours_of_its_own() -> None:
    codes = some(1, 3)
    assert len(asked(codes, codes[0], leave_out=0)) == 0
    assert len(asked(codes, codes[0])) == 1


def test_codes_that_are_all_zero_are_left_out_of_the_cosine_and_counted() -> None:
    codes = some(5, 3)
    codes[[1, 3]] = 0
    found = asked(codes, codes[0], 5)
    assert set(found.rows) == {0, 2, 4}
    assert found.notes == ("2 of 5 codes are all zero: their cosine is undefined, and they are left out.",)
    assert asked(codes, codes[0], 5, "dot").notes == ()


def test_a_query_that_is_all_zero_has_no_cosine() -> None:
    with pytest.raises(
        TargetError, match="the query's code is all zero: its cosine with anything is undefined"
    ):
        asked(some(3, 2), np.zeros(2))


@pytest.mark.parametrize("count", [0, -1, 2.5, True])
def test_a_count_that_makes_no_sense_is_refused(count: Any) -> None:
    with pytest.raises(SettingError, match=f"k must be a whole number, at least 1; got {count!r}"):
        asked(some(3, 2), np.ones(2), count)


def test_an_unknown_metric_is_refused() -> None:
    with pytest.raises(SettingError, match="metric must be 'cosine'"):
        asked(some(3, 2), np.ones(2), 1, "manhattan")
