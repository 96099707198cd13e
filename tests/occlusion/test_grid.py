"""Positions of a swept patch and the mean of what is measured there, against plain loops."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from cnnviz_widgets.occlusion.grid import coverage_mean, disc, nearest_value, sweep_grid


@st.composite
def sweeps(draw: st.DrawFn, gaps: bool = False) -> tuple[tuple[int, int], int, int]:
    size = draw(st.integers(1, 40)), draw(st.integers(1, 40))
    patch = draw(st.integers(1, min(size)))
    return size, patch, draw(st.integers(1, 50 if gaps else patch))


@given(sweeps())
def test_every_pixel_is_covered_if_the_stride_is_at_most_the_patch(
    sweep: tuple[tuple[int, int], int, int],
) -> None:
    assert sweep_grid(*sweep).coverage().min() >= 1


@given(sweeps(gaps=True))
def test_the_last_window_ends_at_the_border_and_none_crosses_it(
    sweep: tuple[tuple[int, int], int, int],
) -> None:
    (height, width), patch, _ = sweep
    grid = sweep_grid(*sweep)
    assert (grid.rows[-1], grid.columns[-1]) == (height - patch, width - patch)
    assert (grid.rows[0], grid.columns[0]) == (0, 0)


@given(sweeps(gaps=True))
def test_each_position_is_visited_once(sweep: tuple[tuple[int, int], int, int]) -> None:
    grid = sweep_grid(*sweep)
    assert len(set(grid.order)) == grid.count == grid.shape[0] * grid.shape[1]


@given(sweeps(gaps=True))
def test_the_first_positions_are_the_sweeps_of_four_and_of_two_strides(
    sweep: tuple[tuple[int, int], int, int],
) -> None:
    size, patch, stride = sweep
    grid = sweep_grid(size, patch, stride)
    visited = [(grid.rows[y], grid.columns[x]) for y, x in grid.order]
    for times in (4, 2):
        coarse = sweep_grid(size, patch, times * stride)
        wanted = {(row, column) for row in coarse.rows for column in coarse.columns}
        assert set(visited[: len(wanted)]) == wanted


@given(sweeps(gaps=True))
def test_it_begins_with_a_few_positions_a_power_of_two_strides_apart(
    sweep: tuple[tuple[int, int], int, int],
) -> None:
    size, patch, stride = sweep
    grid = sweep_grid(size, patch, stride)
    assert grid.coarse <= 9
    begun = {(grid.rows[y], grid.columns[x]) for y, x in grid.order[: grid.coarse]}
    coarser = [sweep_grid(size, patch, 2**k * stride) for k in range(2, 8)]
    assert begun in [{(row, column) for row in one.rows for column in one.columns} for one in coarser]


@given(sweeps(gaps=True), st.integers(0, 9))
def test_the_mean_is_that_of_a_double_loop(sweep: tuple[tuple[int, int], int, int], seed: int) -> None:
    grid = sweep_grid(*sweep)
    values = np.random.default_rng(seed).normal(size=grid.shape).astype(np.float32)
    total, covers = np.zeros(grid.size), np.zeros(grid.size)
    for y, row in enumerate(grid.rows):
        for x, column in enumerate(grid.columns):
            total[row : row + grid.patch, column : column + grid.patch] += values[y, x]
            covers[row : row + grid.patch, column : column + grid.patch] += 1
    expected = np.divide(total, covers, out=np.zeros(grid.size), where=covers > 0)
    np.testing.assert_allclose(coverage_mean(grid, values), expected, atol=2e-5)
    np.testing.assert_array_equal(grid.coverage(), covers)


def test_positions_to_come_count_as_the_nearest_known_one() -> None:
    grid = sweep_grid((5, 5), 1, 1)
    values = np.full(grid.shape, np.nan, np.float32)
    values[0, 0], values[4, 4] = 1, 2
    drawn = coverage_mean(grid, values)
    assert (drawn[0, 1], drawn[1, 1], drawn[3, 4], drawn[3, 3]) == (1, 1, 2, 2)


def test_a_covered_picture_differs_in_the_window_alone_and_is_a_copy() -> None:
    grid = sweep_grid((4, 6), 2, 2)
    pixels, cover = np.zeros((4, 6, 1), np.float32), np.ones((4, 6, 1), np.float32)
    made = grid.covered(pixels, cover, (1, 2))
    assert not pixels.any()
    expected = np.zeros((4, 6, 1))
    expected[2:4, 4:6] = 1
    np.testing.assert_array_equal(made, expected)


def test_the_first_positions_are_spread_over_the_picture() -> None:
    order = np.array(sweep_grid((224, 224), 16, 4).order[:32])
    halves = np.array(sweep_grid((224, 224), 16, 4).shape) / 2
    quarters = {tuple(place >= halves) for place in order}
    assert len(quarters) == 4


@given(sweeps(gaps=True), st.integers(0, 9))
def test_with_a_mask_a_position_counts_as_far_as_it_covers(
    sweep: tuple[tuple[int, int], int, int], seed: int
) -> None:
    grid, source = sweep_grid(*sweep), np.random.default_rng(seed)
    values, mask = source.normal(size=grid.shape).astype(np.float32), source.random((grid.patch, grid.patch))
    total, covers = np.zeros(grid.size), np.zeros(grid.size)
    for i, top in enumerate(grid.rows):
        for j, left in enumerate(grid.columns):
            window = np.s_[top : top + grid.patch, left : left + grid.patch]
            total[window] += values[i, j] * mask
            covers[window] += mask
    expected = np.divide(total, covers, out=np.zeros_like(total), where=covers > 0)
    np.testing.assert_allclose(coverage_mean(grid, values, mask.astype(np.float32)), expected, atol=1e-4)


def test_a_full_mask_is_the_square() -> None:
    grid = sweep_grid((9, 7), 3, 2)
    values = np.random.default_rng(0).normal(size=grid.shape).astype(np.float32)
    full = coverage_mean(grid, values, np.ones((3, 3), np.float32))
    np.testing.assert_allclose(full, coverage_mean(grid, values), atol=1e-6)


@given(st.integers(1, 30))
def test_a_disc_is_the_same_from_all_sides(side: int) -> None:
    made = disc(side)
    np.testing.assert_array_equal(made, made.T)
    np.testing.assert_array_equal(made, made[::-1])
    assert made[side // 2].all()


@given(sweeps(gaps=True))
def test_every_pixel_gets_the_value_of_a_nearest_position(sweep: tuple[tuple[int, int], int, int]) -> None:
    grid = sweep_grid(*sweep)
    values = np.arange(np.prod(grid.shape)).reshape(grid.shape).astype(np.float32)
    found = nearest_value(grid, values).astype(int)
    for starts, axis in ((grid.rows, 0), (grid.columns, 1)):
        middles = np.array(starts) + (grid.patch - 1) / 2
        chosen = middles[np.unravel_index(found, grid.shape)[axis]]
        place = np.indices(grid.size)[axis]
        assert (np.abs(chosen - place) == np.abs(middles[:, None, None] - place).min(axis=0)).all()
