"""Rows that a patch can reach: all of them, inside the map, and equally many at every position."""

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from cnnviz_widgets.probe.patching.position_groups import axis_of
from cnnviz_widgets.probe.patching.windows import Span, hull, reach, slid, spread

sliding = st.tuples(
    st.integers(1, 24),
    st.integers(1, 5),
    st.integers(1, 4),
    st.integers(1, 2),
    st.sampled_from(["same", "valid"]),
)


def spans(length: int, count: int) -> Span:
    """Return a patch at every place of an axis, in one class."""
    return Span(np.arange(length - count + 1)[None], np.full((1, 1), count))


def each(span: Span) -> list[range]:
    """Return the rows of a single class at each position."""
    return [range(first, first + int(span.count[0, 0])) for first in span.first[0].tolist()]


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
    for covered, seen, new in zip(each(span), each(read), each(renewed), strict=True):
        for output in range(axis.made):
            taps = output * axis.stride - axis.before + np.arange(0, axis.taps, dilation)
            assert output in new or not set(taps.tolist()) & set(covered)
            if output in new:
                assert seen[0] <= taps[0]
                assert taps[-1] <= seen[-1]
        assert set(covered) <= set(seen)
        assert seen[0] == new[0] * axis.stride - axis.before


@given(sliding, st.data())
def test_a_transposed_layer_renews_every_output_that_the_patch_is_spread_to(
    case: tuple[int, ...], data: st.DataObject
) -> None:
    axis = reach(*case)
    assume(axis.made > 0)
    span = spans(axis.made, data.draw(st.integers(1, axis.made)))
    read, complete, renewed = spread(span, axis)
    for covered, seen, ready, new in zip(*map(each, (span, read, complete, renewed)), strict=True):
        reached = {
            row
            for row in range(axis.length)
            for place in covered
            if 0 <= row - (place * axis.stride - axis.before) < axis.taps
        }
        assert reached <= set(new) <= set(ready)
        assert set(covered) <= set(seen)
    assert (renewed.first >= 0).all()
    assert (renewed.end <= axis.length).all()


def test_the_rows_of_two_branches_are_held_by_their_hull() -> None:
    near = Span(np.array([[0, 5, 9]]), np.array([[1]]))
    far = Span(np.array([[2, 4, 7]]), np.array([[3]]))
    assert each(hull([near, far], 10)) == [range(5), range(4, 9), range(5, 10)]


def test_each_class_has_windows_of_its_own_size() -> None:
    axis = reach(12, 3, 1, 1, "same")
    _, both = slid(Span(np.array([[0, 0], [5, 4]]), np.array([[3], [3]])), axis)
    assert both.count.tolist() == [[4], [5]]


@given(st.integers(1, 30), st.integers(1, 5), st.data())
def test_every_position_is_in_one_class_at_its_own_row(length: int, count: int, data: st.DataObject) -> None:
    size = data.draw(st.integers(1, length))
    first = np.array(data.draw(st.lists(st.integers(0, length - size), min_size=1, max_size=20)))
    axis = axis_of(first, length, size, count)
    assert 1 <= len(axis.classes) <= count
    found = [axis.classes[kind][place] for kind, place in zip(axis.kind, axis.place, strict=True)]
    np.testing.assert_array_equal(found, first)
