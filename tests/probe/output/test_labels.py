"""The names of classes: understood in every form that people have them in, or refused in words."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import cnnviz_widgets as cnnviz
from cnnviz_widgets.probe.output.labels import checked_labels
from tests import models

NAMES = ("cat", "dog", "emu")


class Series:
    """What a pandas Series is to us: values in order, and its items with an index."""

    def __init__(self, items: dict[Any, Any]) -> None:
        self._items, self.shape = items, (len(items),)

    def items(self) -> Any:
        return self._items.items()

    def __iter__(self) -> Any:
        return iter(self._items.values())


@pytest.mark.parametrize(
    "labels",
    [
        list(NAMES),
        NAMES,
        np.array(NAMES),
        np.array(NAMES, dtype="S3"),
        {"cat": 0, "dog": 1, "emu": 2},
        {"emu": np.int64(2), "cat": np.int64(0), "dog": np.int64(1)},
        {"0": "cat", "1": "dog", "2": "emu"},
        {0: "cat", 1: "dog", 2: "emu"},
        {np.int32(2): "emu", np.int32(0): "cat", np.int32(1): "dog"},
        {"0": ["n02123", "cat"], "1": ["n02085", "dog"], "2": ["n01518", "emu"]},
        [(0, "cat"), (1, "dog"), (2, "emu")],
        Series({0: "cat", 1: "dog", 2: "emu"}),
        Series({"cat": 0, "dog": 1, "emu": 2}),
        SimpleNamespace(class_indices={"cat": 0, "dog": 1, "emu": 2}),
        SimpleNamespace(class_names=list(NAMES)),
        SimpleNamespace(classes_=np.array(NAMES)),
    ],
)
def test_names_are_understood(labels: Any) -> None:
    assert checked_labels(labels, 3, given=True) == NAMES


def test_real_series_and_indices_of_pandas_are_understood() -> None:
    pandas = pytest.importorskip("pandas")
    for labels in (pandas.Series(NAMES), pandas.Index(NAMES), pandas.Series(NAMES, dtype="category")):
        assert checked_labels(labels, 3, given=True) == NAMES


def test_folders_named_by_digits_count_by_their_index() -> None:
    assert checked_labels({"1": 0, "10": 1, "2": 2}, 3, given=True) == ("1", "10", "2")


def test_classes_without_a_name_keep_their_number() -> None:
    assert checked_labels({"1": "dog"}, 3, given=True) == ("class 0", "dog", "class 2")


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({"cat": 1, "dog": 2, "emu": 3}, "index 3 for 'emu'; the model's classes are 0 to 2"),
        ({"cat": 0, "dog": 0}, "two names for class 0: 'cat' and 'dog'"),
        ({"cat": "felis"}, r"\{index: name\} or \{name: index\}.*got \{'cat': 'felis', \.\.\.\}"),
        ({5: "cat"}, "index 5 for 'cat'; the model's classes are 0 to 2"),
        ({0.5: "cat"}, r"got \{0\.5: 'cat'"),
        ("cat", "got the text 'cat'"),
        ({"cat", "dog", "emu"}, "got a set, which has no order"),
        (np.array([NAMES]), r"got ndarray of shape \(1, 3\)"),
        (["cat"], "the model has 3, labels has 1"),
        (7, "got int 7"),
    ],
)
def test_what_cannot_be_understood_is_refused_in_words(labels: Any, said: str) -> None:
    with pytest.raises(cnnviz.SettingError, match=said):
        checked_labels(labels, 3, given=True)


@pytest.mark.parametrize(
    ("labels", "names"),
    [(["cat"], ("not cat", "cat")), (["dog", "cat"], ("dog", "cat")), ({"dog": 0, "cat": 1}, ("dog", "cat"))],
)
def test_one_sigmoid_has_one_name_or_two(labels: Any, names: tuple[str, str]) -> None:
    probe = cnnviz.Probe(models.ZOO["one sigmoid"](), labels=labels)
    assert (probe.label(0), probe.label(1)) == names


def test_names_reach_the_answers_of_a_probe() -> None:
    probe = cnnviz.Probe(models.functional(), labels={"cat": 0, "dog": 1, "emu": 2})
    assert {name for _, name, _ in probe.top(models.picture(), 3)} == set(NAMES)
