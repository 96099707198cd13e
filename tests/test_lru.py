"""What is kept, and what goes first."""

import pytest

from cnnviz_widgets.lru import LRU


@pytest.fixture
def three() -> LRU[str, int]:
    """Give a store of at most three."""
    store: LRU[str, int] = LRU(count=3)
    for name in "abc":
        store.keep(name, ord(name))
    return store


def test_a_value_is_made_once(three: LRU[str, int]) -> None:
    assert three.recalled("a", lambda: 0) == ord("a")


def test_the_least_recently_asked_for_goes_first(three: LRU[str, int]) -> None:
    three.recalled("a", lambda: 0)
    assert three.recalled("d", lambda: 4) == 4
    assert list(three) == ["c", "a", "d"]


def test_what_is_kept_anew_is_the_latest(three: LRU[str, int]) -> None:
    three.keep("a", 1)
    three.keep("d", 4)
    assert list(three.items()) == [("c", ord("c")), ("a", 1), ("d", 4)]


def test_values_go_until_the_others_are_small_enough_together() -> None:
    store: LRU[str, int] = LRU(total=10, size=float)
    for name, size in {"a": 4, "b": 4, "c": 5}.items():
        store.keep(name, size)
    assert list(store) == ["b", "c"]


def test_the_latest_stays_however_large_it_is() -> None:
    store: LRU[str, int] = LRU(count=5, total=10, size=float)
    store.keep("a", 1)
    store.keep("b", 100)
    assert list(store) == ["b"]


def test_a_value_that_cannot_be_made_leaves_all_as_it_was(three: LRU[str, int]) -> None:
    def fail() -> int:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        three.recalled("d", fail)
    assert list(three) == ["a", "b", "c"]
