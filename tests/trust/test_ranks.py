"""Rank correlation against SciPy and by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import rankdata, spearmanr

from cnnviz_widgets.trust.ranks import ranks, spearman

NUMBERS = st.lists(st.integers(-3, 3), min_size=2, max_size=40)


@given(NUMBERS)
def test_ranks_are_those_of_scipy_also_with_ties(numbers: list[int]) -> None:
    np.testing.assert_array_equal(ranks(np.array(numbers)), rankdata(numbers))


@given(NUMBERS, st.integers(0, 99))
def test_the_correlation_is_that_of_scipy(numbers: list[int], seed: int) -> None:
    first = np.array(numbers, np.float32)
    second = first + np.random.default_rng(seed).integers(-2, 3, len(first))
    if np.ptp(first) and np.ptp(second):
        assert spearman(first, second) == pytest.approx(spearmanr(first, second)[0], abs=1e-12)


def test_a_map_correlates_fully_with_any_rising_function_of_itself() -> None:
    values = np.random.default_rng(0).random((7, 9), np.float32)
    assert spearman(values, values) == 1
    assert spearman(values, np.exp(5 * values)) == 1
    assert spearman(values, -values) == -1


def test_two_swapped_places_of_four_give_the_value_worked_out_by_hand() -> None:
    # 1 - 6 sum(d^2) / (n (n^2 - 1)) with d = 0, 0, 1, -1
    assert spearman(np.array([1, 2, 3, 4]), np.array([1, 2, 4, 3])) == pytest.approx(1 - 6 * 2 / 60)


@pytest.mark.parametrize("other", [np.zeros(4), np.array([1, 2, 3, np.nan]), np.array([1, 2, 3, np.inf])])
def test_there_is_no_correlation_with_a_flat_or_broken_map(other: np.ndarray) -> None:
    assert math.isnan(spearman(np.arange(4.0), other))
