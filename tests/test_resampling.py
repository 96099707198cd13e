"""Maps at another size stay where they were."""

import numpy as np
import pytest

from cnnviz_widgets.resampling import resized, softened


def centre_of_mass(values: np.ndarray) -> tuple[float, float]:
    """Return the place of the mean, as shares of height and width."""
    rows, columns = ((np.arange(n) + 0.5) / n for n in values.shape)
    total = values.sum()
    return float(values.sum(1) @ rows / total), float(values.sum(0) @ columns / total)


def test_a_7_by_7_map_has_its_cell_centres_at_16_plus_32_k() -> None:
    values = np.arange(49, dtype=np.float32).reshape(7, 7)
    drawn = resized(values, (224, 224))
    for k in range(7):
        for m in range(7):
            around = drawn[15 + 32 * k : 17 + 32 * k, 15 + 32 * m : 17 + 32 * m]
            # The centre lies between pixels 15 and 16; at the border one of both repeats the outermost cell.
            assert around.mean() == pytest.approx(values[k, m], abs=0.13)


def test_two_cells_become_four_pixels_as_worked_out_by_hand() -> None:
    assert resized(np.array([[0.0, 4.0]]), (1, 4)).tolist() == [[0.0, 1.0, 3.0, 4.0]]


def test_three_cells_become_two_by_area() -> None:
    assert resized(np.array([[0.0, 3.0, 6.0]]), (1, 2))[0] == pytest.approx([1.0, 5.0])


@pytest.mark.parametrize("size", [(224, 224), (63, 100), (5, 7), (3, 300)])
def test_enlarging_or_reducing_shifts_nothing(size: tuple[int, int]) -> None:
    values = np.zeros((9, 9), np.float32)
    values[3, 5] = 1.0
    values[4, 4] = 2.0
    moved = np.subtract(centre_of_mass(resized(values, size)), centre_of_mass(values))
    assert np.abs(moved * (np.array(size) >= 9)).max() < 0.004


@pytest.mark.parametrize("size", [(40, 40), (3, 3), (13, 2)])
def test_a_constant_map_stays_constant(size: tuple[int, int]) -> None:
    assert resized(np.full((5, 8), 2.5), size) == pytest.approx(np.full(size, 2.5))


def test_reducing_keeps_the_mean() -> None:
    values = np.random.default_rng(0).random((17, 31)).astype(np.float32)
    assert resized(values, (5, 4)).mean() == pytest.approx(values.mean(), rel=1e-5)


def test_interpolation_stays_between_the_values() -> None:
    values = np.random.default_rng(1).normal(size=(6, 6)).astype(np.float32)
    drawn = resized(values, (50, 50))
    assert values.min() <= drawn.min()
    assert drawn.max() <= values.max()


def test_cells_are_repeated_when_not_smooth() -> None:
    values = np.arange(6.0).reshape(2, 3)
    assert resized(values, (4, 6), smooth=False).tolist() == values.repeat(2, 0).repeat(2, 1).tolist()


def test_channels_are_resized_each_like_a_map_of_its_own() -> None:
    values = np.random.default_rng(2).random((5, 4, 3)).astype(np.float32)
    together = resized(values, (11, 2))
    assert together[..., 1] == pytest.approx(resized(values[..., 1], (11, 2)))


def test_the_same_size_changes_nothing() -> None:
    values = np.random.default_rng(3).random((4, 6)).astype(np.float32)
    assert np.array_equal(resized(values, (4, 6)), values)


def test_a_map_of_one_cell_fills_any_size() -> None:
    assert resized(np.array([[3.0]]), (4, 5)).tolist() == [[3.0] * 5] * 4


@pytest.mark.parametrize("percent", [0.5, 3.0, 6.0])
def test_softening_keeps_the_mean(percent: float) -> None:
    values = np.random.default_rng(4).random((30, 50)).astype(np.float32)
    assert softened(values, percent).mean() == pytest.approx(values.mean(), rel=1e-5)


def test_softening_by_0_changes_nothing() -> None:
    values = np.random.default_rng(5).random((6, 6)).astype(np.float32)
    assert np.array_equal(softened(values, 0.0), values)


def test_softening_a_point_gives_a_gaussian() -> None:
    values = np.zeros((101, 101), np.float32)
    values[50, 50] = 1.0
    drawn = softened(values, 4 / 101 * 100)
    assert drawn[50, 54] / drawn[50, 50] == pytest.approx(np.exp(-0.5), rel=1e-4)
    assert drawn[54, 50] == pytest.approx(drawn[50, 54])


def test_softening_treats_channels_apart() -> None:
    values = np.random.default_rng(6).random((9, 7, 3)).astype(np.float32)
    assert softened(values, 5.0)[..., 2] == pytest.approx(softened(values[..., 2], 5.0), abs=1e-6)
