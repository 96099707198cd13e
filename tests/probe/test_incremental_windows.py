"""Rows that a patch can reach: all of them, inside the map, and equally many at every position."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnviz_widgets.probe.incremental.sweep import axis_of
from cnnviz_widgets.probe.incremental.windows import Span, hull, reach, slid, spread

sliding = st.tuples(
    st.integers(1, 24),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(1, 2),
    st.sampled_from(["same", "valid"]),
)


def spans(length: int, count: int) -> Span:
    return Span(np.arange(length - count + 1), count)


@given(sliding, st.data())
def test_a_sliding_layer_renews_every_output_that_reads_the_patch(
    case: tuple[int, ...], data: st.DataObject
) -> None:
    axis = reach(*case)
    assume(axis.made > 0)
    span = spans(axis.length, data.draw(st.integers(1, axis.length)))
    read, renewed = slid(span, axis)
    assert (renewed.first >= 0).all()
    assert (renewed.end <= axis.made).all()
    dilation = case[3]
    for k, first in enumerate(span.first):
        for output in range(axis.made):
            taps = output * axis.stride - axis.before + np.arange(0, axis.taps, dilation)
            sees = ((taps >= first) & (taps < first + span.count)).any()
            inside = renewed.first[k] <= output < renewed.end[k]
            assert inside or not sees
            if inside:
                assert read.first[k] <= taps[0]
                assert taps[-1] < read.end[k]
        assert read.first[k] <= first
        assert first + span.count <= read.end[k]
        assert read.first[k] == renewed.first[k] * axis.stride - axis.before


@given(sliding, st.data())
def test_a_transposed_layer_renews_every_output_that_the_patch_is_spread_to(
    case: tuple[int, ...], data: st.DataObject
) -> None:
    axis = reach(*case)
    assume(axis.made > 0)
    span = spans(axis.made, data.draw(st.integers(1, axis.made)))
    read, complete, renewed = spread(span, axis)
    for k, first in enumerate(span.first):
        reached = [
            row
            for row in range(axis.length)
            for place in range(first, first + span.count)
            if 0 <= row - (place * axis.stride - axis.before) < axis.taps
        ]
        assert all(renewed.first[k] <= row < renewed.end[k] for row in reached)
        assert complete.first[k] <= renewed.first[k]
        assert renewed.end[k] <= complete.end[k]
        assert read.first[k] <= first
        assert first + span.count <= read.end[k]
    assert (renewed.first >= 0).all()
    assert (renewed.end <= axis.length).all()


def test_the_rows_of_two_branches_are_held_by_their_hull() -> None:
    near, far = Span(np.array([0, 5, 9]), 1), Span(np.array([2, 4, 7]), 3)
    both = hull([near, far], 10)
    np.testing.assert_array_equal(both.first, [0, 4, 5])
    assert both.count == 5


@given(st.integers(1, 30), st.integers(1, 5), st.data())
def test_every_position_is_in_one_class_at_its_own_row(length: int, count: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, length))
    first = np.array(data.draw(st.lists(st.integers(0, length - size), min_size=1, max_size=20)))
    axis = axis_of(first, length, size, count)
    assert 1 <= len(axis.classes) <= count
    found = [axis.classes[kind][place] for kind, place in zip(axis.kind, axis.place, strict=True)]
    np.testing.assert_array_equal(found, first)
