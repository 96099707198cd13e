"""The exact terms of a similarity: they sum to it, whatever the codes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cnnviz_widgets import SettingError, TargetError
from cnnviz_widgets.embeddings.decomposition import METRICS, Decomposition, similarity_of

SIDES = st.integers(1, 4)


def maps(height: int, width: int, channels: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(height, width, channels)).astype(np.float32)


def every_term(found: Decomposition) -> np.ndarray:
    """Return all terms, (h, w, h, w)."""
    rows, columns = found.shape_a
    return np.array([[found.terms((r, c)) for c in range(columns)] for r in range(rows)], np.float64)


def codes(found: Decomposition) -> tuple[np.ndarray, np.ndarray]:
    if found.aligned:
        return found.a.ravel(), found.b.ravel()
    return found.a.sum(axis=(0, 1), dtype=np.float64), found.b.sum(axis=(0, 1), dtype=np.float64)


def made(
    metric: str, aligned: bool, size: tuple[int, int, int], other: tuple[int, int], seed: int
) -> Decomposition:
    second = size[:2] if aligned else other
    return Decomposition(maps(*size, seed), maps(*second, size[2], seed + 1), aligned, metric)


@given(
    st.sampled_from(METRICS),
    st.booleans(),
    st.tuples(SIDES, SIDES, SIDES),
    st.tuples(SIDES, SIDES),
    st.integers(0, 99),
)
@settings(max_examples=150)
def test_all_terms_sum_to_the_similarity_and_so_do_both_maps(
    metric: str, aligned: bool, size: tuple[int, int, int], other: tuple[int, int], seed: int
) -> None:
    found = made(metric, aligned, size, other, seed)
    terms, value = every_term(found), similarity_of(*codes(found), metric)
    room = 10 * found.slack
    assert terms.sum() == pytest.approx(value, abs=room)
    assert found.total == pytest.approx(value, abs=1e-9 + 1e-9 * abs(value))
    np.testing.assert_allclose(terms.sum(axis=(2, 3)), found.on_a, atol=room)
    np.testing.assert_allclose(terms.sum(axis=(0, 1)), found.on_b, atol=room)


def test_two_places_by_hand() -> None:
    a, b = np.array([[[3.0, 0.0], [0.0, 4.0]]]), np.array([[[1.0, 0.0], [0.0, 2.0]]])
    pooled = Decomposition(a, b, aligned=False, metric="dot")
    np.testing.assert_allclose(pooled.terms((0, 0)), [[3, 0]])
    np.testing.assert_allclose(pooled.terms((0, 1)), [[0, 8]])
    np.testing.assert_allclose(Decomposition(a, b, True, "dot").on_a, [[3, 8]])
    np.testing.assert_allclose(Decomposition(a, b, True, "cosine").on_a, np.array([[3, 8]]) / (5 * 5**0.5))
    np.testing.assert_allclose(Decomposition(a, b, True, "euclidean").on_a, np.array([[-4, -4]]) / 8**0.5)


@pytest.mark.parametrize("aligned", [True, False])
def test_a_code_is_wholly_like_itself_and_its_terms_are_symmetric(aligned: bool) -> None:
    one = maps(3, 4, 5, 0)
    found = Decomposition(one, one, aligned, "cosine")
    terms = every_term(found)
    assert found.total == pytest.approx(1, abs=1e-12)
    np.testing.assert_allclose(terms, terms.transpose(2, 3, 0, 1), atol=1e-7)
    np.testing.assert_array_equal(found.on_a, found.on_b)


@pytest.mark.parametrize("aligned", [True, False])
def test_nothing_lies_between_a_code_and_itself(aligned: bool) -> None:
    one = maps(2, 3, 4, 0)
    found = Decomposition(one, one, aligned, "euclidean")
    assert found.total == 0
    assert not every_term(found).any()


@given(st.sampled_from(METRICS), st.booleans(), st.integers(0, 50))
@settings(max_examples=40)
def test_turned_round_the_maps_change_places(metric: str, aligned: bool, seed: int) -> None:
    found = made(metric, aligned, (2, 3, 4), (3, 2), seed)
    np.testing.assert_allclose(found.turned().on_a, found.on_b, atol=1e-12)
    np.testing.assert_allclose(every_term(found.turned()), every_term(found).transpose(2, 3, 0, 1), atol=1e-6)


@pytest.mark.parametrize("aligned", [True, False])
def test_the_cosine_of_a_code_that_is_all_zero_is_refused(aligned: bool) -> None:
    one, none = maps(2, 2, 3, 0), np.zeros((2, 2, 3), np.float32)
    for a, b in ((one, none), (none, one)):
        with pytest.raises(TargetError, match=r"all zero: its cosine with anything is undefined\. Use 'dot'"):
            Decomposition(a, b, aligned, "cosine")
    assert Decomposition(one, none, aligned, "dot").total == 0


def test_the_best_match_is_the_place_that_holds_the_same() -> None:
    one = maps(3, 3, 8, 1)
    moved = np.roll(one, 1, axis=1)
    best, *others = Decomposition(one, moved, False, "cosine").matches((1, 0), 9)
    assert best.place == (1, 1)
    assert best.likeness == pytest.approx(1)
    assert [m.likeness for m in others] == sorted((m.likeness for m in others), reverse=True)


def test_a_match_says_what_its_pair_of_places_adds() -> None:
    found = Decomposition(maps(2, 3, 4, 0), maps(3, 3, 4, 1), False, "cosine")
    for match in found.matches((1, 2), 9):
        assert match.term == found.terms((1, 2))[match.place]
        assert match.likeness == found.likeness((1, 2))[match.place]


def test_a_place_that_answers_nothing_is_like_none() -> None:
    one = maps(2, 2, 3, 0)
    dead = one.copy()
    dead[0, 0] = 0
    assert not Decomposition(dead, one, False, "cosine").likeness((0, 0)).any()
    assert Decomposition(one, dead, False, "cosine").likeness((0, 1))[0, 0] == 0


@pytest.mark.parametrize(
    ("place", "said"), [((2, 0), "row must be from 0 to 1; got 2"), ((0, -1), "column must be")]
)
def test_a_place_that_there_is_not_is_refused(place: tuple[int, int], said: str) -> None:
    found = Decomposition(maps(2, 3, 1, 0), maps(2, 3, 1, 1), True, "dot")
    with pytest.raises(SettingError, match=said):
        found.terms(place)


def test_an_unknown_metric_is_refused() -> None:
    with pytest.raises(SettingError, match="metric must be 'cosine', 'dot' or 'euclidean'; got 'l1'"):
        Decomposition(maps(1, 1, 1, 0), maps(1, 1, 1, 1), True, "l1")


def test_the_memory_stays_that_of_the_maps() -> None:
    found = Decomposition(maps(56, 56, 4, 0), maps(56, 56, 4, 1), False, "cosine")
    assert found.terms((55, 55)).shape == (56, 56)
    assert found.total == pytest.approx(similarity_of(*codes(found), "cosine"))
